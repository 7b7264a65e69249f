# SPDX-License-Identifier: MIT
"""How much a Sharpe ratio proves: errors, probabilities, corrections for search.

All Sharpe ratios here are *per period*, kurtosis is that of a normal = 3, and
moments are the biased ones (divisor n).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Trials:
    """What was tried before this result was chosen.

    Parameters
    ----------
    count : int
        Independent configurations ever tried, this one included.  Correlated trials
        count for fewer: cluster them first.
    variance : float, optional
        Variance of their Sharpe ratios per period.  If absent, the sampling variance
        of the ratio under no skill is taken, the least it can be.
    """

    count: int = 1
    variance: float | None = None

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ResearchError(f"{self.count} trials", mend="count the result itself: at least 1")


def sharpe_error(sharpe: float, n: int, skew: float = 0.0, kurtosis: float = 3.0) -> float:
    """Estimate the standard error of a Sharpe ratio for independent returns of any shape.

    ``sqrt((1 - g3 S + (g4 - 1) / 4 S^2) / (n - 1))`` (Mertens 2002; Lo 2002 for a
    normal).  NaN with fewer than two returns.
    """
    if n < 2:
        return math.nan
    return math.sqrt(max(_shape(sharpe, skew, kurtosis), 0.0) / (n - 1))


def annual_factor(returns: npt.ArrayLike, periods: int) -> float:
    """Factor from the per-period to the ``periods``-period Sharpe ratio (Lo 2002).

    ``q / sqrt(q + 2 sum (q - k) rho_k)``, which is ``sqrt(q)`` without autocorrelation.
    NaN where the sum is not positive or the series is no longer than q.
    """
    r = np.asarray(returns, dtype=np.float64)
    q = int(periods)
    if r.shape[0] <= q:
        return math.nan
    total = float(q)
    for k in range(1, q):
        a, b = r[k:] - r[k:].mean(), r[:-k] - r[:-k].mean()
        scale = math.sqrt(float(a @ a) * float(b @ b))
        if scale == 0.0:
            return math.nan
        total += 2.0 * (q - k) * float(a @ b) / scale
    return q / math.sqrt(total) if total > 0.0 else math.nan


def probabilistic_sharpe(
    sharpe: float, n: int, *, skew: float = 0.0, kurtosis: float = 3.0, against: float = 0.0
) -> float:
    """Probability that the true Sharpe ratio exceeds ``against`` (PSR).

    Bailey and Lopez de Prado (2012).  NaN where the error is undefined.
    """
    error = sharpe_error(sharpe, n, skew, kurtosis)
    if not error > 0.0:
        return math.nan
    return _normal_cdf((sharpe - against) / error)


def expected_best_sharpe(count: int, variance: float) -> float:
    """Sharpe ratio per period that the best of ``count`` trials without skill shows.

    ``sqrt(V) [(1 - g) z(1 - 1/N) + g z(1 - 1/(N e))]``; 0 for one trial.
    """
    if count <= 1:
        return 0.0
    low = _normal_ppf(1.0 - 1.0 / count)
    high = _normal_ppf(1.0 - 1.0 / (count * math.e))
    return math.sqrt(variance) * ((1.0 - EULER) * low + EULER * high)


def deflated_sharpe(
    sharpe: float, n: int, trials: Trials, *, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """Probability of skill after the search that found the result (DSR).

    Bailey and Lopez de Prado (2014): PSR against the best of the trials by luck.  With
    one trial it equals PSR against zero.
    """
    variance = 1.0 / (n - 1) if trials.variance is None and n > 1 else trials.variance
    if variance is None:
        return math.nan
    hurdle = expected_best_sharpe(trials.count, variance)
    return probabilistic_sharpe(sharpe, n, skew=skew, kurtosis=kurtosis, against=hurdle)


def min_track_record(
    sharpe: float,
    *,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    against: float = 0.0,
    confidence: float = 0.95,
) -> float:
    """Periods needed before the Sharpe ratio exceeds ``against`` at the confidence.

    NaN when it does not exceed it, since no length would do.
    """
    if not sharpe > against:
        return math.nan
    z = _normal_ppf(confidence)
    return 1.0 + _shape(sharpe, skew, kurtosis) * (z / (sharpe - against)) ** 2


def min_backtest_years(count: int, sharpe: float = 1.0) -> float:
    """Years below which the best of ``count`` unskilled trials shows this annual ratio.

    Bailey, Borwein, Lopez de Prado and Zhu (2014).
    """
    return (expected_best_sharpe(count, 1.0) / sharpe) ** 2


def _shape(sharpe: float, skew: float, kurtosis: float) -> float:
    return 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _normal_ppf(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)
