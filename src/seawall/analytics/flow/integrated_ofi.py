# SPDX-License-Identifier: MIT
"""Integrated order flow imbalance: all levels in one number, with weights learned so far.

Formula: x = OFI of each level summed over windows of ``seconds``, divided by the average
depth of the levels; w = first principal component of x over past windows (weights halve
every ``half_life`` windows), its sum made positive; integrated = w'x / |w|_1.
Unit: none (multiples of the average depth of a level).
Assumption: as ``mlofi``; windows of the receiver's clock.  A window is judged with the
weights of the windows before it, and with equal weights before two are complete.
``window`` restarts at each window's end; ``done`` is the last complete window.
Cost: O(levels) per row, O(levels^2) per window; levels^2 + 9 levels + 8 numbers of state.
Source: Cont, Cucuringu and Zhang (2023), Quantitative Finance 23(10).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, START, ROWS, DEPTH, WINDOWS, DONE, SHARE, NORM = range(8)
HEAD = 8
"""Then, by level: quotes (4), flow, component, weights in use, two of scratch; covariance."""


@step
def learn(state: Array, levels: int, keep: float) -> None:
    """End a window: value it, then let it into the covariance and turn the component."""
    flow = HEAD + 4 * levels
    part, weight, x = flow + levels, flow + 2 * levels, flow + 3 * levels
    y, cov = flow + 4 * levels, flow + 5 * levels
    per_depth = 2.0 * levels * state[ROWS] / state[DEPTH]
    total = 0.0
    for m in range(levels):
        state[x + m] = per_depth * state[flow + m]
        total += state[weight + m] * state[x + m]
        state[flow + m] = 0.0
    state[DONE] = total / state[NORM]
    state[WINDOWS] += 1.0
    if state[WINDOWS] == 1.0:
        for m in range(levels):
            state[part + m] = 1.0
    for m in range(levels):
        for k in range(levels):
            at = cov + m * levels + k
            state[at] = keep * state[at] + state[x + m] * state[x + k]
    # Power steps from the component before: it turns slowly.
    for _ in range(2 if state[WINDOWS] > 8.0 else 64):
        norm = 0.0
        for m in range(levels):
            total = 0.0
            for k in range(levels):
                total += state[cov + m * levels + k] * state[part + k]
            state[y + m] = total
            norm += total * total
        if not norm > 0.0:
            break
        scale = 1.0 / math.sqrt(norm)
        for m in range(levels):
            state[part + m] = scale * state[y + m]
    total, trace, along, size = 0.0, 0.0, 0.0, 0.0
    for m in range(levels):
        total += state[part + m]
        size += abs(state[part + m])
        trace += state[cov + m * levels + m]
        for k in range(levels):
            along += state[part + m] * state[cov + m * levels + k] * state[part + k]
    sign = -1.0 if total < 0.0 else 1.0
    for m in range(levels):
        state[part + m] *= sign
        if state[WINDOWS] >= 2.0:
            state[weight + m] = state[part + m]
    if state[WINDOWS] >= 2.0:
        state[NORM] = size
    state[SHARE] = along / trace if trace > 0.0 else NAN
    state[ROWS], state[DEPTH] = 0.0, 0.0


@step
def sound(row: int, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table) -> Any:
    """Size on all levels, or nought when one of them is unsound."""
    size, ok = 0.0, True
    for m in range(bid_pxs.shape[1]):
        q = bid_qtys[row, m] + ask_qtys[row, m]
        bid, ask = bid_pxs[row, m], ask_pxs[row, m]
        ok &= (abs(bid + ask + q) < 1e300) & (ask > bid)
        size += q
    return size if ok and size > 0.0 else 0.0


@step
def turn(state: Array, levels: int, keep: float) -> None:
    """Begin a window: end the one before, or start from equal weights."""
    if state[NORM] == 0.0:
        state[NORM] = levels
        for m in range(levels):
            state[HEAD + 6 * levels + m] = 1.0
    if state[ROWS] > 0.0:
        learn(state, levels, keep)


@step
def update(
    state: Array, row: int, size: float,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> Any:  # fmt: skip
    """Take one sound book; gives the integrated flow of the window that is under way."""
    # What is seldom done stands in `turn`: a short function becomes a part of the loop.
    levels = bid_pxs.shape[1]
    flow = HEAD + 4 * levels
    weight = flow + 2 * levels
    known, total = state[HAS] == 1.0, 0.0
    for m in range(levels):
        at = HEAD + 4 * m
        bid, qb, ask, qa = bid_pxs[row, m], bid_qtys[row, m], ask_pxs[row, m], ask_qtys[row, m]
        b, a = state[at], state[at + 2]
        # Without branches: whether a price moved is not to be foreseen.
        e = (qb if bid >= b else 0.0) - (state[at + 1] if bid <= b else 0.0)
        e = e - (qa if ask <= a else 0.0) + (state[at + 3] if ask >= a else 0.0)
        summed = state[flow + m] + (e if known else 0.0)
        total += state[weight + m] * summed
        state[flow + m] = summed
        state[at], state[at + 1], state[at + 2], state[at + 3] = bid, qb, ask, qa
    state[HAS] = 1.0
    state[ROWS] += 1.0
    state[DEPTH] += size
    return total * (2.0 * levels * state[ROWS]) / (state[DEPTH] * state[NORM])


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    times, step_ns = state.view(np.int64), int(params[0] * 1e9)
    keep = 0.5 ** (1.0 / params[1]) if params[1] > 0.0 else 1.0
    for i in range(ts.size):
        out[i, 0], out[i, 1], out[i, 2] = NAN, NAN, NAN
        size = sound(i, bid_pxs, bid_qtys, ask_pxs, ask_qtys)
        if size == 0.0:
            state[HAS] = 0.0
            continue
        if state[NORM] == 0.0 or not 0 <= ts[i] - times[START] < step_ns:
            turn(state, bid_pxs.shape[1], keep)
            times[START] = ts[i] - ts[i] % step_ns
        out[i, 0] = update(state, i, size, bid_pxs, bid_qtys, ask_pxs, ask_qtys)
        if state[WINDOWS] > 0.0:
            out[i, 1], out[i, 2] = state[DONE], state[SHARE]


ANALYTIC = Analytic(
    name="integrated_ofi", group="flow",
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__,
    outputs=("window", "done", "explained"), batch=batch,
    state_size=lambda params, levels: HEAD + 9 * levels + levels * levels,
    params=(
        Param("seconds", 10.0, "length of a window, s", 1e-3, 1e6),
        Param("half_life", 180.0, "windows; 0: nothing is forgotten", 0.0, 1e9),
    ),
)  # fmt: skip
