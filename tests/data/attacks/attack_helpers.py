# SPDX-License-Identifier: MIT
"""Small worlds for the tests of attacks, and a book kept by other means than the product's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from seawall.data.simulated.config import SimConfig, preset
from seawall.model.events import BarField, EventFlag, EventKind, empty_bars
from seawall.model.instrument import Instrument
from seawall.model.market import Market

DEPTH = (int(EventKind.DELTA), int(EventKind.SNAPSHOT))
Book = dict[bool, dict[int, int]]


def lab(seed: int = 3, duration_s: float = 90.0, **changes: object) -> SimConfig:
    return replace(preset("lab"), seed=seed, duration_s=duration_s, warmup_s=5.0, **changes)


def books(market: Market, stream: int, until_ns: int = 1 << 62) -> Iterator[tuple[int, Book]]:
    """Book of a stream after each message; the dictionaries are the same ones all along."""
    book: Book = {True: {}, False: {}}
    events = market.events[market.events["stream"] == stream]
    for e in events[np.isin(events["kind"], DEPTH) & (events["ts"] <= until_ns)].tolist():
        ts, qty, px, _, _, kind, flags, _ = e
        if kind == EventKind.SNAPSHOT and flags & EventFlag.FIRST:
            book[True].clear()
            book[False].clear()
        side = book[bool(flags & EventFlag.BUY)]
        if qty:
            side[px] = qty
        else:
            side.pop(px, None)
        if flags & EventFlag.LAST:
            yield ts, book


def final_book(market: Market, stream: int, until_ns: int) -> Book:
    last: Book = {True: {}, False: {}}
    for _, book in books(market, stream, until_ns):
        last = book
    return {side: dict(levels) for side, levels in last.items()}


def crossings(market: Market, stream: int, start_ns: int = 0, end_ns: int = 1 << 62) -> int:
    """Messages between two times after which the best bid is not below the best ask."""
    return sum(
        ts >= start_ns and max(book[True]) >= min(book[False])
        for ts, book in books(market, stream, end_ns)
        if book[True] and book[False]
    )


def streams_of(market: Market, book: int, feed: str) -> list[int]:
    of = market.instrument_of_stream()
    return [n for n, s in enumerate(market.streams) if of[n] == book and s.feed == feed]


def bars_market(instrument: Instrument, n: int = 400, seed: int = 5) -> Market:
    """Hourly bars of a random walk."""
    from seawall.model.events import Stream

    rng = np.random.default_rng(seed)
    close = np.rint(600_000 * np.exp(np.cumsum(rng.normal(0, 0.005, n)))).astype(np.int64)
    bars = empty_bars(n)
    bars[BarField.TS] = 1_700_000_000_000_000_000 + np.arange(n) * 3_600_000_000_000
    bars[BarField.CLOSE], bars[BarField.OPEN] = close, np.roll(close, 1)
    bars[BarField.OPEN, 0] = close[0]
    top = np.maximum(bars[BarField.OPEN], close) + rng.integers(0, 500, n)
    bars[BarField.HIGH] = top
    bars[BarField.LOW] = np.minimum(bars[BarField.OPEN], close) - rng.integers(0, 500, n)
    bars[BarField.VOLUME] = rng.integers(1_000, 9_000, n)
    stream = Stream(instrument.venue, instrument.symbol, "bars_1h")
    return Market((instrument,), (stream,), bars=bars)
