# SPDX-License-Identifier: MIT
"""Block length of the stationary bootstrap, chosen from the data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError


def block_length(values: npt.ArrayLike) -> float:
    """Mean block length that minimises the error of the bootstrap variance of the mean.

    Politis and White (2004) with the correction of Patton, Politis and White (2009):
    ``(2 G^2 / D)^(1/3) n^(1/3)`` with a flat-top window that ends where the
    autocorrelations become insignificant.

    Parameters
    ----------
    values : array_like, shape (n,)
        The series, ordered in time.

    Returns
    -------
    float
        Periods, at least 1 and at most ``min(3 sqrt(n), n / 3)``; 1 for a series
        without variance.

    Raises
    ------
    ResearchError
        With fewer than eight values.
    """
    x = np.asarray(values, dtype=np.float64)
    n = x.shape[0]
    if n < 8:
        raise ResearchError(f"a block length cannot be chosen from {n} values", mend="give 8")
    x = x - x.mean()
    if not float(x @ x) > 0.0:
        return 1.0
    longest = float(np.ceil(min(3.0 * np.sqrt(n), n / 3.0)))
    run = max(5, int(np.log10(n)))
    furthest = int(np.ceil(np.sqrt(n))) + run
    covariance, correlation = _autocovariances(x, min(furthest, n - 2))
    bound = 2.0 * np.sqrt(np.log10(n) / n)
    half = _last_significant(correlation, bound, run)
    window = min(2 * half, covariance.shape[0] - 1)
    lags = np.arange(1, window + 1)
    weight = np.where(lags / window <= 0.5, 1.0, 2.0 * (1.0 - lags / window))
    g = float(np.sum(2.0 * weight * lags * covariance[1 : window + 1]))
    spectrum = float(covariance[0] + 2.0 * np.sum(weight * covariance[1 : window + 1]))
    if spectrum == 0.0:
        return 1.0
    best = (2.0 * g**2 / (2.0 * spectrum**2)) ** (1.0 / 3.0) * n ** (1.0 / 3.0)
    return float(min(max(best, 1.0), longest))


def _autocovariances(
    x: npt.NDArray[np.float64], lags: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Autocovariances (divisor n) and correlations of the overlapping stretches."""
    n = x.shape[0]
    squares = np.concatenate([[0.0], np.cumsum(x * x)])
    covariance = np.empty(lags + 1)
    correlation = np.empty(lags + 1)
    for k in range(lags + 1):
        product = float(x[k:] @ x[: n - k])
        scale = float(np.sqrt((squares[n] - squares[k]) * squares[n - k]))
        covariance[k] = product / n
        correlation[k] = abs(product) / scale if scale > 0.0 else 0.0
    return covariance, correlation


def _last_significant(correlation: npt.NDArray[np.float64], bound: float, run: int) -> int:
    """First lag from which ``run`` correlations in a row are insignificant."""
    small = correlation[1:] < bound
    for lag in range(small.shape[0] - run + 1):
        if small[lag : lag + run].all():
            return lag + 1
    large = np.flatnonzero(~small)
    return int(large[-1]) + 1 if large.size else 1
