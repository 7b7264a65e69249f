# SPDX-License-Identifier: MIT
"""The statistics behind the facts, each a function of rows."""

from __future__ import annotations

import numpy as np

from seawall.data.simulated.facts.series import Floats


def acf(x: Floats, lags: tuple[int, ...]) -> Floats:
    """Autocorrelation at some lags (biased form, full-sample mean and variance)."""
    d = x - x.mean()
    s = float(d @ d)
    return np.array([float(d[k:] @ d[:-k]) / s if s > 0 else 0.0 for k in lags])


def hill(x: Floats, share: float = 0.05) -> float:
    """Hill exponent of the largest ``share`` of positive values (survival exponent)."""
    x = np.sort(x[x > 0])[::-1]
    k = max(5, int(share * 2 * len(x)))  # half of a two-sided sample has each sign
    if len(x) <= k:
        return float("nan")
    return 1.0 / float(np.mean(np.log(x[:k] / x[k])))


def kurtosis(x: Floats) -> float:
    """Excess kurtosis; nan with fewer than four values or no variance."""
    if len(x) < 4 or x.std() == 0:
        return float("nan")
    d = x - x.mean()
    return float(np.mean(d**4) / np.mean(d**2) ** 2 - 3.0)


def quantile_skew(x: Floats) -> float:
    """Bowley-type skewness of the 1 % and 99 % quantiles, bounded by 1."""
    low, mid, high = np.quantile(x, (0.01, 0.5, 0.99))
    return float((high + low - 2.0 * mid) / (high - low))


def dfa(x: Floats) -> float:
    """Exponent of first-order detrended fluctuation analysis, boxes of 10 to n/4."""
    y = np.cumsum(x - x.mean())
    n = len(y)
    sizes = np.unique(np.geomspace(10, n // 4, 16).astype(int))
    logs = []
    for s in sizes:
        k = n // s
        t = np.arange(s) - (s - 1) / 2.0
        both = np.concatenate([y[: k * s].reshape(k, s), y[n - k * s :].reshape(k, s)])
        both = both - both.mean(axis=1, keepdims=True)
        slope = both @ t / (t @ t)
        rest = both - slope[:, None] * t
        logs.append(0.5 * np.log(np.mean(rest**2)))
    return float(np.polyfit(np.log(sizes), np.array(logs), 1)[0])


def variance_ratio(r: Floats, q: int) -> float:
    """Variance of overlapping q-sums over q times the variance of ``r`` (Lo-MacKinlay)."""
    n = len(r)
    mu = r.mean()
    one = float(np.sum((r - mu) ** 2)) / (n - 1)
    c = np.concatenate(([0.0], np.cumsum(r)))
    sums = c[q:] - c[:-q] - q * mu
    m = q * (n - q + 1) * (1.0 - q / n)
    return float(np.sum(sums**2)) / m / one


def power_slope(x: Floats, y: Floats) -> float:
    """Slope of log y on log x over positive pairs; nan with fewer than three."""
    ok = (x > 0) & (y > 0)
    if ok.sum() < 3:
        return float("nan")
    return float(np.polyfit(np.log(x[ok]), np.log(y[ok]), 1)[0])


def corr(a: Floats, b: Floats) -> float:
    """Pearson correlation, 0 where one side never moves."""
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
