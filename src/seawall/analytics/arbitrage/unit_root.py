# SPDX-License-Identifier: MIT
"""Dickey and Fuller's statistic of a series, augmented by as many lags as Akaike's criterion asks.

All numbers of lags are judged on the same rows, so the regressions are nested: one Cholesky
factor of the products of all columns gives the squared error of each, where a regression per
number of lags would cost as much again for every one of them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


def dickey_fuller(x: Vector) -> tuple[float, int]:
    """Statistic of the level in dx_t = g x_{t-1} + sum c_j dx_{t-j} + e_t, and the lags.

    Parameters
    ----------
    x : array
        A series without mean or trend, as the residual of a regression is.

    Returns
    -------
    tuple of (float, int)
        t of g, and the number of lags, at most ceil(12 (n/100)^(1/4)) (Schwert 1989).

    Raises
    ------
    ResearchError
        With fewer than ten rows, or a series that its own past foretells exactly.
    """
    if x.size < 10:
        raise ResearchError(f"{x.size} rows are too few for a unit root test", mend="give ten")
    most = min(math.ceil(12.0 * (x.size / 100.0) ** 0.25), x.size // 2 - 1)
    columns = _columns(x, most)
    lags = _akaike(columns)
    columns = _columns(x, lags)
    left, y = columns[:, :-1], columns[:, -1]
    solution, _, rank, _ = np.linalg.lstsq(left, y, rcond=None)
    error = y - left @ solution
    free = y.size - left.shape[1]
    inverse = np.linalg.pinv(left.T @ left)
    variance = float(error @ error) / free * float(inverse[0, 0])
    if rank < left.shape[1] or not variance > 0.0:
        raise ResearchError("the series follows from its own past without error")
    return float(solution[0]) / math.sqrt(variance), lags


def _columns(x: Vector, lags: int) -> Vector:
    """Level, lagged changes and the change itself, one row per moment that has them all."""
    change = np.diff(x)
    rows = change.size - lags
    past = [change[lags - j : lags - j + rows] for j in range(1, lags + 1)]
    return np.ascontiguousarray(np.column_stack((x[lags : lags + rows], *past, change[lags:])))


def _akaike(columns: Vector) -> int:
    n, sizes = columns.shape[0], np.sqrt((columns**2).sum(axis=0))
    if not (sizes > 0.0).all():
        raise ResearchError("a series that stands has no unit root to be tested")
    scaled = columns / sizes  # products of unlike sizes lose digits
    try:
        factor = np.linalg.cholesky(scaled.T @ scaled)
    except np.linalg.LinAlgError:
        raise ResearchError("the series follows from its own past without error") from None
    explained = np.cumsum(factor[-1, :-1] ** 2)
    terms = np.arange(1, explained.size + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        criterion = n * np.log(1.0 - explained) + 2.0 * terms
    return int(np.argmin(criterion))
