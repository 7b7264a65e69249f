# SPDX-License-Identifier: MIT
"""The maximum of a concave log-likelihood over weights that are not negative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.features import moments

Vector = npt.NDArray[np.float64]
STEPS = 100
DONE = 1e-9
BASE_LOW = 1e-10


@dataclass(frozen=True, slots=True)
class Row:
    """Weights of one type at the maximum.

    Parameters
    ----------
    theta : array of p
        Weights, the first one the base rate.
    value : float
        Log-likelihood.
    hess : array of shape (p, p)
        Second derivatives.
    kkt : float
        Largest derivative that could still be followed, per relative step.
    """

    theta: Vector
    value: float
    hess: Vector
    kkt: float


def climb(x: Vector, mass: Vector, start: Vector, bases: int = 1) -> Row:
    """Maximise sum ln(theta x) - theta mass over theta >= 0 by projected Newton steps.

    Parameters
    ----------
    x : array of shape (p, events)
        Features.
    mass : array of p
        Integral of each feature.
    start : array of p
        Where to start; ``bases`` first weights stay above zero, so that a rate exists.
    bases : int
        Features that are part of the base rate.
    """
    low = np.zeros(start.size)
    low[:bases] = BASE_LOW
    theta, damping = np.maximum(start, low), 1e-9
    value, grad, hess = _at(x, mass, theta)
    for _ in range(STEPS):
        fixed = (theta <= low) & (grad <= 0.0)
        step = _step(grad, hess, fixed, damping)
        gain = 0.5 * float(grad @ step)
        if gain < DONE:
            break
        trial = np.maximum(theta + step, np.maximum(low, np.where(low > 0, 0.1 * theta, 0.0)))
        there, g, h = _at(x, mass, trial)
        if there > value:
            better = there - value
            theta, value, grad, hess = trial, there, g, h
            damping = max(0.1 * damping, 1e-9)
            if better < DONE:
                break
        else:
            damping = max(10.0 * damping, 1e-3)
            if damping > 1e9:
                break
    free = grad * np.maximum(theta, 1e-3)
    free = np.where((theta <= low) & (grad < 0.0), 0.0, free)
    return Row(theta, value, hess, float(np.abs(free).max()))


def _at(x: Vector, mass: Vector, theta: Vector) -> tuple[float, Vector, Vector]:
    grad, hess = np.empty(theta.size), np.empty((theta.size, theta.size))
    return moments(x, mass, theta, grad, hess), grad, hess


def _step(grad: Vector, hess: Vector, fixed: npt.NDArray[np.bool_], damping: float) -> Vector:
    m = -hess * ~(fixed[:, None] | fixed[None, :])
    diagonal = np.abs(np.diag(m))
    at = np.arange(grad.size)
    m[at, at] = np.where(fixed, 1.0, diagonal * (1.0 + damping) + 1e-12 + 1e-9 * diagonal.max())
    return np.asarray(np.linalg.solve(m, np.where(fixed, 0.0, grad)), dtype=np.float64)
