# SPDX-License-Identifier: MIT
"""The queue: where we rest, and what trades and book changes do to it.

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
from seawall.engine.kernel.fills import fill_order, finish_order, shrink_to_position
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.orders import (
    CANCEL,
    inst_row,
    order_row,
)
from seawall.engine.kernel.take import (
    consumed_at,
    next_price,
    remember,
    shown_at,
    touch,
)
from seawall.engine.layout import (
    AHEAD_BITS,
    FAR,
    H_LATE_TRADE,
    H_QUEUE_MODEL,
    H_QUEUE_POWER,
    H_VENUE_NOW,
    I_ASK,
    I_ASKQ,
    I_BID,
    I_BIDQ,
    I_BOOK,
    I_HAS_BOOK,
    I_HEAD,
    I_OWN_ASK,
    I_OWN_ASK_HIGH,
    I_OWN_BID,
    I_OWN_BID_LOW,
    I_STATE,
    R_AHEAD,
    R_CUM,
    R_CUT,
    R_CUT_TS,
    R_FILLED,
    R_FLAGS,
    R_INST,
    R_LEVEL,
    R_NEXT,
    R_PX,
    R_QTY,
    R_RESTING,
    R_SIDE,
)

REDUCE_ONLY = 2
GAPPED = 3
WOULD_OPEN = 5


@internal
def join_queue(w, op, ip):
    """Rest at our price, behind what is displayed there.

    Where the feed does not tell the queue (a level behind a top of book, or trades
    alone) the pessimist waits for a trade through the price, the optimist is first.
    """
    px = w[op + R_PX]
    side = w[op + R_SIDE]
    shown = 0
    ahead = -1
    if w[ip + I_HAS_BOOK] == 1:
        shown = quantity_at(w, w[ip + I_BOOK], 0 if w[op + R_SIDE] > 0 else 1, px)
    elif w[ip + I_HAS_BOOK] == 2:
        best = w[ip + I_BID] if side > 0 else w[ip + I_ASK]
        if px == best:
            shown = w[ip + I_BIDQ] if side > 0 else w[ip + I_ASKQ]
        elif best > 0 and side * (px - best) < 0 and w[H_QUEUE_MODEL] != 2:
            ahead = FAR
    elif w[H_QUEUE_MODEL] == 0:
        ahead = FAR
    w[op + R_AHEAD] = shown << AHEAD_BITS if ahead < 0 else ahead
    w[op + R_LEVEL] = shown
    w[op + R_CUM] = 0
    w[op + R_CUT] = 0
    w[op + R_RESTING] = 1
    if w[op + R_SIDE] > 0:
        w[ip + I_OWN_BID] = max(w[ip + I_OWN_BID], px)
        w[ip + I_OWN_BID_LOW] = min(w[ip + I_OWN_BID_LOW], px)
    else:
        w[ip + I_OWN_ASK] = min(w[ip + I_OWN_ASK], px)
        w[ip + I_OWN_ASK_HIGH] = max(w[ip + I_OWN_ASK_HIGH], px)


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
            unexplained = _unexplained(w, op, lots)
            w[op + R_CUM] += unexplained
            w[op + R_AHEAD] -= unexplained << AHEAD_BITS
        slot = w[op + R_NEXT]
    ours = 0
    again = True
    while again:  # a fill may end other orders too, so start over after each
        again = False
        slot = w[ip + I_HEAD]
        while slot >= 0:
            op = order_row(w, slot)
            if w[op + R_RESTING] and w[op + R_SIDE] == own_side:
                got = _share_of_trade(w, op, px, lots, ours, own_side)
                if got > 0:
                    if w[op + R_PX] == px:
                        ours += got
                    _fill_resting(w, slot, got)
                    again = True
                    break
            slot = w[op + R_NEXT]


@internal
def _unexplained(w, op, lots):
    """Lots of a trade at our level that its depth change has not taken from the queue yet.

    Where the depth message of a trade comes first, its decrease has already cut the
    queue; within the time that the settings allow the trade is set off against it.
    """
    if w[op + R_CUT] == 0:
        return lots
    if w[H_VENUE_NOW] - w[op + R_CUT_TS] > w[H_LATE_TRADE]:
        w[op + R_CUT] = 0
        return lots
    told = min(lots, w[op + R_CUT] >> AHEAD_BITS)
    w[op + R_CUT] -= told << AHEAD_BITS
    return lots - told


@internal
def _share_of_trade(w, op, px, lots, ours, own_side):
    """Lots of a trade that reach a resting order, after what our older ones got."""
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
    # Cancels may have moved us past the front: the trade still has no more than it has.
    return min(min(over, lots) - ours, open_lots)


@internal
def _fill_resting(w, slot, lots):
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    if w[op + R_FLAGS] & REDUCE_ONLY:
        lots = min(lots, shrink_to_position(w, op, ip))
        if lots <= 0:
            finish_order(w, slot, CANCEL, WOULD_OPEN)
            return
    fill_order(w, slot, w[op + R_PX], lots, 1, 0)


@internal
def book_reaches(w, ip):
    """The opposite side has come to our price: the book moved through us."""
    if w[ip + I_STATE] == GAPPED:
        return  # a book known to be wrong proves nothing
    while w[ip + I_OWN_BID] != -FAR and 0 < w[ip + I_ASK] <= w[ip + I_OWN_BID]:
        if not _meets_book(w, ip, 1, w[ip + I_OWN_BID]):
            break
    while w[ip + I_OWN_ASK] != FAR and w[ip + I_BID] >= w[ip + I_OWN_ASK]:
        if not _meets_book(w, ip, -1, w[ip + I_OWN_ASK]):
            break


@internal
def _meets_book(w, ip, side, px):
    """Fill our oldest order at a price with what is displayed against it.

    What we took before does not come again.  Returns whether there may be more.
    """
    slot = _resting_at(w, ip, side, px)
    if slot < 0:
        return False
    op = order_row(w, slot)
    left = w[op + R_QTY] - w[op + R_FILLED]
    level = touch(w, ip, side)
    got = 0
    while level > 0 and side * (level - px) <= 0 and got < left:
        lots = min(left - got, shown_at(w, ip, side, level) - consumed_at(w, ip, side * level))
        if lots > 0:
            remember(w, ip, side * level, lots)
            got += lots
        level = next_price(w, ip, side, level)
    if got > 0:
        _fill_resting(w, slot, got)
    return got == left


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
def after_snapshot(w, ip):
    """A whole book came: levels it does not name are gone, and it may reach us."""
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_RESTING]:
            book_side = 0 if w[op + R_SIDE] > 0 else 1
            _requeue(w, op, quantity_at(w, w[ip + I_BOOK], book_side, w[op + R_PX]))
        slot = w[op + R_NEXT]
    book_reaches(w, ip)


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
    ahead = min(ahead, now_shown << AHEAD_BITS)
    if w[H_LATE_TRADE] > 0 and 0 <= ahead < w[op + R_AHEAD] < FAR:
        if w[H_VENUE_NOW] - w[op + R_CUT_TS] > w[H_LATE_TRADE]:
            w[op + R_CUT] = 0
        w[op + R_CUT] += w[op + R_AHEAD] - ahead
        w[op + R_CUT_TS] = w[H_VENUE_NOW]
    w[op + R_AHEAD] = ahead
