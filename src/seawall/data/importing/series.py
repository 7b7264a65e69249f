# SPDX-License-Identifier: MIT
"""Rows of one file, gathered by series, checked and cut into listings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import polars as pl

from seawall.data.catalogue.kinds import canonical, is_bars
from seawall.data.catalogue.record import Segment
from seawall.data.importers.base import ROW, Batch
from seawall.data.quality.segments import (
    LEAST_GAP_NS,
    LEAST_JUMP,
    relisting_rows,
    segment_symbol,
)

Key = tuple[str, str, str]


def gather(batches: Iterable[Batch], where: str) -> dict[Key, pl.DataFrame]:
    """Collect an importer's batches by venue, symbol and kind, in canonical columns.

    Venue times come out as the source gave them: what an importer moved is moved back, so
    that there is one rule for clocks, applied at replay.
    """
    frames: dict[Key, list[pl.DataFrame]] = {}
    for batch in batches:
        held = frames.setdefault((batch.venue, batch.symbol, batch.kind), [])
        frame = canonical(batch.frame, batch.kind, where=where)
        if ROW not in frame.columns:
            row = sum(len(f) for f in held)
            count = pl.int_range(row, row + len(frame), dtype=pl.Int64)
            frame = frame.with_columns(count.alias(ROW))
        if batch.clock_offset_ns:
            frame = frame.with_columns(pl.col("venue_ts") - batch.clock_offset_ns)
        held.append(frame)
    return {key: pl.concat(held, how="diagonal_relaxed") for key, held in frames.items()}


def cut_listings(
    frame: pl.DataFrame, key: Key, known: list[Segment]
) -> list[tuple[str, pl.DataFrame, Segment | None]]:
    """Cut rows in order of time where the ticker passes to another coin.

    Parameters
    ----------
    frame : polars.DataFrame
        Checked rows.
    key : tuple of str
        Venue, ticker's symbol, kind.
    known : list of Segment
        Listings of the ticker that the catalogue holds.

    Returns
    -------
    list of (symbol, rows, segment)
        In order of time; the segment is none for kinds without a price.
    """
    venue, ticker, kind = key
    column = "close" if is_bars(kind) else "price" if kind == "trades" else ""
    if frame.is_empty():
        return [(ticker, frame, None)]
    if not column:
        return _cut_by_time(frame, ticker, known)
    ts, price = frame["ts"].to_numpy(), frame[column].to_numpy()
    starts = [0, *relisting_rows(ts, price), len(frame)]
    out: list[tuple[str, pl.DataFrame, Segment | None]] = []
    number = 0
    for a, b in pairwise(starts):
        piece = Segment(
            venue, ticker, 0, kind, int(ts[a]), int(ts[b - 1]), float(price[a]), float(price[b - 1])
        )
        number = _number(piece, known) if a == 0 else max(number + 1, _number(piece, known))
        segment = Segment(
            venue, ticker, number, kind, piece.first_ns, piece.last_ns,
            piece.first_price, piece.last_price,
        )  # fmt: skip
        out.append((segment_symbol(ticker, number), frame[a:b], segment))
    return out


def _number(piece: Segment, known: list[Segment]) -> int:
    """Which listing of the ticker a stretch of rows belongs to, from what is stored."""
    before = [s for s in known if s.first_ns <= piece.first_ns]
    if before:
        last = max(before, key=lambda s: (s.number, s.last_ns))
        apart = piece.first_ns - last.last_ns >= LEAST_GAP_NS
        return last.number + (apart and _jumps(last.last_price, piece.first_price))
    if known:
        following = min(known, key=lambda s: (s.first_ns, s.number))
        apart = following.first_ns - piece.last_ns >= LEAST_GAP_NS
        return following.number - (apart and _jumps(piece.last_price, following.first_price))
    return 1


def _jumps(before: float, after: float) -> bool:
    return abs(float(np.log(after / before))) > LEAST_JUMP


def _cut_by_time(
    frame: pl.DataFrame, ticker: str, known: list[Segment]
) -> list[tuple[str, pl.DataFrame, Segment | None]]:
    """Cut rows without a price at the times at which known listings begin."""
    begin = {1: np.iinfo(np.int64).min}
    for segment in known:
        first = begin.get(segment.number, segment.first_ns)
        begin[segment.number] = min(first, segment.first_ns)
    numbers = sorted(begin)
    edges = [begin[n] for n in numbers[1:]] + [np.iinfo(np.int64).max]
    out: list[tuple[str, pl.DataFrame, Segment | None]] = []
    low: int = np.iinfo(np.int64).min
    for number, high in zip(numbers, edges, strict=True):
        rows = frame.filter(pl.col("ts").is_between(low, high, closed="left"))
        if len(rows):
            out.append((segment_symbol(ticker, number), rows, None))
        low = high
    return out
