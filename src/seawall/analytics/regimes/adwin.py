# SPDX-License-Identifier: MIT
"""Window that is as long as its mean stays the same (ADWIN).

Formula: for every split of the window into an old and a new part of n0 and n1 values, the old
part is dropped when the means differ by more than sqrt(2 m v l) + 2 m l/3 with
m = 1/(n0 - n + 1) + 1/(n1 - n + 1), n the least part, v the variance of the window and
l = ln(2 ln(width)/delta).  Values stand in buckets of 1, 2, 4, ... with at most ``buckets`` of
a size.
Unit: that of the values; width in rows; ``cut`` is 1 where the window was cut, else 0.
Assumption: values within [0, 1] (feed ranks, hits or losses); those outside are clipped, or
taken as they are with ``bounded`` 0, where the chance of a false cut is no longer known.
delta is the chance of a false cut per check, not per lifetime.
Cost: amortised O(1) per row and O(log width) per check; 5 + 150 (buckets + 1) numbers of
state.
Source: Bifet and Gavalda (2007), SIAM International Conference on Data Mining.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
SIZES = 50  # buckets of 1 to 2^49 values
TICK, WIDTH, TOTAL, SPREAD, HEAD = range(5)
DELTA, CLOCK, BUCKETS, LEAST, GRACE, KEEP, BOUNDED = range(7)


@step
def insert(state: Array, room: int, x: float) -> None:
    """Put a value into the smallest bucket, and merge the two oldest of a size that is full.

    From ``HEAD`` stand the counts per size, then totals and spreads, ``room`` per size.
    """
    totals, spreads = HEAD + SIZES, HEAD + SIZES + SIZES * room
    count = int(state[HEAD])
    state[totals + count], state[spreads + count] = x, 0.0
    state[HEAD] += 1.0
    state[WIDTH] += 1.0
    if state[WIDTH] > 1.0:
        away = x - state[TOTAL] / (state[WIDTH] - 1.0)
        state[SPREAD] += (state[WIDTH] - 1.0) * away * away / state[WIDTH]
    state[TOTAL] += x
    row, size = 0, 1.0
    while row < SIZES - 1 and state[HEAD + row] == room:
        here, above = totals + row * room, totals + (row + 1) * room
        far = int(state[HEAD + row + 1])
        away = (state[here] - state[here + 1]) / size
        state[above + far] = state[here] + state[here + 1]
        at, above = spreads + row * room, spreads + (row + 1) * room
        state[above + far] = state[at] + state[at + 1] + 0.5 * size * away * away
        state[HEAD + row + 1] += 1.0
        for k in range(2, room):
            state[here + k - 2], state[at + k - 2] = state[here + k], state[at + k]
        state[HEAD + row] -= 2.0
        row, size = row + 1, size * 2.0


@step
def differs(state: Array, p: Array, room: int, oldest: int) -> bool:
    """Whether any split of the window has parts with different means."""
    totals = HEAD + SIZES
    width, least = state[WIDTH], p[LEAST]
    depth = math.log(2.0 * math.log(width) / p[DELTA])
    variance = state[SPREAD] / width
    n0, n1, u0, u1 = 0.0, width, 0.0, state[TOTAL]
    size = 2.0**oldest
    for back in range(oldest + 1):
        row = oldest - back
        for k in range(int(state[HEAD + row])):
            part = state[totals + row * room + k]
            n0, n1, u0, u1 = n0 + size, n1 - size, u0 + part, u1 - part
            if n0 < least or n1 < least:
                continue
            m = 1.0 / (n0 - least + 1.0) + 1.0 / (n1 - least + 1.0)
            bound = math.sqrt(2.0 * m * variance * depth) + 2.0 / 3.0 * depth * m
            if abs(u0 / n0 - u1 / n1) > bound:
                return True
        size *= 0.5
    return False


@step
def drop(state: Array, room: int, oldest: int) -> None:
    """Take the oldest bucket out of the window."""
    at, spread = HEAD + SIZES + oldest * room, HEAD + SIZES + SIZES * room + oldest * room
    size = 2.0**oldest
    state[WIDTH] -= size
    state[TOTAL] -= state[at]
    rest = state[WIDTH]
    if rest > 0.0:
        away = state[at] / size - state[TOTAL] / rest
        state[SPREAD] -= state[spread] + size * rest * away * away / (size + rest)
    for k in range(1, int(state[HEAD + oldest])):
        state[at + k - 1], state[spread + k - 1] = state[at + k], state[spread + k]
    state[HEAD + oldest] -= 1.0


@step
def update(state: Array, p: Array, row: Array, x: float) -> bool:
    """Take one value; says whether it was one."""
    if not abs(x) < 1e150:
        return False
    if p[BOUNDED] == 1.0:
        x = min(max(x, 0.0), 1.0)
    room = int(p[BUCKETS]) + 1
    insert(state, room, x)
    state[TICK] += 1.0
    cut = 0.0
    due = state[TICK] == p[CLOCK]
    if due:
        state[TICK] = 0.0
    if due and state[WIDTH] > p[GRACE]:
        oldest = SIZES - 1
        while oldest > 0 and state[HEAD + oldest] == 0.0:
            oldest -= 1
        while state[WIDTH] > 1.0 and differs(state, p, room, oldest):
            drop(state, room, oldest)
            cut = 1.0
            while oldest > 0 and state[HEAD + oldest] == 0.0:
                oldest -= 1
    width = state[WIDTH]
    row[0], row[1], row[2] = cut, width, state[TOTAL] / width
    row[3] = max(state[SPREAD], 0.0) / width
    if cut == 1.0 and p[KEEP] == 0.0:
        state[:] = 0.0
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(value.size):
        if not update(state, params, out[i], value[i]):
            out[i, :] = NAN


ANALYTIC = Analytic(
    name="adwin", group="regimes", inputs=("value",), doc=__doc__,
    outputs=("cut", "width", "mean", "variance"), batch=batch,
    state_size=lambda params, levels: HEAD + SIZES + 2 * SIZES * (int(params[BUCKETS]) + 1),
    params=(
        Param("delta", 0.002, "chance of a false cut per check", 1e-300, 0.999),
        Param("clock", 32, "rows between checks", 1, 1e9, whole=True),
        Param("buckets", 5, "buckets of a size", 2, 1e3, whole=True),
        Param("least", 5, "values of the shorter part", 1, 1e9, whole=True),
        Param("grace", 10, "rows before the first check", 2, 1e9, whole=True),
        Param("keep", 1, "1: keep the new part after a cut; 0: begin anew", 0, 1, whole=True),
        Param("bounded", 1, "1: clip values to [0, 1]; 0: take them as they are", 0, 1, whole=True),
    ),
)  # fmt: skip
