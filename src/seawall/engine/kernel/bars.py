# SPDX-License-Identifier: MIT
"""Matching on bars: the next open, then a path through the extremes to the close.

Orders sent at the close of a bar meet the open of the next.  Within the bar the
price is taken to run open - first extreme - second extreme - close in straight
lines; what it passes is filled or triggered in the order in which it is passed.  A
resting order is filled at its own price, also when the bar opens beyond it.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.commands import run_commands
from seawall.engine.kernel.fills import fill_order, finish_order, shrink_to_position
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.liquidate import close_by_force
from seawall.engine.kernel.margin import must_liquidate
from seawall.engine.kernel.money import SPOT, ccy_row, fee_of, value_at
from seawall.engine.kernel.orders import CANCEL, LIMIT, MARKET, REJECT, inst_row, order_row
from seawall.engine.kernel.rest import (
    FOK,
    INSUFFICIENT,
    IOC,
    POST_ONLY,
    R_FOK,
    R_NO_LIQUIDITY,
    R_WOULD_OPEN,
    R_WOULD_TAKE,
    REDUCE_ONLY,
    TAKE_PROFIT,
    TRAILING,
    stop_reached,
    trigger,
)
from seawall.engine.layout import (
    C_CASH,
    FAR,
    H_BAR_PATH,
    H_BAR_TOUCH,
    H_MARGIN_POS,
    H_SLIP_RATE,
    H_SPOT_MARGIN,
    H_VENUE_NOW,
    H_VOLUME_CAP,
    I_HAS_MARK,
    I_HEAD,
    I_KIND,
    I_MARK_FP,
    I_MULT,
    I_N_LIVE,
    I_POS,
    I_SETTLE,
    I_STOPS,
    I_TAKER,
    R_FILLED,
    R_FLAGS,
    R_FRESH,
    R_ID,
    R_INST,
    R_NEXT,
    R_PX,
    R_QTY,
    R_SENT,
    R_SIDE,
    R_TIF,
    R_TRAIL,
    R_TRIGGER,
    R_TYPE,
)
from seawall.model.events import MARK_FP_BITS, RATE_SCALE

LATE = 2
"""``R_FRESH`` of an order that was sent after the bar's open."""


@internal
def _slipped(w, px, side):
    return max(1, px + side * ((px * w[H_SLIP_RATE] + RATE_SCALE - 1) // RATE_SCALE))


@internal
def _clip_to_cash(w, ip, side, lots, px):
    """Lots of a spot purchase that the balance pays for, fee included."""
    if side < 0 or w[ip + I_KIND] != SPOT or w[H_SPOT_MARGIN]:
        return lots
    cash = w[ccy_row(w, w[ip + I_SETTLE]) + C_CASH]
    value = value_at(w, ip, lots, px)
    if value + max(0, fee_of(value, w[ip + I_TAKER])) <= cash:
        return lots
    share = 1.0 + max(w[ip + I_TAKER], 0) / RATE_SCALE
    fit = int(cash / (px * w[ip + I_MULT] * share))
    while fit > 0:
        value = value_at(w, ip, fit, px)
        if value + max(0, fee_of(value, w[ip + I_TAKER])) <= cash:
            break
        fit -= 1
    return fit


@internal
def _market_at(w, slot, px, budget):
    """Fill a market order at a price with slippage; returns the volume left.

    What the volume cap does not allow waits for the next bar.
    """
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    side = w[op + R_SIDE]
    if w[op + R_FLAGS] & REDUCE_ONLY and shrink_to_position(w, op, ip) <= 0:
        finish_order(w, slot, CANCEL, R_WOULD_OPEN)
        return budget
    want = w[op + R_QTY] - w[op + R_FILLED]
    paid = _slipped(w, px, side)
    fit = _clip_to_cash(w, ip, side, want, paid)
    lots = min(fit, budget)
    if lots > 0:
        alive = fill_order(w, slot, paid, lots, 0, 0)
        if alive and fit < want and w[op + R_QTY] - w[op + R_FILLED] == want - fit:
            finish_order(w, slot, CANCEL, INSUFFICIENT)
    elif fit <= 0:
        finish_order(w, slot, CANCEL, INSUFFICIENT)
    return budget - max(lots, 0)


@internal
def _limit_at_open(w, slot, px, budget):
    """A limit order that has not met a bar yet meets the open as a taker would."""
    op = order_row(w, slot)
    left = w[op + R_QTY] - w[op + R_FILLED]
    tif = w[op + R_TIF]
    if w[op + R_FLAGS] & REDUCE_ONLY:
        left = shrink_to_position(w, op, inst_row(w, w[op + R_INST]))
        if left <= 0:
            finish_order(w, slot, CANCEL, R_WOULD_OPEN)
            return budget
    if w[op + R_SIDE] * (w[op + R_PX] - px) >= 0:
        if w[op + R_FLAGS] & POST_ONLY:
            event = REJECT if w[op + R_FILLED] == 0 else CANCEL
            finish_order(w, slot, event, R_WOULD_TAKE)
            return budget
        if tif == FOK and budget < left:
            finish_order(w, slot, CANCEL, R_FOK)
            return budget
        lots = min(left, budget)
        if lots > 0:
            alive = fill_order(w, slot, px, lots, 0, 0)
            budget -= lots
            if not alive:
                return budget
    if tif == IOC or tif == FOK:
        finish_order(w, slot, CANCEL, R_NO_LIQUIDITY if tif == IOC else R_FOK)
    return budget


@internal
def at_open(w, inst, px, budget):
    """Let every live order meet the open, oldest first; returns the volume left."""
    ip = inst_row(w, inst)
    newest = 0
    while True:  # a fill may end other orders, so look for the next oldest after each
        slot = w[ip + I_HEAD]
        oldest = -1
        oldest_id = FAR
        while slot >= 0:
            op = order_row(w, slot)
            if newest < w[op + R_ID] < oldest_id:
                oldest = slot
                oldest_id = w[op + R_ID]
                if oldest_id == newest + 1:
                    break
            slot = w[op + R_NEXT]
        if oldest < 0:
            return budget
        newest = oldest_id
        budget = _one_at_open(w, oldest, px, budget)


@internal
def _one_at_open(w, slot, px, budget):
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    fresh = w[op + R_FRESH]
    if fresh == LATE:
        return budget
    w[op + R_FRESH] = 0
    kind = w[op + R_TYPE]
    if kind > LIMIT:
        if not stop_reached(w, op, px):
            return budget
        kind = trigger(w, slot)
        fresh = 1
    if kind == MARKET:
        return _market_at(w, slot, px, budget)
    if kind == LIMIT and fresh:
        return _limit_at_open(w, slot, px, budget)
    beyond = w[op + R_SIDE] * (w[op + R_PX] - px)
    if kind == LIMIT and (beyond > 0 or (beyond == 0 and w[H_BAR_TOUCH])):
        return _resting(w, slot, ip, budget)  # the market opened beyond a resting order
    return budget


@internal
def _resting(w, slot, ip, budget):
    op = order_row(w, slot)
    left = w[op + R_QTY] - w[op + R_FILLED]
    if w[op + R_FLAGS] & REDUCE_ONLY:
        left = shrink_to_position(w, op, ip)
        if left <= 0:
            finish_order(w, slot, CANCEL, R_WOULD_OPEN)
            return budget
    lots = min(left, budget)
    if lots > 0:
        fill_order(w, slot, w[op + R_PX], lots, 1, 0)
    return budget - max(lots, 0)


@internal
def _reached_price(w, op, a, b):
    """Price at which a straight run from a to b acts on an order, FAR when it does not."""
    up = b >= a
    side = w[op + R_SIDE]
    kind = w[op + R_TYPE]
    if kind == LIMIT:
        px = w[op + R_PX]
        if up == (side > 0):  # sells are met going up, buys going down
            return FAR
        touched = px <= b if up else px >= b
        through = px < b if up else px > b
        ahead = px >= a if up else px <= a
        return px if ahead and (through or (touched and w[H_BAR_TOUCH])) else FAR
    if kind == MARKET:
        return FAR
    rising = (side > 0) != (kind == TAKE_PROFIT)
    if up != rising:
        return FAR
    px = w[op + R_TRIGGER]
    if kind == TRAILING and px == 0:
        return FAR
    inside = a <= px <= b if up else b <= px <= a
    return px if inside else FAR


@internal
def _trail(w, ip, px):
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_TYPE] == TRAILING:
            trail = px + w[op + R_SIDE] * w[op + R_TRAIL]
            if w[op + R_TRIGGER] == 0 or w[op + R_SIDE] * (trail - w[op + R_TRIGGER]) < 0:
                w[op + R_TRIGGER] = trail
        slot = w[op + R_NEXT]


@internal
def run_segment(w, inst, a, b, budget):
    """Walk the price from a to b; act on what it passes; returns the volume left."""
    ip = inst_row(w, inst)
    if w[ip + I_STOPS] > 0:
        _trail(w, ip, a)
    for _ in range(10_000):  # bounds the loop; each pass ends or changes an order
        best = -1
        best_px = FAR
        slot = w[ip + I_HEAD]
        while slot >= 0:
            op = order_row(w, slot)
            px = _reached_price(w, op, a, b) if w[op + R_FRESH] != LATE else FAR
            if px != FAR and (w[op + R_TYPE] != LIMIT or budget > 0):
                if best < 0 or abs(px - a) < abs(best_px - a):
                    best, best_px = slot, px
            slot = w[op + R_NEXT]
        if best < 0:
            break
        op = order_row(w, best)
        a = best_px
        if w[op + R_TYPE] == LIMIT:
            budget = _resting(w, best, ip, budget)
        else:
            kind = trigger(w, best)
            if kind == MARKET:
                budget = _market_at(w, best, best_px, budget)
            elif kind == LIMIT:
                budget = _limit_at_open(w, best, best_px, budget)
        run_commands(w, w[H_VENUE_NOW] + 1)
    if w[ip + I_STOPS] > 0:
        _trail(w, ip, b)
    return budget


@internal
def _under_water_at(w, ip, px):
    w[ip + I_MARK_FP] = px << MARK_FP_BITS
    return must_liquidate(w, ip)


@internal
def liquidate_between(w, inst, a, b):
    """Liquidate at the first tick between a and b at which the position is under water."""
    ip = inst_row(w, inst)
    if w[ip + I_POS] == 0 or w[ip + I_HAS_MARK]:
        return
    if not _under_water_at(w, ip, b):
        return
    if not _under_water_at(w, ip, a):
        good, bad = a, b
        while abs(bad - good) > 1:
            middle = (good + bad) // 2
            if _under_water_at(w, ip, middle):
                bad = middle
            else:
                good = middle
        a = bad
    w[ip + I_MARK_FP] = a << MARK_FP_BITS
    close_by_force(w, inst, a, 1)


@internal
def _first_extreme(w, ip, o, h, low):
    """Whether the path goes to the high first."""
    if w[H_BAR_PATH] == 0:
        return h - o <= o - low
    adverse_up = w[ip + I_POS] < 0
    return adverse_up if w[H_BAR_PATH] == 1 else not adverse_up


@internal
def _mark_late(w, ip, opened):
    """Orders sent after the open of the bar wait for the next one: its past is over."""
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_SENT] > opened:
            w[op + R_FRESH] = LATE
        elif w[op + R_FRESH] == LATE:
            w[op + R_FRESH] = 1
        slot = w[op + R_NEXT]


@internal
def run_bar(w, inst, opened, bars, i):
    """Match all live orders of an instrument with one bar; ``opened`` in ns UTC.

    Columns are read where they are needed: each is a line of memory of its own.
    """
    ip = inst_row(w, inst)
    budget = FAR
    o = bars[1, i]
    if w[H_VOLUME_CAP] > 0:
        volume = bars[5, i]
        budget = (volume // RATE_SCALE) * w[H_VOLUME_CAP] + (
            (volume % RATE_SCALE) * w[H_VOLUME_CAP]
        ) // RATE_SCALE
    _mark_late(w, ip, opened)
    liquidate_between(w, inst, o, o)  # the price jumped: there is no better one than the open
    budget = at_open(w, inst, o, budget)
    run_commands(w, w[H_VENUE_NOW] + 1)  # bracket children start in the same bar
    if w[ip + I_N_LIVE] == 0 and w[H_MARGIN_POS] == 0:
        return  # nothing is left that the path could meet
    h, low, c = bars[2, i], bars[3, i], bars[4, i]
    high_first = _first_extreme(w, ip, o, h, low)
    one = h if high_first else low
    two = low if high_first else h
    a = o
    for leg in range(3):
        b = one if leg == 0 else (two if leg == 1 else c)
        if a != b:
            budget = run_segment(w, inst, a, b, budget)
            liquidate_between(w, inst, a, b)
        a = b
    _mark_late(w, ip, FAR)
