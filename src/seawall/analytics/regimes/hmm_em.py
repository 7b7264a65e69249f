# SPDX-License-Identifier: MIT
"""Expectation and maximisation of a hidden Markov model of one series, compiled.

Emissions are normal, or Student's t with fixed degrees of freedom.  Densities are taken
relative to the largest of their row, so that a far value does not underflow; forward and
backward probabilities are normalised row by row, and the likelihood is the product of the
normalisers.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.elementary import quick_exp, quick_log, used_by
from seawall.analytics.jit import Array, Table, entry, step

used_by(__file__)

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@step
def emit(
    x: Array, mean: Array, sd: Array, dof: float, b: Table, most: Array, log_unit: float
) -> None:
    """Densities over the largest of the row into ``b`` (states, rows), its log into ``most``."""
    k_states, n = b.shape
    for t in range(n):
        most[t] = -np.inf
    for k in range(k_states):
        over, shift = 1.0 / sd[k], log_unit - math.log(sd[k])
        if dof > 0.0:
            over /= math.sqrt(dof)
            for t in range(n):
                z = (x[t] - mean[k]) * over
                b[k, t] = shift - 0.5 * (dof + 1.0) * quick_log(1.0 + z * z)
        else:
            for t in range(n):
                z = (x[t] - mean[k]) * over
                b[k, t] = shift - 0.5 * z * z
        for t in range(n):
            most[t] = max(most[t], b[k, t])
    for k in range(k_states):
        for t in range(n):
            b[k, t] = quick_exp(b[k, t] - most[t])


@step
def forward(
    k_states: int, b: Table, most: Array, start: Array, move: Table, alpha: Table, scale: Array
) -> float:
    """Filtered probabilities into ``alpha`` (rows, states); gives the log-likelihood."""
    n = b.shape[1]
    loglik, product = 0.0, 1.0
    for t in range(n):
        total = 0.0
        for j in range(k_states):
            if t == 0:
                prior = start[j]
            else:
                prior = 0.0
                for i in range(k_states):
                    prior += alpha[t - 1, i] * move[i, j]
            alpha[t, j] = prior * b[j, t]
            total += alpha[t, j]
        total = max(total, 1e-300)
        over = 1.0 / total
        scale[t] = over
        for j in range(k_states):
            alpha[t, j] *= over
        product *= total  # one logarithm for many rows
        if product < 1e-200 or product > 1e200:
            loglik += math.log(product)
            product = 1.0
        loglik += most[t]
    return loglik + math.log(product)


@step
def backward(
    k_states: int, x: Array, b: Table, move: Table, alpha: Table, scale: Array, mean: Array,
    sd: Array, dof: float, pairs: Table, sums: Table, first: Array,
) -> None:  # fmt: skip
    """Sums for the new parameters: moves, masses, weights, and weighted moments."""
    n = b.shape[1]
    beta, weight = np.ones(k_states), np.empty(k_states)
    pairs[:, :] = 0.0
    sums[:, :] = 0.0
    for back in range(n):
        t = n - 1 - back
        for j in range(k_states):
            gamma = alpha[t, j] * beta[j]
            if t == 0:
                first[j] = gamma
            sums[0, j] += gamma
            away = x[t] - mean[j]
            if dof > 0.0:
                z = away / sd[j]
                gamma *= (dof + 1.0) / (dof + z * z)
            sums[1, j] += gamma
            sums[2, j] += gamma * away
            sums[3, j] += gamma * away * away
        if t == 0:
            break
        for j in range(k_states):
            weight[j] = b[j, t] * beta[j] * scale[t]
        for i in range(k_states):
            total = 0.0
            for j in range(k_states):
                part = move[i, j] * weight[j]
                total += part
                pairs[i, j] += alpha[t - 1, i] * part
            beta[i] = total


@entry
def em(
    x: Array, start: Array, move: Table, mean: Array, sd: Array, dof: float, sticky: float,
    floor: float, most_steps: int, tolerance: float, history: Array,
) -> int:  # fmt: skip
    """Improve the parameters in place; gives the steps, with the likelihood before each one.

    Ends when the log-likelihood rises by less than ``tolerance`` or after ``most_steps``.
    """
    k_states, n = start.size, x.size
    b, most = np.empty((k_states, n)), np.empty(n)
    alpha, scale = np.empty((n, k_states)), np.empty(n)
    pairs, sums, first = np.empty((k_states, k_states)), np.empty((4, k_states)), np.empty(k_states)
    log_unit = -HALF_LOG_TWO_PI
    if dof > 0.0:
        log_unit = math.lgamma(0.5 * (dof + 1.0)) - math.lgamma(0.5 * dof)
        log_unit -= 0.5 * math.log(dof * math.pi)
    for count in range(most_steps):
        emit(x, mean, sd, dof, b, most, log_unit)
        if k_states == 4:  # a known number of states is unrolled
            history[count] = forward(4, b, most, start, move, alpha, scale)
        else:
            history[count] = forward(k_states, b, most, start, move, alpha, scale)
        if count > 0 and history[count] - history[count - 1] < tolerance:
            return count + 1
        if k_states == 4:
            backward(4, x, b, move, alpha, scale, mean, sd, dof, pairs, sums, first)
        else:
            backward(k_states, x, b, move, alpha, scale, mean, sd, dof, pairs, sums, first)
        for i in range(k_states):
            start[i] = first[i]
            total = sticky
            for j in range(k_states):
                total += pairs[i, j]
            for j in range(k_states):
                if total > 0.0:
                    move[i, j] = (pairs[i, j] + (sticky if i == j else 0.0)) / total
            if sums[1, i] > 1e-12:
                shift = sums[2, i] / sums[1, i]
                mean[i] += shift
                spread = sums[3, i] / sums[1, i] - shift * shift
                if dof > 0.0:
                    spread *= sums[1, i] / sums[0, i]
                sd[i] = math.sqrt(max(spread, floor, 1e-300))
    return most_steps


@entry
def filtered(
    x: Array, start: Array, move: Table, mean: Array, sd: Array, dof: float, out: Table
) -> float:
    """Filtered probabilities of every row into ``out`` (rows, states); the log-likelihood."""
    k_states, n = start.size, x.size
    b, most, scale = np.empty((k_states, n)), np.empty(n), np.empty(n)
    log_unit = -HALF_LOG_TWO_PI
    if dof > 0.0:
        log_unit = math.lgamma(0.5 * (dof + 1.0)) - math.lgamma(0.5 * dof)
        log_unit -= 0.5 * math.log(dof * math.pi)
    emit(x, mean, sd, dof, b, most, log_unit)
    total: float = forward(k_states, b, most, start, move, out, scale)
    return total
