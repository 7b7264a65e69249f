# SPDX-License-Identifier: MIT
"""Resilience: how soon the best quotes are back after a large trade.

Formula: a trade of at least ``share`` of the size at the best price it hits is a shock; the
book is dented when the spread is wider, or the size there below ``recovered`` of what it
was; it is back when neither is so any more.  seconds = from the trade to then, of the last
shock that ended; mean_seconds and share over all; a dent that lasts longer than ``horizon``
counts as not back.
Unit: seconds; share none.
Assumption: rows in order of time, trades with the book before them, quotes with ``qty`` 0.
One shock at a time: trades while one is under way belong to it.  Shocks that leave no dent
within the horizon are not counted.
Cost: O(1), nine numbers of state.
Source: Large (2007), Journal of Financial Markets 10(1), for the question.
"""

from __future__ import annotations

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
PHASE, SINCE, SIDE, SPREAD, DEPTH, LAST, SUM, BACK, DENTS = range(9)
CALM, STRUCK, DENTED = 0.0, 1.0, 2.0


@step
def follow(
    state: Array, times: Times, params: Array, horizon_ns: int, ts: int, spread: float,
    depth: float,
) -> None:  # fmt: skip
    """Move on a shock that is under way."""
    waited = ts - times[SINCE]
    low = depth < params[1] * state[DEPTH] or spread > state[SPREAD] * (1.0 + 1e-9)
    if state[PHASE] == STRUCK and low and waited <= horizon_ns:
        state[PHASE] = DENTED
        state[DENTS] += 1.0
    elif state[PHASE] == DENTED and not low and waited <= horizon_ns:
        state[PHASE] = CALM
        state[LAST] = waited * 1e-9
        state[SUM] += state[LAST]
        state[BACK] += 1.0
    elif waited > horizon_ns:
        state[PHASE] = CALM


@step
def update(
    state: Array, times: Times, params: Array, horizon_ns: int, ts: int,
    bid_px: float, bid_qty: float, ask_px: float, ask_qty: float, qty: float, side: float,
) -> bool:  # fmt: skip
    """Take one row; says whether it was sound."""
    sizes = bid_qty + ask_qty
    finite = (abs(bid_px + ask_px + sizes) < 1e300) & (qty >= 0.0) & (qty < 1e300)
    if not (finite and ask_px > bid_px and bid_qty >= 0.0 and ask_qty >= 0.0):
        return False
    if not abs(side) <= 1.0:
        return False
    spread = ask_px - bid_px
    if state[PHASE] != CALM:
        depth = ask_qty if state[SIDE] > 0.0 else bid_qty
        follow(state, times, params, horizon_ns, ts, spread, depth)
    depth = ask_qty if side > 0.0 else bid_qty
    if qty > 0.0 and side != 0.0 and state[PHASE] == CALM and qty >= params[0] * depth > 0.0:
        state[PHASE], state[SIDE], state[SPREAD], state[DEPTH] = STRUCK, side, spread, depth
        times[SINCE] = ts
    return True


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    times = state.view(np.int64)
    horizon_ns = int(params[2] * 1e9)
    for i in range(ts.size):
        sound = update(
            state, times, params, horizon_ns, ts[i],
            bid_px[i], bid_qty[i], ask_px[i], ask_qty[i], qty[i], side[i],
        )  # fmt: skip
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = NAN, NAN, NAN, NAN
        if sound:
            out[i, 3] = state[DENTS]
            if state[BACK] > 0.0:
                out[i, 0], out[i, 1] = state[LAST], state[SUM] / state[BACK]
            over = state[DENTS] - (1.0 if state[PHASE] == DENTED else 0.0)
            if over > 0.0:
                out[i, 2] = state[BACK] / over


ANALYTIC = Analytic(
    name="resilience", group="book",
    inputs=("ts", "bid_px", "bid_qty", "ask_px", "ask_qty", "qty", "side"), doc=__doc__,
    outputs=("seconds", "mean_seconds", "share", "dents"), batch=batch,
    state_size=lambda params, levels: 9,
    params=(
        Param("share", 0.5, "size of a shock over the size at the best price", 1e-9, 1e9),
        Param("recovered", 0.9, "share of the size that counts as back", 1e-9, 10.0),
        Param("horizon", 30.0, "seconds within which it must be back", 1e-6, 1e6),
    ),
)  # fmt: skip
