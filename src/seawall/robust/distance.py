# SPDX-License-Identifier: MIT
"""Mahalanobis distances and what a Gaussian makes of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats, as_rows
from seawall.robust.errors import EstimationError


def factor_of(covariance: Floats) -> Floats:
    """Lower Cholesky factor.

    Raises
    ------
    EstimationError
        The matrix is singular or not positive definite.
    """
    try:
        factor = np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError as error:
        raise _singular() from error
    diagonal = np.diagonal(factor)
    if not diagonal.min() > 1e-12 * diagonal.max() or not np.isfinite(factor).all():
        raise _singular()
    return factor


def _singular() -> EstimationError:
    return EstimationError(
        "the covariance is singular",
        mend="drop features that repeat others, or take a regularised estimate (MRCD)",
    )


def squared_distances(X: Floats, location: Floats, covariance: Floats) -> Floats:
    """``(x - m)' C^-1 (x - m)`` per row, by Cholesky."""
    from scipy.linalg import solve_triangular

    scale = np.sqrt(np.diagonal(covariance))
    if not (scale > 0.0).all():
        raise _singular()
    factor = factor_of(covariance / np.outer(scale, scale))
    away = solve_triangular(factor, ((X - location) / scale).T, lower=True, check_finite=False)
    return np.asarray(np.square(away).sum(axis=0))


class Scatter:
    """What estimators with a location and a covariance have in common."""

    location_: Floats
    covariance_: Floats

    def mahalanobis(self, X: npt.ArrayLike) -> Floats:
        """Squared distances of rows from the fit.

        Parameters
        ----------
        X : array_like, shape (n, d)
            The features of the fit.

        Returns
        -------
        float64 array, shape (n,)
            Chi-square with d degrees of freedom for Gaussian rows, if the fit had many
            more rows than columns.
        """
        rows = as_rows(X, columns=self.location_.size)
        return squared_distances(rows, self.location_, self.covariance_)
