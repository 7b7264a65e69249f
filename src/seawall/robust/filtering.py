# SPDX-License-Identifier: MIT
"""Iterative spectral filtering: rows that inflate the variance of some direction lose weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Estimator, Floats, as_rows, require
from seawall.robust.distance import Scatter, factor_of
from seawall.robust.errors import EstimationError
from seawall.robust.mrcd import MRCD

STEPS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Filtered:
    """Outcome of spectral filtering.

    Parameters
    ----------
    location : float64 array, shape (d,)
        Weighted mean.
    weight : float64 array, shape (n,)
        Sum to one.
    removed : float
        Mass taken away, between 0 and twice the budget.
    eigenvalue : float
        Largest of the weighted covariance at the end.
    """

    location: Floats
    weight: Floats
    removed: float
    eigenvalue: float


def spectral_threshold(n: int, d: int) -> float:
    """Largest eigenvalue that white rows may have: ``1.05 (1 + sqrt(d / n))^2``."""
    return 1.05 * (1.0 + float(np.sqrt(d / n))) ** 2


def spectral_filter(
    X: npt.ArrayLike, budget: float = 0.1, threshold: float | None = None
) -> Filtered:
    """Mean of white rows of which an adversary chose a share.

    While the weighted covariance has an eigenvalue above the threshold, each weight is
    multiplied by ``1 - t / max t``, t the excess of the squared projection on its
    eigenvector, about the median, over what all but half the budget of a Gaussian keeps.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Whitened, so that good rows have a covariance near unity.
    budget : float
        Share of bad rows to withstand, below 0.25.
    threshold : float, optional
        Eigenvalue at which to stop; otherwise :func:`spectral_threshold`.

    Returns
    -------
    Filtered
        Never a half-cleaned estimate.

    Raises
    ------
    EstimationError
        More than twice the budget would have to go.
    """
    from scipy.special import chdtri

    rows = as_rows(X, rows_min=4)
    require(0.0 < budget < 0.25, f"budget {budget}", "give between 0 and 0.25")
    n, d = rows.shape
    limit = spectral_threshold(n, d) if threshold is None else threshold
    usual = float(chdtri(1, 0.5 * budget))
    away = np.square(rows - np.median(rows, axis=0)).sum(axis=1)
    # Far beyond any Gaussian row: such rows would take one step of the loop each.
    weight = np.where(away > 4.0 * d + 16.0 * np.log(n), 0.0, 1.0 / n)
    for _ in range(STEPS_MAX):
        mass = float(weight.sum())
        if 1.0 - mass > 2.0 * budget:
            break
        mean = weight @ rows / mass
        centred = rows - mean
        value, vector = np.linalg.eigh((weight[:, None] * centred).T @ centred / mass)
        if value[-1] <= limit:
            return Filtered(mean, weight / mass, 1.0 - mass, float(value[-1]))
        along = centred @ vector[:, -1]
        # Only what lies beyond the usual range: else good rows pay as much as bad ones.
        score = np.maximum(np.square(along - np.median(along)) - usual, 0.0)
        most = float(score[weight > 0.0].max())
        if most <= 0.0:
            break
        weight = weight * np.maximum(1.0 - score / most, 0.0)
    raise EstimationError(
        f"more than {2.0 * budget:.0%} of the rows would have to be removed",
        mend="reject the batch; heavy tails need rows standardised by volatility, or a "
        "larger threshold",
    )


class SpectralFilter(Scatter, Estimator):
    """Mean by spectral filtering, after whitening by a robust covariance.

    Formula: down-weight along the top eigenvector until it is unremarkable, as in
    :func:`spectral_filter`.  Assumption: good rows have light tails and a known
    covariance (that of the reference stands in for it).  Breakdown: the budget; beyond it
    the batch is refused.  Error O(e sqrt(log 1/e)), free of the sqrt(d) that columns
    judged one by one pay.  Cost: O(n d^2 + d^3) per step.  Source: Diakonikolas, Kamath,
    Kane, Li, Moitra and Stewart (2016).

    Parameters
    ----------
    budget : float
        Share of bad rows to withstand, below 0.25.
    threshold : float, optional
        Largest eigenvalue of white rows; otherwise by n and d.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_, covariance_ : float64 arrays, shape (d,) and (d, d)
        Weighted mean and covariance.
    weight_ : float64 array, shape (n,)
        Sum to one.
    removed_ : float
        Mass taken away.
    """

    rows_min = 4

    def __init__(
        self, budget: float = 0.1, threshold: float | None = None, window: int = 1000
    ) -> None:
        self.budget = budget
        self.threshold = threshold
        self.window = window

    def _estimate(self, X: Floats) -> None:
        from scipy.linalg import solve_triangular

        reference = MRCD().fit(X)
        factor = factor_of(reference.covariance_)
        white = solve_triangular(factor, (X - reference.location_).T, lower=True).T
        found = spectral_filter(white, self.budget, self.threshold)
        self.weight_, self.removed_ = found.weight, found.removed
        self.location_ = reference.location_ + factor @ found.location
        away = X - self.location_
        self.covariance_ = (found.weight[:, None] * away).T @ away
