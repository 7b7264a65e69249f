# SPDX-License-Identifier: MIT
"""Generalised extreme-value law of block maxima, with return levels.

Formula: P(M <= x) = exp(-(1 + xi (x - mu) / sigma)^(-1/xi)) of the largest value of each block;
maximum likelihood from the L-moments on; level that is passed once in N blocks:
mu + sigma ((-ln(1 - 1/N))^-xi - 1) / xi.
Unit: mu, sigma and level as the input; xi none, positive for a heavy tail.
Assumption: blocks are long and alike (a day or a week of bars), so that clusters within one
do not matter; xi is sought above -1/2, where the usual errors hold.  A last block that is
not full is left out.  Maxima use one value per block: ``gpd`` uses more of the data.
Cost: O(n), then O(blocks) for each of some hundred evaluations.
Source: Jenkinson (1955), Quarterly Journal of the Royal Meteorological Society 81; Hosking
(1985), Applied Statistics 34(3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import BOTH, Vector
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

LEAST = 15
EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class GevFit:
    """Law of the maxima.

    Parameters
    ----------
    xi, mu, sigma : float
        Shape, place and scale.
    error_xi, error_mu, error_sigma : float
        Standard errors from the observed information; not-a-number where it is singular.
    loglik : float
        Log-likelihood.
    blocks : int
        Maxima.
    level, once_in : float
        Level that is passed once in so many blocks.
    """

    xi: float
    mu: float
    sigma: float
    error_xi: float
    error_mu: float
    error_sigma: float
    loglik: float
    blocks: int
    level: float
    once_in: float


def loglik(x: Vector, xi: float, mu: float, sigma: float) -> float:
    """Log-likelihood; minus infinity outside the support."""
    if sigma <= 0.0:
        return -math.inf
    z = (x - mu) / sigma
    if abs(xi) < 1e-7:
        t = z - 0.5 * xi * z * z  # ln(1 + xi z) / xi near xi = 0
    else:
        w = 1.0 + xi * z
        if w.min() <= 0.0:
            return -math.inf
        t = np.log(w) / xi
    return float(-x.size * math.log(sigma) - (1.0 + xi) * t.sum() - np.exp(-t).sum())


def moments_start(x: Vector) -> tuple[float, float, float]:
    """Shape, place and scale by L-moments (Hosking's approximation)."""
    s = np.sort(x)
    n = s.size
    i = np.arange(n)
    b0, b1 = s.mean(), float(np.sum(i * s) / (n * (n - 1.0)))
    b2 = float(np.sum(i * (i - 1.0) * s) / (n * (n - 1.0) * (n - 2.0)))
    l2, skew = 2.0 * b1 - b0, (6.0 * b2 - 6.0 * b1 + b0) / (2.0 * b1 - b0)
    c = 2.0 / (3.0 + skew) - math.log(2.0) / math.log(3.0)
    k = min(max(7.8590 * c + 2.9554 * c * c, -0.9), 0.45)
    if abs(k) < 1e-6:
        sigma = float(l2) / math.log(2.0)
        return 0.0, float(b0) - EULER * sigma, sigma
    gamma = math.gamma(1.0 + k)
    sigma = float(l2) * k / ((1.0 - 2.0**-k) * gamma)
    return -k, float(b0) - sigma * (1.0 - gamma) / k, sigma


def _errors(x: Vector, point: Vector) -> Vector:
    steps = 1e-4 * np.array([1.0, point[2], point[2]])
    hessian = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            total = 0.0
            for a in (-1.0, 1.0):
                for b in (-1.0, 1.0):
                    at = point.copy()
                    at[i] += a * steps[i]
                    at[j] += b * steps[j]
                    total += a * b * loglik(x, *at)
            hessian[i, j] = total / (4.0 * steps[i] * steps[j])
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(-hessian)[0] <= 0.0:
        return np.full(3, np.nan)
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(-hessian))))


def return_level(xi: float, mu: float, sigma: float, once_in: float) -> float:
    """Level that the maximum of a block passes once in ``once_in`` blocks."""
    y = -math.log(-math.log1p(-1.0 / once_in))
    return mu + sigma * (y if abs(xi) < 1e-9 else math.expm1(xi * y) / xi)


def fit(
    value: npt.ArrayLike, *, side: float = 0.0, block: float = 24, once_in: float = 100
) -> GevFit:
    """Fit the law of block maxima of a sample.

    Raises
    ------
    ResearchError
        With fewer than fifteen full blocks, or when all maxima are equal.
    """
    from scipy.optimize import minimize

    given = np.asarray(value, dtype=np.float64).ravel()
    given = given[np.isfinite(given)]
    sizes, length = np.abs(given) if side == BOTH else side * given, int(block)
    x = sizes[: sizes.size // length * length].reshape(-1, length).max(axis=1)
    if x.size < LEAST or x.min() == x.max():
        raise ResearchError(
            f"{x.size} maxima of blocks of {length} cannot be fitted",
            where=f"gev of {given.size} finite values",
            mend=f"give at least {LEAST} full blocks with different maxima",
        )
    place, scale = float(np.median(x)), float(x.std())
    y = (x - place) / scale
    at = np.array(moments_start(y))

    def cost(p: Any) -> float:
        return -loglik(y, p[0], p[1], p[2]) if p[0] > -0.5 else math.inf

    for _ in range(3):  # the simplex is started anew where it stopped
        found: Any = minimize(
            cast("Any", cost), at, method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000},
        )  # fmt: skip
        at = np.asarray(found.x)
    errors = _errors(y, at)
    xi, mu, sigma = float(at[0]), place + scale * float(at[1]), scale * float(at[2])
    return GevFit(
        xi, mu, sigma, float(errors[0]), scale * float(errors[1]), scale * float(errors[2]),
        -float(found.fun) - x.size * math.log(scale), int(x.size),
        return_level(xi, mu, sigma, once_in), once_in,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="gev", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("side", 0.0, "+1 gains, -1 losses, 0 the sizes of both", -1, 1, whole=True),
        Param("block", 24, "values in a block; 1: the values are maxima", 1, 1e9, whole=True),
        Param("once_in", 100, "blocks in which the level is passed once", 1.0001),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip
