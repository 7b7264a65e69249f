# SPDX-License-Identifier: MIT
"""Newton's method for the exponential Hawkes process of one type, in one compiled loop.

One pass over the events gives the log-likelihood, its gradient and its Hessian, because the
second derivative by the decay needs only one sum more than the first (ages squared).  A pass
works in blocks: all decays of a block first, by an exponential without branches that
vectorises; then the recursion; then the sums.  Logarithms are taken of products of eight
rates.  Where a full pass would only tell which region is good, a part of the sample is used.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seawall.analytics.elementary import used_by
from seawall.analytics.hawkes import decays as shared
from seawall.analytics.hawkes.decays import decays, loose, plain
from seawall.analytics.jit import Array, Table

used_by(__file__, shared.__file__)

BLOCK = 256
LANES = 32  # a block is 8 rows of 32 rates, multiplied down the columns
PART = 4_096  # events that are enough to find the region of the maximum
TRIES = 4  # Newton steps per start on that part
STEPS = 60
DONE = 1e-7  # predicted gain of a step after which one more pass ends the search
FAR = 1.5  # longest step of the decay's logarithm
COUNTED = 12  # value, 3 derivatives, 6 second derivatives, passes, end of the search


@loose
def _sums(sums: Table, rate: Array, size: int, mu: float, n: float, beta: float,
          total: Array) -> None:  # fmt: skip
    """Add a block to the nine sums of the gradient and the Hessian, and its rates."""
    m, u, v = 0.0, 0.0, 0.0
    mm, mn, mb, nn, nb, bb = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(size):
        e, a, q = sums[0, k], sums[1, k], sums[2, k]
        by_n, slope = beta * e, e - beta * a
        by_beta = n * slope
        one = mu + n * by_n
        rate[k] = one
        inverse = 1.0 / one
        m += inverse
        u += by_n * inverse
        v += by_beta * inverse
        square = inverse * inverse
        mm -= square
        mn -= by_n * square
        mb -= by_beta * square
        nn -= by_n * by_n * square
        nb += slope * inverse - by_n * by_beta * square
        bb += n * (beta * q - 2.0 * a) * inverse - by_beta * by_beta * square
    total[1] += m
    total[2] += u
    total[3] += v
    total[4] += mm
    total[5] += mn
    total[6] += mb
    total[7] += nn
    total[8] += nb
    total[9] += bb


@loose
def _logs(rate: Array, size: int, product: Array) -> float:
    """Sum of the logarithms of a block of rates."""
    for k in range(size, BLOCK):
        rate[k] = 1.0
    for j in range(LANES):
        product[j] = rate[j]
    for i in range(1, BLOCK // LANES):
        for j in range(LANES):
            product[j] *= rate[i * LANES + j]
    total = 0.0
    for j in range(LANES):
        total += math.log(product[j])
    return total


@plain
def _pass(gap: Array, rest: float, x: Array, work: Table, total: Array) -> float:
    """Log-likelihood at (mu, n, beta), with derivatives in ``total`` from 1 to 9.

    ``gap[0]`` is the time before the first event, ``rest`` that after the last one.
    """
    mu, n, beta = x[0], x[1], x[2]
    total[:10] = 0.0
    value, e, a, q = 0.0, 0.0, 0.0, 0.0
    before, time = 0.0, 0.0  # number of events that excite the next: 0 for the first
    size = gap.size
    for start in range(0, size, BLOCK):
        m = min(BLOCK, size - start)
        part = gap[start : start + m]
        decays(part, beta, m, work[3], work[4])
        for k in range(m):
            g, d = part[k], work[3, k]
            h = g * (before + e)
            q = d * (q + 2.0 * g * a + g * h)
            a = d * (a + h)
            e = d * e + d * before
            before = 1.0
            work[0, k], work[1, k], work[2, k] = e, a, q
            time += g
        _sums(work, work[3], m, mu, n, beta, total)
        value += _logs(work[3], m, work[4])
    d = math.exp(-beta * rest)
    h = rest * (before + e)
    q = d * (q + 2.0 * rest * a + rest * h)
    a = d * (a + h)
    e = d * (e + before)
    end = time + rest
    total[1] -= end
    total[2] -= size - e
    total[3] -= n * a
    total[8] -= a
    total[9] += n * q
    total[10] += 1.0
    total[0] = value - mu * end - n * (size - e)
    return float(total[0])


@plain
def _solve(h: Table, g: Array, step: Array, keep: Array) -> None:
    """Solve h step = g for the parameters that may move, by elimination; 3 by 3."""
    m = h.copy()
    for i in range(3):
        step[i] = g[i]
        if keep[i] != 0.0:
            step[i] = 0.0
            for j in range(3):
                m[i, j], m[j, i] = 0.0, 0.0
            m[i, i] = 1.0
    for i in range(3):
        for j in range(i + 1, 3):
            f = m[j, i] / m[i, i]
            for k in range(i, 3):
                m[j, k] -= f * m[i, k]
            step[j] -= f * step[i]
    for i in (2, 1, 0):
        for k in range(i + 1, 3):
            step[i] -= m[i, k] * step[k]
        step[i] /= m[i, i]


@plain
def _newton(gap: Array, rest: float, x: Array, low: Array, high: Array, steps: int,
            work: Table, total: Array) -> float:  # fmt: skip
    """Damped Newton steps in (mu, n, ln beta) within bounds; moves x to the best point."""
    best = _pass(gap, rest, x, work, total)
    now, trial = total.copy(), x.copy()
    h, g, step, keep = np.empty((3, 3)), np.empty(3), np.empty(3), np.empty(3)
    damping, fails, last = 1e-9, 0, False
    for _ in range(steps):
        b = x[2]
        g[0], g[1], g[2] = now[1], now[2], now[3] * b
        h[0, 0], h[0, 1], h[0, 2] = -now[4], -now[5], -now[6] * b
        h[1, 1], h[1, 2], h[2, 2] = -now[7], -now[8] * b, -(now[9] * b * b + now[3] * b)
        for i in range(3):
            for j in range(i):
                h[i, j] = h[j, i]
            size = abs(h[i, i])
            h[i, i] = max(h[i, i], 1e-3 * size) + damping * (size + 1e-6)
            out = (x[i] <= low[i] and g[i] <= 0.0) or (x[i] >= high[i] and g[i] >= 0.0)
            keep[i] = 1.0 if out else 0.0
        _solve(h, g, step, keep)
        gain = 0.5 * (g[0] * step[0] + g[1] * step[1] + g[2] * step[2])
        if not gain >= 0.0 or not math.isfinite(step[2]):  # no way up: lean on the diagonal
            damping = max(10.0 * damping, 1e-2)
            fails += 1
            if fails > 30:
                break
            continue
        shorter = min(1.0, FAR / (abs(step[2]) + 1e-300))
        for i in range(2):  # hardly ever beyond nine tenths of the way to a bound below
            trial[i] = min(max(x[i] + shorter * step[i], max(low[i], 0.1 * x[i])), high[i])
            if gain < 1e-2 or x[i] < 1e-6:
                trial[i] = min(max(x[i] + shorter * step[i], low[i]), high[i])
        trial[2] = min(max(b * math.exp(shorter * step[2]), low[2]), high[2])
        value = _pass(gap, rest, trial, work, total)
        now[10] = total[10]
        if value >= best - 1e-12 * abs(best):
            x[:] = trial
            better = value - best
            best = value
            now[:] = total
            damping = max(0.1 * damping, 1e-9)
            if last or (gain < DONE and better < 10.0 * DONE):
                break
        else:
            if gain < DONE:
                break
            damping = max(10.0 * damping, 1e-3)
            fails += 1
            if fails > 30:
                break
    total[:] = now
    return float(best)


@njit(cache=True, error_model="numpy", nogil=True)
def climb(gap: Array, rest: float, starts: Table, low: Array, high: Array, x: Array,
          total: Array) -> float:  # fmt: skip
    """Maximise the log-likelihood from the best of several starts.

    Parameters
    ----------
    gap : array
        Time before each event, the first from the begin of the observation.
    rest : float
        Time after the last event.
    starts : array of shape (k, 3)
        Values of (mu, n, beta) to start from, judged on a part of the sample.
    low, high : arrays of 3
        Bounds.
    x : array of 3
        Filled with the maximum.
    total : array of 12
        Filled with the value, the gradient, the Hessian by (mu mu, mu n, mu beta, n n,
        n beta, beta beta) and the number of passes over the whole sample.
    """
    work = np.empty((5, BLOCK))
    trial = np.empty(3)
    part = gap
    if gap.size > 4 * PART:
        middle = (gap.size - PART) // 2
        part = gap[middle : middle + PART]
    best = -np.inf
    for k in range(starts.shape[0]):
        trial[:] = starts[k]
        steps = TRIES if part.size < gap.size else STEPS
        value = _newton(part, 0.0 if part.size < gap.size else rest, trial, low, high, steps,
                        work, total)  # fmt: skip
        if value > best + 1e-9:
            best = value
            x[:] = trial
    total[10] = 0.0
    value = float(_newton(gap, rest, x, low, high, STEPS, work, total))
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def moments(gap: Array, rest: float, x: Array, total: Array) -> float:
    """Log-likelihood at x with its derivatives, laid out as in :func:`climb`."""
    return float(_pass(gap, rest, x, np.empty((5, BLOCK)), total))
