# SPDX-License-Identifier: MIT
"""The lookahead check of whole strategies: their orders must not know the future."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.model.events import BarField, Bars, Stream, empty_bars
from seawall.model.instrument import perpetual
from seawall.model.market import Market
from seawall.model.time import NS_PER_DAY, NS_PER_MIN
from seawall.research.lookahead import (
    UNSEEDED,
    Leak,
    LookaheadReport,
    choose_cuts,
    mend_for,
)

if TYPE_CHECKING:
    from seawall.engine.outcome import Outcome

RunMarket = Callable[[Market], "Outcome"]
"""A backtest as a function of its market; makes a new strategy at each call."""

AMENDABLE = ("px", "qty", "trigger")
DECISION = ("id", "sent_ts", "end_ts", "instrument", "side", "type", *AMENDABLE)
WALK_START_NS = 18_262 * NS_PER_DAY  # 2020-01-01
PRICES = (BarField.OPEN, BarField.HIGH, BarField.LOW, BarField.CLOSE)


def check_strategy(
    run: RunMarket, market: Market, *, n_cuts: int = 20, seed: int = 0, subject: str = "strategy"
) -> LookaheadReport:
    """Check a strategy through the engine: the orders it had sent by each cut.

    Bars are cut off and replaced; events are cut off only, since another future of a book
    would not be a book.

    Parameters
    ----------
    run : callable
        ``run(market) -> Outcome``.
    market : Market
        What it is tried on.
    n_cuts : int
        Moments at which the future is taken away.
    seed : int
        Seed of the moments and of the other futures.
    subject : str
        Name for the report.

    Raises
    ------
    ResearchError
        When the strategy sends no order: there is nothing to judge.
    """
    whole = _decided(run(market))
    if not np.array_equal(whole, _decided(run(market))):
        return LookaheadReport(subject, (), 0, 0, deterministic=False, mend=UNSEEDED)
    if whole.size == 0:
        raise ResearchError(
            f"{subject} sends no order on these data",
            mend="try it on more or other data: without orders there is nothing to judge",
        )
    rng = np.random.default_rng(seed)
    times = _moments(market)
    sent = np.unique(np.searchsorted(times, whole["sent_ts"], side="right") - 1)
    leaks: list[Leak] = []
    compared = 0
    cuts = choose_cuts(times.size, n_cuts, rng, sent[sent < times.size - 1])
    for cut in cuts:
        last = int(times[cut - 1])
        for test, other, until in _futures(market, last, rng):
            before, after = _until(whole, until), _until(_decided(run(other)), until)
            compared += before.size
            if not np.array_equal(before, after):
                leaks.append(_leak(before, after, test, cut, times))
    leaks.sort(key=lambda leak: (leak.row, leak.cut))
    advice = mend_for(leaks) if leaks else ""
    return LookaheadReport(subject, tuple(leaks), len(cuts), compared, mend=advice)


def _decided(outcome: Outcome) -> npt.NDArray[np.void]:
    """Return what the strategy decided, without what the venue made of it later."""
    orders = outcome.orders
    parts: npt.NDArray[np.void] = np.empty(orders.size, [(k, "<i8") for k in DECISION])
    for name in DECISION:
        parts[name] = orders[name]
    return parts[np.lexsort((parts["id"], parts["sent_ts"]))]


def _until(decided: npt.NDArray[np.void], moment: int) -> npt.NDArray[np.void]:
    """Orders sent by a moment; the terms of those still open may be amended later."""
    known = decided[decided["sent_ts"] <= moment].copy()
    for name in AMENDABLE:
        known[name][known["end_ts"] > moment] = 0
    known["end_ts"] = 0
    return known


def _moments(market: Market) -> npt.NDArray[np.int64]:
    moments: npt.NDArray[np.int64] = np.unique(
        np.concatenate([market.events["ts"], market.bars[BarField.TS]])
    )
    return moments


def _futures(market: Market, last: int, rng: np.random.Generator) -> list[tuple[str, Market, int]]:
    """Markets with another future after ``last``, and until when orders must agree."""
    events = market.events[market.events["ts"] <= last]
    ts = market.bars[BarField.TS]
    cut = int(np.searchsorted(ts, last, side="right"))
    short = Market(market.instruments, market.streams, events, market.bars[:, :cut].copy())
    # Orders at the very end may come from on_stop, which knows that the data end here.
    found = [("truncated", short, last - 1)]
    if cut < ts.size:
        bars = _other_future(market.bars, cut, rng)
        found.append(
            ("altered", Market(market.instruments, market.streams, market.events, bars), last)
        )
    return found


def _other_future(bars: Bars, cut: int, rng: np.random.Generator) -> Bars:
    """Bars whose rows from ``cut`` on hold other prices and volumes, at the same times.

    Each stream keeps its own bars, in another order and on another level.
    """
    out = bars.copy()
    level = float(np.exp(rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 1.0)))
    for stream in np.unique(bars[BarField.STREAM, cut:]):
        rows = cut + np.flatnonzero(bars[BarField.STREAM, cut:] == stream)
        other = rng.permutation(rows)
        for name in PRICES:
            out[name, rows] = np.maximum(1, np.rint(bars[name, other] * level)).astype(np.int64)
        out[BarField.VOLUME, rows] = bars[BarField.VOLUME, other]
    return out


def _leak(
    before: npt.NDArray[np.void],
    after: npt.NDArray[np.void],
    test: str,
    cut: int,
    times: npt.NDArray[np.int64],
) -> Leak:
    shared = min(before.size, after.size)
    differs = np.flatnonzero(before[:shared] != after[:shared])
    at = int(differs[0]) if differs.size else shared
    stamps = [int(side["sent_ts"][at]) for side in (before, after) if at < side.size]
    row = int(np.searchsorted(times, min(stamps), side="right")) - 1
    changed = differs.size + abs(before.size - after.size)
    return Leak(test, row, min(stamps), cut, float(changed), float("nan"))


def walk_market(n: int, seed: int) -> Market:
    """Make one-minute bars of a random walk, to try a strategy on when there are no data.

    Returns of 0.2 % per bar and a daily swing, so that trend rules and reversion rules
    both find something to do.
    """
    rng = np.random.default_rng(seed)
    swing = 0.03 * np.sin(np.arange(n) * (2.0 * np.pi / 360.0))
    close = 20_000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.002, n)) + swing)
    ticks = np.maximum(1, np.rint(close * 100.0)).astype(np.int64)
    bars = empty_bars(n)
    bars[BarField.TS] = WALK_START_NS + np.arange(1, n + 1) * NS_PER_MIN
    bars[BarField.CLOSE] = ticks
    gap = np.rint(ticks * rng.normal(0.0, 0.0002, n)).astype(np.int64)
    bars[BarField.OPEN] = np.maximum(1, np.concatenate([ticks[:1], ticks[:-1]]) + gap)
    ends = bars[[BarField.OPEN, BarField.CLOSE]]
    wicks = np.rint(ticks * np.abs(rng.normal(0.0, 0.0008, (2, n)))).astype(np.int64)
    bars[BarField.HIGH] = ends.max(axis=0) + wicks[0]
    bars[BarField.LOW] = np.maximum(1, ends.min(axis=0) - wicks[1])
    bars[BarField.VOLUME] = rng.integers(1_000, 100_000, n)
    symbol = "BTC/USDT:USDT"
    instrument = perpetual(symbol, "0.01", "0.001", venue="walk")
    return Market((instrument,), (Stream("walk", symbol, "bars_1m"),), bars=bars)
