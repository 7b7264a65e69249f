# SPDX-License-Identifier: MIT
"""Evidence of wash trading: orders that meet a quote of their own size, or no quote at all.

Formula: prints of one side with one time of the venue are an order; one that took more than
one price swept stale quotes and is not judged.  An order of size q is *met* when the touch it
hit grew by exactly q within ``near`` seconds of it; *paired* when one of the same size and the
other side came within one second; *unseen* when it filled between the best quotes at a price
that nobody had shown, or at the touch, which did not shrink within a millisecond.  The chance
of either match by accident is 1 - (1 - f(q))^n, f(q) the share of orders of that size so far,
n the number of candidates; a quote of that size on the wrong side is one more accident.
O, E: sums of hits and of accidents, faded over ``memory`` seconds; L = max(E, orders times the
stream's own slow share of hits, ``floor``); surprise = (O ln(O / L) - O + L) / ln 10, the
Chernoff bound of a Poisson count in decades, 0 where O <= L; each part = min(1, surprise /
``decades``); score = 1 - (1 - met)(1 - paired)(1 - unseen).
Unit: score and parts 0 to 1, evidence and no verdict; share: met volume over all volume.
Assumption: sizes within a second are independent of quotes just placed.  Trades and quotes come
with one clock: where more than a tenth of all orders are unseen that part counts less, from
three tenths on nothing.  A stream that is washed from its first minute on is its own usual and
shows nothing here; the test of all its sizes does (wash_venue).
Cost: O(32) per print and per quote; 548 numbers of state.
Source: Cong, Li, Tang and Yang (2023), Management Science 69(11), for what fabricated sizes
look like; the matching of a print with a quote is our own rule.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
KEPT, BINS = 32, 256
TOGETHER, SAME = 2e-6, 1e-3
LATE = 0.1  # seconds by which messages may be out of the venue's order
LEAST = 50.0  # orders from which on a share of them is told
# Heads of the state, then two rings of (side, price, size, time) and the sizes seen.
(
    STARTED, ORIGIN, NOW, BID, BID_QTY, ASK, ASK_QTY, ADD_HEAD, TAKE_HEAD, SEEN, MET, MET_E,
    PAIRED, PAIRED_E, SLOW_MET, SLOW_PAIRED, VOLUME, MET_VOLUME, ORDER_SIDE, ORDER_PX,
    ORDER_QTY, ORDER_TIME, ORDER_SWEEP, SENT, ORDER_SEEN, ORDER_INSIDE, INSIDE, SLOW_INSIDE,
    QUOTE_SENT, OLD_BID, OLD_ASK, BID_SENT, ASK_SENT, ORDER_MOVED,
    ORDERS, SLOW_ORDERS,
) = range(36)  # fmt: skip
ADDS = 36
TAKES = ADDS + 4 * KEPT
SIZES = TAKES + 4 * KEPT
SIZE = SIZES + BINS


@step
def surprise(hits: float, expected: float) -> float:
    """Decades by which a Poisson count exceeds what is expected."""
    if hits <= expected:
        return 0.0
    return (hits * math.log(hits / expected) - hits + expected) / math.log(10.0)


@step
def fade(state: Array, now: float, memory: float, slow: float) -> None:
    """Let the sums of the past fade up to a time."""
    gap = max(now - state[NOW], 0.0)
    keep = math.exp(-gap / memory)
    for k in range(MET, PAIRED_E + 1):
        state[k] *= keep
    state[VOLUME] *= keep
    state[MET_VOLUME] *= keep
    old = math.exp(-gap / slow)
    state[SLOW_MET] *= old
    state[SLOW_PAIRED] *= old
    state[INSIDE] *= keep
    state[SLOW_INSIDE] *= old
    state[ORDERS] *= keep
    state[SLOW_ORDERS] *= old
    state[NOW] = max(now, state[NOW])


@step
def frequency(state: Array, qty: float) -> float:
    """Share of prints of this size, by its bin, before it is counted."""
    b = SIZES + int(math.floor(qty * 1e8 + 0.5) % 251.0)
    share = (state[b] + 0.05) / (state[SEEN] + 1.0)
    state[b] += 1.0
    state[SEEN] += 1.0
    if state[SEEN] >= 4096.0:  # old sizes fade
        state[SEEN] = 0.0
        for k in range(SIZES, SIZE):
            state[k] *= 0.5
            state[SEEN] += state[k]
    return float(min(share, 1.0))


@step
def put(
    state: Array, ring: int, head: int, side: float, px: float, qty: float, sent: float
) -> None:  # fmt: skip
    """Write an entry over the oldest of a ring."""
    at = ring + 4 * int(state[head])
    state[at], state[at + 1], state[at + 2], state[at + 3] = side, px, qty, sent
    state[head] = (state[head] + 1.0) % KEPT


@step
def find(
    state: Array, ring: int, side: float, px: float, qty: float, near: float, sent: float
) -> int:  # fmt: skip
    """Entry with this side, price (0: any) and size, within ``near`` of a time; -1: none."""
    head = int(state[ADD_HEAD if ring == ADDS else TAKE_HEAD])
    for k in range(1, KEPT + 1):
        at = ring + 4 * ((head - k + KEPT) % KEPT)
        if sent - state[at + 3] > near + LATE:  # the rest is older still
            return -1
        if (
            state[at] == side and abs(state[at + 2] - qty) <= 1e-6 * qty
            and (px == 0.0 or abs(state[at + 1] - px) <= 1e-9 * px)
            and abs(sent - state[at + 3]) <= near
        ):  # fmt: skip
            return at
    return -1


@step
def count(
    state: Array, ring: int, side: float, px: float, near: float, sent: float
) -> int:  # fmt: skip
    """Number of candidates of a side and price (0: any), within ``near`` of a time."""
    head = int(state[ADD_HEAD if ring == ADDS else TAKE_HEAD])
    n = 0
    for k in range(1, KEPT + 1):
        at = ring + 4 * ((head - k + KEPT) % KEPT)
        if sent - state[at + 3] > near + LATE:
            return n
        if (
            state[at] == side and abs(sent - state[at + 3]) <= near
            and (px == 0.0 or abs(state[at + 1] - px) <= 1e-9 * px)
        ):  # fmt: skip
            n += 1
    return n


@step
def met(state: Array, qty: float) -> None:
    """Count a print that met a quote of its size."""
    state[MET] += 1.0
    state[SLOW_MET] += 1.0
    state[MET_VOLUME] += qty


@step
def added(state: Array, side: float, px: float, qty: float, near: float) -> None:
    """Take a quantity that was added at the touch; the print may have arrived before it."""
    at = find(state, TAKES, -side, px, qty, near, state[SENT])
    if at >= 0 and qty > 0.0:
        met(state, qty)
        state[at] = 0.0
    else:
        put(state, ADDS, ADD_HEAD, side, px, qty, state[SENT])


@step
def quoted(state: Array, bid: float, bid_qty: float, ask: float, ask_qty: float, near: float,
           ) -> None:  # fmt: skip
    """Compare best quotes with those before them."""
    if state[BID] > 0.0:
        if bid > state[BID]:
            added(state, 1.0, bid, bid_qty, near)
        elif bid == state[BID] and bid_qty > state[BID_QTY]:
            added(state, 1.0, bid, bid_qty - state[BID_QTY], near)
        if ask < state[ASK]:
            added(state, -1.0, ask, ask_qty, near)
        elif ask == state[ASK] and ask_qty > state[ASK_QTY]:
            added(state, -1.0, ask, ask_qty - state[ASK_QTY], near)
    if bid != state[BID] or ask != state[ASK] or bid_qty != state[BID_QTY] or (
        ask_qty != state[ASK_QTY]
    ):  # fmt: skip
        state[OLD_BID], state[OLD_ASK] = state[BID], state[ASK]
        if bid != state[BID] or bid_qty != state[BID_QTY]:
            state[BID_SENT] = state[SENT]
        if ask != state[ASK] or ask_qty != state[ASK_QTY]:
            state[ASK_SENT] = state[SENT]
        changed = state[BID_SENT if state[ORDER_SIDE] < 0.0 else ASK_SENT]
        if state[ORDER_QTY] > 0.0 and abs(changed - state[ORDER_TIME]) <= SAME:
            state[ORDER_MOVED] = 1.0
        state[QUOTE_SENT] = state[SENT]
        # A quote from before the order, that the order overtook on its way.
        if state[ORDER_QTY] > 0.0 and state[SENT] < state[ORDER_TIME] - TOGETHER:
            state[ORDER_INSIDE] = 1.0 if bid < state[ORDER_PX] < ask else 0.0
    state[BID], state[BID_QTY], state[ASK], state[ASK_QTY] = bid, bid_qty, ask, ask_qty


@step
def judged(state: Array, near: float) -> None:
    """Judge an order that has come to its end, unless it swept more than one price."""
    if state[ORDER_QTY] <= 0.0 or state[ORDER_SWEEP] > 0.0:
        state[ORDER_QTY] = 0.0
        return
    side, px, qty = state[ORDER_SIDE], state[ORDER_PX], state[ORDER_QTY]
    sent = state[ORDER_TIME]
    state[ORDER_QTY] = 0.0
    state[ORDERS] += 1.0
    state[SLOW_ORDERS] += 1.0
    share = frequency(state, qty)
    candidates = count(state, ADDS, -side, px, near, sent)
    state[MET_E] += 1.0 - (1.0 - share) ** candidates
    # A quote of this size on the side that the order cannot have hit: pure accident.
    if find(state, ADDS, side, 0.0, qty, near, sent) >= 0:
        state[MET_E] += 1.0
    pairs = count(state, TAKES, -side, 0.0, 1.0, sent)
    state[PAIRED_E] += 1.0 - (1.0 - share) ** pairs
    at = find(state, ADDS, -side, px, qty, near, sent)
    if at >= 0:
        met(state, qty)
        state[at] = 0.0
    if find(state, TAKES, -side, 0.0, qty, 1.0, sent) >= 0:
        state[PAIRED] += 1.0
        state[SLOW_PAIRED] += 1.0
    # A resting order must have been shown, and what was taken of it must be missing after.
    where = state[ORDER_INSIDE]
    hidden = where == 1.0 and count(state, ADDS, -side, px, near, sent) == 0
    if hidden or (where == 2.0 and state[ORDER_MOVED] == 0.0):
        state[INSIDE] += 1.0
        state[SLOW_INSIDE] += 1.0
        state[MET_VOLUME] += qty
    put(state, TAKES, TAKE_HEAD, side, px, qty, sent)


@step
def printed(state: Array, px: float, qty: float, side: float, near: float) -> None:
    """Take a print of a taker's side: prints of one order arrive together."""
    state[VOLUME] += qty
    same = state[ORDER_QTY] > 0.0 and state[ORDER_SIDE] == side
    if same and abs(state[SENT] - state[ORDER_TIME]) < TOGETHER:
        state[ORDER_QTY] += qty
        if px != state[ORDER_PX]:
            state[ORDER_SWEEP] = 1.0
    else:
        judged(state, near)
        state[ORDER_SIDE], state[ORDER_PX], state[ORDER_QTY] = side, px, qty
        state[ORDER_SWEEP] = 0.0
        # The quote that the order itself left behind may have come before it.
        after = state[QUOTE_SENT] >= state[SENT] - TOGETHER
        bid, ask = state[OLD_BID if after else BID], state[OLD_ASK if after else ASK]
        state[ORDER_INSIDE] = 1.0 if bid < px < ask else 0.0
        changed = state[BID_SENT if side < 0.0 else ASK_SENT]
        state[ORDER_MOVED] = 1.0 if abs(changed - state[SENT]) <= SAME else 0.0
        if px == (bid if side < 0.0 else ask):
            state[ORDER_INSIDE] = 2.0
    state[ORDER_TIME], state[ORDER_SEEN] = state[SENT], state[NOW]


@step
def part(state: Array, hits: float, expected: float, slow: float, params: Array) -> float:
    """Evidence of one kind, 0 to 1; more orders than usual bring more hits by accident."""
    usual = slow / max(state[SLOW_ORDERS], LEAST) * state[ORDERS]
    level = max(max(expected, usual), params[4])
    return float(min(surprise(hits, level) / params[5], 1.0))


@step
def in_step(state: Array) -> float:
    """How far prints and quotes of this stream can be compared at all, 0 to 1."""
    share = state[SLOW_INSIDE] / max(state[SLOW_ORDERS], LEAST)
    return float(min(max((0.3 - share) / 0.2, 0.0), 1.0))


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, sent: Times, bid_px: Array,
    bid_qty: Array, ask_px: Array, ask_qty: Array, price: Array, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop over rows; a row with a size is a print, any other a quote."""
    near, memory, slow, warm = params[0], params[1], params[2], params[3]
    for i in range(ts.size):
        out[i] = NAN
        sum_ = bid_px[i] + bid_qty[i] + ask_px[i] + ask_qty[i] + price[i] + qty[i] + side[i]
        if not (math.isfinite(sum_) and qty[i] >= 0.0 and price[i] > 0.0):
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        fade(state, (ts[i] - state[ORIGIN]) * 1e-9, memory, slow)
        state[SENT] = (ts[i] - state[ORIGIN] - (ts[i] - sent[i])) * 1e-9
        if state[ORDER_QTY] > 0.0 and state[NOW] - state[ORDER_SEEN] >= params[6]:
            judged(state, near)
        quoted(state, bid_px[i], bid_qty[i], ask_px[i], ask_qty[i], near)
        if qty[i] > 0.0 and side[i] != 0.0:
            printed(state, price[i], qty[i], side[i], near)
        if state[NOW] < warm:
            continue
        one = part(state, state[MET], state[MET_E], state[SLOW_MET], params)
        two = part(state, state[PAIRED], state[PAIRED_E], state[SLOW_PAIRED], params)
        three = part(state, state[INSIDE], 0.0, state[SLOW_INSIDE], params) * in_step(state)
        out[i, 0] = 1.0 - (1.0 - one) * (1.0 - two) * (1.0 - three)
        out[i, 1], out[i, 2], out[i, 3] = one, two, three
        out[i, 4] = min(state[MET_VOLUME] / state[VOLUME], 1.0) if state[VOLUME] > 0.0 else 0.0


ANALYTIC = Analytic(
    name="wash", group="manipulation", doc=__doc__,
    inputs=("ts", "sent", "bid_px", "bid_qty", "ask_px", "ask_qty", "price", "qty", "side"),
    outputs=("score", "met", "paired", "unseen", "share"), batch=batch,
    state_size=lambda params, levels: SIZE,
    params=(
        Param("near", 0.003, "a quote this many seconds around an order met it", 0.0, 1.0),
        Param("memory", 10.0, "the sums fade over this many seconds", 0.1, 3600.0),
        Param("slow", 300.0, "the stream's own mean fades over this many seconds", 1.0, 1e6),
        Param("warm", 20.0, "seconds before the first score", 0.0, 3600.0),
        Param("floor", 0.5, "least count that is expected", 1e-3, 1e3),
        Param("decades", 6.0, "surprise that is full evidence, decades", 0.1, 100.0),
        Param("wait", 0.005, "seconds until the last print of an order has come", 0.0, 1.0),
    ),
)  # fmt: skip
