# SPDX-License-Identifier: MIT
"""Newton's method within bounds for a function that need not be concave."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Second = Callable[[Vector], tuple[float, Vector, Vector]]
"""Gives a value, its gradient and its Hessian."""

STEPS = 100
DONE = 1e-8


@dataclass(frozen=True, slots=True)
class Summit:
    """Where a search ended.

    Parameters
    ----------
    x : array
        Parameters.
    value : float
        Value.
    grad : array
        Gradient without what points out of bounds.
    hess : array
        Second derivatives.
    """

    x: Vector
    value: float
    grad: Vector
    hess: Vector


def climb(at: Second, start: Vector, low: Vector, high: Vector, *, far: float = np.inf,
          steps: int = STEPS) -> Summit:  # fmt: skip
    """Maximise by steps along eigenvectors, each turned upwards; damped where they overshoot.

    Parameters
    ----------
    at : callable
        The function.
    start, low, high : arrays
        Where to start, and bounds.
    far : float
        Longest step of a parameter.
    steps : int
        Evaluations at which it stops.
    """
    x = np.clip(start, low, high)
    value, grad, hess = at(x)
    damping = 1e-9
    for _ in range(steps):
        free = _free(x, grad, low, high)
        step = _step(free, hess, damping)
        gain = 0.5 * float(step @ free)
        if not gain >= DONE or damping > 1e9:
            break
        longest = float(np.abs(step).max())
        trial = np.clip(x + step * min(1.0, far / longest), low, high)
        there, g, h = at(trial)
        if math.isfinite(there) and there > value:
            x, value, grad, hess = trial, there, g, h
            damping = max(0.1 * damping, 1e-9)
        else:
            damping = max(10.0 * damping, 1e-3)
    return Summit(x, value, _free(x, grad, low, high), hess)


def _free(x: Vector, grad: Vector, low: Vector, high: Vector) -> Vector:
    out = ((x <= low) & (grad < 0.0)) | ((x >= high) & (grad > 0.0))
    return np.where(out, 0.0, grad)


def _step(free: Vector, hess: Vector, damping: float) -> Vector:
    fixed = free == 0.0
    m = -hess * ~(fixed[:, None] | fixed[None, :])
    m[fixed, fixed] = 1.0
    scale = np.sqrt(np.maximum(np.abs(np.diag(m)), 1e-12))
    values, vectors = np.linalg.eigh(m / np.outer(scale, scale))
    values = np.maximum(np.abs(values), 1e-9) + damping
    step: Vector = (vectors @ ((vectors.T @ (free / scale)) / values)) / scale
    return step
