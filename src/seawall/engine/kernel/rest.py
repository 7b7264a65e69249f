# SPDX-License-Identifier: MIT
"""Resting: arrival at the venue, the queue, and what trades and deltas do to it.

Queue position: on arrival everything displayed at our price is ahead of us.  Trades
at our price eat the queue from the front.  A decrease that trades do not explain is
cancels, of which the model says how many stood ahead: none (pessimistic), a share by
a power law of where we stand (probabilistic), or all of them first (optimistic).
Source: the family of models documented by hftbacktest; Huang and Polak, LOBSTER, 2011,
for the limits of what level-2 data can tell.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.book import quantity_at
from seawall.engine.kernel.fills import fill_order, finish_order
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.margin import affordable
from seawall.engine.kernel.money import SPOT, fee_of, value_at
from seawall.engine.kernel.orders import (
    ACCEPT,
    CANCEL,
    LIMIT,
    MARKET,
    REJECT,
    inst_row,
    link_live,
    move_state,
    order_row,
    push_note,
)
from seawall.engine.kernel.take import displayed_within, take, take_market, touch
from seawall.engine.layout import (
    AHEAD_BITS,
    FAR,
    H_QUEUE_MODEL,
    H_QUEUE_POWER,
    H_STALE,
    H_VENUE_NOW,
    I_ASK,
    I_ASKQ,
    I_BARS,
    I_BID,
    I_BIDQ,
    I_BOOK,
    I_HAS_BOOK,
    I_HEAD,
    I_KIND,
    I_LAST,
    I_OWN_ASK,
    I_OWN_ASK_HIGH,
    I_OWN_BID,
    I_OWN_BID_LOW,
    I_POS,
    I_SEEN,
    I_STATE,
    I_STOPS,
    I_TAKER,
    NOTE_ACCEPT,
    R_ACTIVE,
    R_AHEAD,
    R_CUM,
    R_FILLED,
    R_FLAGS,
    R_FRESH,
    R_INST,
    R_LEVEL,
    R_NEXT,
    R_PX,
    R_QTY,
    R_RESTING,
    R_SIDE,
    R_TIF,
    R_TRAIL,
    R_TRIGGER,
    R_TYPE,
)

POST_ONLY = 1
REDUCE_ONLY = 2
IOC = 1
FOK = 2
STOP = 2
STOP_LIMIT = 3
TAKE_PROFIT = 4
TRAILING = 5
GOOD = 1
STALE_STATE = 2

R_WOULD_TAKE = 4
R_WOULD_OPEN = 5
R_MARGIN = 6
R_FOK = 7
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
def shrink_to_position(w, op, ip):
    """Reduce-only: cut the open quantity to what closes; returns what is left open."""
    pos = w[ip + I_POS]
    side = w[op + R_SIDE]
    closable = -side * pos if pos * side < 0 else 0
    left = w[op + R_QTY] - w[op + R_FILLED]
    if left > closable:
        w[op + R_QTY] = w[op + R_FILLED] + closable
        left = closable
    return left


@internal
def _join_queue(w, op, ip):
    """Rest at our price, behind what is displayed there."""
    px = w[op + R_PX]
    shown = 0
    if w[ip + I_HAS_BOOK] == 1:
        shown = quantity_at(w, w[ip + I_BOOK], 0 if w[op + R_SIDE] > 0 else 1, px)
    elif w[ip + I_HAS_BOOK] == 2:
        if w[op + R_SIDE] > 0 and px == w[ip + I_BID]:
            shown = w[ip + I_BIDQ]
        elif w[op + R_SIDE] < 0 and px == w[ip + I_ASK]:
            shown = w[ip + I_ASKQ]
    w[op + R_AHEAD] = shown << AHEAD_BITS
    w[op + R_LEVEL] = shown
    w[op + R_CUM] = 0
    w[op + R_RESTING] = 1
    if w[op + R_SIDE] > 0:
        w[ip + I_OWN_BID] = max(w[ip + I_OWN_BID], px)
        w[ip + I_OWN_BID_LOW] = min(w[ip + I_OWN_BID_LOW], px)
    else:
        w[ip + I_OWN_ASK] = min(w[ip + I_OWN_ASK], px)
        w[ip + I_OWN_ASK_HIGH] = max(w[ip + I_OWN_ASK_HIGH], px)


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
    if _marketable(w, op, ip):
        if w[op + R_FLAGS] & POST_ONLY:
            finish_order(w, slot, REJECT, R_WOULD_TAKE)
            return
        left = w[op + R_QTY] - w[op + R_FILLED]
        if tif == FOK and displayed_within(w, ip, w[op + R_SIDE], w[op + R_PX]) < left:
            finish_order(w, slot, CANCEL, R_FOK)
            return
        if not take(w, slot, w[op + R_PX]):
            return
    if tif == IOC or tif == FOK:
        finish_order(w, slot, CANCEL, R_NO_LIQUIDITY if tif == IOC else R_FOK)
        return
    _join_queue(w, op, ip)


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
        check_stops(w, ip, w[ip + I_LAST])


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
    """Turn a waiting order into the one it stands for: market, or limit."""
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    w[ip + I_STOPS] -= 1
    w[op + R_TYPE] = LIMIT if w[op + R_TYPE] == STOP_LIMIT else MARKET
    if w[op + R_FLAGS] & REDUCE_ONLY and shrink_to_position(w, op, ip) <= 0:
        finish_order(w, slot, CANCEL, R_WOULD_OPEN)
        return False
    return True


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
                if trigger(w, slot):
                    work(w, slot)
                again = True
                break
            slot = w[op + R_NEXT]


@internal
def trade_hits(w, ip, px, lots, taker_buys):
    """A trade at the venue: eat the queue, fill what it reaches.

    A trade beyond our price fills us whole: it could not have happened there while
    we rested nearer.  The traded lots stood ahead of every own order at the price;
    what one of ours got is not there for the next.
    """
    own_side = -1 if taker_buys else 1
    best = w[ip + I_OWN_ASK] if taker_buys else w[ip + I_OWN_BID]
    if best == FAR or best == -FAR or own_side * (best - px) < 0:
        return
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_RESTING] and w[op + R_SIDE] == own_side and w[op + R_PX] == px:
            w[op + R_CUM] += lots
            w[op + R_AHEAD] -= lots << AHEAD_BITS
        slot = w[op + R_NEXT]
    ours = 0
    again = True
    while again:  # a fill may end other orders too, so start over after each
        again = False
        slot = w[ip + I_HEAD]
        while slot >= 0:
            op = order_row(w, slot)
            if w[op + R_RESTING] and w[op + R_SIDE] == own_side:
                got = _share_of_trade(w, op, px, lots - ours, own_side)
                if got > 0:
                    if w[op + R_PX] == px:
                        ours += got
                    _fill_resting(w, slot, got)
                    again = True
                    break
            slot = w[op + R_NEXT]


@internal
def _share_of_trade(w, op, px, left, own_side):
    """Lots of a trade that reach a resting order."""
    open_lots = w[op + R_QTY] - w[op + R_FILLED]
    if own_side * (w[op + R_PX] - px) > 0:
        return open_lots
    if w[op + R_PX] != px or w[op + R_AHEAD] >= 0:
        return 0
    # Half a lot past the queue is our turn: the probabilistic model counts fractions.
    over = (-w[op + R_AHEAD] + (1 << (AHEAD_BITS - 1))) >> AHEAD_BITS
    if over <= 0:
        return 0
    w[op + R_AHEAD] = 0
    return min(over, left, open_lots)


@internal
def _fill_resting(w, slot, lots):
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    if w[op + R_FLAGS] & REDUCE_ONLY:
        lots = min(lots, shrink_to_position(w, op, ip))
        if lots <= 0:
            finish_order(w, slot, CANCEL, R_WOULD_OPEN)
            return
    fill_order(w, slot, w[op + R_PX], lots, 1, 0)


@internal
def book_reaches(w, ip):
    """The opposite best has come to our price: the book moved through us."""
    bid, ask = w[ip + I_BID], w[ip + I_ASK]
    while ask > 0 and w[ip + I_OWN_BID] != -FAR and w[ip + I_OWN_BID] >= ask:
        slot = _resting_at(w, ip, 1, w[ip + I_OWN_BID])
        if slot < 0:
            break
        op = order_row(w, slot)
        _fill_resting(w, slot, w[op + R_QTY] - w[op + R_FILLED])
    while bid > 0 and w[ip + I_OWN_ASK] != FAR and w[ip + I_OWN_ASK] <= bid:
        slot = _resting_at(w, ip, -1, w[ip + I_OWN_ASK])
        if slot < 0:
            break
        op = order_row(w, slot)
        _fill_resting(w, slot, w[op + R_QTY] - w[op + R_FILLED])


@internal
def _resting_at(w, ip, side, px):
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_RESTING] and w[op + R_SIDE] == side and w[op + R_PX] == px:
            return slot
        slot = w[op + R_NEXT]
    return -1


@internal
def _power(x: float, n):
    y = 1.0
    for _ in range(n):
        y *= x
    return y


@internal
def level_changed(w, ip, side, px, now_shown):
    """A level of the book changed: move our place in its queue.

    Parameters
    ----------
    side : int
        +1 for the bid side.
    now_shown : int
        New total at the level, lots.
    """
    if side > 0:
        if px > w[ip + I_OWN_BID] or px < w[ip + I_OWN_BID_LOW]:
            return
    elif px < w[ip + I_OWN_ASK] or px > w[ip + I_OWN_ASK_HIGH]:
        return
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_RESTING] and w[op + R_PX] == px and w[op + R_SIDE] == side:
            _requeue(w, op, now_shown)
        slot = w[op + R_NEXT]


@internal
def _requeue(w, op, now_shown):
    ahead = w[op + R_AHEAD]
    before = w[op + R_LEVEL]
    cancelled = before - now_shown - w[op + R_CUM]
    w[op + R_CUM] = 0
    w[op + R_LEVEL] = now_shown
    if cancelled > 0 and ahead > 0 and w[H_QUEUE_MODEL] != 0:
        if w[H_QUEUE_MODEL] == 2:
            ahead -= cancelled << AHEAD_BITS
        else:
            front = ahead / float(1 << AHEAD_BITS)
            behind = max(before - front, 0.0)
            front_f = _power(front, w[H_QUEUE_POWER])
            behind_f = _power(behind, w[H_QUEUE_POWER])
            p_behind = behind_f / (behind_f + front_f) if behind_f + front_f > 0.0 else 1.0
            from_front = (1.0 - p_behind) * cancelled
            lacking = behind - p_behind * cancelled
            if lacking < 0.0:
                from_front -= lacking
            ahead -= int(from_front * (1 << AHEAD_BITS))
    w[op + R_AHEAD] = min(ahead, now_shown << AHEAD_BITS)
