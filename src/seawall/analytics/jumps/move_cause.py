# SPDX-License-Identifier: MIT
"""What moved the mid, event by event: a trade, a cancellation, or a better quote.

Formula: each row is the book after one event, with the trade of that event if it was one.
Cause 1: a trade took the best quote of the side that gave way; 2: that quote went without a
trade; 3: a quote came inside the spread; 4: both sides moved at once, a gap of the feed.
First gap = distance from the best to the second level of that side before the event (of the
wider gap where nothing gave way); size ratio = trade over the best size it met.
Unit: move and gap in basis points of the mid before; ratio and cause none, cause 0: no move.
Assumption: one event per row, order by order or change by change; a book sampled each 100 ms
blurs causes into 4 and 2.  The quote is an identity of the book, not the reason of its owner.
Cost: O(1), 7 numbers of state.
Source: Farmer, Gillemot, Lillo, Mike and Sen (2004), Quantitative Finance 4(4).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic

NAN = float("nan")
HAS, BID, ASK, BID_QTY, ASK_QTY, BID_GAP, ASK_GAP = range(7)
TRADE, CANCEL, QUOTE, JUMP = 1.0, 2.0, 3.0, 4.0


@step
def cause_of(state: Array, bid: float, ask: float, qty: float, side: float) -> float:
    """Cause of a move, by which best prices changed and how."""
    gave = (bid < state[BID]) or (ask > state[ASK])
    came = (bid > state[BID]) or (ask < state[ASK])
    traded = qty > 0.0 and ((side > 0.0 and ask > state[ASK]) or (side < 0.0 and bid < state[BID]))
    if traded:
        return TRADE
    if gave and came:
        return JUMP
    return CANCEL if gave else QUOTE


@step
def update(
    state: Array, out: Array, bid_pxs: Array, bid_qtys: Array, ask_pxs: Array, ask_qtys: Array,
    qty: float, side: float,
) -> None:  # fmt: skip
    """Take one row."""
    out[:] = NAN
    bid, ask = bid_pxs[0], ask_pxs[0]
    sound = 0.0 < bid < 1e300 and 0.0 < ask < 1e300 and qty >= 0.0 and qty < 1e300
    for k in range(bid_pxs.size):  # one level that is no number makes the row unsound
        sound = sound and math.isfinite(bid_pxs[k] + bid_qtys[k] + ask_pxs[k] + ask_qtys[k])
    if not sound or not abs(side) <= 1.0:
        return
    second = 1 if bid_pxs.size > 1 else 0
    if state[HAS] == 1.0:
        mid, now = 0.5 * (state[BID] + state[ASK]), 0.5 * (bid + ask)
        unit = 1e4 / mid
        gap = state[ASK_GAP] if ask > state[ASK] else state[BID_GAP]
        if not (ask > state[ASK] or bid < state[BID]):
            gap = max(state[ASK_GAP], state[BID_GAP])
        out[0] = (now - mid) * unit
        out[1] = 0.0 if now == mid else cause_of(state, bid, ask, qty, side)
        out[2] = gap * unit
        met = state[ASK_QTY] if side > 0.0 else state[BID_QTY]
        out[3] = qty / met if met > 0.0 else 0.0
        moved = ask - state[ASK] if ask > state[ASK] else state[BID] - bid
        out[4] = 1.0 if out[1] == TRADE and abs(moved - gap) <= 1e-9 * mid else 0.0
    state[HAS], state[BID], state[ASK] = 1.0, bid, ask
    state[BID_QTY], state[ASK_QTY] = bid_qtys[0], ask_qtys[0]
    state[BID_GAP], state[ASK_GAP] = bid - bid_pxs[second], ask_pxs[second] - ask


@entry
def batch(
    state: Array, params: Array, out: Table, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table,
    ask_qtys: Table, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(qty.size):
        update(state, out[i], bid_pxs[i], bid_qtys[i], ask_pxs[i], ask_qtys[i], qty[i], side[i])


BOOK = ("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys", "qty", "side")

ANALYTIC = Analytic(
    name="move_cause", group="jumps", inputs=BOOK, doc=__doc__,
    outputs=("move", "cause", "first_gap", "size_ratio", "one_gap"), batch=batch,
    state_size=lambda params, levels: 7,
)  # fmt: skip
