# SPDX-License-Identifier: MIT
"""What past events amount to under given decays, and moments of a rate linear in them.

With fixed decays the rate of a type is linear in its base rate and its weights, so the
log-likelihood is concave and each type stands alone.  A feature is s times the sum of
exp(-s age) over the past events of one source: a kernel of mass 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from seawall.analytics.jit import Array, Table, entry

BLOCK = 512

_loose: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy",
                   fastmath={"contract", "reassoc", "arcp", "nsz"})  # fmt: skip


@entry
def features(
    t: Array, kind: Array, end: float, types: int, decays: Array, out: Table, mass: Array
) -> None:
    """Fill the features of every event and the mass that each source has spent by the end.

    Parameters
    ----------
    t, kind : arrays
        Times, not decreasing, and types 0 to ``types`` - 1.
    end : float
        End of the observation.
    types : int
        Number of sources.
    decays : array of k
        Decays per unit of time.
    out : array of shape (types k, events)
        Filled: source j, decay m in row j k + m, just before the event.
    mass : array of types k
        Filled with the number of events less what they are still to cause.
    """
    for j in range(types):
        for m in range(decays.size):
            s, row = decays[m], out[j * decays.size + m]
            young, count, last = 0.0, 0.0, 0.0
            for i in range(t.size):
                young *= math.exp(-s * (t[i] - last))
                last = t[i]
                row[i] = s * young
                if kind[i] == j:
                    young += 1.0
                    count += 1.0
            mass[j * decays.size + m] = count - young * math.exp(-s * (end - last))


@_loose
def _weigh(x: Array, weight: Array, out: Array) -> float:
    total = 0.0
    for k in range(x.size):
        out[k] = x[k] * weight[k]
        total += out[k]
    return total


@_loose
def _dot(a: Array, b: Array) -> float:
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@_loose
def _invert(rate: Array, square: Array) -> float:
    """Sum of logarithms; leaves the inverse in ``rate`` and its square beside it."""
    total, product = 0.0, 1.0
    for k in range(rate.size):
        product *= rate[k]
        if not 1e-100 < product < 1e100:
            total += math.log(product)
            product = 1.0
    for k in range(rate.size):
        rate[k] = 1.0 / rate[k]
        square[k] = rate[k] * rate[k]
    return total + math.log(product)


@entry
def moments(x: Table, mass: Array, theta: Array, grad: Array, hess: Table) -> float:
    """Sum of ln(theta x) over the events less theta mass, with its derivatives by theta.

    Parameters
    ----------
    x : array of shape (p, events)
        Features.
    mass : array of p
        Integral of each feature over the observation.
    theta : array of p
        Weights.
    grad, hess : arrays of p and (p, p)
        Filled.
    """
    p, n = x.shape
    value = 0.0
    for i in range(p):
        value -= theta[i] * mass[i]
        grad[i] = -mass[i]
        hess[i, :] = 0.0
    rates, squares, work = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        rate, square, row = rates[: stop - start], squares[: stop - start], work[: stop - start]
        rate[:] = 0.0
        for i in range(p):
            if theta[i] != 0.0:
                weight, one = theta[i], x[i, start:stop]
                for k in range(rate.size):
                    rate[k] += weight * one[k]
        value += _invert(rate, square)
        for i in range(p):
            one = x[i, start:stop]
            grad[i] += _dot(one, rate)
            hess[i, i] -= _dot(one, row) if _weigh(one, square, row) != 0.0 else 0.0
            for j in range(i):
                hess[i, j] -= _dot(x[j, start:stop], row)
    for i in range(p):
        for j in range(i):
            hess[j, i] = hess[i, j]
    return float(value)
