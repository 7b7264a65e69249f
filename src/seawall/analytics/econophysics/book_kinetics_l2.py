# SPDX-License-Identifier: MIT
"""Kinetic energy, momentum and temperature of a book, approximated from its levels.

Formula: as ``book_kinetics``, with the changes of size between two consecutive books in
place of orders: a level that grows by s is a submission of s at its price, one that shrinks
a cancellation; levels that come into or fall out of sight at the far end are neither.
Unit: KE in base currency (bps/s)^2, momentum in base currency bps/s; the ratio has none.
Assumption: an approximation of level-2 data.  What a trade takes counts as cancelled,
orders that come and go between two books are missed, and several changes of a level count
as one: it compares with itself only, at one rate of snapshots, never with ``book_kinetics``.
Cost: O(levels) per book, O(history) at the end of a window; state 15 + history + 4 levels.
Source: Li, Cao, Polukarov and Ventre, arXiv 2308.14235, for orders; the approximation is
this package's own.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
WINDOW, KNOWN, LOW, HIGH, KE, MOMENTUM, CHANGES, FULL, COUNT, HEAD = range(10)
LAST_KE, LAST_MOMENTUM, LAST_CHANGES, RATIO = range(11, 15)
RING = 15


@step
def close_window(state: Array, history: int) -> None:
    """Keep the sums of the window that ended, and compare them with those before."""
    if state[CHANGES] > 0.0:
        energy, count = state[KE], int(state[COUNT])
        state[RATIO] = NAN
        if count == history:
            usual = np.median(state[RING : RING + history])
            if usual > 0.0:
                state[RATIO] = energy / usual
        else:
            state[COUNT] += 1.0
        head = int(state[HEAD])
        state[RING + head] = energy
        state[HEAD] = (head + 1) % history
        state[LAST_KE], state[LAST_MOMENTUM] = energy, state[MOMENTUM]
        state[LAST_CHANGES] = state[CHANGES]
        state[FULL] += 1.0
    state[KE], state[MOMENTUM], state[CHANGES] = 0.0, 0.0, 0.0


@step
def move(state: Array, seconds: float, active: float, side: float, px: float, s: float) -> None:
    """Add one change of size, which may be negative."""
    low, high = state[LOW], state[HIGH]
    scale = 2e4 / (low + high)
    above, below = (px - low) * scale + active, (px - high) * scale - active
    if s != 0.0 and above >= 0.0 and below <= 0.0:
        v = (above if side > 0.0 else below) / seconds
        state[KE] += 0.5 * abs(s) * v * v
        state[MOMENTUM] += s * v
        state[CHANGES] += 1.0


@step
def changes(
    state: Array, seconds: float, active: float, side: float,
    old_px: Array, old_qty: Array, px: Array, qty: Array,
) -> None:  # fmt: skip
    """Compare one side of two books, best first; side +1 bids, -1 asks."""
    n, i, j = px.size, 0, 0
    while i < n and j < n:  # beyond the shallower of the two ends nothing can be compared
        if old_px[i] == px[j] and old_qty[i] == qty[j]:  # most levels stand as they stood
            i += 1
            j += 1
        elif not (math.isfinite(old_px[i]) and old_qty[i] > 0.0):
            i += 1
        elif not (math.isfinite(px[j]) and qty[j] > 0.0):
            j += 1
        elif old_px[i] == px[j]:
            move(state, seconds, active, side, px[j], qty[j] - old_qty[i])
            i += 1
            j += 1
        elif side * (old_px[i] - px[j]) > 0.0:
            move(state, seconds, active, side, old_px[i], -old_qty[i])
            i += 1
        else:
            move(state, seconds, active, side, px[j], qty[j])
            j += 1


@step
def update(
    state: Array, params: Array, ts: int,
    bid_pxs: Array, bid_qtys: Array, ask_pxs: Array, ask_qtys: Array,
) -> bool:  # fmt: skip
    """Take one book; says whether it was sound."""
    bid, ask = bid_pxs[0], ask_pxs[0]
    known = bid_qtys[0] + ask_qtys[0] < 1e300
    if not (known and ask > bid and bid > 0.0 and ask < 1e300):
        state[KNOWN] = 0.0  # no difference is taken across a gap
        return False
    levels, history = bid_pxs.size, int(params[2])
    old = state[RING + history :]
    window = float(math.floor(ts / (params[0] * 1e9)) + 1)
    if state[WINDOW] == 0.0:
        state[WINDOW], state[LOW], state[HIGH] = window, bid, ask
    if window > state[WINDOW]:
        close_window(state, history)
        state[WINDOW] = window
        if state[KNOWN] == 1.0:
            state[LOW], state[HIGH] = old[0], old[2 * levels]
        else:
            state[LOW], state[HIGH] = bid, ask
    if state[KNOWN] == 1.0:
        bids, asks = old[: 2 * levels], old[2 * levels :]
        changes(state, params[0], params[1], 1.0, bids[:levels], bids[levels:], bid_pxs, bid_qtys)
        changes(state, params[0], params[1], -1.0, asks[:levels], asks[levels:], ask_pxs, ask_qtys)
    old[:levels], old[levels : 2 * levels] = bid_pxs, bid_qtys
    old[2 * levels : 3 * levels], old[3 * levels :] = ask_pxs, ask_qtys
    state[KNOWN] = 1.0
    return True


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    if bid_pxs.shape[1] == 0:
        return
    for i in range(ts.size):
        sound = update(state, params, ts[i], bid_pxs[i], bid_qtys[i], ask_pxs[i], ask_qtys[i])
        if sound and state[FULL] > 0.0:
            out[i, 0], out[i, 1] = state[LAST_KE], state[LAST_MOMENTUM]
            out[i, 2] = 2.0 * state[LAST_KE] / state[LAST_CHANGES]
            out[i, 3], out[i, 4] = state[LAST_CHANGES], state[RATIO]
        else:
            for j in range(5):
                out[i, j] = NAN
        out[i, 5] = state[FULL] if sound else NAN


ANALYTIC = Analytic(
    name="book_kinetics_l2", group="econophysics",
    inputs=("ts", "bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__, batch=batch,
    outputs=("kinetic", "momentum", "temperature", "changes", "ratio", "windows"),
    state_size=lambda params, levels: RING + int(params[2]) + 4 * levels,
    params=(
        Param("window", 10.0, "length of a window, s", 1e-6),
        Param("active_bps", 30.0, "active depth, bps of the mid", 1e-6),
        Param("history", 50, "windows whose median is the usual energy", 1, 1e4, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
