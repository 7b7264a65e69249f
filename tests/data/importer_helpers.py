# SPDX-License-Identifier: MIT
"""Reading with an importer and replaying books, by the simplest code that can be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seawall.data.importers import find_importer
from seawall.data.importers.base import ImportLog, ImportOptions, canonical

Series = tuple[str, str, str]
Side = dict[float, float]


def read(path: Path, **options: object) -> tuple[dict[Series, pl.DataFrame], ImportLog]:
    """Canonical rows of a file by venue, symbol and kind, with what the reader said."""
    chosen = ImportOptions(**options)  # type: ignore[arg-type]
    importer = find_importer(path, chosen)
    parts: dict[Series, list[pl.DataFrame]] = {}
    for batch in importer.read(path, chosen):
        key = batch.venue, batch.symbol, batch.kind
        parts.setdefault(key, []).append(canonical(batch.frame, batch.kind, where=str(path)))
    return {key: pl.concat(frames) for key, frames in parts.items()}, chosen.log


def books(depth: pl.DataFrame) -> Iterator[tuple[int, Side, Side]]:
    """Time and both sides of the book after each message; the dicts change in place."""
    names = ("ts", "seq", "is_snapshot", "is_bid", "price", "qty")
    columns = (depth[name].to_list() for name in names)
    bids: Side = {}
    asks: Side = {}
    last = None
    for ts, seq, whole, is_bid, price, qty in zip(*columns, strict=True):
        if last is not None and last != (ts, seq, whole):
            yield last[0], bids, asks
        if whole and last != (ts, seq, whole):
            bids.clear()
            asks.clear()
        last = ts, seq, whole
        side = bids if is_bid else asks
        if qty == 0:
            side.pop(price, None)
        else:
            side[price] = qty
    if last is not None:
        yield last[0], bids, asks


def best_at(depth: pl.DataFrame, times: list[int]) -> list[tuple[float | None, float | None]]:
    """Best bid and ask after all messages up to each of some ascending times."""
    out: list[tuple[float | None, float | None]] = []
    best: tuple[float | None, float | None] = (None, None)
    wanted = iter([*times, 2**63])
    at = next(wanted)
    for ts, bids, asks in books(depth):
        while at < ts:
            out.append(best)
            at = next(wanted)
        best = max(bids, default=None), min(asks, default=None)
    out += [best] * (len(times) - len(out))
    return out


def crossings(depth: pl.DataFrame) -> Counter[str]:
    """Number of books after a message, and of those whose best bid reaches the best ask."""
    seen: Counter[str] = Counter()
    for _, bids, asks in books(depth):
        seen["books"] += 1
        seen["crossed"] += bool(bids and asks and max(bids) >= min(asks))
    return seen
