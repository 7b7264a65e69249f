# SPDX-License-Identifier: MIT
"""Projected Newton steps for the Hawkes process of several types with one decay.

The Hessian is a block per type bordered by the decay, so a step costs d small systems and one
division.  A parameter at zero whose derivative points below stays there; what a step carries
below zero is set to zero.  Steps that do not climb lean on the diagonal (Marquardt).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.moments_many import moments

Vector = npt.NDArray[np.float64]
STEPS = 80
DONE = 1e-7
FAR = 1.5
DAMPING_LOW, DAMPING_HIGH = 1e-9, 1e6
MU_LOW = 1e-10


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the search with its derivatives; the decay's are by its logarithm."""

    theta: Vector
    beta: float
    value: float
    grad: Vector
    hess: Vector
    cross: Vector
    slope: float
    curve: float

    @property
    def kkt(self) -> float:
        """Largest derivative that a step within the bounds could follow, per relative step."""
        free = self.grad * np.maximum(self.theta, 1e-3)
        free = np.where((self.theta <= MU_LOW) & (self.grad < 0.0), 0.0, free)
        return float(max(np.abs(free).max(), abs(self.slope)))


@dataclass(frozen=True, slots=True)
class Sample:
    """Times and types, scaled to about one event per unit of time."""

    t: Vector
    kind: Vector
    end: float
    d: int

    def at(self, theta: Vector, beta: float) -> Point:
        """Value and derivatives."""
        d = self.d
        grad, hess = np.empty((d, d + 1)), np.empty((d, d + 1, d + 1))
        cross, tail = np.empty((d, d + 1)), np.empty(2)
        value = moments(self.t, self.kind, self.end, theta, beta, grad, hess, cross, tail)
        slope = beta * tail[0]
        return Point(
            theta, beta, value, grad, hess, beta * cross, slope, beta * beta * tail[1] + slope
        )

    def part(self, size: int) -> Sample:
        """The middle of the sample, as a sample of its own."""
        if self.t.size <= size:
            return self
        first = (self.t.size - size) // 2
        origin = self.t[first - 1]
        t = self.t[first : first + size] - origin
        return Sample(t, self.kind[first : first + size].copy(), float(t[-1]), self.d)


def climb(sample: Sample, theta: Vector, beta: float, low: float, high: float,
          steps: int = STEPS) -> Point:  # fmt: skip
    """Maximise over the rows and the decay between ``low`` and ``high``.

    Parameters
    ----------
    sample : Sample
        Events.
    theta : array of shape (d, 1 + d)
        Base rate and branching row of each type to start from.
    beta : float
        Decay to start from.
    low, high : float
        Bounds of the decay.
    steps : int
        Passes at which it stops.
    """
    here, damping = sample.at(theta, beta), DAMPING_LOW
    for _ in range(steps):
        step, log_step, gain = _step(here, damping, low, high)
        if not gain >= 0.0 or not math.isfinite(gain):
            damping = max(10.0 * damping, 1e-2)
        else:
            shorter = min(1.0, FAR / (abs(log_step) + 1e-300))
            trial = np.maximum(here.theta + shorter * step, 0.0)
            trial[:, 0] = np.maximum(trial[:, 0], np.maximum(0.1 * here.theta[:, 0], MU_LOW))
            b = min(max(here.beta * math.exp(shorter * log_step), low), high)
            there = sample.at(trial, b)
            if there.value >= here.value - 1e-12 * abs(here.value):
                better, here = there.value - here.value, there
                damping = max(0.1 * damping, DAMPING_LOW)
                if gain < DONE and better < 10.0 * DONE:
                    break
            else:
                if gain < DONE:
                    break
                damping = max(10.0 * damping, 1e-3)
        if damping > DAMPING_HIGH:
            break
    return here


def _step(here: Point, damping: float, low: float, high: float) -> tuple[Vector, float, float]:
    """Newton step of the free parameters and of ln beta, and half its predicted slope."""
    size = here.theta.shape[1]
    fixed = (here.theta <= MU_LOW) & (here.grad <= 0.0)
    grad = np.where(fixed, 0.0, here.grad)
    m = -here.hess * ~(fixed[:, :, None] | fixed[:, None, :])
    diagonal = np.abs(np.einsum("ijj->ij", m))
    at = np.arange(size)
    m[:, at, at] = np.where(fixed, 1.0, diagonal * (1.0 + damping) + 1e-12 + 1e-6 * damping)
    cross = np.where(fixed, 0.0, here.cross)
    both = np.linalg.solve(m, np.stack((grad, cross), axis=2))
    stuck = (here.beta <= low and here.slope <= 0) or (here.beta >= high and here.slope >= 0)
    log_step = 0.0
    if not stuck:
        curve = -here.curve - float((cross * both[:, :, 1]).sum())
        own = abs(here.curve)
        curve = max(curve, 1e-3 * own) + damping * (own + 1e-6)
        log_step = (here.slope + float((cross * both[:, :, 0]).sum())) / curve
    step = both[:, :, 0] + log_step * both[:, :, 1]
    return step, log_step, 0.5 * (float((grad * step).sum()) + here.slope * log_step)
