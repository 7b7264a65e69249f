# SPDX-License-Identifier: MIT
"""Kinetic energy, momentum and kinetic temperature of a book, from single orders.

Formula: windows of D seconds; b, a = best prices at the start of a window, A the active
depth, x = distances in bps of the mid at that moment.  An order within [b - A, a + A] moves
at v = (x - (b - A)) / D when it buys and v = (x - (a + A)) / D when it sells, at -v when it
is cancelled; one that crosses counts at the opposite best.  With sizes s as masses,
KE = sum s v^2 / 2, momentum = sum s v, T = 2 KE / N for N orders.
Unit: KE in base currency (bps/s)^2, momentum in base currency bps/s; the ratio of KE to the
median of the windows before has none.
Assumption: every order is seen, with bests as they stand after it; rows in order of time.
Values are those of the last full window that had orders, so nothing is known early.  D
enters KE as 1/D^2: compare windows of one length only, or read the ratio.
Cost: O(1) per order, and O(history) at the end of a window; 15 + history numbers
of state.
Source: Li, Cao, Polukarov and Ventre, An Empirical Analysis of Financial Markets: An
Econophysics Approach, arXiv 2308.14235; equipartition for the temperature.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
WINDOW, BID, ASK, REF_BID, REF_ASK, KE, MOMENTUM, ORDERS, FULL, COUNT, HEAD = range(11)
LAST_KE, LAST_MOMENTUM, LAST_ORDERS, RATIO = range(11, 15)
RING = 15


@step
def close_window(state: Array, history: int) -> None:
    """Keep the sums of the window that ended, and compare them with those before."""
    if state[ORDERS] > 0.0:
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
        state[LAST_ORDERS] = state[ORDERS]
        state[FULL] += 1.0
    state[KE], state[MOMENTUM], state[ORDERS] = 0.0, 0.0, 0.0


@step
def update(
    state: Array, params: Array, ts: int, side: float, action: float,
    px: float, qty: float, bid: float, ask: float,
) -> bool:  # fmt: skip
    """Take one order; says whether the row was sound."""
    known = math.isfinite(px) and 0.0 < qty < 1e300 and abs(side) == 1.0 and abs(action) == 1.0
    if not (known and ask > bid and bid > 0.0 and ask < 1e300):
        return False
    window = float(math.floor(ts / (params[0] * 1e9)) + 1)
    if state[BID] == 0.0:  # the first row only says where the bests are
        state[WINDOW] = window
        state[REF_BID], state[REF_ASK] = bid, ask
        state[BID], state[ASK] = bid, ask
        return True
    if window > state[WINDOW]:
        close_window(state, int(params[2]))
        state[WINDOW] = window
        state[REF_BID], state[REF_ASK] = state[BID], state[ASK]
    low, high = state[REF_BID], state[REF_ASK]
    scale = 2e4 / (low + high)
    if action > 0.0 and side > 0.0 and px >= state[ASK]:
        px = high
    elif action > 0.0 and side < 0.0 and px <= state[BID]:
        px = low
    above, below = (px - low) * scale + params[1], (px - high) * scale - params[1]
    if above >= 0.0 and below <= 0.0:
        v = action * (above if side > 0.0 else below) / params[0]
        state[KE] += 0.5 * qty * v * v
        state[MOMENTUM] += qty * v
        state[ORDERS] += 1.0
    state[BID], state[ASK] = bid, ask
    return True


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, order_side: Array, action: Array,
    order_px: Array, order_qty: Array, bid_px: Array, ask_px: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(ts.size):
        sound = update(
            state, params, ts[i], order_side[i], action[i], order_px[i], order_qty[i],
            bid_px[i], ask_px[i],
        )  # fmt: skip
        if sound and state[FULL] > 0.0:
            out[i, 0], out[i, 1] = state[LAST_KE], state[LAST_MOMENTUM]
            out[i, 2] = 2.0 * state[LAST_KE] / state[LAST_ORDERS]
            out[i, 3], out[i, 4] = state[LAST_ORDERS], state[RATIO]
        else:
            for j in range(5):
                out[i, j] = NAN
        out[i, 5] = state[FULL] if sound else NAN


ANALYTIC = Analytic(
    name="book_kinetics", group="econophysics",
    inputs=("ts", "order_side", "action", "order_px", "order_qty", "bid_px", "ask_px"),
    doc=__doc__, batch=batch,
    outputs=("kinetic", "momentum", "temperature", "orders", "ratio", "windows"),
    state_size=lambda params, levels: RING + int(params[2]),
    params=(
        Param("window", 10.0, "length of a window, s", 1e-6),
        Param("active_bps", 30.0, "active depth, bps of the mid", 1e-6),
        Param("history", 50, "windows whose median is the usual energy", 1, 1e4, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
