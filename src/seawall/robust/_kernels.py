# SPDX-License-Identifier: MIT
"""Compiled loops of the estimators: Catoni's root, the Qn order statistic, the weighted stream.

Flat float64 arrays in and out, one thread.  They are cached on disk, each on its own
file's digest: no function here calls one of another file.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from seawall.robust.base import Floats


@njit(cache=True)
def catoni_root(
    x: Floats, weight: Floats, alpha: float, narrow: bool, start: float
) -> tuple[float, int, bool]:
    """Solve ``sum w psi(alpha (x - theta)) = 0``; root, iterations, whether it is flat.

    Newton steps inside a bracket, halved where a step leaves it.
    """
    n = x.size
    low, high = x.min(), x.max()
    theta = min(max(start, low), high)
    steps = 0
    flat = False
    log2 = np.log(2.0)
    while steps < 400:
        steps += 1
        value = 0.0
        slope = 0.0
        size = 0.0
        for i in range(n):
            u = alpha * (x[i] - theta)
            a = abs(u)
            if narrow:
                if a < 1.0:
                    inside = 0.5 * a * a - a
                    psi = -np.log1p(inside)
                    slope += weight[i] * (1.0 - a) / (1.0 + inside)
                else:
                    psi = log2
            else:
                inside = 0.5 * a * a + a
                psi = np.log1p(inside)
                slope += weight[i] * (1.0 + a) / (1.0 + inside)
            size += weight[i] * psi
            value += weight[i] * psi if u > 0.0 else -weight[i] * psi
        if abs(value) <= 1e-15 * size or size == 0.0:
            flat = slope == 0.0 and size > 0.0
            break
        if value > 0.0:
            low = theta
        else:
            high = theta
        if slope > 0.0:
            after = theta + value / (alpha * slope)
            if abs(after - theta) <= 2e-16 * (abs(theta) + 1.0 / alpha):
                break
        else:
            after = 0.5 * (low + high)
        if not low < after < high:
            after = 0.5 * (low + high)
            if not low < after < high:
                break
        theta = after
    return theta, steps, flat


@njit(cache=True)
def centre_and_spread(x: Floats) -> tuple[float, float]:
    """Median, and median distance from it: the same numbers as NumPy's, in a third of the time."""
    centre = np.median(x)
    return centre, np.median(np.abs(x - centre))


@njit(cache=True)
def pair_statistic(columns: Floats, out: Floats) -> None:
    """Write, per ascending row of ``columns``, the k-th smallest distance of two values.

    k = C(h, 2) with h = n // 2 + 1.  The answer is bracketed by halving while counting
    pairs with two pointers, then picked among the few pairs that are left: O(n log n),
    exact.  The shortest half is an upper bound, so far outliers cost nothing.
    """
    d, n = columns.shape
    h = n // 2 + 1
    k = h * (h - 1) // 2
    few = max(64, n // 4)
    for c in range(d):
        x = columns[c]
        low, high = 0.0, x[h - 1] - x[0]
        for i in range(1, n - h + 1):
            high = min(high, x[i + h - 1] - x[i])
        below, upto = 0, n * (n - 1) // 2
        j = 0
        for i in range(n):
            while x[i] > x[j]:
                j += 1
            below += i - j
        if below >= k:
            out[c] = 0.0
            continue
        # Invariant: pairs of at most `low` are fewer than k, of at most `high` at least k.
        turn = 0
        while upto - below > few:
            part = 0.5
            if turn % 3 > 0:  # counts grow evenly enough to aim, and halving saves the rest
                part = (k - below) / (upto - below)
                part = min(max(part + (0.02 if turn % 3 == 1 else -0.02), 0.02), 0.98)
            turn += 1
            middle = low + part * (high - low)
            if middle <= low or middle >= high:
                middle = 0.5 * (low + high)
                if middle <= low or middle >= high:
                    break
            # Without branches: which pointer moves is as good as random.
            count = 0
            i = 0
            j = 0
            while i < n:
                far = int(x[i] - x[j] > middle)
                count += (1 - far) * (i - j)
                j += far
                i += 1 - far
            if count >= k:
                high, upto = middle, count
            else:
                low, below = middle, count
        if upto - below > few:
            # Halving ended between neighbouring floats: the pairs left are all `high`.
            out[c] = high
            continue
        rest = np.empty(upto - below, dtype=np.float64)
        found = 0
        j = 0
        for i in range(n):
            while x[i] - x[j] > high:
                j += 1
            m = j
            while m < i and x[i] - x[m] > low:
                rest[found] = x[i] - x[m]
                found += 1
                m += 1
        out[c] = np.partition(rest[:found], k - below - 1)[k - below - 1]


@njit(cache=True)
def weighted_stream(
    rows: Floats,
    mean: Floats,
    cov: Floats,
    centre: Floats,
    factor: Floats,
    decay: float,
    radius: float,
    correction: float,
    running: bool,
) -> int:
    """Push rows into ``mean`` and ``cov`` in place; return how many were clipped.

    ``factor`` is the lower Cholesky factor of the reference scatter and ``centre`` its
    location; with ``running`` both follow the estimate itself (and are overwritten).
    Returns -1 when the running scatter stops being positive definite.
    """
    n, d = rows.shape
    z = np.empty(d)
    clipped = 0
    for t in range(n):
        if running:
            for i in range(d):
                centre[i] = mean[i]
                for j in range(i + 1):
                    total = cov[i, j]
                    for m in range(j):
                        total -= factor[i, m] * factor[j, m]
                    if i == j:
                        if not total > 0.0:
                            return -1
                        factor[i, i] = np.sqrt(total)
                    else:
                        factor[i, j] = total / factor[j, j]
        square = 0.0
        for i in range(d):
            total = rows[t, i] - centre[i]
            for m in range(i):
                total -= factor[i, m] * z[m]
            z[i] = total / factor[i, i]
            square += z[i] * z[i]
        shrink = 1.0
        if square > radius * radius:
            shrink = radius / np.sqrt(square)
            clipped += 1
        for i in range(d):
            z[i] = centre[i] + shrink * (rows[t, i] - centre[i]) - mean[i]
        gain = 1.0 - decay
        for i in range(d):
            for j in range(i + 1):
                value = decay * (cov[i, j] + gain * z[i] * z[j] / correction)
                cov[i, j] = value
                cov[j, i] = value
        for i in range(d):
            mean[i] += gain * z[i]
    return clipped
