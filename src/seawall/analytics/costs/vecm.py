# SPDX-License-Identifier: MIT
"""Error correction among the prices of one thing on several venues, and who leads.

All prices follow one random walk, and each differs from the first by what dies out; the
cointegrating vectors are known, not estimated.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.costs.regress import products
from seawall.model.errors import ResearchError

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
LAGS_MOST = 20


@dataclass(frozen=True, slots=True)
class Vecm:
    """Loadings (venues, venues - 1) with their errors, residual covariance, lags, rows."""

    alpha: Matrix
    alpha_errors: Matrix
    omega: Matrix
    lags: int
    rows: int


def fit_vecm(p: Matrix, lags: int) -> Vecm:
    """Least squares of dp_t on p_1 - p_j at t - 1, ``lags`` past dp and a constant.

    Parameters
    ----------
    p : array of shape (rows, venues)
        Logs of prices.
    lags : int
        Past changes; 0: the number up to 20 with the least Schwarz criterion.

    Raises
    ------
    ResearchError
        When there are too few rows or a price never differs from another.
    """
    rows, venues = p.shape
    most = lags or min(LAGS_MOST, max(1, rows // (20 * venues)))
    if rows < 10 * (venues * most + venues):
        raise ResearchError(
            f"{rows} rows are too few for {venues} venues and {most} lags",
            mend="give more rows, or fewer lags",
        )
    if lags:
        return _solve(p, lags, lags)
    return _solve(p, _least_schwarz(p, most), 0)


def _design(p: Matrix, lags: int, skip: int) -> tuple[Matrix, Matrix]:
    dp = np.diff(p, axis=0)
    start = max(lags, skip)
    gaps = p[start:-1, :1] - p[start:-1, 1:]
    past = [dp[start - k : -k] for k in range(1, lags + 1)]
    return dp[start:], np.hstack((np.ones((len(gaps), 1)), gaps, *past))


def _factor(y: Matrix, x: Matrix) -> tuple[Matrix, Matrix, Vector]:
    """Cholesky factor of x'x with columns scaled to 1, x'y likewise, and the scales."""
    scale = np.sqrt((x * x).mean(axis=0) * len(x))
    if not (scale > 0.0).all():
        raise ResearchError(
            "a price never changes, or two never differ", mend="give a sample in which both move"
        )
    inner, cross = np.zeros((x.shape[1], x.shape[1])), np.zeros((x.shape[1], y.shape[1]))
    products(np.ascontiguousarray(x / scale), np.ascontiguousarray(y), inner, cross)
    try:
        factor = np.asarray(np.linalg.cholesky(inner), dtype=np.float64)
    except np.linalg.LinAlgError:
        factor = np.zeros((1, 1))
    if not np.diag(factor).min() > 1e-6:
        raise ResearchError("two venues carry the same prices", mend="leave one of them out")
    return factor, cross, scale


def _rest(y: Matrix, x: Matrix) -> tuple[Matrix, Matrix, Vector]:
    """Coefficients, residuals, and the diagonal of (x'x)^-1."""
    factor, cross, scale = _factor(y, x)
    inverse = np.linalg.inv(factor)
    solver = inverse.T @ inverse
    b = solver @ cross
    for _ in range(2):  # squaring the columns loses digits, which the residuals give back
        again, left = np.zeros_like(solver), np.zeros_like(cross)
        rest = y - (x / scale) @ b
        products(np.ascontiguousarray(x / scale), np.ascontiguousarray(rest), again, left)
        b = b + solver @ left
    b = np.asarray(b, dtype=np.float64)
    return b / scale[:, None], y - (x / scale) @ b, np.diag(solver) / scale**2


def _least_schwarz(p: Matrix, most: int) -> int:
    """Lags with the least criterion, on the rows that the most lags leave.

    One factor serves all: the columns of fewer lags come first.
    """
    y, x = _design(p, most, most)
    venues = p.shape[1]
    factor, cross, _ = _factor(y, x)
    along = np.linalg.solve(factor, cross)
    best, chosen = np.inf, 1
    for k in range(1, most + 1):
        width = venues * (k + 1)
        sign, size = np.linalg.slogdet((y.T @ y - along[:width].T @ along[:width]) / len(y))
        value = size + width * venues * np.log(len(y)) / len(y)
        if sign > 0 and value < best:
            best, chosen = float(value), k
    return chosen


def _solve(p: Matrix, lags: int, skip: int) -> Vecm:
    y, x = _design(p, lags, skip)
    b, rest, spread = _rest(y, x)
    venues = p.shape[1]
    omega = rest.T @ rest / len(y)
    errors = np.sqrt(np.outer(np.diag(omega), spread[1:venues]))
    return Vecm(b[1:venues].T.copy(), errors, omega, lags, len(y))


def common_weights(alpha: Matrix) -> Vector:
    """Weights of the innovations in the common price, sum 1: what alpha is blind to.

    For two venues (a2, -a1) / (a2 - a1), Gonzalo and Granger's component shares.
    """
    _, _, v = np.linalg.svd(alpha.T)
    weights = v[-1]
    total = float(weights.sum())
    return weights / total if abs(total) > 1e-12 else np.full(weights.size, np.nan)


def information_shares(weights: Vector, omega: Matrix) -> Matrix:
    """Hasbrouck's shares for every order of the venues, one order a row."""
    n = weights.size
    whole = float(weights @ omega @ weights)
    out = []
    for order in itertools.permutations(range(n)):
        at = list(order)
        factor = np.linalg.cholesky(omega[np.ix_(at, at)])
        shares = np.empty(n)
        shares[at] = (weights[at] @ factor) ** 2 / whole
        out.append(shares)
    return np.array(out)


def modified_shares(weights: Vector, omega: Matrix) -> Vector:
    """Shares of Lien and Shrestha: the root of the correlation, which knows no order."""
    sd = np.sqrt(np.diag(omega))
    values, vectors = np.linalg.eigh(omega / np.outer(sd, sd))
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T * sd[:, None]
    return np.asarray((weights @ root) ** 2 / float(weights @ omega @ weights))
