# SPDX-License-Identifier: MIT
"""Yardsticks that judge the fits of every side alike, written from the formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np


def hawkes_loglik(
    t: np.ndarray, kind: np.ndarray, mu: Any, a: Any, beta: float, end: float
) -> float:
    """Log-likelihood of a Hawkes process; `a[i, j]`: events of type i that one of j causes."""
    mu, a = np.atleast_1d(mu).astype(float), np.atleast_2d(a).astype(float)
    excited, before, total = np.zeros(mu.size), 0.0, 0.0
    for at, k in zip(t.tolist(), kind.tolist(), strict=True):
        excited *= math.exp(-beta * (at - before))
        before = at
        total += math.log(mu[k] + excited[k])
        excited += beta * a[:, k]
    caused = a.sum(axis=0)[kind] * -np.expm1(-beta * (end - t))
    return total - float(mu.sum()) * end - float(caused.sum())


def sabr_rmse(x: dict[str, Any], fits: Iterable[tuple[float, float, float]]) -> float:
    """Error of smiles (alpha, rho, nu) with beta = 1, root mean square over all options."""
    squares = 0.0
    for years, (alpha, rho, nu) in zip(np.unique(x["years"]), fits, strict=True):
        at = x["years"] == years
        z = nu / alpha * np.log(x["forward"][at] / x["strike"][at])
        far = np.log1p((np.sqrt(1.0 - 2.0 * rho * z + z * z) - 1.0 + z) / (1.0 - rho))
        ratio = np.where(np.abs(z) < 1e-8, 1.0, z / np.where(far == 0.0, 1.0, far))
        growth = 0.25 * rho * nu * alpha + (2.0 - 3.0 * rho * rho) / 24.0 * nu * nu
        squares += float(np.sum((alpha * ratio * (1.0 + growth * years) - x["vol"][at]) ** 2))
    return math.sqrt(squares / x["vol"].size)
