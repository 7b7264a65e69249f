# SPDX-License-Identifier: MIT
"""What the learning strategies of the lab look at: one row a second, source by source.

A row holds what was known at its second and nothing later.  Features are divided by what is
usual: the running volatility, volume or depth, so that a busy day and a quiet one look
alike.  None has a bound, as with most features that traders use: a large enough print or
order moves it as far as the attacker likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from seawall.analytics.manipulation.rows import Rows

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

SECOND_NS = 1_000_000_000
FLOW_HALF = 4.0
"""Half-life of signed flow and of the volume-weighted price, rows."""
MOMENTUM = 5
"""Length of the past return, rows."""
GAP_HALF = 60.0
"""Half-life of the usual gap between two sources, from which a gap is counted, rows."""
USUAL_HALF = 600.0
"""Half-life of the volatility, volume and depth that features are divided by, rows."""

FEATURES = ("flow", "depth", "vwap", "gap", "momentum")
"""Features of one source at one second: signed volume over the usual volume; displayed size
of the ten best levels, bid less ask over what both usually show; volume-weighted price over
the mid; the other sources' mid over this one's, against the usual gap; past return."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows of features at every second and source.

    Parameters
    ----------
    ts : int64 array, shape (n,)
        Receive time up to which a row knows everything, ns UTC.
    features : float64 array, shape (n, sources, d)
        :data:`FEATURES`; not-a-number where a source had said nothing yet.
    mid : float64 array, shape (n, sources)
        Mid price, quote currency.
    spread : float64 array, shape (n, sources)
        Quoted spread, fraction of the mid.
    age_s : float64 array, shape (n, sources)
        Since the source's last message, seconds.
    volatility : float64 array, shape (n, sources)
        Running volatility of the mid, fraction per square root of a second.
    sources : tuple of str
        ``symbol@venue``, the traded one first.
    """

    ts: Times
    features: Floats
    mid: Floats
    spread: Floats
    age_s: Floats
    volatility: Floats
    sources: tuple[str, ...]

    def outcomes(self, horizon: int) -> Floats:
        """Return of each mid over the next ``horizon`` rows, in volatilities; shape (n, sources).

        The last rows, whose horizon has not ended, are not-a-number.
        """
        out = np.full(self.mid.shape, np.nan)
        move = np.log(self.mid[horizon:] / self.mid[:-horizon])
        out[:-horizon] = move / (self.volatility[:-horizon] * np.sqrt(horizon))
        return out


@njit(cache=True, error_model="numpy", nogil=True)
def _flows(ts: Any, price: Any, qty: Any, side: Any, grid: Any, half_s: float, out: Any) -> None:
    """Fading signed volume, volume and value at every second of the grid."""
    signed, volume, value, at = 0.0, 0.0, 0.0, grid[0]
    i = 0
    for k in range(grid.size):
        while i < ts.size and ts[i] <= grid[k]:
            if qty[i] > 0.0:
                fade = 0.5 ** (max(ts[i] - at, 0) * 1e-9 / half_s)
                signed = fade * signed + side[i] * qty[i]
                volume = fade * volume + qty[i]
                value = fade * value + qty[i] * price[i]
                at = ts[i]
            i += 1
        fade = 0.5 ** (max(grid[k] - at, 0) * 1e-9 / half_s)
        out[k, 0], out[k, 1] = fade * signed, fade * volume
        out[k, 2] = value / volume if volume > 0.0 else np.nan


@njit(cache=True, error_model="numpy", nogil=True)
def lagging(values: Any, keep: float) -> Any:
    """Exponentially weighted mean of the values up to each row; what is missing is passed over."""
    out = np.full(values.size, np.nan)
    total, weight = 0.0, 0.0
    for i in range(values.size):
        if np.isfinite(values[i]):
            total = keep * total + (1.0 - keep) * values[i]
            weight = keep * weight + (1.0 - keep)
        if weight > 0.0:
            out[i] = total / weight
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def running_volatility(moves: Any, keep: float) -> Any:
    """Exponentially weighted volatility of moves, known at each row.

    A move counts at most six times the volatility before it: one print cannot set it.
    """
    out = np.empty(moves.size)
    square, weight = 0.0, 0.0
    for i in range(moves.size):
        now = moves[i] * moves[i]
        if weight > 30.0 * (1.0 - keep):
            now = min(now, 36.0 * square / weight)
        square = keep * square + (1.0 - keep) * now
        weight = keep * weight + (1.0 - keep)
        out[i] = np.sqrt(max(square / weight, 1e-14))
    return out


def grid_of(tables: Sequence[Rows], step_ns: int = SECOND_NS) -> Times:
    """Whole steps from the first message of any source to the last."""
    spoken = [t.columns["ts"] for t in tables if t.columns["ts"].size]
    first = min(int(ts[0]) for ts in spoken) // step_ns + 1
    last = max(int(ts[-1]) for ts in spoken) // step_ns
    return np.arange(first, last + 1, dtype=np.int64) * step_ns


def sample(tables: Sequence[Rows], grid: Times | None = None) -> Samples:
    """Sample several sources of one asset, once a second if nothing else is asked for.

    Parameters
    ----------
    tables : sequence of Rows
        Messages and trades of each source, the traded one first.
    grid : int64 array, optional
        Times of the rows, ns UTC; all seconds that the sources cover when not given.
    """
    ts = grid_of(tables) if grid is None else grid
    parts = [_source(t, ts) for t in tables]
    mid, spread, age = (np.stack([p[k] for p in parts], axis=1) for k in range(3))
    keep = 2.0 ** (-1.0 / USUAL_HALF)
    log_mid = np.log(mid)
    moves = np.zeros(mid.shape)
    moves[1:] = np.nan_to_num(np.diff(log_mid, axis=0))
    volatility = np.stack([running_volatility(m, keep) for m in moves.T.copy()], axis=1)
    features = np.empty((ts.size, len(tables), len(FEATURES)))
    for v, part in enumerate(parts):
        flow, depth, vwap = part[3:]
        rest = [u for u in range(len(tables)) if u != v] or [v]
        gap = log_mid[:, rest].mean(axis=1) - log_mid[:, v]
        past = np.full(ts.size, np.nan)
        past[MOMENTUM:] = log_mid[MOMENTUM:, v] - log_mid[:-MOMENTUM, v]
        features[:, v, 0], features[:, v, 1] = flow, depth
        features[:, v, 2] = np.log(vwap / mid[:, v]) / volatility[:, v]
        features[:, v, 3] = (gap - lagging(gap, 2.0 ** (-1.0 / GAP_HALF))) / volatility[:, v]
        features[:, v, 4] = past / (volatility[:, v] * np.sqrt(MOMENTUM))
    names = tuple(f"{t.instrument.symbol}@{t.instrument.venue}" for t in tables)
    return Samples(ts, features, mid, spread, age, volatility, names)


def _source(table: Rows, grid: Times) -> tuple[Floats, ...]:
    """Mid, spread, age, flow, depth and volume-weighted price of one source on the grid."""
    c = table.columns
    if not c["ts"].size:
        nothing = np.full(grid.size, np.nan)
        return (nothing,) * 6
    last = np.searchsorted(c["ts"], grid, "right") - 1
    known, at = last >= 0, np.maximum(last, 0)

    def now(values: Floats) -> Floats:
        return np.where(known, values[at], np.nan)

    bid, ask = now(c["bid_px"]), now(c["ask_px"])
    mid = np.where(ask > bid, 0.5 * (bid + ask), np.nan)
    flows = np.empty((grid.size, 3))
    step_s = float(grid[1] - grid[0]) * 1e-9 if grid.size > 1 else 1.0
    _flows(c["ts"], c["price"], c["qty"], c["side"], grid, FLOW_HALF * step_s, flows)
    keep = 2.0 ** (-1.0 / USUAL_HALF)
    shown = [now(c[name].sum(axis=1)) for name in ("bid_qtys", "ask_qtys")]
    flow = flows[:, 0] / np.maximum(lagging(flows[:, 1].copy(), keep), 1e-300)
    depth = (shown[0] - shown[1]) / lagging(shown[0] + shown[1], keep)
    vwap = np.where(np.isfinite(flows[:, 2]), flows[:, 2], mid)
    return (
        mid,
        (ask - bid) / mid,
        np.where(known, (grid - c["ts"][at]) * 1e-9, np.nan),
        flow,
        depth,
        vwap,
    )
