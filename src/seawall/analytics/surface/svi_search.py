# SPDX-License-Identifier: MIT
"""Search for the raw SVI parameters of one smile, compiled.

Unknowns are ln(least variance), ln b, atanh rho, m and ln s, so that variance stays positive.
Behind the errors in volatility stand two kinds of penalties on a grid of log-moneyness:
where Durrleman's g falls below a margin, and where variance falls below that of an earlier
expiry.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step

MARGIN = 2e-3


@step
def errors(
    x: Array, k: Array, vol: Array, weight: Array, years: float, grid: Array, floor: Array,
    wings: float, earlier: float, left: Array,
) -> float:  # fmt: skip
    """Weighted errors in volatility, then the penalties; gives their squares."""
    b, rho, m, s = math.exp(x[1]), math.tanh(x[2]), x[3], math.exp(x[4])
    b = min(b, 2.0 / (1.0 + abs(rho)))  # Lee's bound on the wings
    a = math.exp(x[0]) - b * s * math.sqrt(1.0 - rho * rho)
    total = 0.0
    n = k.size
    for i in range(n):
        y = k[i] - m
        w = a + b * (rho * y + math.sqrt(y * y + s * s))
        left[i] = (math.sqrt(max(w, 0.0) / years) - vol[i]) * weight[i]
        total += left[i] * left[i]
    for i in range(grid.size):
        y = grid[i] - m
        root = math.sqrt(y * y + s * s)
        w = max(a + b * (rho * y + root), 1e-300)
        by, bend = b * (rho + y / root), b * s * s / (root * root * root)
        lean = 1.0 - 0.5 * grid[i] * by / w
        g = lean * lean - 0.25 * by * by * (1.0 / w + 0.25) + 0.5 * bend
        left[n + i] = wings * max(MARGIN - g, 0.0)
        short = max(math.sqrt(floor[i] / years) - math.sqrt(w / years), 0.0)
        left[n + grid.size + i] = earlier * short
        total += left[n + i] * left[n + i] + left[n + grid.size + i] * left[n + grid.size + i]
    return total


@step
def solve(a: Table, b: Array, move: Array) -> None:
    """Solve five symmetric positive definite equations in place, by Cholesky."""
    n = b.size
    for i in range(n):
        for j in range(i + 1):
            total = a[i, j]
            for h in range(j):
                total -= a[i, h] * a[j, h]
            if i == j:
                a[i, i] = math.sqrt(max(total, 1e-300))
            else:
                a[i, j] = total / a[j, j]
    for i in range(n):
        total = b[i]
        for h in range(i):
            total -= a[i, h] * move[h]
        move[i] = total / a[i, i]
    for back in range(n):
        i = n - 1 - back
        total = move[i]
        for h in range(i + 1, n):
            total -= a[h, i] * move[h]
        move[i] = total / a[i, i]


@entry
def search(
    x: Array, k: Array, vol: Array, weight: Array, years: float, grid: Array, floor: Array,
    wings: float, earlier: float, low: Array, high: Array,
) -> float:  # fmt: skip
    """Levenberg and Marquardt from ``x``, which it moves within bounds; gives the squares."""
    rows = k.size + 2 * grid.size
    left, tried = np.empty(rows), np.empty(rows)
    slope = np.empty((5, rows))
    normal, damped, pull, move = np.empty((5, 5)), np.empty((5, 5)), np.empty(5), np.empty(5)
    after = np.empty(5)
    sse: float = errors(x, k, vol, weight, years, grid, floor, wings, earlier, left)
    damping = 1e-2
    for _ in range(200):
        for j in range(5):
            held, width = x[j], 1e-6 * max(abs(x[j]), 0.1)
            x[j] = held + width
            errors(x, k, vol, weight, years, grid, floor, wings, earlier, tried)
            x[j] = held
            for row in range(rows):
                slope[j, row] = (tried[row] - left[row]) / width
        for i in range(5):
            pull[i] = 0.0
            for row in range(rows):
                pull[i] -= slope[i, row] * left[row]
            for j in range(i + 1):
                total = 0.0
                for row in range(rows):
                    total += slope[i, row] * slope[j, row]
                normal[i, j] = normal[j, i] = total
        for i in range(5):  # what is pushed against its bound stays there
            if (x[i] <= low[i] and pull[i] < 0.0) or (x[i] >= high[i] and pull[i] > 0.0):
                pull[i] = 0.0
                for j in range(5):
                    normal[i, j] = normal[j, i] = 0.0
                normal[i, i] = 1.0
        gain, moved = 0.0, 0.0
        for _ in range(12):
            for i in range(5):
                for j in range(5):
                    damped[i, j] = normal[i, j]
                damped[i, i] += damping * normal[i, i] + 1e-15
            solve(damped, pull, move)
            for i in range(5):
                after[i] = min(max(x[i] + min(max(move[i], -2.0), 2.0), low[i]), high[i])
            new = errors(after, k, vol, weight, years, grid, floor, wings, earlier, tried)
            if new < sse:
                gain, sse = sse - new, new
                for i in range(5):
                    moved = max(moved, abs(after[i] - x[i]))
                    x[i] = after[i]
                for row in range(rows):
                    left[row] = tried[row]
                damping = max(0.2 * damping, 1e-10)
                break
            damping *= 5.0
        if gain == 0.0 or (gain <= 1e-9 * sse and moved < 1e-4) or sse < 1e-24:
            break
    return sse
