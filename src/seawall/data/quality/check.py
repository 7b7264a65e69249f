# SPDX-License-Identifier: MIT
"""All checks of one series, in the order in which they build on each other."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from seawall.data.catalogue.kinds import is_bars
from seawall.data.feed.sequence import messages_of
from seawall.data.quality.report import Clock, Finding
from seawall.data.quality.rows import examples, split_impossible, suspicious_rows
from seawall.data.quality.series import (
    bar_gaps,
    clock_of,
    out_of_order,
    sequence_gaps,
    split_duplicates,
    split_stored,
    wild_prices,
)

_PRICE_COLUMN = {"trades": "price", "top": "bid_price", "mark": "mark_price"}


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Rows of a series after the checks.

    Parameters
    ----------
    kept : polars.DataFrame
        Possible rows in order of time, with ``_row``.
    refused : polars.DataFrame
        Impossible rows with ``_row`` and ``reason``.
    quarantined, flagged, gaps : tuple of Finding
        What to report.
    clock : Clock or None
        Receive minus venue time.
    """

    kept: pl.DataFrame
    refused: pl.DataFrame
    quarantined: tuple[Finding, ...]
    flagged: tuple[Finding, ...]
    gaps: tuple[Finding, ...]
    clock: Clock | None


def check_series(frame: pl.DataFrame, kind: str, stored: pl.DataFrame | None = None) -> Checked:
    """Check the rows of one series.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical columns and ``_row``, in the order of the source.
    kind : str
        Kind of the rows.
    stored : polars.DataFrame, optional
        Rows of the same series that the catalogue holds for the same time.
    """
    kept, refused = split_impossible(frame, kind)
    disorder = out_of_order(kept["ts"])
    if disorder is not None:
        kept = kept.sort("ts", maintain_order=True)
    kept, twice = split_duplicates(kept, kind)
    kept, known = split_stored(kept, stored, kind)
    bad = pl.concat([r for r in (refused, twice, known) if len(r)] or [refused])
    flagged = [disorder] if disorder is not None else []
    flagged += suspicious_rows(kept, kind)
    flagged += _wild(kept, kind)
    flagged += _crossed(kept, kind)
    return Checked(
        kept, bad, _reasons(bad), tuple(flagged), tuple(_gaps(kept, kind)), clock_of(kept)
    )


def _reasons(refused: pl.DataFrame) -> tuple[Finding, ...]:
    parts = refused.partition_by("reason", as_dict=True, maintain_order=True)
    found = [Finding(str(key[0]), len(rows), examples(rows)) for key, rows in parts.items()]
    return tuple(sorted(found, key=lambda f: f.name))


def _wild(kept: pl.DataFrame, kind: str) -> list[Finding]:
    column = "close" if is_bars(kind) else _PRICE_COLUMN.get(kind, "")
    found = wild_prices(kept, column) if column else None
    return [found] if found is not None else []


def _gaps(kept: pl.DataFrame, kind: str) -> list[Finding]:
    if is_bars(kind):
        return bar_gaps(kept["ts"].to_numpy(), kind)
    if kind == "depth":
        found = sequence_gaps(messages_of(kept))
        return [found] if found is not None else []
    return []


def _crossed(kept: pl.DataFrame, kind: str) -> list[Finding]:
    if kind != "depth":
        return []
    from seawall.data.quality.book import crossed_messages  # compiled: loaded for books only

    found = crossed_messages(kept)
    return [found] if found is not None else []
