# SPDX-License-Identifier: MIT
"""Least squares and moment estimates with errors that allow for correlated residuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import entry
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients, their standard errors (Newey-West), R squared and rows."""

    beta: Vector
    errors: Vector
    r2: float
    rows: int
    residuals: Vector


@entry
def products(x: Matrix, y: Matrix, inner: Matrix, cross: Matrix) -> None:
    """Add up x'x and x'y; threads of a linear algebra library cost more than they give here."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            for k in range(i + 1):
                inner[i, k] += x[t, i] * x[t, k]
            for k in range(y.shape[1]):
                cross[i, k] += x[t, i] * y[t, k]
    for i in range(x.shape[1]):
        for k in range(i):
            inner[k, i] = inner[i, k]


def least_squares(x: Matrix, y: Vector) -> Vector:
    """Coefficients of y on the columns of x, by normal equations that are refined.

    Raises
    ------
    ResearchError
        When the columns depend on one another.
    """
    scale = np.sqrt((x * x).sum(axis=0))
    if not (scale > 0.0).all():
        raise ResearchError("a regressor is nought throughout", mend="give a sample that varies")
    table = np.ascontiguousarray(x / scale)
    inner, b = np.zeros((x.shape[1], x.shape[1])), np.zeros(x.shape[1])
    for turn in range(3):  # squaring the columns loses digits, which the residuals give back
        once, cross = np.zeros_like(inner), np.zeros((x.shape[1], 1))
        products(table, np.ascontiguousarray((y - table @ b)[:, None]), once, cross)
        if turn == 0:
            inner = once
            if np.linalg.cond(inner) > 1e12:
                raise ResearchError(
                    "the regressors depend on one another", mend="give a sample in which all vary"
                )
        b = b + np.linalg.solve(inner, cross[:, 0])
    return np.asarray(b / scale, dtype=np.float64)


def default_lags(rows: int) -> int:
    """Lags of the long-run variance: 4 (n / 100)^(2/9), as Newey and West (1994) start."""
    return int(4.0 * (rows / 100.0) ** (2.0 / 9.0))


def long_run(moments: Matrix, lags: int) -> Matrix:
    """Long-run variance of the columns, Bartlett weights, each row of mean near nought."""
    total: Matrix = moments.T @ moments / len(moments)
    for k in range(1, min(lags, len(moments) - 1) + 1):
        part = moments[k:].T @ moments[:-k] / len(moments)
        total += (1.0 - k / (lags + 1.0)) * (part + part.T)
    return total


def ols(y: Vector, x: Matrix, lags: int | None = None) -> Regression:
    """Regress y on the columns of x; add the column of ones yourself.

    Raises
    ------
    ResearchError
        When the columns depend on one another or there are too few rows.
    """
    rows, width = x.shape
    if rows <= width:
        raise ResearchError(
            f"{rows} rows cannot give {width} coefficients", mend="give a longer sample"
        )
    scale = np.sqrt((x * x).mean(axis=0))
    if not (scale > 0.0).all():
        raise ResearchError("a regressor is nought throughout", mend="give a sample that varies")
    inner = (x / scale).T @ (x / scale) / rows
    if np.linalg.cond(inner) > 1e12:
        raise ResearchError(
            "the regressors depend on one another", mend="give a sample in which all vary"
        )
    inverse = np.linalg.inv(inner)
    beta = inverse @ ((x / scale).T @ y / rows)
    rest = y - (x / scale) @ beta
    middle = long_run((x / scale) * rest[:, None], default_lags(rows) if lags is None else lags)
    errors = np.sqrt(np.maximum(np.diag(inverse @ middle @ inverse) / rows, 0.0))
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1.0 - float(rest @ rest) / spread if spread > 0.0 else float("nan")
    return Regression(beta / scale, errors / scale, r2, rows, rest)


def moment_errors(
    moments: Callable[[Vector], Matrix], theta: Vector, lags: int | None = None
) -> Vector:
    """Standard errors of an exactly identified moment estimate.

    Parameters
    ----------
    moments : callable
        ``moments(theta)`` of shape (rows, parameters), of mean nought at the estimate.
    theta : array
        The estimate.
    lags : int, optional
        Lags of the long-run variance.

    Returns
    -------
    array
        Not-a-number where the moments do not tell the parameters apart.
    """
    at = moments(theta)
    slopes = np.empty((at.shape[1], theta.size))
    for k in range(theta.size):
        step = 1e-6 * max(abs(theta[k]), 1e-4)
        up, down = theta.copy(), theta.copy()
        up[k] += step
        down[k] -= step
        slopes[:, k] = (moments(up).mean(axis=0) - moments(down).mean(axis=0)) / (2.0 * step)
    if not np.isfinite(slopes).all() or np.linalg.cond(slopes) > 1e14:
        return np.full(theta.size, np.nan)
    inverse = np.linalg.inv(slopes)
    middle = long_run(at - at.mean(axis=0), default_lags(len(at)) if lags is None else lags)
    variance = inverse @ middle @ inverse.T / len(at)
    return np.asarray(np.sqrt(np.maximum(np.diag(variance), 0.0)))
