# SPDX-License-Identifier: MIT
"""Whether a point process fits: its compensated times against a Poisson process of rate 1.

If the model is true, the compensator between events is exponential with mean 1, and without
memory.  Three tests look at that: Kolmogorov and Smirnov at the law, Ljung and Box at the
memory, and excess dispersion at the variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
EXACT_KS = 1_000
LAGS = 20


@dataclass(frozen=True, slots=True)
class Fitness:
    """Tests of the residuals of a point process.

    Parameters
    ----------
    residuals : int
        How many there are.
    ks, ks_p : float
        Largest distance from the exponential law, and its p-value.
    ljung_box_p : float
        p-value of no autocorrelation up to lag 20.
    dispersion : float
        sqrt(n) (variance - 1) / sqrt(8): standard normal under the model.
    """

    residuals: int
    ks: float
    ks_p: float
    ljung_box_p: float
    dispersion: float


def fitness(residuals: Vector, lags: int = LAGS) -> Fitness:
    """Test residuals; those that are not finite are left out.

    Parameters
    ----------
    residuals : array
        Compensator between events, in their order.
    lags : int
        Lags of the test of memory.
    """
    values = np.asarray(residuals, dtype=np.float64)
    values = values[np.isfinite(values)]
    n = values.size
    if n < lags + 2:
        return Fitness(n, math.nan, math.nan, math.nan, math.nan)
    ks = distance(values)
    spread = math.sqrt(n) * (float(values.var()) - 1.0) / math.sqrt(8.0)
    return Fitness(n, ks, exponential_p(values), ljung_box_p(values, lags), spread)


def distance(values: Vector) -> float:
    """Largest distance between the empirical law and the exponential one."""
    expected = -np.expm1(-np.sort(values))
    rank = np.arange(values.size + 1) / values.size
    return float(max(np.max(rank[1:] - expected), np.max(expected - rank[:-1])))


def exponential_p(values: Vector) -> float:
    """Kolmogorov-Smirnov p-value against the exponential law with mean 1.

    The exact law below 1,000 values, its limit above, which is much faster.
    """
    if values.size < EXACT_KS:
        from scipy.stats import kstest

        return float(kstest(values, "expon").pvalue)
    from scipy.special import kolmogorov

    return float(kolmogorov(distance(values) * np.sqrt(values.size)))


def ljung_box_p(values: Vector, lags: int = LAGS) -> float:
    """p-value of no autocorrelation up to a lag; not-a-number without variance."""
    from scipy.special import chdtrc

    x = values - values.mean()
    whole = float(x @ x)
    if whole <= 0.0 or values.size <= lags + 1:
        return math.nan
    rho = np.array([float(x[k:] @ x[:-k]) / whole for k in range(1, lags + 1)])
    q = (
        values.size
        * (values.size + 2)
        * float((rho**2 / (values.size - np.arange(1, lags + 1))).sum())
    )
    return float(chdtrc(lags, q))


@dataclass(frozen=True, slots=True)
class ResidualPlot:
    """Points of the two pictures by which a fit is judged.

    Parameters
    ----------
    expected, observed : arrays
        Quantiles of the exponential law and of the residuals: on the diagonal if true.
    count, time : arrays
        Number of events against compensated time: on the diagonal if true.
    band : float
        Half width of the 95 % band of ``count`` less ``time``, by Kolmogorov and Smirnov.
    """

    expected: Vector
    observed: Vector
    count: Vector
    time: Vector
    band: float


def residual_plot(residuals: Vector, points: int = 500) -> ResidualPlot:
    """Quantiles and compensated counts, thinned to at most ``points``."""
    values = np.asarray(residuals, dtype=np.float64)
    values = values[np.isfinite(values)]
    n = values.size
    pick = np.unique(np.linspace(0, max(n - 1, 0), min(points, n)).astype(int))
    expected = -np.log1p(-(np.arange(n) + 0.5) / max(n, 1))
    return ResidualPlot(
        expected[pick], np.sort(values)[pick], pick + 1.0, np.cumsum(values)[pick],
        1.36 * math.sqrt(n),
    )  # fmt: skip
