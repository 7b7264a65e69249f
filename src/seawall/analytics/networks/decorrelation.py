# SPDX-License-Identifier: MIT
"""Sudden decorrelation: instruments that leave the market they used to move with.

Formula: x = return over its own deviation before (long half-life), cut at +-``cut``;
correlation of each x with the mean x of the others, exponentially weighted with a short and
a long half-life; z = (atanh slow - atanh fast) sqrt(n - 3), n = (1 + l) /
(1 - l) the effective rows of the short weights l; ``z`` from the mean correlations of the
whole market, ``worst_z`` of the instrument that left farthest, ``worst`` its column.
Unit: correlations none; z in standard errors of the short correlation.
Assumption: scaling and cutting keep the wildest coin from being the market.  Weights overlap
and tails are heavy: of forty coins the farthest has a z of 3 on most days, so rank it in its
own history.  A break says that something is its own: an outage, a lost peg, news, a squeeze.
That it shows front running is a belief without evidence.
Cost: O(N) per row; 7 N + 3 numbers of state.
Source: definition; Fisher (1921), Metron 1, for the transform.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
SEEN, FAST, SLOW = 0, 1, 2
FIXED = 3


@step
def blend(sums: Array, own: float, other: float, share: float) -> float:
    """Put a pair into the weighted moments about zero; gives their correlation."""
    sums[0] += share * (own * own - sums[0])
    sums[1] += share * (other * other - sums[1])
    sums[2] += share * (own * other - sums[2])
    if not (sums[0] > 0.0 and sums[1] > 0.0):
        return NAN
    rho: float = sums[2] / math.sqrt(sums[0] * sums[1])
    return min(0.9999, max(-0.9999, rho))


@step
def scale(squares: Array, row: Array, share: float, cut: float, x: Array) -> float:
    """Fill ``x`` with returns over their usual size, which learns of them after; gives the sum."""
    total = 0.0
    for k in range(row.size):
        x[k] = 0.0
        if squares[k] > 0.0:
            x[k] = min(cut, max(-cut, row[k] / math.sqrt(squares[k])))
        total += x[k]
        squares[k] += share * (row[k] * row[k] - squares[k])
    return total


@entry
def batch(state: Array, params: Array, out: Table, returns: Table) -> None:
    """Take row by row."""
    n = returns.shape[1]
    fast, slow = 0.5 ** (1.0 / params[0]), 0.5 ** (1.0 / params[1])
    rows = (1.0 + fast) / (1.0 - fast)
    error = math.sqrt(max(rows - 3.0, 1.0))
    x = np.empty(n)
    for i in range(returns.shape[0]):
        out[i, :] = NAN
        size = 0.0
        for k in range(n):
            size += abs(returns[i, k])
        if n < 2 or not size < 1e150:
            continue
        state[SEEN] += 1.0
        state[FAST], state[SLOW] = fast * state[FAST] + 1.0, slow * state[SLOW] + 1.0
        total = scale(state[FIXED : FIXED + n], returns[i], 1.0 / state[SLOW], params[2], x)
        near, far, worst, which, known = 0.0, 0.0, -1e300, -1, 0
        for k in range(n):
            other = (total - x[k]) / (n - 1.0)
            sums = state[FIXED + n + 6 * k : FIXED + n + 6 * k + 6]
            a = blend(sums[:3], x[k], other, 1.0 / state[FAST])
            b = blend(sums[3:], x[k], other, 1.0 / state[SLOW])
            if math.isfinite(a) and math.isfinite(b):
                known += 1
                near += a
                far += b
                left = (math.atanh(b) - math.atanh(a)) * error
                if left > worst:
                    worst, which = left, k
        if known > 0 and state[SEEN] >= rows:
            near, far = near / known, far / known
            out[i, 0], out[i, 1] = near, far
            out[i, 2] = (math.atanh(far) - math.atanh(near)) * error
            out[i, 3], out[i, 4] = worst, float(which)


ANALYTIC = Analytic(
    name="decorrelation", group="networks", inputs=("returns",), doc=__doc__, batch=batch,
    outputs=("fast", "slow", "z", "worst_z", "worst"),
    state_size=lambda params, levels: FIXED + 7 * levels,
    params=(
        Param("fast", 12.0, "short half-life, rows", 1.0),
        Param("slow", 336.0, "long half-life, rows", 1.0),
        Param("cut", 5.0, "largest return, usual sizes", 0.1),
    ),
    need=Need(bars=1_000),
)  # fmt: skip
