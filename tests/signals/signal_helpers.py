# SPDX-License-Identifier: MIT
"""Grids and markets for the tests of signals."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from seawall.data.simulated import preset, simulate
from seawall.data.simulated.config import BTC
from seawall.model.events import BarField, Stream, empty_bars
from seawall.model.instrument import perpetual, spot
from seawall.model.market import Market
from seawall.signals.grid import COLUMNS, Grid

HOUR = 3_600 * 10**9
START = 1_600_000_000 * 10**9


@cache
def simulated() -> Market:
    """Two minutes and a half of spot and perpetual on one venue."""
    config = replace(preset("small"), duration_s=150.0, venues=1, assets=(BTC,), seed=11)
    return simulate(config).to_market()


def cut(market: Market, ts: int) -> Market:
    """What had been received before a moment."""
    early = market.bars[:, market.bars[BarField.TS] < ts]
    return replace(market, events=market.events[market.events["ts"] < ts], bars=early)


def bars_market(n: int = 3_000, seed: int = 1, memory: float = 0.0, scale: float = 0.01) -> Market:
    """Hourly bars of spot and a perpetual; ``memory`` is how far returns repeat."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_t(4, n) * scale
    returns = np.zeros(n)
    for i in range(n):
        returns[i] = memory * returns[i - 1] + noise[i]
    close = np.exp(np.cumsum(returns)) * 1e6
    columns = []
    for stream, shift in enumerate((np.zeros(n), 0.002 * rng.normal(size=n))):
        bars = empty_bars(n)
        price = np.maximum(np.rint(close * np.exp(shift)), 10).astype(np.int64)
        first = np.concatenate((price[:1], price[:-1]))
        bars[BarField.TS] = START + np.arange(1, n + 1) * HOUR
        bars[BarField.OPEN], bars[BarField.CLOSE] = first, price
        bars[BarField.HIGH] = np.maximum(first, price) + 5
        bars[BarField.LOW] = np.minimum(first, price) - 5
        bars[BarField.VOLUME] = rng.lognormal(10, 1, n).astype(np.int64) + 1
        bars[BarField.STREAM] = stream
        columns.append(bars)
    both = np.concatenate(columns, axis=1)
    both = both[:, np.argsort(both[BarField.TS], kind="stable")]
    instruments = (
        spot("BTC/USDT", "0.01", "0.001", venue="one"),
        perpetual("BTC/USDT:USDT", "0.01", "0.001", venue="two"),
    )
    streams = tuple(Stream(i.venue, i.symbol, "bars_1h") for i in instruments)
    return Market(instruments, streams, bars=both)


def one_of(market: Market, number: int) -> Market:
    """One instrument of a market of bars alone."""
    own = market.bars[:, market.bars[BarField.STREAM] == number].copy()
    own[BarField.STREAM] = 0
    pick = slice(number, number + 1)
    return Market(market.instruments[pick], market.streams[pick], bars=own)


def grid(source: str = "events", rows: int = 0, **columns: object) -> Grid:
    """A grid with given columns; every other one is there and unknown."""
    given = {k: np.asarray(v, dtype=float) for k, v in columns.items()}
    n = rows or next(iter(given.values())).size
    step = 10**9 if source == "events" else HOUR
    whole = {name: np.full(n, np.nan) for name in COLUMNS}
    whole |= {k: np.broadcast_to(v, n).copy() for k, v in given.items()}
    ts = START + np.arange(1, n + 1) * step
    return Grid("venue BTC/USDT", source, ts, step, 5.0, whole)  # type: ignore[arg-type]
