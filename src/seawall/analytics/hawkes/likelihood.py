# SPDX-License-Identifier: MIT
"""Log-likelihood of exponential Hawkes processes and its gradient, by the plain recursion.

The fits use passes of their own that also give the Hessian; this is the form to read, to judge
given parameters by, and to check those passes against.

Kernels are phi(u) = n beta exp(-beta u), so that n is the branching ratio whatever the
decay; with d types, n becomes the matrix A: A[i, j] is the mean number of events of type i
that one event of type j causes directly.  Ozaki's recursion carries the sum of decays and,
for the derivative by beta, the sum of decays times their age.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry


@entry
def loglik_one(t: Array, end: float, mu: float, n: float, beta: float, grad: Array) -> float:
    """Log-likelihood of one type on (0, end], O(events).

    Parameters
    ----------
    t : array
        Times, increasing, without ties.
    end : float
        End of the observation.
    mu, n, beta : float
        Base rate, branching ratio, decay.
    grad : array of 3
        Filled with the derivatives by mu, n and beta.
    """
    total, by_mu, by_n, by_beta = 0.0, 0.0, 0.0, 0.0
    excitation, aged = 0.0, 0.0
    for i in range(t.size):
        if i > 0:
            gap = t[i] - t[i - 1]
            decay = math.exp(-beta * gap)
            aged = decay * (aged + gap * (1.0 + excitation))
            excitation = decay * (1.0 + excitation)
        rate = mu + n * beta * excitation
        if not rate > 0.0:
            grad[:] = 0.0
            return -np.inf
        total += math.log(rate)
        inverse = 1.0 / rate
        by_mu += inverse
        by_n += beta * excitation * inverse
        by_beta += n * (excitation - beta * aged) * inverse
    # What is still to come after the end: all events, decayed, and their ages.
    if t.size > 0:
        gap = end - t[-1]
        decay = math.exp(-beta * gap)
        aged = decay * (aged + gap * (1.0 + excitation))
        excitation = decay * (1.0 + excitation)
    children = t.size - excitation
    grad[0] = by_mu - end
    grad[1] = by_n - children
    grad[2] = by_beta - n * aged
    return total - mu * end - n * children


@entry
def loglik_many(
    t: Array, kind: Array, end: float, mu: Array, a: Table, beta: float, grad: Array
) -> float:
    """Log-likelihood of d types with one decay, O(events x d).

    Parameters
    ----------
    t : array
        Times, not decreasing.  Events of the same time do not excite each other when they
        are of different types and adjacent: merge such times first.
    kind : array
        Type of each event, 0 to d - 1.
    end : float
        End of the observation.
    mu : array of d
        Base rates.
    a : array of shape (d, d)
        ``a[i, j]``: children of type i of one event of type j.
    beta : float
        Decay.
    grad : array of d + d d + 1
        Filled with the derivatives by mu, by a in rows, and by beta.
    """
    d = mu.size
    grad[:] = 0.0
    excitation, aged = np.zeros(d), np.zeros(d)
    total, by_beta = 0.0, 0.0
    for e in range(t.size):
        if e > 0:
            gap = t[e] - t[e - 1]
            decay = math.exp(-beta * gap)
            for j in range(d):
                aged[j] = decay * (aged[j] + gap * excitation[j])
                excitation[j] *= decay
        i = int(kind[e])
        rate, slope = mu[i], 0.0
        for j in range(d):
            rate += beta * a[i, j] * excitation[j]
            slope += a[i, j] * (excitation[j] - beta * aged[j])
        if not rate > 0.0:
            grad[:] = 0.0
            return -np.inf
        total += math.log(rate)
        inverse = 1.0 / rate
        grad[i] += inverse
        by_beta += slope * inverse
        scale = beta * inverse
        for j in range(d):
            grad[d + i * d + j] += scale * excitation[j]
        excitation[i] += 1.0
    gap = end - t[-1] if t.size > 0 else 0.0
    decay = math.exp(-beta * gap)
    counts = np.zeros(d)
    for e in range(t.size):
        counts[int(kind[e])] += 1.0
    for j in range(d):
        left = decay * excitation[j]
        old = decay * (aged[j] + gap * excitation[j])
        for i in range(d):
            total -= a[i, j] * (counts[j] - left)
            grad[d + i * d + j] -= counts[j] - left
            by_beta -= a[i, j] * old
        total -= mu[j] * end
        grad[j] -= end
    grad[d + d * d] = by_beta
    return total


@entry
def loglik_pairs(
    t: Array, kind: Array, end: float, mu: Array, a: Table, beta: Table, grad: Array
) -> float:
    """Log-likelihood of d types with a decay per pair, O(events x d^2).

    Parameters
    ----------
    t, kind, end, mu, a
        As in :func:`loglik_many`.
    beta : array of shape (d, d)
        ``beta[i, j]``: decay of the effect of type j on type i.
    grad : array of d + 2 d d
        Filled with the derivatives by mu, by a and by beta, both in rows.
    """
    d = mu.size
    grad[:] = 0.0
    excitation, aged = np.zeros((d, d)), np.zeros((d, d))
    counts = np.zeros(d)
    total = 0.0
    for e in range(t.size + 1):
        last = t[e - 1] if e > 0 else 0.0
        gap = (t[e] if e < t.size else end) - last
        for i in range(d):
            for j in range(d):
                decay = math.exp(-beta[i, j] * gap)
                aged[i, j] = decay * (aged[i, j] + gap * excitation[i, j])
                excitation[i, j] *= decay
        if e == t.size:
            break
        i = int(kind[e])
        rate = mu[i]
        for j in range(d):
            rate += beta[i, j] * a[i, j] * excitation[i, j]
        if not rate > 0.0:
            grad[:] = 0.0
            return -np.inf
        total += math.log(rate)
        grad[i] += 1.0 / rate
        for j in range(d):
            grad[d + i * d + j] += beta[i, j] * excitation[i, j] / rate
            change = a[i, j] * (excitation[i, j] - beta[i, j] * aged[i, j])
            grad[d + d * d + i * d + j] += change / rate
            excitation[j, i] += 1.0
        counts[i] += 1.0
    for i in range(d):
        total -= mu[i] * end
        grad[i] -= end
        for j in range(d):
            children = counts[j] - excitation[i, j]
            total -= a[i, j] * children
            grad[d + i * d + j] -= children
            grad[d + d * d + i * d + j] -= a[i, j] * aged[i, j]
    return total
