# SPDX-License-Identifier: MIT
"""Integrated order flow imbalance: all levels in one number, with weights learned so far.

Formula: x = OFI of each level summed over windows of ``seconds``, divided by the average
depth of the levels; w = first principal component of x over past windows (weights halve
every ``half_life`` windows), its sum made positive; integrated = w'x / |w|_1.
Unit: none (multiples of the average depth of a level).
Assumption: as ``mlofi``; windows of the receiver's clock.  A window is judged with the
weights of the windows before it, and with equal weights before two are complete.
``window`` restarts at each window's end; ``done`` is the last complete window.
Cost: O(levels) per row, O(levels^2) per window; levels^2 + 8 levels + 8 numbers of state.
Source: Cont, Cucuringu and Zhang (2023), Quantitative Finance 23(10).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, SLOT, ROWS, DEPTH, WINDOWS, DONE, SHARE, KEPT = range(8)
HEAD = 8


@step
def learn(state: Array, levels: int, keep: float) -> None:
    """End a window: value it, then let it into the covariance and turn the weights."""
    flow = HEAD + 4 * levels
    weight, scratch, cov = flow + levels, flow + 2 * levels, flow + 4 * levels
    depth = state[DEPTH] / (2.0 * levels * state[ROWS])
    total, size = 0.0, 0.0
    for m in range(levels):
        w = state[weight + m] if state[WINDOWS] >= 2.0 else 1.0
        state[scratch + m] = state[flow + m] / depth
        total += w * state[scratch + m]
        size += abs(w)
    state[DONE] = total / size
    state[KEPT] = keep * state[KEPT] + 1.0
    for m in range(levels):
        for k in range(levels):
            at = cov + m * levels + k
            state[at] = keep * state[at] + state[scratch + m] * state[scratch + k]
        state[flow + m] = 0.0
    state[WINDOWS] += 1.0
    # Power steps from the weights before: the component turns slowly.
    for _ in range(2 if state[WINDOWS] > 8.0 else 64):
        norm = 0.0
        for m in range(levels):
            y = 0.0
            for k in range(levels):
                start = state[weight + k] if state[WINDOWS] > 1.0 else 1.0
                y += state[cov + m * levels + k] * start
            state[scratch + levels + m] = y
            norm += y * y
        if not norm > 0.0:
            break
        for m in range(levels):
            state[weight + m] = state[scratch + levels + m] / math.sqrt(norm)
    total, trace, along = 0.0, 0.0, 0.0
    for m in range(levels):
        total += state[weight + m]
        trace += state[cov + m * levels + m]
        for k in range(levels):
            along += state[weight + m] * state[cov + m * levels + k] * state[weight + k]
    if total < 0.0:
        for m in range(levels):
            state[weight + m] = -state[weight + m]
    state[SHARE] = along / trace if trace > 0.0 else NAN
    state[ROWS], state[DEPTH] = 0.0, 0.0


@step
def update(
    state: Array, levels: int, slot: float, keep: float, row: int,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> bool:  # fmt: skip
    """Take one book; says whether it was sound."""
    size, ok = 0.0, True
    for m in range(levels):
        q = bid_qtys[row, m] + ask_qtys[row, m]
        bid, ask = bid_pxs[row, m], ask_pxs[row, m]
        ok &= (abs(bid + ask + q) < 1e300) & (ask > bid)
        size += q
    if not (ok and size > 0.0):
        state[HAS] = 0.0
        return False
    if slot != state[SLOT]:
        if state[ROWS] > 0.0 and state[SLOT] > 0.0:
            learn(state, levels, keep)
        state[SLOT] = slot
    flow, known = HEAD + 4 * levels, state[HAS] == 1.0
    for m in range(levels):
        at = HEAD + 4 * m
        bid, qb, ask, qa = bid_pxs[row, m], bid_qtys[row, m], ask_pxs[row, m], ask_qtys[row, m]
        b, a = state[at], state[at + 2]
        # Without branches: whether a price moved is not to be foreseen.
        e = (qb if bid >= b else 0.0) - (state[at + 1] if bid <= b else 0.0)
        e = e - (qa if ask <= a else 0.0) + (state[at + 3] if ask >= a else 0.0)
        state[flow + m] += e if known else 0.0
        state[at], state[at + 1], state[at + 2], state[at + 3] = bid, qb, ask, qa
    state[HAS] = 1.0
    state[ROWS] += 1.0
    state[DEPTH] += size
    return True


@step
def current(state: Array, levels: int) -> Any:
    """Integrated flow of the window that is under way."""
    flow, weight = HEAD + 4 * levels, HEAD + 5 * levels
    total, size = 0.0, 0.0
    for m in range(levels):
        w = state[weight + m] if state[WINDOWS] >= 2.0 else 1.0
        total += w * state[flow + m]
        size += abs(w)
    return total / size * (2.0 * levels * state[ROWS]) / state[DEPTH]


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    levels, step_ns = bid_pxs.shape[1], int(params[0] * 1e9)
    keep = 0.5 ** (1.0 / params[1]) if params[1] > 0.0 else 1.0
    for i in range(ts.size):
        out[i, 0], out[i, 1], out[i, 2] = np.nan, np.nan, np.nan
        slot = float(ts[i] // step_ns + 1)
        if levels > 0 and update(
            state, levels, slot, keep, i, bid_pxs, bid_qtys, ask_pxs, ask_qtys
        ):
            out[i, 0] = current(state, levels)
            if state[WINDOWS] > 0.0:
                out[i, 1], out[i, 2] = state[DONE], state[SHARE]


ANALYTIC = Analytic(
    name="integrated_ofi", group="flow",
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__,
    outputs=("window", "done", "explained"), batch=batch,
    state_size=lambda params, levels: HEAD + 8 * levels + levels * levels,
    params=(
        Param("seconds", 10.0, "length of a window, s", 1e-3, 1e6),
        Param("half_life", 180.0, "windows; 0: nothing is forgotten", 0.0, 1e9),
    ),
)  # fmt: skip
