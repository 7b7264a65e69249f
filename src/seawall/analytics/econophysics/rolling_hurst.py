# SPDX-License-Identifier: MIT
"""Rolling Hurst exponent and variance ratio of the last bars, from changes over many lags.

Formula: s_L = standard deviation of the last w overlapping changes of ln close over L bars,
L = 1, 2, 4, ... 2^k; H = slope of ln s_L over ln L; variance ratio = s_L^2 / (L s_1^2) of
the longest lag.
Unit: none; H 0.5 and ratio 1 without memory.
Assumption: changes within the window are alike; overlapping changes make the estimate smooth
without making it sure: with w = 500 and k = 5 the H of white noise has a standard deviation
of about 0.04.  ``dfa`` and ``variance_ratio`` give tests.
Cost: O(k) per bar, O(w k) once in w bars; 1 + w + 2^k + 1 + 2 (k + 1) numbers of state.
Source: definition; the scaling of fractional Brownian motion (Mandelbrot and Van Ness (1968),
SIAM Review 10(4)).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")


def slope_of_spreads(path: npt.NDArray[np.float64], lags: npt.NDArray[np.int64]) -> float:
    """Slope of the log standard deviation of overlapping changes over the log lag."""
    spreads = [np.std(path[lag:] - path[:-lag]) for lag in lags.tolist()]
    return float(np.polyfit(np.log(lags), np.log(spreads), 1)[0])


@step
def recount(ring: Array, now: int, window: int, sums: Array, squares: Array) -> None:
    """Sums of the changes over every lag anew: those that only add and subtract drift."""
    for i in range(sums.size):
        lag = 1 << i
        sums[i], squares[i] = 0.0, 0.0
        for t in range(max(now - window + 1, lag), now + 1):
            d = ring[t % ring.size] - ring[(t - lag) % ring.size]
            sums[i] += d
            squares[i] += d * d


@step
def slide(ring: Array, now: int, window: int, sums: Array, squares: Array) -> None:
    """Take the newest change over every lag in and the oldest out."""
    size = ring.size
    for i in range(sums.size):
        lag = 1 << i
        if now < lag:
            break
        d = ring[now % size] - ring[(now - lag) % size]
        sums[i] += d
        squares[i] += d * d
        if now - lag >= window:
            d = ring[(now - window) % size] - ring[(now - window - lag) % size]
            sums[i] -= d
            squares[i] -= d * d


@step
def scaling(sums: Array, squares: Array, window: int, out: Array) -> None:
    """Fill one row from the sums."""
    count = sums.size
    first, last, sy, sxy, syy = 0.0, 0.0, 0.0, 0.0, 0.0
    centre = 0.5 * (count - 1)
    for i in range(count):
        mean = sums[i] / window
        variance = squares[i] / window - mean * mean
        if not variance > 1e-12 * squares[i] / window:
            return
        last = variance
        if i == 0:
            first = variance
        y = 0.5 * math.log(variance)
        sy += y
        sxy += (i - centre) * y
        syy += y * y
    sxx = count * (count * count - 1.0) / 12.0
    out[0] = sxy / sxx / math.log(2.0)
    spread = syy - sy * sy / count
    out[1] = min(1.0, sxy * sxy / (sxx * spread)) if spread > 1e-20 else 0.0
    out[2] = last / ((1 << (count - 1)) * first)


@entry
def batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Take bar by bar."""
    window, count = int(params[0]), int(params[1]) + 1
    longest = 1 << (count - 1)
    size = window + longest + 1
    ring = state[1 : 1 + size]
    sums, squares = state[1 + size : 1 + size + count], state[1 + size + count :]
    for i in range(close.size):
        out[i, 0], out[i, 1], out[i, 2] = NAN, NAN, NAN
        if not 0.0 < close[i] < 1e300:
            continue
        now = int(state[0])
        ring[now % size] = math.log(close[i])
        state[0] = float(now + 1)
        if now % window == 0:
            recount(ring, now, window, sums, squares)
        else:
            slide(ring, now, window, sums, squares)
        if now >= window + longest - 1:
            scaling(sums, squares, window, out[i])


def _size(window: int, power: int) -> int:
    return 1 + window + (1 << power) + 1 + 2 * (power + 1)


ANALYTIC = Analytic(
    name="rolling_hurst", group="econophysics", inputs=("close",), doc=__doc__, batch=batch,
    outputs=("hurst", "r2", "variance_ratio"),
    state_size=lambda params, levels: _size(int(params[0]), int(params[1])),
    params=(
        Param("window", 500, "changes of each lag", 10, 1e6, whole=True),
        Param("power", 5, "k: the longest lag is 2^k bars", 2, 16, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
