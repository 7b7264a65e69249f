# SPDX-License-Identifier: MIT
"""From records to series: which parts are visible, and scans over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from seawall.data.catalogue.kinds import FREE_KINDS
from seawall.data.catalogue.record import ImportRecord, ImportState, Part, Segment
from seawall.data.quality.segments import segment_symbol


@dataclass(frozen=True, slots=True)
class Entry:
    """One series of the catalogue.

    Parameters
    ----------
    venue, symbol, kind : str
        Which series.
    rows, size : int
        Rows and bytes stored.
    first_ns, last_ns : int
        Span of ``ts``, ns UTC.
    parts : tuple of Part
        Files, in order of time.
    batches : tuple of str
        Imports that it came from.
    """

    venue: str
    symbol: str
    kind: str
    rows: int
    size: int
    first_ns: int
    last_ns: int
    parts: tuple[Part, ...]
    batches: tuple[str, ...]


def batch_of(part: Part) -> str:
    """Import that a part belongs to."""
    return Path(part.path).stem.removeprefix("part-")


def entries(records: Iterable[ImportRecord]) -> list[Entry]:
    """Series over all finished imports, by venue, symbol and kind."""
    series: dict[tuple[str, str, str], list[Part]] = {}
    for record in records:
        if record.state is ImportState.DONE:
            for part in record.parts:
                if part.kind:
                    series.setdefault((part.venue, part.symbol, part.kind), []).append(part)
    return [_entry(key, parts) for key, parts in sorted(series.items())]


def _entry(key: tuple[str, str, str], parts: list[Part]) -> Entry:
    ordered = tuple(sorted(parts, key=lambda p: (p.first_ns, p.last_ns, p.path)))
    return Entry(
        *key,
        rows=sum(p.rows for p in ordered),
        size=sum(p.size for p in ordered),
        first_ns=min(p.first_ns for p in ordered),
        last_ns=max(p.last_ns for p in ordered),
        parts=ordered,
        batches=tuple(sorted({batch_of(p) for p in ordered})),
    )


def parts_between(entry: Entry, start_ns: int | None, end_ns: int | None) -> list[Part]:
    """Parts that may hold rows of ``[start, end)``."""
    return [
        p
        for p in entry.parts
        if (end_ns is None or p.first_ns < end_ns) and (start_ns is None or p.last_ns >= start_ns)
    ]


def scan(root: Path, entry: Entry, start_ns: int | None, end_ns: int | None) -> pl.LazyFrame:
    """Scan the rows of a series in ``[start, end)`` in order of time."""
    parts = parts_between(entry, start_ns, end_ns) or list(entry.parts[:1])
    free = entry.kind in FREE_KINDS
    frame = (
        pl.concat([pl.scan_parquet(root / p.path) for p in parts], how="diagonal_relaxed")
        if free
        else pl.scan_parquet([root / p.path for p in parts])
    )
    if start_ns is not None:
        frame = frame.filter(pl.col("ts") >= start_ns)
    if end_ns is not None:
        frame = frame.filter(pl.col("ts") < end_ns)
    if any(a.last_ns > b.first_ns for a, b in pairwise(parts)):
        frame = frame.sort("ts", maintain_order=True)
    return frame


@dataclass(frozen=True, slots=True)
class Stored:
    """What an import must know of the catalogue that it adds to, read once."""

    root: Path
    series: tuple[Entry, ...]
    segments: tuple[Segment, ...]

    @staticmethod
    def of(root: Path, records: Iterable[ImportRecord]) -> Stored:
        """Look at the finished imports."""
        done = [r for r in records if r.state is ImportState.DONE]
        return Stored(root, tuple(entries(done)), tuple(s for r in done for s in r.segments))

    def listings(self, venue: str, ticker: str) -> list[Segment]:
        """Find the listings seen under one ticker."""
        return [s for s in self.segments if (s.venue, s.ticker) == (venue, ticker)]

    def rows_near(self, key: tuple[str, str, str], ts: pl.Series) -> pl.DataFrame | None:
        """Read the rows of a ticker (all its listings) within the span of these times."""
        known = ts.drop_nulls()
        if known.is_empty():
            return None
        venue, ticker, kind = key
        first, last = int(known.min()), int(known.max())  # type: ignore[arg-type]
        symbols = {segment_symbol(ticker, s.number) for s in self.listings(venue, ticker)}
        found = [
            scan(self.root, e, first, last + 1).collect()
            for e in self.series
            if e.venue == venue and e.symbol in symbols | {ticker} and e.kind == kind
            and e.first_ns <= last and e.last_ns >= first
        ]  # fmt: skip
        return pl.concat(found, how="diagonal_relaxed") if found else None
