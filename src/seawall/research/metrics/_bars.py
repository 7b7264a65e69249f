# SPDX-License-Identifier: MIT
"""Equity samples at irregular times to returns over bars of one stated length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.model.errors import ResearchError
from seawall.model.time import DAYS_PER_YEAR, NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, NS_PER_S
from seawall.research.metrics._kernel import Floats, Ints

LADDER = (
    ("1d", NS_PER_DAY),
    ("4h", 4 * NS_PER_HOUR),
    ("1h", NS_PER_HOUR),
    ("15min", 15 * NS_PER_MIN),
    ("5min", 5 * NS_PER_MIN),
    ("1min", NS_PER_MIN),
    ("10s", 10 * NS_PER_S),
    ("1s", NS_PER_S),
)
"""Bar lengths that a report may use, longest first."""

DAILY_FROM_NS = 30 * NS_PER_DAY
"""Runs from this length on are judged on daily returns."""

BARS_WANTED = 60


@dataclass(frozen=True, slots=True)
class EquityBars:
    """Equity at the closes of equal bars.

    Parameters
    ----------
    name : str
        Length of the bar in words, ``1d``.
    bar_ns : int
        Length of the bar, ns.
    ts : int64 array, shape (n + 1,)
        The start and the close of each bar, ns UTC.
    equity : float64 array, shape (n + 1,)
        Last equity known at each of these times, report currency.
    """

    name: str
    bar_ns: int
    ts: Ints
    equity: Floats

    @property
    def periods_per_year(self) -> float:
        """Bars in a year of 365 days."""
        return DAYS_PER_YEAR * NS_PER_DAY / self.bar_ns

    @property
    def returns(self) -> Floats:
        """Simple return of each bar, up to the bar in which equity reached zero."""
        e = self.equity
        dead = np.flatnonzero(e <= 0.0)
        if dead.size:
            e = e[: int(dead[0]) + 1]
        return np.asarray(e[1:] / e[:-1] - 1.0, dtype=np.float64)


def choose_bar(ts: Ints) -> tuple[str, int]:
    """Pick the bar for a run: a day from 30 days on, else the longest with 60 bars.

    A bar shorter than the usual spacing of the samples would invent zero returns, so
    the spacing is a lower limit.
    """
    span = int(ts[-1] - ts[0]) if ts.size else 0
    if span >= DAILY_FROM_NS:
        return LADDER[0]
    spacing = float(np.median(np.diff(ts))) if ts.size > 1 else 0.0
    chosen = LADDER[0]
    for name, length in LADDER:
        if length < spacing:
            break
        chosen = (name, length)
        if span >= BARS_WANTED * length:
            break
    return chosen


def to_bars(ts: Ints, equity: Floats, initial: float, bar: tuple[str, int]) -> EquityBars:
    """Take the last equity at each multiple of the bar (UTC), with start and end.

    A first or last piece shorter than half a bar joins its neighbour, so that the
    returns still multiply to the total and no sliver counts as a bar.

    Raises
    ------
    ResearchError
        When times go back, equity is not finite, or there is none to begin with.
    """
    name, length = bar
    if not initial > 0.0:
        raise ResearchError(
            f"the run begins with an equity of {initial}, so it has no returns",
            where="initial_equity",
            mend="deposit into the account before the run",
        )
    if ts.size == 0:
        return EquityBars(name, length, np.zeros(1, np.int64), np.array([initial]))
    if not np.isfinite(equity).all() or not np.isfinite(initial):
        raise ResearchError("equity holds a value that is not a number", where="equity samples")
    if ts.size > 1 and (np.diff(ts) < 0).any():
        raise ResearchError("equity samples go back in time", mend="sort them by ts")
    first, last = int(ts[0]), int(ts[-1])
    edges = np.arange(first // length + 1, -(-last // length), dtype=np.int64) * length
    if edges.size and edges[0] - first < length / 2:
        edges = edges[1:]
    if edges.size and last - edges[-1] < length / 2:
        edges = edges[:-1]
    times = np.concatenate([[first], edges, [last] if last > first else []]).astype(np.int64)
    values = equity[np.searchsorted(ts, times, side="right") - 1].astype(np.float64)
    values[0] = initial
    if last == first:
        # One instant only: what happened in it is one bar.
        times, values = np.array([first, last]), np.array([initial, float(equity[-1])])
    return EquityBars(name, length, times, values)
