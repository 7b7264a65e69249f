# SPDX-License-Identifier: MIT
"""Bounded maximisation of a likelihood, judged by the conditions of Kuhn and Tucker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Objective = Callable[[Vector], tuple[float, Vector]]
"""Gives the log-likelihood and its gradient."""


BURST_DECAY = 1_000.0
"""Decay per mean gap beyond which excitation is over long before the next ordinary event."""

BURST_DOUBT = "the decay is 1,000 times the rate of events: prints of one order, not merged?"


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where a search ended.

    Parameters
    ----------
    x : array
        Parameters.
    value : float
        Log-likelihood.
    kkt : float
        Largest derivative that could still be followed, times the size of its parameter;
        a derivative that points out of a bound does not count.
    """

    x: Vector
    value: float
    kkt: float


def maximise(objective: Objective, start: Vector, low: Vector, high: Vector) -> Maximum:
    """Climb by L-BFGS-B within bounds, in parameters scaled by their start.

    Bounds keep zero reachable, where logarithms of parameters would stick before it.
    """
    from scipy import optimize

    # The stubs want a plain function where a gradient comes along.
    minimize: Any = optimize.minimize

    scale = np.where(start > 0.0, start, 1.0)

    def negative(z: Vector) -> tuple[float, Vector]:
        value, grad = objective(z * scale)
        if not np.isfinite(value):
            return 1e300, np.zeros_like(z)
        return -value, -grad * scale

    found = minimize(
        negative, np.clip(start, low, high) / scale, jac=True, method="L-BFGS-B",
        bounds=np.column_stack((low / scale, high / scale)),
        options={"maxiter": 500, "maxcor": 20, "ftol": 1e-14, "gtol": 1e-7},
    )  # fmt: skip
    x = np.clip(found.x * scale, low, high)
    value, grad = objective(x)
    return Maximum(x, value, residual(x, grad, low, high))


def residual(x: Vector, grad: Vector, low: Vector, high: Vector) -> float:
    """Largest derivative that a step within the bounds could follow, per relative step."""
    size = np.maximum(np.abs(x), 1e-3)
    free = grad * size
    free = np.where((x <= low) & (grad < 0.0), 0.0, free)
    free = np.where((x >= high) & (grad > 0.0), 0.0, free)
    return float(np.max(np.abs(free)))


def information_errors(objective: Objective, x: Vector, low: Vector, high: Vector) -> Vector:
    """Standard errors from the observed information; not-a-number at a bound.

    They are too small in short samples: bootstrap before you rely on them.
    """
    free = np.flatnonzero((x > low) & (x < high))
    errors = np.full(x.size, np.nan)
    if free.size == 0:
        return errors
    hessian = np.empty((free.size, free.size))
    for row, k in enumerate(free):
        h = 1e-5 * x[k]
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        hessian[row] = (objective(up)[1][free] - objective(down)[1][free]) / (2.0 * h)
    try:
        variance = np.diag(np.linalg.inv(-0.5 * (hessian + hessian.T)))
    except np.linalg.LinAlgError:
        return errors
    errors[free] = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return errors
