# SPDX-License-Identifier: MIT
"""Simulation of Hawkes processes whose kernels are sums of exponentials, by thinning."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


@entry
def _thin(
    rng: np.random.Generator, end: float, mu: Array, weight: Table, decays: Array, times: Array,
    kinds: Array,
) -> int:  # fmt: skip
    """Fill times and types; the number of events, or -1 when there is no room.

    ``weight[j]``: jumps of the rates of all types and decays, type by type, by an event of j.
    """
    d, k = mu.size, decays.size
    excited, base = np.zeros(d * k), mu.sum()
    now, n, bound = 0.0, 0, base
    while bound > 0.0:
        gap = -math.log(1.0 - rng.random()) / bound
        now += gap
        if now > end:
            break
        for m in range(k):
            fall = math.exp(-decays[m] * gap)
            for i in range(d):
                excited[i * k + m] *= fall
        total = base + excited.sum()
        u = rng.random() * bound
        bound = total
        if u >= total:
            continue
        if n == times.size:
            return -1
        kind = 0
        while kind < d - 1:
            rate = mu[kind] + excited[kind * k : kind * k + k].sum()
            if u < rate:
                break
            u -= rate
            kind += 1
        times[n], kinds[n] = now, kind
        n += 1
        for i in range(d * k):
            excited[i] += weight[kind, i]
        bound = base + excited.sum()
    return n


def simulate(
    rng: np.random.Generator, end: float, mu: npt.ArrayLike, a: npt.ArrayLike,
    decays: npt.ArrayLike, *, most: int = 10_000_000,
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
    a : array of shape (d, d, k)
        ``a[i, j, m]``: direct children of type i of an event of type j at decay m; an array
        of k for one type.
    decays : array of k
        Decays per second.
    most : int
        Events at which it gives up.

    Returns
    -------
    tuple of arrays
        Times and types.

    Raises
    ------
    ResearchError
        When the process is not stationary, or there are more than ``most`` events.
    """
    rates = np.atleast_1d(np.asarray(mu, dtype=np.float64))
    speed = np.atleast_1d(np.asarray(decays, dtype=np.float64))
    d, k = rates.size, speed.size
    matrix = np.asarray(a, dtype=np.float64).reshape(d, d, k)
    whole = matrix.sum(axis=2)
    radius = float(np.max(np.abs(np.linalg.eigvals(whole))))
    if radius >= 1.0 or min(rates.min(), matrix.min()) < 0.0 or not (speed > 0.0).all():
        raise ResearchError(
            f"no stationary process: spectral radius {radius:.3g}",
            mend="rates not negative, a spectral radius below 1 and positive decays",
        )
    weight = np.ascontiguousarray((matrix * speed).transpose(1, 0, 2).reshape(d, d * k))
    mean = float(np.linalg.solve(np.eye(d) - whole, rates).sum()) * end
    room = min(int(1.2 * mean + 10.0 * math.sqrt(mean) / (1.0 - radius)) + 100, most)
    while True:
        times, kinds = np.empty(room), np.empty(room)
        state = rng.bit_generator.state  # a second try draws the same numbers
        n = _thin(rng, float(end), rates, weight, speed, times, kinds)
        if n >= 0:
            return times[:n].copy(), kinds[:n].astype(np.int64)
        if room >= most:
            raise ResearchError(f"more than {most} events", mend="a shorter time, or a larger most")
        rng.bit_generator.state = state
        room = min(2 * room, most)
