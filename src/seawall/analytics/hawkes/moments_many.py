# SPDX-License-Identifier: MIT
"""One pass for the Hawkes process of several types with one decay: value, gradient, Hessian.

The rate of type i is linear in (mu_i, A_i1 ... A_id), so the Hessian is a block per type,
bordered by the one row that belongs to the decay.  A pass goes through chunks: the recursion
writes the sums of decays, and of decays times ages, ordered by the type of the event that
sees them; then each type's sums run over contiguous numbers, which vectorises.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seawall.analytics.elementary import used_by
from seawall.analytics.hawkes import decays as shared
from seawall.analytics.hawkes.decays import decays, loose
from seawall.analytics.jit import Array, Table, Times

used_by(__file__, shared.__file__)

CHUNK = 1_024


@loose
def _dot(a: Array, b: Array) -> float:
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@loose
def _finish(rate: Array, v: Array, z: Array, inv: Array, square: Array, sums: Array) -> None:
    """Turn rates into their inverses, v into v over the square of the rate; add to the sums.

    Sums are of logarithms, inverses, squares, v / rate, and z / rate - (v / rate)^2.
    """
    one, two, by, bb = 0.0, 0.0, 0.0, 0.0
    for k in range(rate.size):
        inverse = 1.0 / rate[k]
        share = v[k] * inverse
        inv[k] = inverse
        square[k] = inverse * inverse
        v[k] = share * inverse
        one += inverse
        two += square[k]
        by += share
        bb += z[k] * inverse - share * share
    total, product = 0.0, 1.0
    for k in range(rate.size):
        product *= rate[k]
        if not 1e-100 < product < 1e100:
            total += math.log(product)
            product = 1.0
    sums[0] += total + math.log(product)
    sums[1], sums[2], sums[3], sums[4] = one, two, by, bb


@loose
def _recur(gap: Array, decay: Array, hit: Array, size: int, now: Array, place: Times,
           e: Array, a: Array, q: Array) -> None:  # fmt: skip
    """Write the sums of one source before each event to its place; carry them on.

    ``hit`` is 1 where an event is of the source's type.
    """
    young, aged, old = now[0], now[1], now[2]
    for k in range(size):
        g, d, to = gap[k], decay[k], place[k]
        h = g * young
        old = d * (old + 2.0 * g * aged + g * h)
        aged = d * (aged + h)
        young = d * young
        e[to], a[to], q[to] = young, aged, old
        young += hit[k]
    now[0], now[1], now[2] = young, aged, old


@loose
def _sort(kind: Array, start: int, size: int, first: Array, place: Times) -> None:
    """Places that order a chunk by type; ``first`` gets where each type begins."""
    d = first.size - 1
    first[:] = 0.0
    for k in range(size):
        first[int(kind[start + k]) + 1] += 1.0
    for j in range(d):
        first[j + 1] += first[j]
    fill = first.copy()
    for k in range(size):
        j = int(kind[start + k])
        place[k] = int(fill[j])
        fill[j] += 1.0


@loose
def _rates(row: Array, beta: float, e: Table, a: Table, q: Table, lo: int, hi: int,
           rate: Array, v: Array, z: Array) -> None:  # fmt: skip
    """Rate, and its first and second derivative by beta, at the events of one type."""
    rate[:], v[:], z[:] = row[0], 0.0, 0.0
    for j in range(row.size - 1):
        n, ej, aj, qj = row[j + 1], e[j, lo:hi], a[j, lo:hi], q[j, lo:hi]
        if n == 0.0:
            continue
        for k in range(rate.size):
            rate[k] += beta * n * ej[k]
            v[k] += n * (ej[k] - beta * aj[k])
            z[k] += n * (beta * qj[k] - 2.0 * aj[k])


@loose
def _type_sums(beta: float, row: Array, lo: int, hi: int, e: Table, a: Table, q: Table,
               work: Table, grad: Array, hess: Table, cross: Array,
               sums: Array) -> None:  # fmt: skip
    """Add what the events of one type in the chunk give to its block."""
    d, m = row.size - 1, hi - lo
    rate, v, z = work[0, :m], work[1, :m], work[2, :m]
    inv, square, x = work[3, :m], work[4, :m], work[5, :m]
    _rates(row, beta, e, a, q, lo, hi, rate, v, z)
    _finish(rate, v, z, inv, square, sums)
    grad[0] += sums[1]
    hess[0, 0] -= sums[2]
    for k in range(m):
        cross[0] -= v[k]
    for j in range(d):
        ej, aj = e[j, lo:hi], a[j, lo:hi]
        g, old, both, two = 0.0, 0.0, 0.0, 0.0
        for k in range(m):
            g += ej[k] * inv[k]
            old += aj[k] * inv[k]
            both += ej[k] * v[k]
            x[k] = ej[k] * square[k]
            two += x[k]
        grad[j + 1] += beta * g
        cross[j + 1] += g - beta * (old + both)
        hess[0, j + 1] -= beta * two
        for i in range(j, d):
            hess[j + 1, i + 1] -= beta * beta * _dot(e[i, lo:hi], x)


@njit(cache=True, error_model="numpy", nogil=True)
def moments(
    t: Array, kind: Array, end: float, theta: Table, beta: float, grad: Table, hess: Array,
    cross: Table, tail: Array,
) -> float:  # fmt: skip
    """Log-likelihood on (0, end] with its derivatives.

    Parameters
    ----------
    t, kind : arrays
        Times, not decreasing, and types 0 to d - 1.
    end : float
        End of the observation.
    theta : array of shape (d, 1 + d)
        Base rate and branching row of each type.
    beta : float
        The decay.
    grad, cross : arrays of shape (d, 1 + d)
        Filled with the derivatives by theta, and by theta and beta.
    hess : array of shape (d, 1 + d, 1 + d)
        Filled with the second derivatives by theta.
    tail : array of 2
        Filled with the first and the second derivative by beta.
    """
    d = theta.shape[0]
    grad[:], hess[:], cross[:], tail[:] = 0.0, 0.0, 0.0, 0.0
    now, counts = np.zeros((d, 3)), np.zeros(d)
    gap, decay, hit = np.empty(CHUNK), np.empty(CHUNK), np.empty(CHUNK)
    e, a, q = np.empty((d, CHUNK)), np.empty((d, CHUNK)), np.empty((d, CHUNK))
    place, first, work, sums = (
        np.empty(CHUNK, np.int64),
        np.zeros(d + 1),
        np.empty((6, CHUNK)),
        np.zeros(5),
    )
    for start in range(0, t.size, CHUNK):
        size = min(CHUNK, t.size - start)
        _sort(kind, start, size, first, place)
        for k in range(size):
            gap[k] = t[start + k] - (t[start + k - 1] if start + k > 0 else 0.0)
        decays(gap, beta, size, decay, hit)
        for j in range(d):
            for k in range(size):
                hit[k] = 1.0 if kind[start + k] == j else 0.0
            _recur(gap, decay, hit, size, now[j], place, e[j], a[j], q[j])
        for i in range(d):
            lo, hi = int(first[i]), int(first[i + 1])
            counts[i] += hi - lo
            if hi > lo:
                _type_sums(beta, theta[i], lo, hi, e, a, q, work, grad[i], hess[i], cross[i], sums)
                tail[0] += sums[3]
                tail[1] += sums[4]
    rest = end - t[t.size - 1] if t.size > 0 else 0.0
    left = math.exp(-beta * rest)
    value = sums[0]
    for j in range(d):
        old = left * (now[j, 1] + rest * now[j, 0])
        older = left * (now[j, 2] + 2.0 * rest * now[j, 1] + rest * rest * now[j, 0])
        children = counts[j] - left * now[j, 0]
        value -= theta[j, 0] * end
        grad[j, 0] -= end
        for i in range(d):
            value -= theta[i, j + 1] * children
            grad[i, j + 1] -= children
            cross[i, j + 1] -= old
            tail[0] -= theta[i, j + 1] * old
            tail[1] += theta[i, j + 1] * older
    for i in range(d):
        for j in range(d + 1):
            for m in range(j):
                hess[i, j, m] = hess[i, m, j]
    return float(value)
