# SPDX-License-Identifier: MIT
"""Tail dependence: how often instruments fall together when they fall far.

Formula: ranks u of each column; correlation of a t copula by Kendall, rho = sin(pi tau / 2);
its degrees of freedom nu by maximum likelihood; lambda = 2 T_(nu+1)(-sqrt((nu + 1)(1 - rho) /
(1 + rho))) is the limit of P(one beyond its q-quantile | the other beyond it) as q goes to 0.
Beside it these shares themselves at q, of falls (``lower``) and of rises (``upper``).
Unit: none, 0 to 1.
Assumption: one nu for all pairs and like tails on both sides; ``asymmetry_p`` tests the
latter by block bootstrap.  Normal tails have lambda 0 whatever the correlation.  Calm and
wild times pooled make tails look tied: volatility that all share does so by itself.
Cost: O(N^2 T log T), and O(T N^2) per evaluation of the likelihood and per sample.
Source: Demarta and McNeil (2005), International Statistical Review 73(1); Forbes and Rigobon
(2002), Journal of Finance 57(5), for the caution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.early_warning_trends import inversions
from seawall.analytics.networks.panel import Matrix, sound_rows
from seawall.analytics.spec import Analytic, Need, Param

Vector = npt.NDArray[np.float64]
NU_LOW, NU_HIGH = 1.5, 200.0


@dataclass(frozen=True, slots=True)
class TailDependence:
    """Dependence of extremes.

    Parameters
    ----------
    nu : float
        Degrees of freedom of the copula; near 200: normal.
    mean_lambda : float
        Mean over the pairs.
    lower, upper : float
        Mean share of joint falls and of joint rises beyond the quantile q.
    asymmetry_p : float
        Two-sided chance of their difference; not-a-number without samples.
    quantile : float
        The q, which is also the share that independent columns would have.
    rows, instruments : int
        T and N.
    correlation, lambdas, lower_shares, upper_shares : array of shape (N, N)
        By pair.
    """

    nu: float
    mean_lambda: float
    lower: float
    upper: float
    asymmetry_p: float
    quantile: float
    rows: int
    instruments: int
    correlation: Matrix
    lambdas: Matrix
    lower_shares: Matrix
    upper_shares: Matrix


def coefficient(rho: Matrix, nu: float) -> Matrix:
    """Limit of the joint tail of a t copula."""
    from scipy.special import stdtr

    with np.errstate(divide="ignore"):
        root = np.sqrt((nu + 1.0) * (1.0 - rho) / (1.0 + rho))
    return np.asarray(2.0 * stdtr(nu + 1.0, -root))


def kendall_correlation(x: Matrix) -> Matrix:
    """Correlation of an elliptical law from Kendall's tau, made positive definite."""
    n = x.shape[1]
    rho = np.eye(n)
    for i in range(n):
        order = np.argsort(x[:, i], kind="stable")
        for j in range(i):
            tau = inversions(np.ascontiguousarray(x[order, j]))
            rho[i, j] = rho[j, i] = math.sin(0.5 * math.pi * tau)
    values, vectors = np.linalg.eigh(rho)
    if values[0] < 1e-6:
        rho = (vectors * np.maximum(values, 1e-6)) @ vectors.T
        scale = np.sqrt(np.diag(rho))
        rho /= np.outer(scale, scale)
    return np.asarray(rho)


def copula_loglik(ranks: npt.NDArray[np.int64], rho: Matrix, nu: float) -> float:
    """Log-likelihood of ranks 1 to T under a t copula."""
    from scipy.special import gammaln, stdtrit

    rows, n = ranks.shape
    quantiles = stdtrit(nu, np.arange(1, rows + 1) / (rows + 1.0))
    z = quantiles[ranks - 1]
    root = np.linalg.cholesky(rho)
    square = (np.linalg.solve(root, z.T) ** 2).sum(axis=0)
    joint = -0.5 * (nu + n) * np.log1p(square / nu).sum()
    single = -0.5 * (nu + 1.0) * n * np.log1p(quantiles**2 / nu).sum()
    norm = gammaln(0.5 * (nu + n)) + (n - 1.0) * gammaln(0.5 * nu)
    norm -= n * gammaln(0.5 * (nu + 1.0)) + np.log(np.diag(root)).sum()
    return float(joint - single + rows * norm)


def joint_shares(beyond: npt.NDArray[np.bool_], quantile: float) -> Matrix:
    """Share of the rows beyond a quantile in one column that are so in another."""
    b = beyond.astype(np.float64)
    return np.asarray(b.T @ b / (quantile * beyond.shape[0]))


def _asymmetry(
    low: npt.NDArray[np.bool_], high: npt.NDArray[np.bool_], samples: int, block: int, seed: int
) -> float:
    """Chance of the difference of joint falls and rises, from the pairs counted per row."""
    pairs = [b.sum(axis=1) * (b.sum(axis=1) - 1.0) for b in (low, high)]
    difference = pairs[0] - pairs[1]
    rng = np.random.default_rng(seed)
    rows = difference.size
    starts = rng.integers(0, rows, (samples, -(-rows // block)))
    path = np.concatenate(([0.0], np.cumsum(np.append(difference, difference[:block]))))
    made = (path[starts + block] - path[starts]).sum(axis=1)
    made *= rows / (block * starts.shape[1])
    own = float(difference.sum())
    return float((1 + np.sum(np.abs(made - own) >= abs(own))) / (1 + samples))


def fit(
    returns: npt.ArrayLike,
    *,
    quantile: float = 0.05,
    samples: float = 200,
    block: float = 24,
    seed: float = 0,
) -> TailDependence:
    """Measure the dependence of the extremes of returns.

    Raises
    ------
    ResearchError
        With fewer than two instruments or a hundred complete rows, or when one never moves.
    """
    from scipy.optimize import minimize_scalar

    x = sound_rows(returns, 100, "tail_dependence")
    rows, n = x.shape
    ranks = np.argsort(np.argsort(x, axis=0, kind="stable"), axis=0) + 1
    rho = kendall_correlation(x)
    best = minimize_scalar(
        lambda log: -copula_loglik(ranks, rho, math.exp(log)),
        bounds=(math.log(NU_LOW), math.log(NU_HIGH)), method="bounded", options={"xatol": 1e-4},
    )  # fmt: skip
    nu = math.exp(float(best.x))
    edge = quantile * (rows + 1)
    low, high = ranks <= edge, ranks >= rows + 1 - edge
    lower, upper = (joint_shares(b, float(b[:, 0].mean())) for b in (low, high))
    lambdas = coefficient(rho, nu)
    pairs = np.triu_indices(n, 1)
    count = int(samples)
    p = _asymmetry(low, high, count, min(int(block), rows), int(seed)) if count else math.nan
    return TailDependence(
        nu, float(lambdas[pairs].mean()), float(lower[pairs].mean()), float(upper[pairs].mean()),
        p, quantile, rows, n, rho, lambdas, lower, upper,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="tail_dependence", group="networks", inputs=("returns",), doc=__doc__, fit=fit,
    params=(
        Param("quantile", 0.05, "q of the joint shares", 0.001, 0.5),
        Param("samples", 200, "bootstrap samples of the asymmetry; 0: none", 0, 1e5, whole=True),
        Param("block", 24, "rows that the bootstrap keeps together", 1, 1e6, whole=True),
        Param("seed", 0, "of the bootstrap", 0, 2**31, whole=True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip
