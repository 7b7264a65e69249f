# SPDX-License-Identifier: MIT
"""Permutation entropy and statistical complexity of the last values.

Formula: each run of m values, in steps of the delay, has the order of its sizes as pattern;
p_k = share of pattern k among the patterns of the last w runs; H = -sum p ln p / ln m!;
C = Q D H, D the Jensen-Shannon divergence of p from the even law, Q = 1 / its greatest value.
Unit: none; H from 0 (one pattern) to 1 (no order in time).
Assumption: many more runs than patterns (w >> m!).  Of equal values the earlier one ranks
lower: series with many ties, as tick data, look more orderly than they are, and ``ties``
gives the share of runs that have one.  Compare windows of one length only.
Cost: O(m^2 + m!) per value; 3 + 2 w + m delay + m! numbers of state.
Source: Bandt and Pompe (2002), Physical Review Letters 88, 174102; Rosso et al. (2007),
Physical Review Letters 99, 154102.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
SEEN, RUNS, TIES = 0, 1, 2
FIXED = 3


@step
def pattern(ring: Array, seen: int, order: int, delay: int) -> tuple[int, bool]:
    """Lehmer code of the order of the newest run, and whether two of it are equal."""
    n, code, tie = ring.size, 0, False
    for i in range(order):
        a = ring[(seen - 1 - (order - 1 - i) * delay) % n]
        smaller = 0
        for j in range(i + 1, order):
            b = ring[(seen - 1 - (order - 1 - j) * delay) % n]
            smaller += b < a
            tie = tie or b == a
        code = code * (order - i) + smaller
    return code, tie


@step
def measures(counts: Array, runs: float) -> tuple[float, float]:
    """Normalised entropy and complexity of counts of patterns."""
    n = float(counts.size)
    h, mixed = 0.0, 0.0
    for k in range(counts.size):
        p = counts[k] / runs
        q = 0.5 * (p + 1.0 / n)
        if p > 0.0:
            h -= p * math.log(p)
        mixed -= q * math.log(q)
    top = math.log(n)
    worst = -0.5 * ((n + 1.0) / n * math.log(n + 1.0) - 2.0 * math.log(2.0 * n) + top)
    divergence = mixed - 0.5 * h - 0.5 * top
    h = max(0.0, h / top)
    return h, max(0.0, divergence) / worst * h


@step
def update(state: Array, params: Array, out: Array, value: float) -> None:
    """Take one value and fill one row."""
    out[0], out[1], out[2] = NAN, NAN, NAN
    if not math.isfinite(value):
        return
    order, delay, window = int(params[0]), int(params[1]), int(params[2])
    span = order * delay
    ring = state[FIXED : FIXED + span]
    codes = state[FIXED + span : FIXED + span + window]
    tied = state[FIXED + span + window : FIXED + span + 2 * window]
    counts = state[FIXED + span + 2 * window :]
    seen = int(state[SEEN])
    ring[seen % span] = value
    seen += 1
    state[SEEN] = float(seen)
    if seen < (order - 1) * delay + 1:
        return
    code, tie = pattern(ring, seen, order, delay)
    runs = int(state[RUNS])
    head = runs % window
    if runs >= window:
        counts[int(codes[head])] -= 1.0
        state[TIES] -= tied[head]
    counts[code] += 1.0
    codes[head], tied[head] = float(code), 1.0 if tie else 0.0
    state[TIES] += tied[head]
    state[RUNS] = float(runs + 1)
    if runs + 1 >= window:
        out[0], out[1] = measures(counts, float(window))
        out[2] = state[TIES] / window


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(value.size):
        update(state, params, out[i], value[i])


def _size(order: int, delay: int, window: int) -> int:
    return FIXED + order * delay + 2 * window + math.factorial(order)


ANALYTIC = Analytic(
    name="permutation_entropy", group="econophysics", inputs=("value",), doc=__doc__,
    batch=batch, outputs=("entropy", "complexity", "ties"),
    state_size=lambda params, levels: _size(int(params[0]), int(params[1]), int(params[2])),
    params=(
        Param("order", 3, "values in a run", 2, 7, whole=True),
        Param("delay", 1, "steps between them", 1, 1e4, whole=True),
        Param("window", 500, "runs that are counted", 2, 1e7, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
