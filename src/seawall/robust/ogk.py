# SPDX-License-Identifier: MIT
"""OGK: covariance from robust spreads of sums and differences of columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seawall.robust.base import Estimator, Floats, require
from seawall.robust.distance import Scatter
from seawall.robust.scale import tau


def ogk_shape(Z: Floats, scale: Callable[[Floats], Floats]) -> Floats:
    """Gnanadesikan and Kettenring's correlation of columns of unit spread.

    ``(s(z_i + z_j)^2 - s(z_i - z_j)^2) / 4``; symmetric, not always positive definite.
    """
    d = Z.shape[1]
    out = np.eye(d)
    for i in range(1, d):
        plus = scale(Z[:, :i] + Z[:, i : i + 1])
        minus = scale(Z[:, :i] - Z[:, i : i + 1])
        out[i, :i] = out[:i, i] = 0.25 * (np.square(plus) - np.square(minus))
    return out


class OGK(Scatter, Estimator):
    """Orthogonalised Gnanadesikan-Kettenring covariance.

    Formula: pairwise ``(s(x + y)^2 - s(x - y)^2) / 4`` with the tau scale, turned to its
    eigenvectors and re-scaled there, ``steps`` times; then mean and covariance of the
    rows within a chi-square cut-off.  Assumption: an elliptical majority; rows of some
    excess over columns.  Breakdown: 50 % for explosion, not affinely equivariant.  Cost:
    O(n d^2).  Source: Maronna and Zamar (2002).

    Parameters
    ----------
    steps : int
        Orthogonalisations, 1 or more.
    quantile : float
        Of the chi-square law at which rows are cut off.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_, covariance_ : float64 arrays, shape (d,) and (d, d)
        Re-weighted.
    raw_location_, raw_covariance_ : float64 arrays
        Before re-weighting; these have the breakdown point.
    support_ : int64 array
        Rows that count.
    """

    rows_min = 4

    def __init__(self, steps: int = 2, quantile: float = 0.9, window: int = 1000) -> None:
        self.steps = steps
        self.quantile = quantile
        self.window = window

    def _estimate(self, X: Floats) -> None:
        from scipy.special import chdtri

        require(self.steps >= 1, f"{self.steps} steps", "give steps >= 1")
        require(0.0 < self.quantile < 1.0, f"quantile {self.quantile}", "give between 0 and 1")
        d = X.shape[1]
        back = np.eye(d)
        Z = X
        for _ in range(self.steps):
            spread = tau(Z)[1]
            Z = Z / spread
            axes = np.linalg.eigh(ogk_shape(Z, lambda y: tau(y)[1]))[1]
            Z = Z @ axes
            back = back @ (spread[:, None] * axes)
        centre, spread = tau(Z)
        self.raw_location_ = back @ centre
        self.raw_covariance_ = (back * np.square(spread)) @ back.T
        squared = np.square((Z - centre) / spread).sum(axis=1)
        cut = chdtri(d, 1.0 - self.quantile) * np.median(squared) / chdtri(d, 0.5)
        self.support_ = np.flatnonzero(squared < cut)
        inner = X[self.support_]
        self.location_ = np.asarray(inner.mean(axis=0))
        away = inner - self.location_
        self.covariance_ = away.T @ away / inner.shape[0]
