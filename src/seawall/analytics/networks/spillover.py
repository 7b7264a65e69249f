# SPDX-License-Identifier: MIT
"""Spillovers: how much of each one's forecast error comes from shocks to the others.

Formula: vector autoregression of p lags with constants, errors' covariance S, moving-average
matrices A_h; theta_ij = s_jj^-1 sum_h (e_i' A_h S e_j)^2 / sum_h e_i' A_h S A_h' e_i over
h < H (generalised: no order of the variables), each row then scaled to 1; total = mean
share from others; to_j, from_i sums of what j gives and i takes; net = to - from.
Unit: shares, 0 to 1.
Assumption: stationary input.  Log realised variances measure spillovers of volatility,
returns those of returns.  T must be far above N p: fewer than three rows per coefficient are
refused.  A shared shock counts as spillover both ways: no cause is shown.
Cost: O(T (N p)^2 + H N^3).
Source: Diebold and Yilmaz (2012), International Journal of Forecasting 28(1); Pesaran and
Shin (1998), Economics Letters 58(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.networks.panel import Matrix, sound_rows
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
ROWS_PER_COEFFICIENT = 3


@dataclass(frozen=True, slots=True)
class Spillover:
    """Table of spillovers.

    Parameters
    ----------
    total : float
        Mean share of the forecast error that comes from others.
    at_once : float
        The same one step ahead, where only correlation within a step counts: what is not
        above it did not spill over, it came together.
    radius : float
        Largest root of the autoregression; at 1 or above the table means nothing.
    rows, lags, horizon : int
        Rows used, p and H.
    to_others, from_others, net : Vector
        By instrument.
    table : array of shape (N, N)
        Share of row i's error that comes from column j; rows add up to 1.
    """

    total: float
    at_once: float
    radius: float
    rows: int
    lags: int
    horizon: int
    to_others: Vector
    from_others: Vector
    net: Vector
    table: Matrix


def autoregression(x: Matrix, lags: int) -> tuple[Matrix, Matrix]:
    """Coefficients of shape (lags, N, N) and covariance of the errors, by least squares."""
    rows, n = x.shape
    past = [x[lags - k - 1 : rows - k - 1] for k in range(lags)]
    design = np.concatenate([np.ones((rows - lags, 1)), *past], axis=1)
    solution = np.linalg.lstsq(design, x[lags:], rcond=None)[0]
    errors = x[lags:] - design @ solution
    freedom = rows - lags - design.shape[1]
    covariance = errors.T @ errors / freedom
    return np.stack([solution[1 + k * n : 1 + (k + 1) * n].T for k in range(lags)]), covariance


def moving_average(coefficients: Matrix, horizon: int) -> Matrix:
    """Answers to a unit shock after 0 to horizon - 1 steps, shape (horizon, N, N)."""
    lags, n, _ = coefficients.shape
    out = np.zeros((horizon, n, n))
    out[0] = np.eye(n)
    for h in range(1, horizon):
        for k in range(min(lags, h)):
            out[h] += coefficients[k] @ out[h - k - 1]
    return out


def shares(answers: Matrix, covariance: Matrix) -> Matrix:
    """Generalised decomposition of the forecast error, rows scaled to 1."""
    moved = answers @ covariance
    gained = (moved**2).sum(axis=0) / np.diag(covariance)
    whole = np.einsum("hij,hij->i", moved, answers)
    theta = gained / whole[:, None]
    return np.asarray(theta / theta.sum(axis=1, keepdims=True))


def _radius(coefficients: Matrix) -> float:
    lags, n, _ = coefficients.shape
    companion = np.eye(lags * n, k=-n)
    companion[:n] = np.concatenate(list(coefficients), axis=1)
    return float(np.abs(np.linalg.eigvals(companion)).max())


def fit(returns: npt.ArrayLike, *, lags: float = 2, horizon: float = 10) -> Spillover:
    """Measure spillovers between the columns.

    Raises
    ------
    ResearchError
        With fewer than two instruments, when one never moves, or with fewer than three
        complete rows per coefficient of an equation.
    """
    p = int(lags)
    x = sound_rows(returns, 10, "spillover")
    rows, n = x.shape
    if rows < ROWS_PER_COEFFICIENT * (n * p + 1):
        raise ResearchError(
            f"{rows} rows are too few for {n} instruments with {p} lags",
            where=f"spillover fits {n * p + 1} coefficients per instrument",
            mend=f"give {ROWS_PER_COEFFICIENT * (n * p + 1)} rows, or fewer instruments",
        )
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)  # shares do not hang on units
    coefficients, covariance = autoregression(scaled, p)
    answers = moving_average(coefficients, int(horizon))
    table = shares(answers, covariance)
    first = 1.0 - float(np.trace(shares(answers[:1], covariance))) / n
    taken = 1.0 - np.diag(table)
    given = table.sum(axis=0) - np.diag(table)
    return Spillover(
        float(taken.mean()), first, _radius(coefficients), rows, p, int(horizon), given, taken,
        given - taken, table,
    )  # fmt: skip


def rolling(
    returns: Matrix, window: int, every: int, *, lags: int = 2, horizon: int = 10
) -> tuple[npt.NDArray[np.int64], Vector]:
    """Total spillover of windows: the last row of each, and its total.

    Parameters
    ----------
    returns : array of shape (times, instruments)
        Returns, or log realised variances.
    window, every : int
        Rows of a window, and rows from one to the next.
    lags, horizon : int
        As in :func:`fit`.
    """
    ends = np.arange(window, returns.shape[0] + 1, every)
    totals = [fit(returns[e - window : e], lags=lags, horizon=horizon).total for e in ends]
    return ends - 1, np.array(totals)


ANALYTIC = Analytic(
    name="spillover", group="networks", inputs=("returns",), doc=__doc__, fit=fit,
    params=(
        Param("lags", 2, "lags p", 1, 50, whole=True),
        Param("horizon", 10, "steps H of the forecast", 1, 1e4, whole=True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip
