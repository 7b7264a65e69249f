# SPDX-License-Identifier: MIT
"""Hidden Markov chain over any emissions: filter, smoother and likeliest path, compiled.

Everything works on a table of log-densities (rows by states), so that it serves normal and
Student emissions of any dimension, switching regressions and switching autoregressions.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry


@entry
def smooth(
    log_density: Table, start: Array, move: Table, filtered: Table, smoothed: Table, pairs: Table
) -> float:
    """Filtered and smoothed probabilities and the expected moves; the log-likelihood.

    Parameters
    ----------
    log_density : array of shape (rows, states)
        Log-density of each row under each state.
    start, move : array
        Probabilities at the first row, and of moves from state (row) to state (column).
    filtered, smoothed : array of shape (rows, states)
        Filled: given the rows so far, and given all rows.
    pairs : array of shape (states, states)
        Filled: expected number of moves.
    """
    n, k_states = log_density.shape
    dense, scale = np.empty((n, k_states)), np.empty(n)
    loglik = 0.0
    for t in range(n):
        most = -np.inf
        for j in range(k_states):
            most = max(most, log_density[t, j])
        total = 0.0
        for j in range(k_states):
            prior = start[j]
            if t > 0:
                prior = 0.0
                for i in range(k_states):
                    prior += filtered[t - 1, i] * move[i, j]
            dense[t, j] = math.exp(log_density[t, j] - most)
            filtered[t, j] = prior * dense[t, j]
            total += filtered[t, j]
        total = max(total, 1e-300)
        scale[t] = 1.0 / total
        for j in range(k_states):
            filtered[t, j] *= scale[t]
        loglik += math.log(total) + most
    pairs[:, :] = 0.0
    beta, weight = np.ones(k_states), np.empty(k_states)
    for back in range(n):
        t = n - 1 - back
        for j in range(k_states):
            smoothed[t, j] = filtered[t, j] * beta[j]
        if t == 0:
            break
        for j in range(k_states):
            weight[j] = dense[t, j] * beta[j] * scale[t]
        for i in range(k_states):
            total = 0.0
            for j in range(k_states):
                part = move[i, j] * weight[j]
                total += part
                pairs[i, j] += filtered[t - 1, i] * part
            beta[i] = total
    return loglik


@entry
def likeliest_path(
    log_density: Table, start: Array, move: Table, path: npt.NDArray[np.int64]
) -> float:
    """Path of the highest joint probability (Viterbi 1967) into ``path``; its log-probability."""
    n, k_states = log_density.shape
    from_state = np.empty((n, k_states), np.int8)
    score, after = np.empty(k_states), np.empty(k_states)
    log_move = np.empty((k_states, k_states))
    for i in range(k_states):
        score[i] = math.log(max(start[i], 1e-300)) + log_density[0, i]
        for j in range(k_states):
            log_move[i, j] = math.log(max(move[i, j], 1e-300))
    for t in range(1, n):
        for j in range(k_states):
            most, at = -np.inf, 0
            for i in range(k_states):
                value = score[i] + log_move[i, j]
                if value > most:
                    most, at = value, i
            after[j] = most + log_density[t, j]
            from_state[t, j] = at
        for j in range(k_states):
            score[j] = after[j]
    last = 0
    for j in range(k_states):
        if score[j] > score[last]:
            last = j
    best: float = score[last]
    for back in range(n):
        t = n - 1 - back
        path[t] = last
        last = from_state[t, last]
    return best
