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
Cost: amortised O(1) per row and O(log width) per check; 54 + 100 buckets numbers of state.
Source: Bifet and Gavalda (2007), SIAM International Conference on Data Mining.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

Whole = npt.NDArray[np.int64]
NAN = float("nan")
SIZES = 50  # buckets of 1 to 2^49 values
TICK, WIDTH, TOTAL, SPREAD, HEAD = range(5)
DELTA, CLOCK, BUCKETS, LEAST, GRACE, KEEP, BOUNDED = range(7)


@step
def insert(state: Array, most: int, x: float) -> None:
    """Put a value into the smallest bucket; of a size that is full the two oldest merge.

    From ``HEAD`` stand the counts per size, then totals and spreads, ``most`` per size, the
    oldest first.
    """
    total, spread, half, row = x, 0.0, 0.5, 0
    while True:
        count = int(state[HEAD + row])
        at = HEAD + SIZES + row * most
        by = at + SIZES * most
        if count < most:
            state[at + count], state[by + count] = total, spread
            state[HEAD + row] = count + 1.0
            return
        away = state[at] - state[at + 1]
        together, merged = state[at] + state[at + 1], state[by] + state[by + 1]
        for k in range(2, most):
            state[at + k - 2], state[by + k - 2] = state[at + k], state[by + k]
        state[at + most - 2], state[by + most - 2] = total, spread
        state[HEAD + row] = most - 1.0
        total, spread = together, merged + half * away * away
        half *= 0.5
        row += 1


@step
def differs(
    state: Array, delta: float, least: float, most: int, oldest: int,
    width: float, total: float, spread: float,
) -> Any:  # fmt: skip
    """Whether any split of the window has parts with different means."""
    variance = spread / width
    depth = math.log(2.0 * math.log(width) / delta)
    noise = 2.0 * variance * depth * (width - 2.0 * least + 2.0)
    n0, n1, u0, u1 = 0.0, width, 0.0, total
    size = 2.0 ** (oldest + 1)
    for back in range(oldest + 1):
        row = oldest - back
        size *= 0.5
        at = HEAD + SIZES + row * most
        for k in range(int(state[HEAD + row])):
            n0 += size
            n1 -= size
            u0 += state[at + k]
            u1 -= state[at + k]
            # Most splits are nowhere near a cut: told by products alone.
            span = (n0 - least + 1.0) * (n1 - least + 1.0)
            apart, across = u0 * n1 - u1 * n0, n0 * n1
            if apart * apart * span <= across * across * noise:
                continue
            if n0 < least or n1 < least:
                continue
            m = 1.0 / (n0 - least + 1.0) + 1.0 / (n1 - least + 1.0)
            bound = math.sqrt(2.0 * m * variance * depth) + 2.0 / 3.0 * depth * m
            if abs(u0 / n0 - u1 / n1) > bound:
                return True
    return False


@step
def drop(
    state: Array, most: int, oldest: int, width: float, total: float, spread: float
) -> tuple[float, float, float]:
    """Take the oldest bucket out; gives width, total and spread of the rest."""
    at = HEAD + SIZES + oldest * most
    by = at + SIZES * most
    size = 2.0**oldest
    width -= size
    total -= state[at]
    if width > 0.0:
        away = state[at] / size - total / width
        spread -= state[by] + size * width * away * away / (size + width)
    for k in range(1, int(state[HEAD + oldest])):
        state[at + k - 1], state[by + k - 1] = state[at + k], state[by + k]
    state[HEAD + oldest] -= 1.0
    return width, total, spread


@step
def walk(state: Array, p: Array, value: Array, out: Table, found: Whole, widths: Whole) -> int:
    """Take values one by one; rows go to ``out``, or those of cuts alone to ``found``."""
    delta, clock, most, least = p[DELTA], p[CLOCK], int(p[BUCKETS]), p[LEAST]
    grace, keep, bounded, cuts = p[GRACE], p[KEEP] == 1.0, p[BOUNDED] == 1.0, 0
    tick, width, total, spread = state[TICK], state[WIDTH], state[TOTAL], state[SPREAD]
    for i in range(value.size):
        x = value[i]
        if not abs(x) < 1e150:
            if out.size:
                out[i, :] = NAN
            continue
        if bounded:
            x = min(max(x, 0.0), 1.0)
        if width > 0.0:
            away = x * width - total
            spread += away * away / (width * (width + 1.0))
        width, total, tick, cut = width + 1.0, total + x, tick + 1.0, False
        insert(state, most, x)
        if tick == clock:
            tick = 0.0
            oldest = SIZES - 1
            while oldest > 0 and state[HEAD + oldest] == 0.0:
                oldest -= 1
            while (width > grace or cut) and width > 1.0 and differs(
                state, delta, least, most, oldest, width, total, spread
            ):  # fmt: skip
                width, total, spread = drop(state, most, oldest, width, total, spread)
                cut = True
                while oldest > 0 and state[HEAD + oldest] == 0.0:
                    oldest -= 1
        if out.size:
            out[i, 0], out[i, 1], out[i, 2] = 1.0 if cut else 0.0, width, total / width
            out[i, 3] = max(spread, 0.0) / width
        elif cut:
            found[cuts], widths[cuts] = i, int(width)
        if cut:
            cuts += 1
            if not keep:
                state[:] = 0.0
                tick = width = total = spread = 0.0
    state[TICK], state[WIDTH], state[TOTAL], state[SPREAD] = tick, width, total, spread
    return cuts


@entry
def cuts(state: Array, params: Array, value: Array, found: Whole, widths: Whole) -> Any:
    """Rows at which the window was cut, and its width there; gives how many."""
    return walk(state, params, value, np.empty((0, 4)), found, widths)


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Values of every row."""
    none = np.empty(0, np.int64)
    walk(state, params, value, out, none, none)


ANALYTIC = Analytic(
    name="adwin", group="regimes", inputs=("value",), doc=__doc__,
    outputs=("cut", "width", "mean", "variance"), batch=batch,
    state_size=lambda params, levels: HEAD + SIZES + 2 * SIZES * int(params[BUCKETS]),
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
