# SPDX-License-Identifier: MIT
"""Forward and backward pass of a two-state chain whose transitions move with time."""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry


@entry
def smooth(density: Table, stay: Table, start: float, filtered: Array, ahead: Array,
           smoothed: Array, pairs: Table) -> float:  # fmt: skip
    """Log-likelihood, and what is known about the states.

    Parameters
    ----------
    density : array of shape (n, 2)
        Density of each observation in each state.
    stay : array of shape (n, 2)
        Probability of state 1 at i after state 0 or 1 at i - 1; the first row is not read.
    start : float
        Probability of state 1 at the first observation.
    filtered : array of n
        Filled with the probability of state 1 given the observations up to and with i.
    ahead : array of n
        Filled with that given the observations before i.
    smoothed : array of n
        Filled with that given all.
    pairs : array of shape (n, 4)
        Filled with the probabilities of (0, 0), (0, 1), (1, 0), (1, 1) at i - 1 and i.
    """
    n = density.shape[0]
    total, p = 0.0, start
    for i in range(n):
        if i > 0:
            p = (1.0 - p) * stay[i, 0] + p * stay[i, 1]
        ahead[i] = p
        mass = (1.0 - p) * density[i, 0] + p * density[i, 1]
        if not mass > 0.0:
            return -math.inf
        total += math.log(mass)
        p = p * density[i, 1] / mass
        filtered[i] = p
    smoothed[n - 1] = filtered[n - 1]
    for i in range(n - 1, 0, -1):
        p, q = filtered[i - 1], ahead[i]
        up = smoothed[i] / q if q > 0.0 else 0.0
        down = (1.0 - smoothed[i]) / (1.0 - q) if q < 1.0 else 0.0
        pairs[i, 0] = (1.0 - p) * (1.0 - stay[i, 0]) * down
        pairs[i, 1] = (1.0 - p) * stay[i, 0] * up
        pairs[i, 2] = p * (1.0 - stay[i, 1]) * down
        pairs[i, 3] = p * stay[i, 1] * up
        smoothed[i - 1] = pairs[i, 2] + pairs[i, 3]
    return total
