# SPDX-License-Identifier: MIT
"""Small frames and files that tests of the catalogue share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from seawall.data import Catalogue, ImportOptions, QualityReport
from seawall.data.importers.base import Batch
from seawall.data.importing.pipeline import import_file

T0 = 1_700_000_000_000_000_000
"""A moment in 2023, ns."""

S = 1_000_000_000


def trades(
    n: int = 5, *, start: int = T0, step: int = S, price: float = 100.0, **columns: Any
) -> pl.DataFrame:
    """Trades one second apart; ``columns`` replace whole columns."""
    frame = pl.DataFrame({
        "ts": [start + i * step for i in range(n)],
        "venue_ts": [start + i * step - 5_000_000 for i in range(n)],
        "seq": list(range(1, n + 1)),
        "price": [price + 0.5 * (i % 3) for i in range(n)],
        "qty": [0.25 * (1 + i % 4) for i in range(n)],
        "taker_buy": [i % 2 == 0 for i in range(n)],
    })  # fmt: skip
    return frame.with_columns(**{k: pl.Series(v) for k, v in columns.items()})


def depth(rows: list[tuple[int, int, int, int, bool, bool, float, float]]) -> pl.DataFrame:
    """Depth rows of (second, first_seq, seq, prev_seq, is_snapshot, is_bid, price, qty)."""
    names = ["ts", "first_seq", "seq", "prev_seq", "is_snapshot", "is_bid", "price", "qty"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(ts=T0 + pl.col("ts") * S).with_columns(venue_ts=pl.col("ts"))


def bars(closes: list[float], *, start: int = T0, step: int = 3600 * S) -> pl.DataFrame:
    """Hourly bars with these closes."""
    return pl.DataFrame({
        "ts": [start + i * step for i in range(len(closes))],
        "open": closes, "high": [c * 1.01 for c in closes], "low": [c * 0.99 for c in closes],
        "close": closes, "volume": [1.0] * len(closes),
    })  # fmt: skip


def stored(
    root: Path, frame: pl.DataFrame, kind: str = "trades"
) -> tuple[Catalogue, QualityReport]:
    """Catalogue that holds these rows of BTC/USDT at sim, and the report of the import."""
    catalogue = Catalogue(root)
    return catalogue, catalogue.add([Batch("sim", "BTC/USDT", kind, frame)])


def write_csv(path: Path, text: str) -> Path:
    """Write lines without their common indentation."""
    lines = [line.strip() for line in text.strip().splitlines()]
    path.write_text("\n".join(lines) + "\n")
    return path


def imported(root: Path, path: Path, **options: Any) -> tuple[Catalogue, QualityReport]:
    """Import one file with options into a catalogue of its own."""
    catalogue = Catalogue(root)
    return catalogue, import_file(catalogue, path, ImportOptions(**options))


def content(root: Path) -> dict[str, bytes]:
    """Every visible file of a catalogue with its bytes, lock and replay cache apart."""
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.name != ".lock" and "replay" not in p.parts
    }
