# SPDX-License-Identifier: MIT
"""A run as files for other programs: Parquet of fills, trades and equity, JSON of figures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.research.metrics import trades_frame
from seawall.research.report._summary import Summary

if TYPE_CHECKING:
    import polars as pl

    from seawall.engine.outcome import Outcome


def write_files(
    outcome: Outcome, folder: str | os.PathLike[str], summary: Summary | None = None
) -> tuple[Path, ...]:
    """Write ``fills``, ``orders``, ``trades`` and ``equity`` as Parquet, figures as JSON.

    Each file appears whole or not at all: it is written under another name first.

    Parameters
    ----------
    outcome : Outcome
        A run.
    folder : path
        Made if absent.
    summary : Summary, optional
        Written as ``summary.json``.

    Returns
    -------
    tuple of Path
        What was written.
    """
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    frames = {
        "fills": outcome.fills_frame(),
        "orders": outcome.orders_frame(),
        "trades": trades_frame(outcome),
        "equity": equity_frame(outcome),
    }
    written = []
    for name, frame in frames.items():
        path = root / f"{name}.parquet"
        beside = path.with_suffix(".part")
        frame.write_parquet(beside, compression="zstd")
        beside.replace(path)
        written.append(path)
    if summary is not None:
        path = root / "summary.json"
        write_text(path, summary.to_json(indent=2) + "\n")
        written.append(path)
    return tuple(written)


def equity_frame(outcome: Outcome) -> pl.DataFrame:
    """Equity samples as a table.

    Returns
    -------
    polars.DataFrame
        Columns ``ts`` (datetime ns UTC), ``equity``, ``gross``, ``net`` (report
        currency).
    """
    import polars as pl

    e = outcome.equity
    return pl.DataFrame(
        {name: e[name].copy() for name in ("ts", "equity", "gross", "net")}
    ).with_columns(pl.col("ts").cast(pl.Datetime("ns", "UTC")))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
