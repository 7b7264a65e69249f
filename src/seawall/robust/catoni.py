# SPDX-License-Identifier: MIT
"""Catoni's mean: a root of a soft-clipped score."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.robust._kernels import catoni_root, centre_and_spread
from seawall.robust.base import Estimator, Floats, as_rows, require
from seawall.robust.scale import MAD_CONSTANT


@dataclass(frozen=True, slots=True)
class CatoniResult:
    """Catoni's mean of one sample.

    Parameters
    ----------
    mean : float
        In the unit of the sample.
    alpha : float
        Inverse of the distance at which influence is damped; 0 when the scale was 0.
    n_effective : float
        ``(sum w)^2 / sum w^2``.
    iterations : int
        Steps of the root search.
    flat : bool
        Every point is beyond reach, so the root is an interval; ``mean`` is its middle.
    """

    mean: float
    alpha: float
    n_effective: float
    iterations: int
    flat: bool


def catoni_alpha(n: int, variance: float, delta: float = 0.05) -> float:
    """Tuning that gives the sub-Gaussian bound when the variance is known.

    ``alpha = sqrt(2 L / (n (v + 2 v L / (n - 2 L))))``, ``L = log(1 / delta)``; then the
    error exceeds :func:`catoni_bound` with probability at most ``2 delta``.  Source:
    Catoni (2012).

    Parameters
    ----------
    n : int
        Observations, more than ``2 L``.
    variance : float
        Bound on the variance, squared unit of the sample.
    delta : float
        Failure probability.

    Returns
    -------
    float
        Per unit of the sample.
    """
    level = _level(n, variance, delta)
    return math.sqrt(2.0 * level / (n * variance * (1.0 + 2.0 * level / (n - 2.0 * level))))


def catoni_bound(n: int, variance: float, delta: float = 0.05) -> float:
    """Error that Catoni's mean exceeds with probability at most ``2 delta``.

    Independent observations of at most this variance, none of them poisoned.
    """
    level = _level(n, variance, delta)
    return math.sqrt(2.0 * variance * level / (n * (1.0 - 2.0 * level / n)))


def _level(n: int, variance: float, delta: float) -> float:
    require(0.0 < delta < 1.0, f"delta {delta} is no probability", "give 0 < delta < 1")
    require(0.0 < variance < math.inf, f"variance {variance}", "give a positive variance")
    level = math.log(1.0 / delta)
    require(
        n > 2.0 * level,
        f"{n} observations are too few for delta {delta}",
        f"give more than {2.0 * level:.0f}, or a larger delta",
    )
    return level


def catoni_mean(
    x: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    alpha: float | None = None,
    c: float = 2.0,
    influence: str = "narrow",
) -> CatoniResult:
    """Catoni's mean of one sample.

    Parameters
    ----------
    x : array_like, shape (n,)
        Observations.
    weight : array_like, shape (n,), optional
        Trust, not negative, not all zero.
    alpha : float, optional
        As of :func:`catoni_alpha`; otherwise ``1 / (c MAD)``.
    c : float
        Reach in robust standard deviations where ``alpha`` is not given.
    influence : str
        ``"narrow"`` is bounded; ``"wide"`` grows with the logarithm, so that one point
        far enough moves it anywhere.

    Returns
    -------
    CatoniResult
        The median when no scale can be told because half of the sample is one value.
    """
    require(influence in ("narrow", "wide"), f"no influence {influence!r}", "narrow or wide")
    values = as_rows(np.asarray(x, dtype=np.float64).reshape(-1))[:, 0]
    if weight is None:
        w, effective = np.ones_like(values), float(values.size)
    else:
        w = as_rows(np.asarray(weight).reshape(-1))[:, 0]
        require(w.size == values.size, f"{w.size} weights for {values.size} values", "one each")
        require(bool((w >= 0.0).all() and w.any()), "weights are negative or all zero", "mend them")
        effective = float(w.sum() ** 2 / np.square(w).sum())
    centre, spread = centre_and_spread(values)
    if alpha is None:
        require(c > 0.0, f"c = {c} reaches nowhere", "give c > 0")
        scale = MAD_CONSTANT * spread
        if scale <= 0.0:
            return CatoniResult(centre, 0.0, effective, 0, False)
        alpha = 1.0 / (c * scale)
    require(0.0 < alpha < math.inf, f"alpha = {alpha}", "give alpha > 0")
    mean, steps, flat = catoni_root(values, w, alpha, influence == "narrow", centre)
    if flat:
        mean = _middle(values[w > 0.0], mean, alpha)
    return CatoniResult(float(mean), alpha, effective, steps, bool(flat))


def _middle(x: Floats, root: float, alpha: float) -> float:
    """Middle of the interval of roots between two clusters."""
    left, right = x[x < root], x[x > root]
    low = float(left.max()) + 1.0 / alpha if left.size else root
    high = float(right.min()) - 1.0 / alpha if right.size else root
    return 0.5 * (low + high)


class CatoniMean(Estimator):
    """Catoni's mean of each column.

    Formula: the root of ``sum psi(alpha (x_i - theta)) = 0``; narrow ``psi(u) =
    -log(1 - u + u^2 / 2)`` up to u = 1 and log 2 beyond, odd; wide ``psi(u) = log(1 + u +
    u^2 / 2)``, odd.  Assumption: with a known variance, only that it is finite (heavy
    tails, no poison); with the MAD, fewer than half of the rows are bad.  Breakdown: 50 %
    narrow with MAD, one point wide.  Each column by itself, so d columns may lose a
    factor sqrt(d) against an adversary.  Cost: O(d n) per Newton step, about five.
    Source: Catoni (2012).

    Parameters
    ----------
    c : float
        Reach in robust standard deviations; 2 has 96 % Gaussian efficiency.
    influence : str
        ``"narrow"`` (bounded) or ``"wide"``.
    variance : float, optional
        Known bound on the variance, used with ``delta`` instead of ``c``.
    delta : float
        Failure probability for a known variance.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_ : float64 array, shape (d,)
        Means.
    alpha_ : float64 array, shape (d,)
        Tuning used; 0 where the median was taken.
    flat_ : bool array, shape (d,)
        Where two clusters out of reach of each other left an interval of roots.
    """

    location_: Floats

    def __init__(
        self,
        c: float = 2.0,
        influence: str = "narrow",
        variance: float | None = None,
        delta: float = 0.05,
        window: int = 1000,
    ) -> None:
        self.c = c
        self.influence = influence
        self.variance = variance
        self.delta = delta
        self.window = window

    def _estimate(self, X: Floats) -> None:
        alpha = None
        if self.variance is not None:
            alpha = catoni_alpha(X.shape[0], self.variance, self.delta)
        found = [
            catoni_mean(column, alpha=alpha, c=self.c, influence=self.influence) for column in X.T
        ]
        self.location_ = np.array([r.mean for r in found])
        self.alpha_ = np.array([r.alpha for r in found])
        self.flat_ = np.array([r.flat for r in found])
