# SPDX-License-Identifier: MIT
"""Search for the SABR parameters of many smiles at once, compiled as one piece.

Hagan's volatility as in ``sabr_vol``; with r = sqrt(1 - 2 rho z + z^2) and S = z / X its
derivatives follow from dX/dz = 1/r and dX/drho = 1/(1-rho) - (z/r + 1)/(r + z - rho).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry, step

ALPHA, RHO, NU, SSE, WORST, STEPS, LOWEST, AT = range(8)
RESULTS = 8
LOG_LOW, LOG_HIGH, TURN_HIGH, NU_LOW, NU_HIGH = -40.0, 40.0, 3.8, -7.0, 4.0
GRID = 41
TINY_Z = 1e-5


@step
def stretch(z: float, rho: float) -> tuple[float, float, float]:
    """Z / X(z), and its derivatives by z and by rho."""
    side = 1.0 if z >= 0.0 else -1.0
    z, rho = side * z, side * rho  # S(z, rho) = S(-z, -rho)
    bend = (2.0 - 3.0 * rho * rho) / 12.0
    if z < TINY_Z:
        s = 1.0 - 0.5 * rho * z + bend * z * z
        return s, side * (2.0 * bend * z - 0.5 * rho), side * (-0.5 * z - 0.5 * rho * z * z)
    root = math.sqrt(1.0 - 2.0 * rho * z + z * z)
    less_one = (z * z - 2.0 * rho * z) / (root + 1.0)
    x = math.log1p((less_one + z) / (1.0 - rho))
    s = z / x
    by_rho = (1.0 / (1.0 - rho) - (z / root + 1.0) / (root + z - rho)) / x
    return s, side * s / z * (1.0 - s / root), -side * s * by_rho


@step
def errors(
    x: Array, beta: float, years: float, const: Table, vol: Array, left: Array, slope: Table
) -> float:
    """Model less market by strike and its derivatives by ln alpha, atanh rho, ln nu."""
    alpha, rho, nu = math.exp(x[0]), math.tanh(x[1]), math.exp(x[2])
    bend, turn = (2.0 - 3.0 * rho * rho) * nu * nu / 24.0, 1.0 - rho * rho
    total = 0.0
    for i in range(vol.size):
        size, log, below = const[0, i], const[1, i], const[2, i]
        level = alpha / below
        s, by_z, by_rho = stretch(nu / alpha * size * log, rho)
        z = nu / alpha * size * log
        square = (1.0 - beta) * (1.0 - beta) * alpha * alpha / (24.0 * size * size)
        cross = 0.25 * rho * beta * nu * alpha / size
        drift = 1.0 + (square + cross + bend) * years
        value = level * s * drift
        left[i] = value - vol[i]
        slope[0, i] = value - level * by_z * z * drift + level * s * (2.0 * square + cross) * years
        slope[1, i] = (
            turn
            * level
            * (
                by_rho * drift
                + s * (0.25 * beta * nu * alpha / size - 0.25 * rho * nu * nu) * years
            )
        )
        slope[2, i] = level * by_z * z * drift + level * s * (cross + 2.0 * bend) * years
        total += left[i] * left[i]
    return total


@step
def solve(a: Table, b: Array, damping: float, move: Array) -> None:
    """Damped normal equations of three unknowns, by Cramer's rule."""
    p = a[0, 0] * (1.0 + damping) + 1e-18
    q = a[1, 1] * (1.0 + damping) + 1e-18
    r = a[2, 2] * (1.0 + damping) + 1e-18
    d, e, f = a[0, 1], a[0, 2], a[1, 2]
    c0, c1, c2 = q * r - f * f, e * f - d * r, d * f - e * q
    det = p * c0 + d * c1 + e * c2
    move[0] = -(c0 * b[0] + c1 * b[1] + c2 * b[2]) / det
    move[1] = -(c1 * b[0] + (p * r - e * e) * b[1] + (d * e - p * f) * b[2]) / det
    move[2] = -(c2 * b[0] + (d * e - p * f) * b[1] + (p * q - d * d) * b[2]) / det


@step
def climb(
    x: Array, beta: float, years: float, const: Table, vol: Array,
    left: Array, slope: Table, tried: Array, tried_slope: Table,
) -> tuple[float, int]:  # fmt: skip
    """Levenberg and Marquardt from ``x``, which it moves; gives the squares and the steps."""
    damping, sse = 1e-3, errors(x, beta, years, const, vol, left, slope)
    normal, pull, move, after = np.empty((3, 3)), np.empty(3), np.empty(3), np.empty(3)
    for count in range(60):
        for i in range(3):
            pull[i] = 0.0
            for row in range(vol.size):
                pull[i] += slope[i, row] * left[row]
            for j in range(i + 1):
                total = 0.0
                for row in range(vol.size):
                    total += slope[i, row] * slope[j, row]
                normal[i, j] = normal[j, i] = total
        gain, moved = 0.0, 0.0
        for _ in range(10):
            solve(normal, pull, damping, move)
            after[0] = min(max(x[0] + move[0], LOG_LOW), LOG_HIGH)
            after[1] = min(max(x[1] + move[1], -TURN_HIGH), TURN_HIGH)
            after[2] = min(max(x[2] + move[2], NU_LOW), NU_HIGH)
            new = errors(after, beta, years, const, vol, tried, tried_slope)
            if new < sse:
                gain, sse = sse - new, new
                for i in range(3):
                    moved = max(moved, abs(after[i] - x[i]))
                    x[i] = after[i]
                for row in range(vol.size):
                    left[row] = tried[row]
                    for i in range(3):
                        slope[i, row] = tried_slope[i, row]
                damping = max(0.1 * damping, 1e-12)
                break
            damping *= 6.0
        if gain == 0.0 or (gain <= 1e-10 * sse and moved < 1e-5) or sse < 1e-27:
            return sse, count + 1
    return sse, 60


@step
def lowest_density(x: Array, beta: float, f: float, t: float, low: float, high: float) -> tuple[
    float, float
]:  # fmt: skip
    """Least Durrleman's g, and its log-moneyness, between the outer strikes."""
    one, left, slope = np.empty((3, 1)), np.empty(1), np.empty((3, 1))
    zero, w = np.zeros(1), np.empty(GRID)
    width = (high - low) / (GRID - 1)
    for i in range(GRID):
        k = low + i * width
        square = (1.0 - beta) * (1.0 - beta) * k * k
        one[0, 0] = f ** (1.0 - beta) * math.exp(0.5 * (1.0 - beta) * k)
        one[1, 0] = -k
        one[2, 0] = one[0, 0] * (1.0 + square / 24.0 + square * square / 1920.0)
        errors(x, beta, t, one, zero, left, slope)
        w[i] = left[0] * left[0] * t
    least, at = np.inf, 0.0
    for i in range(1, GRID - 1):
        k = low + i * width
        by, bend = (w[i + 1] - w[i - 1]) / (2.0 * width), (w[i + 1] - 2.0 * w[i] + w[i - 1])
        g = (1.0 - 0.5 * k * by / w[i]) ** 2 - 0.25 * by * by * (1.0 / w[i] + 0.25)
        g += 0.5 * bend / (width * width)
        if g < least:
            least, at = g, k
    return least, at


@entry
def search(
    starts: npt.NDArray[np.int64], forward: Array, strike: Array, years: Array, vol: Array,
    beta: float, out: Table,
) -> None:  # fmt: skip
    """Fit every smile: the rows from ``starts[i]`` to ``starts[i + 1]`` into ``out[i]``."""
    guess = np.array([[-0.2, 1.0], [-0.6, 2.0], [0.4, 1.0], [0.0, 0.3]])
    x = np.empty(3)
    for e in range(starts.size - 1):
        begin, end = starts[e], starts[e + 1]
        n, f, t = end - begin, forward[begin], years[begin]
        const, market = np.empty((3, n)), vol[begin:end]
        left, tried = np.empty(n), np.empty(n)
        slope, tried_slope = np.empty((3, n)), np.empty((3, n))
        near = 0
        low, high = np.inf, -np.inf
        for i in range(n):
            k = strike[begin + i]
            off = (f - k) / k
            log = math.log1p(off) if abs(off) < 0.5 else math.log(f / k)
            square = (1.0 - beta) * (1.0 - beta) * log * log
            const[0, i] = math.exp(0.5 * (1.0 - beta) * (math.log(f) + math.log(k)))
            const[1, i] = log
            const[2, i] = const[0, i] * (1.0 + square / 24.0 + square * square / 1920.0)
            low, high = min(low, -log), max(high, -log)
            if abs(log) < abs(const[1, near]):
                near = i
        level = math.log(market[near]) + (1.0 - beta) * math.log(f)
        best, met, steps = np.inf, 0, 0
        for k in range(5):
            if k == 0:
                rho, nu = explicit(const[1], market, beta, t)
            else:
                rho, nu = guess[k - 1, 0], guess[k - 1, 1]
            x[0], x[1], x[2] = level, math.atanh(rho), math.log(nu)
            sse, used = climb(x, beta, t, const, market, left, slope, tried, tried_slope)
            steps += used
            if sse < best * (1.0 - 1e-6):
                best, met = sse, 0
                out[e, 0], out[e, 1], out[e, 2] = x[0], x[1], x[2]
                out[e, WORST] = 0.0
                for i in range(n):
                    out[e, WORST] = max(out[e, WORST], abs(left[i]))
            elif sse <= best * (1.0 + 1e-6):
                met += 1
            if met >= 1 or best < 1e-20:
                break  # two starts that meet are taken for the one minimum
        x[0], x[1], x[2] = out[e, 0], out[e, 1], out[e, 2]
        out[e, LOWEST], out[e, AT] = lowest_density(x, beta, f, t, low, high)
        out[e, ALPHA], out[e, RHO], out[e, NU] = math.exp(x[0]), math.tanh(x[1]), math.exp(x[2])
        out[e, SSE], out[e, STEPS] = best, steps


@step
def explicit(log: Array, vol: Array, beta: float, years: float) -> tuple[float, float]:
    """Rho and nu of the parabola through the smile, weighted towards the money."""
    a = np.zeros((3, 3))
    b = np.zeros(3)
    wide = 0.0
    for i in range(log.size):
        wide = max(wide, abs(log[i]))
    for i in range(log.size):
        k = -log[i]
        weight = math.exp(-4.0 * k * k / (wide * wide + 1e-300))
        left = weight
        for r in range(3):
            b[r] -= left * vol[i]
            right = left
            for c in range(3):
                a[r, c] += right
                right *= k
            left *= k
    fitted = np.empty(3)
    solve(a, b, 1e-9, fitted)
    level, tilt, bend = max(fitted[0], 0.01), fitted[1], 2.0 * fitted[2]
    product = 2.0 * tilt + (1.0 - beta) * level
    square = 3.0 * level * bend - 0.5 * (1.0 - beta) ** 2 * level * level + 1.5 * product * product
    nu = min(max(math.sqrt(max(square, 0.01)), 0.05), 10.0)
    return min(max(product / nu, -0.95), 0.95), nu
