# SPDX-License-Identifier: MIT
"""State of the correlation network over the last rows: length, hub, survival, giant cluster.

Formula: correlations of the last w rows; mean over all pairs; mean link of the minimum
spanning tree in d = sqrt(2 (1 - rho)); share of links that the busiest instrument has; share
of links that were there a row ago (single-step survival); share of instruments in the
largest cluster of those joined by rho >= ``threshold`` (percolation).
Unit: none.
Assumption: one clock; a row in which a return is missing is passed over.  w should be
several times the number of instruments, or the tree is noise.
Cost: O(N^2) per row, O(w N^2) once in w rows; w N + N^2 + 2 N + 3 numbers of state.
Source: Mantegna (1999), European Physical Journal B 11; Onnela et al. (2003), Physical
Review E 68, 056110.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
SEEN, TREES = 0, 1
FIXED = 3


@step
def add_row(sums: Array, cross: Table, row: Array, sign: float) -> None:
    """Put a row into the sums, or take one out."""
    n = row.size
    for i in range(n):
        a = sign * row[i]
        sums[i] += a
        for j in range(i + 1):
            cross[i, j] += a * row[j]


@step
def correlate(sums: Array, cross: Table, count: float, c: Table) -> bool:
    """Fill ``c``; says whether every column moves."""
    n = sums.size
    for i in range(n):
        v = cross[i, i] - sums[i] * sums[i] / count
        if not v > 1e-13 * cross[i, i]:
            return False
        c[i, i] = 1.0 / math.sqrt(v)
    for i in range(n):
        for j in range(i):
            rho = (cross[i, j] - sums[i] * sums[j] / count) * c[i, i] * c[j, j]
            rho = min(1.0, max(-1.0, rho))
            c[i, j], c[j, i] = rho, rho
    return True


@step
def grow(c: Table, parent: Array, best: Array) -> float:
    """Grow the tree of greatest correlations from node 0; gives the sum of its distances."""
    n = best.size
    total = 0.0
    for k in range(n):
        best[k], parent[k] = c[0, k], 0.0
    best[0] = -2.0  # below any correlation: the node is in the tree
    parent[0] = -1.0
    for _ in range(n - 1):
        at = 0
        for k in range(1, n):
            if best[k] > best[at]:
                at = k
        total += math.sqrt(2.0 * (1.0 - best[at]))
        best[at] = -2.0
        for k in range(1, n):
            if best[k] > -2.0 and c[at, k] > best[k]:
                best[k], parent[k] = c[at, k], float(at)
    return total


@step
def giant(c: Table, threshold: float, label: Array) -> float:
    """Size of the largest cluster of pairs with a correlation at or above the threshold."""
    n = label.size
    most = 0
    label[:] = 0.0
    stack = np.empty(n, dtype=np.int64)
    for start in range(n):
        if label[start] != 0.0:
            continue
        top, size = 1, 0
        stack[0], label[start] = start, 1.0
        while top > 0:
            top -= 1
            at = stack[top]
            size += 1
            for k in range(n):
                if label[k] == 0.0 and c[at, k] >= threshold:
                    label[k] = 1.0
                    stack[top] = k
                    top += 1
        most = max(most, size)
    return float(most)


@step
def survivors(parent: Array, before: Array) -> float:
    """Links of two trees in common."""
    count = 0.0
    for k in range(1, parent.size):
        p = int(parent[k])
        if before[k] == p or before[p] == k:
            count += 1.0
    return count


@step
def describe(state: Array, tail: Array, c: Table, threshold: float, out: Array) -> None:
    """Fill one row from the correlations; ``tail`` holds the last tree."""
    n = c.shape[0]
    work, parent, degree = np.empty(n), np.empty(n), np.zeros(n)
    total = 0.0
    for i in range(n):
        for j in range(i):
            total += c[i, j]
    out[0] = total / (0.5 * n * (n - 1.0))
    out[1] = grow(c, parent, work) / (n - 1.0)
    for k in range(1, n):
        degree[k] += 1.0
        degree[int(parent[k])] += 1.0
    out[2] = degree.max() / (n - 1.0)
    if state[TREES] > 0.0:
        out[3] = survivors(parent, tail) / (n - 1.0)
    tail[:] = parent
    state[TREES] += 1.0
    out[4] = giant(c, threshold, work) / n


@entry
def batch(state: Array, params: Array, out: Table, returns: Table) -> None:
    """Take row by row."""
    window, n = int(params[0]), returns.shape[1]
    ring = state[FIXED : FIXED + window * n].reshape(window, n)
    at = FIXED + window * n
    sums, cross = state[at : at + n], state[at + n : at + n + n * n].reshape(n, n)
    tree = state[at + n + n * n :]
    c = np.empty((n, n))
    for i in range(returns.shape[0]):
        out[i, :] = NAN
        total = 0.0
        for k in range(n):
            total += abs(returns[i, k])
        if n < 2 or not total < 1e150:
            continue
        seen = int(state[SEEN])
        head = seen % window
        if seen >= window:
            add_row(sums, cross, ring[head], -1.0)
        ring[head] = returns[i]
        add_row(sums, cross, ring[head], 1.0)
        state[SEEN] = float(seen + 1)
        if head == window - 1:  # sums that only add and subtract drift: count anew once a round
            sums[:] = 0.0
            cross[:] = 0.0
            for k in range(window):
                add_row(sums, cross, ring[k], 1.0)
        if seen + 1 >= window and correlate(sums, cross, float(window), c):
            describe(state, tree, c, params[1], out[i])


ANALYTIC = Analytic(
    name="rolling_network", group="networks", inputs=("returns",), doc=__doc__, batch=batch,
    outputs=("mean_correlation", "length", "max_degree", "survival", "giant"),
    state_size=lambda params, levels: FIXED + levels * (int(params[0]) + levels + 2),
    params=(
        Param("window", 168, "rows of the correlations", 4, 1e6, whole=True),
        Param("threshold", 0.7, "correlation from which on two are joined", -1.0, 1.0),
    ),
    need=Need(bars=1_000),
)  # fmt: skip
