# SPDX-License-Identifier: MIT
"""Recovery curves of size and spread after large trades, beside those without a trade.

Formula: at times tau after each shock, size at the best price of the side that was hit and
spread, over their values before it; medians over shocks with an interval for the median
(order statistics, 95 %), and the medians after quotes without a shock, matched to the
shocks by the size before, as control.  spread(tau) = end + (start - end) exp(-rho tau)
fitted to the means from the first tau on, likewise the size; half-life = ln 2 / rho.
Unit: ratios none; rho per second; half-lives seconds.
Assumption: rows in order of time, trades with the book before them, quotes with ``qty`` 0.
Where quotes arrive before the trades that made them, sort by the venue's time.  A small size
before grows by itself, shock or none: read a curve against its control.  A shock is left
out within ``quiet`` seconds of the one before; a curve ends where the sample ends.
Cost: O(rows + shocks x points), a whole sample at once.
Source: Obizhaeva and Wang (2013), Journal of Financial Markets 16(1), for rho.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, Times
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
FEW = 10


@dataclass(frozen=True, slots=True)
class Resilience:
    """Curves and their speeds.

    Parameters
    ----------
    seconds : array
        Times after the shock.
    depth, depth_low, depth_high : arrays
        Median size over that before, and its interval.
    spread, spread_low, spread_high : arrays
        Median spread over that before, and its interval.
    depth_control, spread_control : arrays
        Medians of the matched quotes; not-a-number when there are fewer than ten.
    depth_rho, spread_rho : float
        Speeds of recovery, per second; not-a-number where there is nothing to recover.
    depth_half_life, spread_half_life : float
        Seconds.
    shocks, controls : int
        Trades and quotes behind the curves.
    """

    seconds: Array
    depth: Array
    depth_low: Array
    depth_high: Array
    spread: Array
    spread_low: Array
    spread_high: Array
    depth_control: Array
    spread_control: Array
    depth_rho: float
    spread_rho: float
    depth_half_life: float
    spread_half_life: float
    shocks: int
    controls: int


def fit(
    ts: Times, bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array, qty: Array,
    side: Array, *, share: float = 0.5, quiet: float = 1.0,
) -> Resilience:  # fmt: skip
    """Find the curves.

    Raises
    ------
    ResearchError
        With fewer than ten shocks.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ok = np.isfinite(bid_px + ask_px + bid_qty + ask_qty + qty) & (ask_px > bid_px)
        ts, qty, side = ts[ok], qty[ok], np.nan_to_num(side[ok])
        book = np.column_stack((bid_qty[ok], ask_qty[ok], ask_px[ok] - bid_px[ok]))
        hit = np.where(side > 0.0, book[:, 1], book[:, 0])
        part = np.where((qty > 0.0) & (hit > 0.0) & (side != 0.0), qty / hit, 0.0)
    shocks = _apart(ts, np.flatnonzero(part >= share), int(quiet * 1e9))
    if shocks.size < FEW:
        raise ResearchError(
            f"{shocks.size} shocks are too few: {FEW} at least",
            where=f"trades of {share:g} of the best size or more, {quiet:g} s apart",
            mend="lower 'share' or give a longer sample",
        )
    seconds = np.array(SECONDS)
    column = np.where(side[shocks] > 0.0, 1, 0)
    last = np.maximum.accumulate(np.where(qty == 0.0, np.arange(ts.size), -1))
    depth, spread = _ratios(ts, book, column, shocks, seconds, last)
    controls, column = _matched(ts, book, qty == 0.0, column, shocks, int(quiet * 1e9))
    calm_depth, calm_spread = _ratios(ts, book, column, controls, seconds, last)
    rho_d, rho_s = _speed(seconds, depth), _speed(seconds, spread)
    return Resilience(
        seconds, *_medians(depth), *_medians(spread), _medians(calm_depth)[0],
        _medians(calm_spread)[0], rho_d, rho_s, math.log(2.0) / rho_d, math.log(2.0) / rho_s,
        int(shocks.size), int(controls.size),
    )  # fmt: skip


def _apart(ts: Times, rows: Times, quiet_ns: int) -> Times:
    """Rows at least ``quiet_ns`` after the last one that was kept."""
    kept: list[int] = []
    for row in rows:
        if not kept or ts[row] - ts[kept[-1]] > quiet_ns:
            kept.append(int(row))
    return np.array(kept, dtype=np.int64)


def _matched(
    ts: Times, book: Table, quote: npt.NDArray[np.bool_], column: Times, shocks: Times,
    quiet_ns: int,
) -> tuple[Times, Times]:  # fmt: skip
    """For each shock the quote, far from all shocks, of the same side whose size is nearest."""
    last = np.searchsorted(ts[shocks], ts, side="right")
    since = ts - ts[shocks][np.maximum(last - 1, 0)]
    until = ts[shocks][np.minimum(last, shocks.size - 1)] - ts
    calm = quote & ((last == 0) | (since > quiet_ns))
    calm &= (last == shocks.size) | (until > quiet_ns)
    rows, sides = [], []
    for side in (0, 1):
        free = np.flatnonzero(calm & (book[:, side] > 0.0))
        if free.size == 0:
            continue
        free = free[np.argsort(book[free, side], kind="stable")]
        wanted = book[shocks[column == side], side]
        at = np.clip(np.searchsorted(book[free, side], wanted), 0, free.size - 1)
        rows.append(free[at])
        sides.append(np.full(at.size, side))
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(rows), np.concatenate(sides)


def _ratios(
    ts: Times, book: Table, column: Times, rows: Times, seconds: Array, last: Times
) -> tuple[Table, Table]:
    """Size of the side that was hit and spread, over those before; one shock a row.

    ``last`` is the newest quote by each row: a trade carries the book before it, so nothing is
    known of the book after a shock until a quote comes.
    """
    depth, spread = np.full((2, rows.size, seconds.size), np.nan)
    shock = last[rows] < rows
    for k, tau in enumerate(seconds):
        when = ts[rows] + int(tau * 1e9)
        at = last[np.searchsorted(ts, when, side="right") - 1]
        known = (when <= ts[-1]) & ((at > rows) | ~shock)
        depth[known, k] = (book[at, column] / book[rows, column])[known]
        spread[known, k] = (book[at, 2] / book[rows, 2])[known]
    return depth, spread


def _medians(ratios: Table) -> tuple[Array, Array, Array]:
    """Median and its 95 % interval by order statistics, per column."""
    out = np.full((3, ratios.shape[1]), np.nan)
    for k in range(ratios.shape[1]):
        known = np.sort(ratios[np.isfinite(ratios[:, k]), k])
        n = known.size
        if n < FEW:
            continue
        reach = 0.98 * math.sqrt(n)
        low, high = max(int(n / 2 - reach), 0), min(math.ceil(n / 2 + reach), n - 1)
        out[:, k] = np.median(known), known[low], known[high]
    return out[0], out[1], out[2]


def _speed(seconds: Array, ratios: Table) -> float:
    """Rate of the exponential that runs through the means best; the rest is linear."""
    known = np.isfinite(ratios).sum(axis=0) >= FEW
    x, y = seconds[known], np.nanmean(ratios[:, known], axis=0)
    if x.size < 4 or not y.std() > 0.0:
        return float("nan")
    best, rate = np.inf, float("nan")
    grid = np.geomspace(0.05 / x[-1], 5.0 / x[0], 400)
    for rho in grid:
        design = np.column_stack((np.ones(x.size), np.exp(-rho * x)))
        b, *_ = np.linalg.lstsq(design, y, rcond=None)
        off = float(((y - design @ b) ** 2).sum())
        if off < best:
            best, rate = off, float(rho)
    return rate if grid[0] < rate < grid[-1] else float("nan")


ANALYTIC = Analytic(
    name="resilience_fit", group="book",
    inputs=("ts", "bid_px", "bid_qty", "ask_px", "ask_qty", "qty", "side"), doc=__doc__,
    fit=fit,
    params=(
        Param("share", 0.5, "size of a shock over the size at the best price", 1e-9, 1e9),
        Param("quiet", 1.0, "seconds between shocks", 0.0, 1e6),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip
