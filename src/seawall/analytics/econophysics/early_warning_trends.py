# SPDX-License-Identifier: MIT
"""Rising variance, memory or skewness before the end of a sample, and its chance.

Formula: x = ln close less its Gaussian mean (standard deviation ``bandwidth`` of the length);
variance, lag-1 autocorrelation and |skewness| in windows of ``window`` of the length that
move by one bar; Kendall's tau of each against time.  p: share of surrogates, first-order
autoregressions with the coefficient and variance of x, whose tau is at least as large.
Unit: none; tau from -1 to 1.
Assumption: the smoothing looks to both sides, so this judges a sample that has ended; to
watch a market use ``early_warning``.  Overlapping windows make a large tau ordinary, which is
what the surrogates account for; they have no clusters of volatility, so that of random walks
with strong ones 24 % have a p of the variance below 0.1 (of the memory 12 %, of the skewness
16 %).  Three statistics and several bandwidths are several trials.
Cost: O(n log n) per statistic and surrogate.
Source: Dakos et al. (2008), PNAS 105(38); Dakos et al. (2012), PLoS ONE 7(7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite
from seawall.analytics.jit import Array, entry
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 50
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """Trends of the indicators and their chance.

    Parameters
    ----------
    tau_variance, tau_ar1, tau_skew : float
        Kendall's tau of each indicator against time.
    p_variance, p_ar1, p_skew : float
        One-sided p-values against surrogates.
    window, n : int
        Bars of a window, and of the sample.
    variance, ar1, skew : Vector
        Indicators, from the end of the first window on.
    """

    tau_variance: float
    tau_ar1: float
    tau_skew: float
    p_variance: float
    p_ar1: float
    p_skew: float
    window: int
    n: int
    variance: Vector
    ar1: Vector
    skew: Vector


@entry
def inversions(x: Array) -> float:
    """Pairs that fall less pairs that rise, over all pairs with the sign turned: tau-a."""
    n = x.size
    a, b = x.copy(), np.empty(n)
    falls, width = 0, 1
    while width < n:
        for left in range(0, n, 2 * width):
            middle, right = min(left + width, n), min(left + 2 * width, n)
            i, j = left, middle
            for k in range(left, right):
                if j >= right or (i < middle and a[i] <= a[j]):
                    b[k] = a[i]
                    i += 1
                else:
                    b[k] = a[j]
                    falls += middle - i
                    j += 1
        a, b = b, a
        width *= 2
    ties, run = 0, 1
    for k in range(1, n + 1):
        if k < n and a[k] == a[k - 1]:
            run += 1
        else:
            ties += run * (run - 1) // 2
            run = 1
    pairs = 0.5 * n * (n - 1.0)
    return float((pairs - ties - 2.0 * falls) / pairs)


def smooth(x: Vector, deviation: float) -> Vector:
    """Gaussian mean that looks to both sides, its weights made whole at the ends."""
    from scipy.ndimage import gaussian_filter1d

    ones = gaussian_filter1d(np.ones(x.size), deviation, mode="constant")
    return np.asarray(gaussian_filter1d(x, deviation, mode="constant") / ones)


def _window_sums(x: Rows, window: int) -> Rows:
    total = np.cumsum(x, axis=1)
    total = np.concatenate((np.zeros((x.shape[0], 1)), total), axis=1)
    return np.asarray(total[:, window:] - total[:, :-window])


def indicators(x: Rows, window: int) -> tuple[Rows, Rows, Rows]:
    """Variance, lag-1 autocorrelation and |skewness| of each window of each row."""
    x = x - x.mean(axis=1, keepdims=True)
    s1, s2, s3 = (_window_sums(x**p, window) for p in (1, 2, 3))
    mean = s1 / window
    variance = np.maximum(s2 / window - mean**2, 1e-300)
    lag = _window_sums(x[:, 1:] * x[:, :-1], window - 1)
    ends = x[:, : x.shape[1] - window + 1] + x[:, window - 1 :]
    ar1 = (lag - mean * (2.0 * s1 - ends) + (window - 1) * mean**2) / (window * variance)
    third = s3 / window - 3.0 * mean * s2 / window + 2.0 * mean**3
    return variance, ar1, np.abs(third) / variance**1.5


def autoregressions(x: Vector, count: int, rng: np.random.Generator) -> Rows:
    """First-order autoregressions with the coefficient and variance of ``x``."""
    from scipy.signal import lfilter

    d = x - x.mean()
    phi = min(float(d[1:] @ d[:-1] / (d[:-1] @ d[:-1])), 0.9999)
    noise = rng.normal(0.0, 1.0, (count, x.size)) * d.std() * np.sqrt(1.0 - phi * phi)
    noise[:, 0] = rng.normal(0.0, d.std(), count)
    return np.asarray(lfilter([1.0], [1.0, -phi], noise, axis=1))


def fit(
    close: npt.ArrayLike,
    *,
    bandwidth: float = 0.1,
    window: float = 0.5,
    samples: float = 200,
    seed: float = 0,
) -> EarlyWarning:
    """Test the trends of the indicators over a sample of prices.

    Raises
    ------
    ResearchError
        With fewer than 50 positive prices, or when the price never moves.
    """
    prices = np.asarray(close, dtype=np.float64)
    logs = finite(np.log(np.where(prices > 0.0, prices, np.nan)), LEAST, "early_warning_trends")
    x = logs - smooth(logs, bandwidth * logs.size)
    length = max(8, int(window * x.size))
    rng = np.random.default_rng(int(seed))
    own = [rows[0] for rows in indicators(x[None, :], length)]
    taus = [inversions(np.ascontiguousarray(v)) for v in own]
    made = indicators(autoregressions(x, int(samples), rng), length)
    null = np.array([[inversions(np.ascontiguousarray(v)) for v in rows] for rows in made])
    p = [(1 + np.sum(n >= t)) / (1 + n.size) for n, t in zip(null, taus, strict=True)]
    return EarlyWarning(
        taus[0], taus[1], taus[2], float(p[0]), float(p[1]), float(p[2]), length, x.size,
        own[0], own[1], own[2],
    )  # fmt: skip


ANALYTIC = Analytic(
    name="early_warning_trends", group="econophysics", inputs=("close",), doc=__doc__, fit=fit,
    params=(
        Param("bandwidth", 0.1, "of the smoothing, share of the length", 1e-3, 1.0),
        Param("window", 0.5, "share of the length", 0.02, 0.9),
        Param("samples", 200, "surrogates of the p-values", 1, 1e5, whole=True),
        Param("seed", 0, "of the surrogates", 0, 2**31, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
