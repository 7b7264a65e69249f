# SPDX-License-Identifier: MIT
"""MRCD: location and covariance of the tightest subset of rows, regularised."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from seawall.robust._starts import classical, further, nearest
from seawall.robust._target import Target, target_of
from seawall.robust.base import Estimator, Floats, Ints, require
from seawall.robust.distance import Scatter
from seawall.robust.errors import EstimationError
from seawall.robust.scale import qn_columns

RHO_MIN, RHO_MAX = 1e-6, 0.99
RHO_CUTOFF = 0.1
FAR = 1.25
"""A start whose own weight is this many times the cut-off holds a cluster far away."""
OGK_COLUMNS = 30
STEPS_MAX = 200


@dataclass(frozen=True, slots=True)
class Standardised:
    """Rows made comparable: median 0, Qn 1 per column, target turned into the identity.

    Parameters
    ----------
    centre, spread : float64 arrays, shape (d,)
        Median and Qn of the columns.
    target : Target
        In standardised units.
    plain : float64 array, shape (n, d)
        Standardised.
    rows : float64 array, shape (n, d)
        The same with the target turned into the identity.
    """

    centre: Floats
    spread: Floats
    target: Target
    plain: Floats
    rows: Floats


@dataclass(frozen=True, slots=True)
class Subset:
    """A subset at which C-steps stopped.

    Parameters
    ----------
    rows : int64 array, shape (h,)
        Row numbers.
    log_det : float
        Of the regularised covariance in standardised axes, divisor h.
    """

    rows: Ints
    log_det: float


def standardise(X: Floats, target: str) -> Standardised:
    """Centre and scale columns and turn the target into the identity.

    Raises
    ------
    EstimationError
        More than half of a column is one value, so that it has no robust spread.
    """
    centre = np.asarray(np.median(X, axis=0))
    spread = qn_columns(X)
    stuck = np.flatnonzero(spread <= 1e-14 * np.abs(X).max(axis=0))
    if stuck.size:
        raise EstimationError(
            "features without spread: more than half of the rows have one value",
            where="columns " + ", ".join(str(c) for c in stuck[:10]),
            mend="leave such features out",
        )
    U = (X - centre) / spread
    goal = target_of(U, target)
    return Standardised(centre, spread, goal, U, goal.power(U, -0.5))


def consistency(h: int, n: int, d: int) -> float:
    """Factor that makes the covariance of the inner h of n Gaussian rows unbiased."""
    from scipy.special import chdtr, chdtri

    if h >= n:
        return 1.0
    share = h / n
    return float(share / chdtr(d + 2, chdtri(d, 1.0 - share)))


def regularisation(rows: Floats, factor: float, maxcond: float) -> float:
    """Least weight of the target that caps the condition number of a subset's covariance."""
    h, r = rows.shape
    away = rows - rows.mean(axis=0)
    if r < h:
        value = np.linalg.eigvalsh(away.T @ away)
        low = max(float(value[0]), 0.0)
    else:
        value, low = np.linalg.eigvalsh(away @ away.T), 0.0
    high = factor * float(value[-1]) / (h - 1)
    low = factor * low / (h - 1)
    if high <= maxcond * low:
        return RHO_MIN
    excess = high - maxcond * low
    return float(min(max(excess / (excess + maxcond - 1.0), 1e-5), RHO_MAX))


def c_steps(Y: Floats, H: Ints, rho: float, factor: float, outside: int) -> Subset:
    """Alternate estimate and choice of the nearest rows until the subset stays.

    Parameters
    ----------
    Y : float64 array, shape (n, r)
        Rows in coordinates of the space they span.
    H : int64 array, shape (h,)
        Start.
    rho, factor : float
        Weight of the target; consistency factor.
    outside : int
        Dimensions in which all rows are zero: there the estimate is ``rho`` times unity.
    """
    from scipy.linalg import LinAlgError, cholesky, solve_triangular

    for _ in range(STEPS_MAX):
        inner = Y[H]
        mean = inner.mean(axis=0)
        inner -= mean
        K = inner.T @ inner
        K *= (1.0 - rho) * factor / H.size
        K.flat[:: K.shape[0] + 1] += rho
        try:
            L = cholesky(K, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError as error:
            raise EstimationError(
                "the covariance of a subset is singular", mend="give a larger rho or fewer features"
            ) from error
        log_det = 2.0 * float(np.log(np.diagonal(L)).sum()) + outside * math.log(rho)
        away = solve_triangular(L, (Y - mean).T, lower=True, overwrite_b=True, check_finite=False)
        after = nearest(np.einsum("ij,ij->j", away, away), H.size)
        if np.array_equal(after, H):
            break
        H = after
    return Subset(H, log_det)


def from_subset(
    scaled: Standardised, H: Ints, rho: float, factor: float
) -> tuple[Floats, Floats, float]:
    """Location, covariance and log-determinant of a subset in the units of the data.

    The divisor is h - 1.
    """
    inner = scaled.rows[H]
    h, d = inner.shape
    mean = inner.mean(axis=0)
    away = inner - mean
    weight = (1.0 - rho) * factor / (h - 1)
    if d <= h:
        log_det = float(np.linalg.slogdet(rho * np.eye(d) + weight * (away.T @ away))[1])
    else:  # Sylvester: the same determinant from the smaller matrix
        small = np.eye(h) + (weight / rho) * (away @ away.T)
        log_det = d * math.log(rho) + float(np.linalg.slogdet(small)[1])
    goal = scaled.target
    location = scaled.centre + scaled.spread * goal.power(mean[None, :], 0.5)[0]
    away = goal.power(away, 0.5) * scaled.spread
    covariance = weight * (away.T @ away)
    shape = np.full((d, d), goal.r)
    np.fill_diagonal(shape, 1.0)
    covariance += rho * shape * np.outer(scaled.spread, scaled.spread)
    units = 2.0 * float(np.log(scaled.spread).sum())
    return location, covariance, log_det + goal.log_det() + units


class MRCD(Scatter, Estimator):
    """Minimum regularised covariance determinant.

    Formula: over subsets H of h rows minimise ``det(rho T + (1 - rho) c S(H))``; location
    is the mean of H, covariance that matrix.  Columns are first brought to median 0 and
    Qn 1; c makes S unbiased at the Gaussian; rho is the least that caps the condition
    number at ``maxcond``.  Found by C-steps from deterministic starts, so that one input
    has one answer.  Where columns outnumber rows all steps run in the space the rows
    span, with matrices no larger than n.  Assumption: the good rows, more than ``h_frac`` of all,
    are roughly elliptical; features are returns or residuals, not prices; what is bad lies
    further out than sqrt(d) deviations, or no distance can tell.  Breakdown:
    ``(n - h + 1) / n`` against explosion, none against implosion as long as rho > 0;
    equivariant to shift and scale of columns only.  Cost: O(steps n d^2 + d^3), d at most
    n.  Source: Boudt, Rousseeuw, Vanduffel and Verdonck (2020).

    Parameters
    ----------
    h_frac : float
        Share of rows in the subset, 0.5 (greatest breakdown) to 1.
    rho : float, optional
        Weight of the target, instead of the automatic one; 0 < rho < 1.
    target : str
        ``"identity"`` or ``"equicorrelation"``, on standardised columns.
    maxcond : float
        Cap of the condition number.
    ogk_start : bool, optional
        Add the start by OGK, which costs more than all the rest; ``None`` does so up to
        30 columns.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_, covariance_ : float64 arrays, shape (d,) and (d, d)
        The estimate, positive definite.
    rho_, consistency_, log_det_ : float
        Weight of the target, c, log-determinant of the covariance.
    support_ : int64 array, shape (h,)
        Rows of the subset.
    """

    rows_min = 4

    def __init__(
        self,
        h_frac: float = 0.75,
        rho: float | None = None,
        target: str = "identity",
        maxcond: float = 50.0,
        ogk_start: bool | None = None,
        window: int = 1000,
    ) -> None:
        self.h_frac = h_frac
        self.rho = rho
        self.target = target
        self.maxcond = maxcond
        self.ogk_start = ogk_start
        self.window = window

    def _estimate(self, X: Floats) -> None:
        require(0.5 <= self.h_frac <= 1.0, f"h_frac {self.h_frac}", "give 0.5 to 1")
        require(self.rho is None or 0.0 < self.rho < 1.0, f"rho {self.rho}", "give 0 to 1")
        require(self.maxcond > 1.0, f"maxcond {self.maxcond}", "give more than 1")
        n, d = X.shape
        h = min(n, math.ceil(self.h_frac * n - 1e-9))
        scaled = standardise(X, self.target)
        Y = scaled.rows
        if d > n:
            Y = Y @ np.linalg.qr(Y.T)[0]
        c = consistency(h, n, d)
        begin = classical(scaled.target.turned(scaled.plain), h)
        with_ogk = d <= OGK_COLUMNS if self.ogk_start is None else self.ogk_start
        more = further(scaled.plain, h, with_ogk)
        if scaled.target.r != 0.0:
            more += classical(scaled.plain, h)
        rhos = [regularisation(Y[H], c, self.maxcond) for H in begin + more]
        cutoff = max(RHO_CUTOFF, float(np.median(rhos[: len(begin)])))
        self.rho_ = max(own for own in rhos[: len(begin)] if own <= cutoff)
        if self.rho is not None:
            self.rho_ = float(self.rho)
        # The determinant alone would prefer a subset with a compact cluster in it.
        kept = [H for H, own in zip(begin + more, rhos, strict=True) if own <= FAR * cutoff]
        distinct = {H.tobytes(): H for H in kept}.values()
        found = [c_steps(Y, H, self.rho_, c, d - Y.shape[1]) for H in distinct]
        best = min(found, key=lambda subset: subset.log_det)
        self.consistency_, self.support_ = c, best.rows
        self.location_, self.covariance_, self.log_det_ = from_subset(
            scaled, best.rows, self.rho_, c
        )
