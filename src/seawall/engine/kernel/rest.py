# SPDX-License-Identifier: MIT
"""Arrival at the venue: refusals, limit orders by their time in force, and triggers."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.fills import finish_order, shrink_to_position
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.margin import affordable
from seawall.engine.kernel.money import SPOT, fee_of, value_at
from seawall.engine.kernel.orders import (
    ACCEPT,
    CANCEL,
    EXPIRE,
    LIMIT,
    MARKET,
    REJECT,
    inst_row,
    link_live,
    move_state,
    order_row,
    push_note,
)
from seawall.engine.kernel.queue import join_queue
from seawall.engine.kernel.take import (
    displayed_within,
    own_blocks,
    take,
    take_market,
    touch,
)
from seawall.engine.layout import (
    H_STALE,
    H_TRIGGER_MARK,
    H_VENUE_NOW,
    I_BARS,
    I_EXPIRY,
    I_HAS_BOOK,
    I_HEAD,
    I_KIND,
    I_LAST,
    I_MARK_FP,
    I_POS,
    I_SEEN,
    I_STATE,
    I_STOPS,
    I_TAKER,
    NOTE_ACCEPT,
    R_ACTIVE,
    R_EXPIRE,
    R_FILLED,
    R_FLAGS,
    R_FRESH,
    R_INST,
    R_NEXT,
    R_PX,
    R_QTY,
    R_SIDE,
    R_TIF,
    R_TRAIL,
    R_TRIGGER,
    R_TYPE,
)
from seawall.model.events import MARK_FP_BITS

POST_ONLY = 1
REDUCE_ONLY = 2
IOC = 1
FOK = 2
STOP = 2
STOP_LIMIT = 3
TAKE_PROFIT = 4
TRAILING = 5
GOOD = 1
DELISTED = 9
"""STATUS code: the instrument ends; its position is closed at the last price."""

STALE_STATE = 2

R_WOULD_TAKE = 4
R_WOULD_OPEN = 5
R_MARGIN = 6
R_FOK = 7
R_SELF_TRADE = 8
R_BOOK = 9
R_NO_LIQUIDITY = 11
INSUFFICIENT = 6


@internal
def book_state(w, ip, now):
    """State of the book as risk sees it: silence makes a good book stale."""
    state = w[ip + I_STATE]
    if state == GOOD and w[H_STALE] > 0 and now - w[ip + I_SEEN] > w[H_STALE]:
        return STALE_STATE
    return state


@internal
def _marketable(w, op, ip):
    px = touch(w, ip, w[op + R_SIDE])
    return px > 0 and w[op + R_SIDE] * (w[op + R_PX] - px) >= 0


@internal
def _work_limit(w, slot):
    """A live limit order meets the book: take, then rest, by its time in force."""
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    tif = w[op + R_TIF]
    left = w[op + R_QTY] - w[op + R_FILLED]
    if w[op + R_FLAGS] & REDUCE_ONLY:
        left = shrink_to_position(w, op, ip)
        if left <= 0:
            finish_order(w, slot, CANCEL, R_WOULD_OPEN)
            return
    if tif == FOK and own_blocks(w, slot, w[op + R_PX]):
        finish_order(w, slot, CANCEL, R_SELF_TRADE)
        return
    if _marketable(w, op, ip):
        if w[op + R_FLAGS] & POST_ONLY:
            event = REJECT if w[op + R_FILLED] == 0 else CANCEL
            finish_order(w, slot, event, R_WOULD_TAKE)
            return
        if tif == FOK and displayed_within(w, ip, w[op + R_SIDE], w[op + R_PX]) < left:
            finish_order(w, slot, CANCEL, R_FOK)
            return
        if not take(w, slot, w[op + R_PX]):
            return
    if tif == IOC or tif == FOK:
        finish_order(w, slot, CANCEL, R_NO_LIQUIDITY if tif == IOC else R_FOK)
        return
    if own_blocks(w, slot, w[op + R_PX]):  # our own order inside the spread
        finish_order(w, slot, CANCEL, R_SELF_TRADE)
        return
    join_queue(w, op, ip)


@internal
def work(w, slot):
    """Let a live, triggered order meet the market."""
    op = order_row(w, slot)
    if w[op + R_TYPE] == MARKET:
        take_market(w, slot)
    else:
        _work_limit(w, slot)


@internal
def _refusal(w, op, ip):
    """Reason for which the venue refuses an arriving order, 0 none."""
    left = w[op + R_QTY]
    if w[ip + I_EXPIRY] < 0 or w[ip + I_STATE] == DELISTED:
        return R_BOOK
    if w[op + R_FLAGS] & REDUCE_ONLY:
        if shrink_to_position(w, op, ip) <= 0:
            return R_WOULD_OPEN
        return 0
    if (
        w[ip + I_BARS] == 0
        and w[ip + I_HAS_BOOK] != 0
        and book_state(w, ip, w[H_VENUE_NOW]) != GOOD
    ):
        closes = w[ip + I_POS] * w[op + R_SIDE] < 0 and left <= abs(w[ip + I_POS])
        if not closes:
            return R_BOOK
    px = w[op + R_PX] if w[op + R_PX] > 0 else touch(w, ip, w[op + R_SIDE])
    if px <= 0:
        px = w[ip + I_LAST]
    # On bars a spot market order is cut to what the balance pays for when it is filled.
    cut_later = w[ip + I_BARS] and w[op + R_TYPE] == MARKET and w[ip + I_KIND] == SPOT
    if px > 0 and w[op + R_TYPE] <= LIMIT and not cut_later:
        fee = max(0, fee_of(abs(value_at(w, ip, left, px)), w[ip + I_TAKER]))
        if not affordable(w, ip, w[op + R_SIDE], left, px, fee):
            return R_MARGIN
    return 0


@internal
def arrive(w, slot):
    """An order reaches the venue: refuse it, or accept it and let it work."""
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    w[op + R_ACTIVE] = max(w[H_VENUE_NOW], 1)
    w[op + R_FRESH] = 1
    reason = _refusal(w, op, ip)
    link_live(w, slot)
    if w[op + R_EXPIRE] <= w[H_VENUE_NOW]:
        finish_order(w, slot, EXPIRE, 0)
        return
    if reason:
        finish_order(w, slot, REJECT, reason)
        return
    move_state(w, op, ACCEPT)
    push_note(w, NOTE_ACCEPT, slot, 0, 0, 0)
    if w[ip + I_BARS]:
        return  # bars decide at their open
    if w[op + R_TYPE] <= LIMIT:
        work(w, slot)
    else:
        check_stops(w, ip, trigger_price(w, ip))


@internal
def trigger_price(w, ip):
    """Price that stops look at, ticks; 0 unknown."""
    return w[ip + I_MARK_FP] >> MARK_FP_BITS if w[H_TRIGGER_MARK] else w[ip + I_LAST]


@internal
def stop_reached(w, op, px):
    """Whether a waiting order's trigger is reached at a price; moves a trailing one."""
    side = w[op + R_SIDE]
    if w[op + R_TYPE] == TRAILING:
        trail = px + side * w[op + R_TRAIL]
        if w[op + R_TRIGGER] == 0 or side * (trail - w[op + R_TRIGGER]) < 0:
            w[op + R_TRIGGER] = trail
    if w[op + R_TYPE] == TAKE_PROFIT:
        return side * (px - w[op + R_TRIGGER]) <= 0
    return side * (px - w[op + R_TRIGGER]) >= 0


@internal
def trigger(w, slot):
    """Turn a waiting order into the one it stands for; returns its type.

    -1 when it is reduce-only and there is nothing left to close: then it is ended.
    """
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    w[ip + I_STOPS] -= 1
    w[op + R_TYPE] = LIMIT if w[op + R_TYPE] == STOP_LIMIT else MARKET
    if w[op + R_FLAGS] & REDUCE_ONLY and shrink_to_position(w, op, ip) <= 0:
        finish_order(w, slot, CANCEL, R_WOULD_OPEN)
        return -1
    return w[op + R_TYPE]


@internal
def check_stops(w, ip, px):
    """Trigger every waiting order that a price reaches, oldest first."""
    if px <= 0:
        return
    again = True
    while again and w[ip + I_STOPS] > 0:
        again = False
        slot = w[ip + I_HEAD]
        while slot >= 0:
            op = order_row(w, slot)
            if w[op + R_TYPE] > LIMIT and stop_reached(w, op, px):
                if trigger(w, slot) >= 0:
                    work(w, slot)
                again = True
                break
            slot = w[op + R_NEXT]
