# SPDX-License-Identifier: MIT
"""What fits of hidden Markov models share: log-densities, stationary laws, durations."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


def stationary(move: Vector) -> Vector:
    """Stationary law of a transition matrix (rows sum to 1)."""
    n = move.shape[0]
    system = np.vstack((move.T - np.eye(n), np.ones(n)))
    target = np.append(np.zeros(n), 1.0)
    law = np.clip(np.linalg.lstsq(system, target, rcond=None)[0], 0.0, None)
    return np.asarray(law / law.sum())


def durations(move: Vector) -> Vector:
    """Expected number of rows that a state lasts, 1 / (1 - stay)."""
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / (1.0 - np.diag(move)))


def log_densities(x: Vector, mean: Vector, sd: Vector, dof: float = 0.0) -> Vector:
    """Log-density of every value (rows) under every state (columns).

    ``dof`` 0 is the normal law; otherwise Student's t with scale ``sd``.
    """
    z = (x[:, None] - mean) / sd
    if dof <= 0.0:
        return np.asarray(-0.5 * z * z - np.log(sd) - 0.5 * math.log(2.0 * math.pi))
    unit = math.lgamma(0.5 * (dof + 1.0)) - math.lgamma(0.5 * dof) - 0.5 * math.log(dof * math.pi)
    return np.asarray(unit - np.log(sd) - 0.5 * (dof + 1.0) * np.log1p(z * z / dof))


def log_normal_densities(x: Vector, means: Vector, covariances: Vector) -> Vector:
    """Log-density of every row of ``x`` (rows, p) under normal laws with full covariances."""
    out = np.empty((x.shape[0], means.shape[0]))
    for j, (mean, cov) in enumerate(zip(means, covariances, strict=True)):
        root = np.linalg.cholesky(cov)
        z = np.linalg.solve(root, (x - mean).T)
        size = 2.0 * np.log(np.diag(root)).sum() + x.shape[1] * math.log(2.0 * math.pi)
        out[:, j] = -0.5 * (np.einsum("ij,ij->j", z, z) + size)
    return out
