# SPDX-License-Identifier: MIT
"""Rescaled range: classical with its bias taken away, and Lo's test of long memory.

Formula: R/S of a window = range of the cumulated deviations over the standard deviation; H
is the slope of ln mean R/S over ln window.  Without memory Anis and Lloyd give E[R/S] in
closed form, whose slope is above 0.5: ``h`` = 0.5 + raw slope - that slope.  Lo:
V = R / (s_q sqrt(n)) over the whole sample, s_q^2 = long-run variance with q Bartlett lags;
without long memory V is within 0.809 to 1.862 in 95 % of samples.
Unit: none.
Assumption: stationary increments.  The raw slope is biased upwards (0.55 to 0.6 for
white noise of usual length) and taken in by short memory; V is not, and has little power.
Cost: O(n) per window length.
Source: Hurst (1951), Transactions ASCE 116; Anis and Lloyd (1976), Biometrika 63(1); Lo
(1991), Econometrica 59(5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 64
LO_LOW, LO_HIGH = 0.809, 1.862


@dataclass(frozen=True, slots=True)
class RescaledRange:
    """Exponents and Lo's statistic.

    Parameters
    ----------
    h, raw, expected : float
        Exponent without bias, raw slope, and the slope that no memory would give.
    lo_v : float
        Lo's statistic; ``lo_p`` is its two-sided p-value.
    lo_p : float
        Probability of a range as extreme without long memory.
    lags, n : int
        Bartlett lags q, and values.
    long_memory : bool
        Whether V lies outside its 95 % band.
    """

    h: float
    raw: float
    expected: float
    lo_v: float
    lo_p: float
    lags: int
    n: int
    long_memory: bool


def mean_ranges(x: Vector, sizes: npt.NDArray[np.int64]) -> Vector:
    """Mean R/S over the windows of each size; windows that do not move are left out."""
    out = np.empty(sizes.size)
    for i, size in enumerate(sizes):
        count = x.size // size
        w = x[: count * size].reshape(count, size)
        deviation = w.std(axis=1)
        path = np.cumsum(w - w.mean(axis=1, keepdims=True), axis=1)
        spread = np.maximum(path.max(axis=1), 0.0) - np.minimum(path.min(axis=1), 0.0)
        moving = deviation > 0.0
        out[i] = np.mean(spread[moving] / deviation[moving]) if moving.any() else np.nan
    return out


def expected_range(size: int) -> float:
    """E[R/S] of a window of independent normal values, by Anis and Lloyd."""
    i = np.arange(1.0, size)
    gamma = math.exp(math.lgamma(0.5 * (size - 1)) - math.lgamma(0.5 * size))
    return float(gamma / math.sqrt(math.pi) * np.sum(np.sqrt((size - i) / i)))


def long_run_variance(x: Vector, lags: int) -> float:
    """Variance of the sum per value, Bartlett weights."""
    d = x - x.mean()
    total = float(d @ d)
    for j in range(1, lags + 1):
        total += 2.0 * (1.0 - j / (lags + 1.0)) * float(d[j:] @ d[:-j])
    return total / x.size


def range_p_value(v: float) -> float:
    """Two-sided p-value of the range of a Brownian bridge."""
    k = np.arange(1, 200)
    square = 4.0 * (k * v) ** 2
    below = 1.0 + 2.0 * float(np.sum((1.0 - square) * np.exp(-0.5 * square)))
    below = min(max(below, 0.0), 1.0)
    return 2.0 * min(below, 1.0 - below)


def andrews_lags(x: Vector) -> int:
    """Lags that suit a first-order autoregression (Andrews' rule)."""
    d = x - x.mean()
    rho = float(d[1:] @ d[:-1] / (d @ d))
    weight = (2.0 * rho / (1.0 - rho * rho)) ** 2 if abs(rho) < 0.999 else 1e6
    return int(min((1.5 * x.size * weight) ** (1.0 / 3.0), x.size / 4))


def fit(
    value: npt.ArrayLike, *, low: float = 10, count: float = 20, lags: float = -1
) -> RescaledRange:
    """Estimate the exponent of a series of increments and test it.

    Raises
    ------
    ResearchError
        With fewer than 64 finite values, or when all are equal.
    """
    x = finite(value, LEAST, "hurst_rs")
    sizes = np.unique(np.geomspace(low, max(x.size // 2, low + 2), int(count)).astype(np.int64))
    a = np.log(sizes)
    raw = float(np.polyfit(a, np.log(mean_ranges(x, sizes)), 1)[0])
    null = float(np.polyfit(a, [math.log(expected_range(int(s))) for s in sizes], 1)[0])
    q = andrews_lags(x) if lags < 0 else int(lags)
    path = np.cumsum(x - x.mean())
    spread = float(path.max() - path.min())
    variance = long_run_variance(x, q)
    v = spread / math.sqrt(x.size * variance) if variance > 0.0 else math.nan
    return RescaledRange(
        0.5 + raw - null, raw, null, v, range_p_value(v), q, x.size, not LO_LOW <= v <= LO_HIGH
    )


ANALYTIC = Analytic(
    name="hurst_rs", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("low", 10, "shortest window, values", 4, 1e6, whole=True),
        Param("count", 20, "window lengths", 3, 1e3, whole=True),
        Param("lags", -1, "Bartlett lags of Lo's test; -1: by Andrews' rule", -1, 1e6, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
