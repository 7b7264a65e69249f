# SPDX-License-Identifier: MIT
"""Simulation of exponential Hawkes processes by thinning (Ogata 1981).

Between events the total intensity only falls, so that its present value bounds it: a
candidate is drawn at that rate and kept with the ratio of the true rate to the bound.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import entry
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


@entry
def _thin(
    rng: np.random.Generator, end: float, mu: Vector, a: Vector, beta: float,
    times: Vector, kinds: Vector,
) -> int:  # fmt: skip
    d = mu.size
    excited = np.zeros(d)
    base = mu.sum()
    now, n = 0.0, 0
    while True:
        bound = base + excited.sum()
        if not bound > 0.0:
            return n
        gap = -math.log(1.0 - rng.random()) / bound
        now += gap
        if now > end:
            return n
        decay = math.exp(-beta * gap)
        total = base
        for i in range(d):
            excited[i] *= decay
            total += excited[i]
        u = rng.random() * bound
        if u >= total:
            continue
        if n == times.size:
            return -1
        kind = 0
        while kind < d - 1 and u >= mu[kind] + excited[kind]:
            u -= mu[kind] + excited[kind]
            kind += 1
        times[n], kinds[n] = now, kind
        n += 1
        for i in range(d):
            excited[i] += a[i, kind] * beta


def simulate(
    rng: np.random.Generator, end: float, mu: npt.ArrayLike, a: npt.ArrayLike, beta: float,
    *, most: int = 10_000_000,
) -> tuple[Vector, npt.NDArray[np.int64]]:  # fmt: skip
    """Draw events on (0, end] from a process that starts without history.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only randomness.
    end : float
        End, seconds.
    mu : array of d
        Base rates per second.
    a : array of shape (d, d)
        ``a[i, j]``: direct children of type i of an event of type j.
    beta : float
        Decay per second.
    most : int
        Events at which it gives up.

    Returns
    -------
    tuple of arrays
        Times and types.

    Raises
    ------
    ResearchError
        When the spectral radius of ``a`` is 1 or more, or there are more than ``most`` events.
    """
    rates = np.atleast_1d(np.asarray(mu, dtype=np.float64))
    matrix = np.ascontiguousarray(np.atleast_2d(np.asarray(a, dtype=np.float64)))
    radius = float(np.max(np.abs(np.linalg.eigvals(matrix))))
    if radius >= 1.0 or min(rates.min(), matrix.min()) < 0.0 or beta <= 0.0:
        raise ResearchError(
            f"no stationary process: spectral radius {radius:.3g}, decay {beta:g}",
            mend="rates not negative, a spectral radius below 1 and a positive decay",
        )
    mean = float(np.linalg.solve(np.eye(rates.size) - matrix, rates).sum()) * end
    room = min(int(1.2 * mean + 10.0 * math.sqrt(mean) / (1.0 - radius)) + 100, most)
    while True:
        times, kinds = np.empty(room), np.empty(room)
        # A copy of the state, so that a second try draws the same numbers.
        state = rng.bit_generator.state
        n = _thin(rng, float(end), rates, matrix, float(beta), times, kinds)
        if n >= 0:
            return times[:n].copy(), kinds[:n].astype(np.int64)
        if room >= most:
            raise ResearchError(f"more than {most} events", mend="a shorter time, or a larger most")
        rng.bit_generator.state = state
        room = min(2 * room, most)
