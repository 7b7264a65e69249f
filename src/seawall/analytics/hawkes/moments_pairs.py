# SPDX-License-Identifier: MIT
"""One pass for one type of a Hawkes process with a decay for each pair of types.

The rate of a type depends on its own base rate, weights and decays only, so that each type is
a problem of its own, of 1 + 2 d parameters: value, gradient and Hessian in one pass.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from seawall.analytics.jit import Array, Table

_loose: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy",
                   fastmath={"contract", "reassoc", "arcp", "nsz"})  # fmt: skip


@_loose
def _recur(t: Array, kind: Array, source: int, target: int, beta: float, end: float, e: Array,
           a: Array, q: Array, last: Array) -> None:  # fmt: skip
    """Sums of decays, and of decays by age and age squared, at the events of the target."""
    young, aged, old, before, count, n = 0.0, 0.0, 0.0, 0.0, 0.0, 0
    for i in range(t.size + 1):
        hit, seen = i < t.size and kind[i] == source, i < t.size and kind[i] == target
        if not hit and not seen and i < t.size:
            continue  # sums are only brought forward where they are read or changed
        now = t[i] if i < t.size else end
        gap = now - before
        decay = math.exp(-beta * gap)
        h = gap * young
        old = decay * (old + 2.0 * gap * aged + gap * h)
        aged = decay * (aged + h)
        young = decay * young
        before = now
        if seen:
            e[n], a[n], q[n] = young, aged, old
            n += 1
        if hit:
            young += 1.0
            count += 1.0
    last[0], last[1], last[2] = count - young, aged, old


@_loose
def _dot(a: Array, b: Array) -> float:
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def moments(
    t: Array, kind: Array, end: float, target: int, mu: float, a: Array, beta: Array, grad: Array,
    hess: Table, rows: Table,
) -> float:  # fmt: skip
    """Part of the log-likelihood that belongs to one type, with its derivatives.

    Parameters
    ----------
    t, kind : arrays
        Times, not decreasing, and types 0 to d - 1.
    end : float
        End of the observation.
    target : int
        The type.
    mu : float
        Its base rate.
    a, beta : arrays of d
        Children of the target by an event of each type, and the decay of that effect.
    grad, hess : arrays of 1 + 2 d and its square
        Filled with the derivatives by mu, a and beta.
    rows : array of shape (5 d + 4, events of the target)
        Room.
    """
    d = a.size
    total, last = -mu * end, np.empty(3)
    grad[:], hess[:] = 0.0, 0.0
    inverse = rows[5 * d]
    inverse[:] = mu
    grad[0] = -end
    for j in range(d):
        e, aged, old = rows[j], rows[d + j], rows[2 * d + j]
        _recur(t, kind, j, target, beta[j], end, e, aged, old, last)
        total -= a[j] * last[0]
        grad[1 + j] = -last[0]
        grad[1 + d + j] = -a[j] * last[1]
        hess[1 + j, 1 + d + j] = -last[1]
        hess[1 + d + j, 1 + d + j] = a[j] * last[2]
        by_a, by_b, w, n = rows[3 * d + j], rows[4 * d + j], beta[j], a[j]
        for k in range(e.size):
            by_a[k] = w * e[k]
            by_b[k] = n * (e[k] - w * aged[k])
            inverse[k] += n * by_a[k]
            old[k] = n * (w * old[k] - 2.0 * aged[k])
            aged[k] = e[k] - w * aged[k]
    product, one, share = 1.0, rows[5 * d + 1], rows[5 * d + 2]
    one[:] = 1.0
    for k in range(inverse.size):
        product *= inverse[k]
        if not 1e-100 < product < 1e100:
            total += math.log(product)
            product = 1.0
    total += math.log(product)
    for k in range(inverse.size):
        inverse[k] = 1.0 / inverse[k]
    for j in range(d):
        hess[1 + j, 1 + d + j] += _dot(rows[d + j], inverse)
        hess[1 + d + j, 1 + d + j] += _dot(rows[2 * d + j], inverse)
    for i in range(1 + 2 * d):
        x = one if i == 0 else rows[3 * d + i - 1]
        grad[i] += _dot(x, inverse)
        for k in range(inverse.size):
            share[k] = x[k] * inverse[k] * inverse[k]
        hess[0, i] -= _dot(one, share)
        for j in range(max(i, 1), 1 + 2 * d):
            if i > 0:
                hess[i, j] -= _dot(rows[3 * d + j - 1], share)
    for i in range(1 + 2 * d):
        for j in range(i):
            hess[i, j] = hess[j, i]
    return float(total)
