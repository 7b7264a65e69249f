# SPDX-License-Identifier: MIT
"""Hawkes processes whose base rate and branching ratio move with time: splines, simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
Course = Callable[[Vector], Vector]
"""Value at given times."""


@entry
def marked_features(
    t: Array, marks: Table, end: float, decay: float, out: Table, mass: Array
) -> None:
    """Features of events whose effect is weighted by marks.

    Parameters
    ----------
    t : array of n
        Times, increasing.
    marks : array of shape (q, n)
        Weight of each event in each of q features.
    end : float
        End of the observation.
    decay : float
        Decay of the one exponential kernel, of mass 1.
    out : array of shape (q, n)
        Filled: decay times the sum of marks that are left, just before each event.
    mass : array of q
        Filled with the sum of marks less what is left of them at the end.
    """
    for j in range(marks.shape[0]):
        young, total, last = 0.0, 0.0, 0.0
        for i in range(t.size):
            young *= math.exp(-decay * (t[i] - last))
            last = t[i]
            out[j, i] = decay * young
            young += marks[j, i]
            total += marks[j, i]
        mass[j] = total - young * math.exp(-decay * (end - last))


@dataclass(frozen=True, slots=True)
class Splines:
    """Non-negative B-splines over (0, end], which add up to 1.

    Parameters
    ----------
    count : int
        Number of functions; the degree is at most 3 and at most ``count`` - 1.
    breaks : array of count - degree + 1
        Where pieces meet, from 0 to the end.
    """

    count: int
    breaks: Vector

    @classmethod
    def among(cls, count: int, t: Vector, end: float) -> Splines:
        """Breaks half by time and half by events, so that bursts have more of them.

        Parameters
        ----------
        count : int
            Number of functions.
        t : array
            Times of events, in order.
        end : float
            End of the interval.
        """
        pieces = count - min(count - 1, 3)
        known = np.concatenate(([0.0], t, [end]))
        warped = 0.5 * known / end + 0.5 * np.linspace(0.0, 1.0, known.size)
        breaks = np.interp(np.linspace(0.0, 1.0, pieces + 1), warped, known)
        breaks[0], breaks[-1] = 0.0, end
        return cls(count, breaks)

    @property
    def degree(self) -> int:
        """Degree of the pieces."""
        return min(self.count - 1, 3)

    @property
    def knots(self) -> Vector:
        """Breaks, those at the ends repeated."""
        edge = np.ones(self.degree)
        return np.concatenate((self.breaks[0] * edge, self.breaks, self.breaks[-1] * edge))

    def at(self, t: Vector) -> Vector:
        """Values, of shape (count, times)."""
        if self.count == 1:
            return np.ones((1, t.size))
        from scipy.interpolate import BSpline

        inside = np.clip(t, self.breaks[0], self.breaks[-1])
        found = BSpline.design_matrix(inside, self.knots, self.degree).toarray().T
        return np.ascontiguousarray(found, dtype=np.float64)

    @property
    def integrals(self) -> Vector:
        """Integral of each function."""
        k, n = self.degree, self.count
        knots = self.knots
        found: Vector = (knots[k + 1 : k + 1 + n] - knots[:n]) / (k + 1.0)
        return found


def simulate(
    rng: np.random.Generator, end: float, mu: Course, branching: Course, decay: float,
    *, highest: float, most: int = 1_000_000,
) -> Vector:  # fmt: skip
    """Draw events on (0, end] by generations: immigrants, their children, and so on.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only randomness.
    end : float
        End, seconds.
    mu : callable
        Base rate per second at given times; at most ``highest``.
    branching : callable
        Mean number of direct children of an event at given times, 0 or more.
    decay : float
        Decay of the kernel, per second.
    highest : float
        Bound of ``mu``.
    most : int
        Events at which it gives up.

    Returns
    -------
    array
        Times in order.

    Raises
    ------
    ResearchError
        When ``mu`` exceeds its bound, or there are more than ``most`` events.
    """
    tries = np.sort(rng.uniform(0.0, end, rng.poisson(highest * end)))
    rate = mu(tries)
    if (rate > highest * (1.0 + 1e-12)).any():
        raise ResearchError("the base rate exceeds its bound", mend="give a larger highest")
    parents = tries[rng.random(tries.size) * highest < rate]
    found, total = [parents], parents.size
    while parents.size:
        children = np.repeat(parents, rng.poisson(branching(parents)))
        children = children + rng.exponential(1.0 / decay, children.size)
        parents = children[children <= end]
        total += parents.size
        if total > most:
            raise ResearchError(f"more than {most} events", mend="a lower branching ratio")
        found.append(parents)
    return np.sort(np.concatenate(found))
