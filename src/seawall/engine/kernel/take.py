# SPDX-License-Identifier: MIT
"""Taking: an order that meets the displayed book, level by level.

Recorded liquidity does not know that we took it, so what we took is remembered and
withheld until it decays, and the distance we walked moves the price against our next
order for a while.  Source of the two corrections: complaints about liquidity that is
used twice; the half-lives are settings and stated in every report.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import math

from seawall.engine.kernel.book import far_after, next_level, position_of, price_of, quantity_at
from seawall.engine.kernel.fills import fill_order, finish_order
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.orders import CANCEL, REJECT, inst_row, order_row
from seawall.engine.layout import (
    FAR,
    H_BOOK_TICKS,
    H_CONSUME_HALF,
    H_IMPACT,
    H_IMPACT_HALF,
    H_SLIP_RATE,
    H_STP,
    H_VENUE_NOW,
    I_ASK,
    I_ASKQ,
    I_BID,
    I_BIDQ,
    I_BOOK,
    I_CONSUMED,
    I_HAS_BOOK,
    I_HEAD,
    I_IMPACT,
    I_IMPACT_TS,
    I_LAST,
    I_OWN_ASK,
    I_OWN_BID,
    I_REMEMBERS,
    N_CONSUMED,
    R_FILLED,
    R_INST,
    R_NEXT,
    R_PX,
    R_QTY,
    R_RESTING,
    R_SIDE,
)
from seawall.model.events import RATE_SCALE

SELF_TRADE = 8
NO_LIQUIDITY = 11
STP_NEWEST = 0
STP_OLDEST = 1
LEVELS_MAX = 1024
"""Levels that one order may walk; what lies beyond is no liquidity."""


@internal
def _decay(age, half):
    return math.exp2(-age / half) if half > 0 else 0.0


@internal
def consumed_at(w, ip, key):
    """Lots that we took at a level (side times price) and that have not come back."""
    for k in range(N_CONSUMED):
        row = ip + I_CONSUMED + 3 * k
        if w[row] == key and w[row + 1] > 0:
            return int(w[row + 1] * _decay(w[H_VENUE_NOW] - w[row + 2], w[H_CONSUME_HALF]) + 0.5)
    return 0


@internal
def remember(w, ip, key, lots):
    """Add to the memory of a level; the smallest memory makes room."""
    if w[H_CONSUME_HALF] <= 0:
        return
    w[ip + I_REMEMBERS] = 1
    weakest = ip + I_CONSUMED
    least = FAR
    for k in range(N_CONSUMED):
        row = ip + I_CONSUMED + 3 * k
        if w[row] == key:
            w[row + 1] = lots + consumed_at(w, ip, key)
            w[row + 2] = w[H_VENUE_NOW]
            return
        alive = consumed_at(w, ip, w[row]) if w[row + 1] > 0 else 0
        if alive < least:
            weakest = row
            least = alive
    if least < lots:
        w[weakest] = key
        w[weakest + 1] = lots
        w[weakest + 2] = w[H_VENUE_NOW]


@internal
def forget_level(w, ip, key):
    """The level vanished from the book: what we took there is gone with it."""
    if w[ip + I_REMEMBERS] == 0:
        return
    for k in range(N_CONSUMED):
        row = ip + I_CONSUMED + 3 * k
        if w[row] == key:
            w[row + 1] = 0


@internal
def _impact_now(w, ip, side):
    """Ticks by which our own recent trades worsen a trade on this side."""
    if w[ip + I_IMPACT] == 0:
        return 0
    alive = w[ip + I_IMPACT] * _decay(w[H_VENUE_NOW] - w[ip + I_IMPACT_TS], w[H_IMPACT_HALF])
    return max(0, int(side * alive)) >> 10


@internal
def _add_impact(w, ip, side, walked):
    alive = w[ip + I_IMPACT] * _decay(w[H_VENUE_NOW] - w[ip + I_IMPACT_TS], w[H_IMPACT_HALF])
    share = w[H_IMPACT] / RATE_SCALE
    w[ip + I_IMPACT] = int(alive + side * walked * share * 1024.0)
    w[ip + I_IMPACT_TS] = w[H_VENUE_NOW]


@internal
def own_blocks(w, slot, px):
    """Self-trade prevention at a level.

    Returns 0 to go on, 1 when the taking order must stop.
    """
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    side = w[op + R_SIDE]
    while True:
        own = w[ip + I_OWN_ASK] if side > 0 else w[ip + I_OWN_BID]
        if side > 0 and (own == FAR or own > px):
            return 0
        if side < 0 and (own == -FAR or own < px):
            return 0
        if w[H_STP] == STP_NEWEST:
            return 1
        other = w[ip + I_HEAD]
        while other >= 0:
            row = order_row(w, other)
            if w[row + R_RESTING] and w[row + R_SIDE] == -side and w[row + R_PX] == own:
                break
            other = w[row + R_NEXT]
        if other < 0:
            return 0
        finish_order(w, other, CANCEL, SELF_TRADE)
        if w[H_STP] != STP_OLDEST:
            return 1


@internal
def touch(w, ip, side):
    """Best opposite price for a taker of this side, ticks; 0 none."""
    if w[ip + I_HAS_BOOK] == 0:
        return w[ip + I_LAST]
    return w[ip + I_ASK] if side > 0 else w[ip + I_BID]


@internal
def shown_at(w, ip, side, px):
    """Lots displayed at a price for a taker of this side; 0 where nothing displays."""
    if w[ip + I_HAS_BOOK] == 1:
        return quantity_at(w, w[ip + I_BOOK], 1 if side > 0 else 0, px)
    if w[ip + I_HAS_BOOK] == 2 and px == touch(w, ip, side):
        return w[ip + I_ASKQ] if side > 0 else w[ip + I_BIDQ]
    return 0


@internal
def next_price(w, ip, side, px):
    """Next worse occupied price for a taker of this side, ticks; 0 none.

    Beyond the window of the book the far levels follow, so that what an order gets
    does not depend on the width of the window.
    """
    if w[ip + I_HAS_BOOK] != 1:
        return 0
    b = w[ip + I_BOOK]
    book_side = 1 if side > 0 else 0
    pos = position_of(w, b, book_side, px)
    if 0 <= pos < w[H_BOOK_TICKS]:
        pos = next_level(w, b, book_side, pos)
        if pos >= 0:
            return price_of(w, b, book_side, pos)
    return far_after(w, b, book_side, px)


@internal
def displayed_within(w, ip, side, limit):
    """Lots that a taker could have up to a limit price (0: any price)."""
    if w[ip + I_HAS_BOOK] == 0:
        return FAR
    if w[ip + I_HAS_BOOK] == 2:
        px = touch(w, ip, side)
        if px == 0 or (limit > 0 and side * (px - limit) > 0):
            return 0
        return shown_at(w, ip, side, px) - consumed_at(w, ip, side * px)
    worse = side * _impact_now(w, ip, side)
    px = touch(w, ip, side)
    total = 0
    for _ in range(LEVELS_MAX):
        if px == 0 or (limit > 0 and side * (px + worse - limit) > 0):
            break
        total += max(0, shown_at(w, ip, side, px) - consumed_at(w, ip, side * px))
        px = next_price(w, ip, side, px)
    return total


@internal
def _take_level(w, slot, px, avail, paid):
    """Fill against one level; returns whether the order is alive and wants more."""
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    side = w[op + R_SIDE]
    lots = min(avail, w[op + R_QTY] - w[op + R_FILLED])
    if lots <= 0:
        return True
    remember(w, ip, side * px, lots)
    return fill_order(w, slot, max(paid, 1), lots, 0, 0)


@internal
def _take_without_depth(w, slot, limit):
    """Top-of-book or trades only: one price, the shown quantity or all."""
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    side = w[op + R_SIDE]
    px = touch(w, ip, side)
    if px == 0 or (limit > 0 and side * (px - limit) > 0):
        return True
    if own_blocks(w, slot, px):
        finish_order(w, slot, CANCEL, SELF_TRADE)
        return False
    if w[ip + I_HAS_BOOK] == 0:
        paid = px + side * ((px * w[H_SLIP_RATE] + RATE_SCALE - 1) // RATE_SCALE)
        if limit > 0 and side * (paid - limit) > 0:
            paid = limit  # slippage ends where the order says
        return fill_order(w, slot, max(paid, 1), w[op + R_QTY] - w[op + R_FILLED], 0, 0)
    return _take_level(w, slot, px, shown_at(w, ip, side, px) - consumed_at(w, ip, side * px), px)


@internal
def take(w, slot, limit):
    """Match an arriving order with the displayed book up to a limit (0: any price).

    Returns
    -------
    bool
        Whether the order is still alive (it may have quantity left).
    """
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    if w[ip + I_HAS_BOOK] != 1:
        return _take_without_depth(w, slot, limit)
    side = w[op + R_SIDE]
    worse = side * _impact_now(w, ip, side)  # what we moved, we pay ourselves
    px = touch(w, ip, side)
    first = px
    last = 0
    alive = True
    for _ in range(LEVELS_MAX):
        if px == 0 or (limit > 0 and side * (px + worse - limit) > 0):
            break
        if own_blocks(w, slot, px):
            finish_order(w, slot, CANCEL, SELF_TRADE)
            alive = False
            break
        avail = shown_at(w, ip, side, px) - consumed_at(w, ip, side * px)
        if avail > 0:
            last = px
            alive = _take_level(w, slot, px, avail, px + worse)
            if not alive:
                break
        px = next_price(w, ip, side, px)
    if w[H_IMPACT] > 0 and last > 0:
        _add_impact(w, ip, side, abs(last - first) + 1)
    return alive


@internal
def take_market(w, slot):
    """Market order: take what there is; the rest ends for want of liquidity."""
    if take(w, slot, 0):
        op = order_row(w, slot)
        none = w[op + R_FILLED] == 0
        finish_order(w, slot, REJECT if none else CANCEL, NO_LIQUIDITY)
