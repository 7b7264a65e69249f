# SPDX-License-Identifier: MIT
"""Detrended fluctuation analysis: the memory of a series, with a band of shuffled ones.

Formula: profile y = cumsum(x - mean); windows of s values from both ends; a polynomial of
order q is taken away from each; F(s) = sqrt(mean square of what is left); H is the slope of
ln F over ln s, s from 10 to n / 4 in even steps of ln s.
Unit: none; 0.5 without memory, above: persistent, below: anti-persistent.
Assumption: increments are stationary after the trend; H of returns, not of prices.  The
spread without any memory is about 0.045 at n = 1,000 and 0.027 at n = 4,000: read H against
``low`` and ``high``, between which 95 % of the shuffled series lie.  Clusters of volatility
widen that spread, and shuffling takes them away: for returns ``toss`` the signs instead.
Cost: O(n) per scale and series, some 20 scales and 100 shuffled series.
Source: Peng et al. (1994), Physical Review E 49(2); Kantelhardt et al. (2001), Physica A
295.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite, shuffled, tossed
from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 64


@dataclass(frozen=True, slots=True)
class DfaFit:
    """Exponent and its null band.

    Parameters
    ----------
    h : float
        Exponent.
    low, high : float
        2.5 % and 97.5 % points of surrogate series.
    p_value : float
        Two-sided share of surrogate series that are as far from their mean.
    r2 : float
        Share of ln F that the line explains.
    n : int
        Values.
    scales, fluctuations : Vector
        Window lengths, and F of each.
    """

    h: float
    low: float
    high: float
    p_value: float
    r2: float
    n: int
    scales: Vector
    fluctuations: Vector


@step
def basis(size: int, order: int) -> Table:
    """Orthonormal polynomials up to an order on an even grid, by Gram and Schmidt."""
    rows = np.empty((order + 1, size))
    for p in range(order + 1):
        for k in range(size):
            t = 2.0 * k / (size - 1.0) - 1.0
            rows[p, k] = t * rows[p - 1, k] if p > 0 else 1.0
        for _ in range(2):  # twice is enough for numbers of this length
            for q in range(p):
                dot = 0.0
                for k in range(size):
                    dot += rows[p, k] * rows[q, k]
                for k in range(size):
                    rows[p, k] -= dot * rows[q, k]
        norm = 0.0
        for k in range(size):
            norm += rows[p, k] * rows[p, k]
        norm = 1.0 / np.sqrt(norm)
        for k in range(size):
            rows[p, k] *= norm
    return rows


@entry
def fluctuations(x: Array, scales: Array, order: int, both_ends: bool, out: Array) -> None:
    """Fill ``out`` with F at each scale."""
    n = x.size
    mean, total = 0.0, 0.0
    for k in range(n):
        mean += x[k] / n
    y = np.empty(n)
    for k in range(n):
        total += x[k] - mean
        y[k] = total
    for i in range(scales.size):
        size = int(scales[i])
        rows = basis(size, order)
        count = n // size
        square = 0.0
        for end in range(2 if both_ends else 1):
            shift = (n - count * size) if end == 1 else 0
            for w in range(count):
                at = shift + w * size
                first, left = y[at], 0.0
                for k in range(size):
                    left += (y[at + k] - first) ** 2
                for p in range(order + 1):
                    dot = 0.0
                    for k in range(size):
                        dot += rows[p, k] * (y[at + k] - first)
                    left -= dot * dot
                square += max(left, 0.0)
        out[i] = np.sqrt(square / (count * size * (2 if both_ends else 1)))


def even_scales(n: int, order: int, low: int, count: int) -> Vector:
    """Distinct window lengths, even in the logarithm, from ``low`` to a quarter of ``n``."""
    least = max(low, order + 2)
    return np.unique(np.geomspace(least, max(n // 4, least + 1), count).astype(int)).astype(float)


def slope(scales: Vector, f: Vector) -> tuple[float, float]:
    """Slope and R2 of ln F over ln s."""
    sound = f > 0.0
    a, b = np.log(scales[sound]), np.log(f[sound])
    if a.size < 3:
        return float("nan"), float("nan")
    a, b = a - a.mean(), b - b.mean()
    h = float(a @ b / (a @ a))
    return h, float(h * (a @ b) / (b @ b))


def exponent(x: Vector, scales: Vector, order: int) -> float:
    """Exponent alone."""
    out = np.empty(scales.size)
    fluctuations(x, scales, order, True, out)
    return slope(scales, out)[0]


def fit(
    value: npt.ArrayLike,
    *,
    order: float = 1,
    low: float = 10,
    count: float = 20,
    samples: float = 100,
    toss: float = 0,
    seed: float = 0,
) -> DfaFit:
    """Estimate the exponent of a series of increments.

    Raises
    ------
    ResearchError
        With fewer than 64 finite values, or when all are equal.
    """
    x = finite(value, LEAST, "dfa")
    x = (x - x.mean()) / x.std()  # the exponent does not change, the sums stay small
    scales = even_scales(x.size, int(order), int(low), int(count))
    f = np.empty(scales.size)
    fluctuations(x, scales, int(order), True, f)
    h, r2 = slope(scales, f)
    rng = np.random.default_rng(int(seed))
    make = tossed if toss else shuffled
    null = np.array([exponent(make(x, rng), scales, int(order)) for _ in range(int(samples))])
    if null.size < 2:
        nan = float("nan")
        return DfaFit(h, nan, nan, nan, r2, x.size, scales, f)
    far = np.sum(np.abs(null - null.mean()) >= abs(h - null.mean()))
    return DfaFit(
        h, float(np.quantile(null, 0.025)), float(np.quantile(null, 0.975)),
        float((1 + far) / (1 + null.size)), r2, x.size, scales, f,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="dfa", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("order", 1, "of the polynomial that is taken away", 0, 6, whole=True),
        Param("low", 10, "shortest window, values", 4, 1e6, whole=True),
        Param("count", 20, "window lengths", 3, 1e3, whole=True),
        Param("samples", 100, "surrogate series; 0: no band", 0, 1e5, whole=True),
        Param("toss", 0, "1: signs are tossed, for returns; 0: values shuffled", 0, 1, whole=True),
        Param("seed", 0, "of the surrogates", 0, 2**31, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
