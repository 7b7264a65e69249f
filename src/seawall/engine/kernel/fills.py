# SPDX-License-Identifier: MIT
"""One fill and everything that hangs on it: fee, ledger, log, answer, linked orders."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.margin import affordable, forget_bands, initial_of
from seawall.engine.kernel.money import INVERSE, SPOT, book_fill, fee_of, muldiv, value_at
from seawall.engine.kernel.orders import (
    CANCEL,
    FILL_ALL,
    FILL_PART,
    end_order,
    has_ended,
    inst_row,
    move_state,
    order_row,
    push_at,
    push_note,
)
from seawall.engine.kernel.sample import unit_rate
from seawall.engine.layout import (
    CMD_NEW,
    F_MAKER,
    F_MIN,
    F_TAKER,
    FILL_COLS,
    H_CAP_FILL,
    H_CAP_ORD,
    H_CAP_RING,
    H_CMD_LAST,
    H_FAULTS,
    H_MARGIN_MODE,
    H_MARGIN_POS,
    H_N_FILL,
    H_NOTE_TAIL,
    H_SLIPPAGE,
    H_SPOT_MARGIN,
    H_TURNOVER,
    H_VENUE_NOW,
    H_VOLUME_DAY,
    I_COST,
    I_FEE0,
    I_ISO,
    I_KIND,
    I_LIQ_FEE,
    I_MAKER,
    I_MARK_FP,
    I_N_FEE,
    I_POS,
    I_SETTLE,
    I_TAKER,
    N_COST,
    N_FEE,
    N_REALIZED,
    N_TRADE,
    NOTE_COLS,
    NOTE_FILL,
    O_FEE,
    O_FILL,
    O_NOTE,
    O_VOLUME,
    R_ACTIVE,
    R_CHILDREN,
    R_FILLED,
    R_FLAGS,
    R_GROUP,
    R_ID,
    R_INST,
    R_MID2,
    R_PARENT,
    R_QTY,
    R_SIDE,
    TIER_COLS,
)
from seawall.model.events import MARK_FP_BITS
from seawall.model.time import NS_PER_DAY

INSUFFICIENT_MARGIN = 6
REDUCE_ONLY = 2
VOLUME_SCALE = 1000
"""Parts of a report currency unit in which traded value is counted."""


@internal
def _set_fees(w, ip):
    """Fee rates by the value traded over thirty days, today included."""
    day = w[H_VENUE_NOW] // NS_PER_DAY
    while w[H_VOLUME_DAY] < day:
        if day - w[H_VOLUME_DAY] > 30:
            w[H_VOLUME_DAY] = day - 30
        w[H_VOLUME_DAY] += 1
        w[w[O_VOLUME] + w[H_VOLUME_DAY] % 30] = 0
    if w[ip + I_N_FEE] > 1:
        total = 0
        for k in range(30):
            total += w[w[O_VOLUME] + k]
        row = w[O_FEE] + w[ip + I_FEE0] * TIER_COLS
        for _ in range(w[ip + I_N_FEE]):
            if total >= w[row + F_MIN] * VOLUME_SCALE:
                w[ip + I_MAKER] = w[row + F_MAKER]
                w[ip + I_TAKER] = w[row + F_TAKER]
            row += TIER_COLS


@internal
def log_fill(w, op, px, lots, fee, realized, maker, liquidation):
    """Write a fill to the log of fills."""
    if w[H_N_FILL] >= w[H_CAP_FILL]:
        w[H_FAULTS] += 1  # a lost row is told, and never written over a neighbour
        return
    ip = inst_row(w, w[op + R_INST])
    at = w[O_FILL] + w[H_N_FILL] * FILL_COLS
    w[at] = w[H_VENUE_NOW]
    w[at + 1] = w[op + R_ID]
    w[at + 2] = px
    w[at + 3] = lots
    w[at + 4] = fee
    w[at + 5] = realized
    w[at + 6] = w[ip + I_POS]
    w[at + 7] = w[op + R_MID2]
    w[at + 8] = (
        w[op + R_INST] | ((w[op + R_SIDE] & 0xFF) << 32) | (maker << 40) | (liquidation << 48)
    )
    w[H_N_FILL] += 1


@internal
def _count_costs(w, ip, op, px, value, maker):
    per_unit = unit_rate(w, w[ip + I_SETTLE])
    notional = abs(value) * per_unit
    w[H_TURNOVER] = as_bits(as_float(w[H_TURNOVER]) + notional)
    if maker == 0 and w[op + R_MID2] > 0:
        # Quantity is value over price, and for coin-settled contracts value times price.
        if w[ip + I_KIND] == INVERSE:
            apart = 2.0 * px / w[op + R_MID2] - 1.0
        else:
            apart = 1.0 - w[op + R_MID2] / (2.0 * px)
        cost = w[op + R_SIDE] * notional * apart
        w[H_SLIPPAGE] = as_bits(as_float(w[H_SLIPPAGE]) + cost)
    w[w[O_VOLUME] + w[H_VOLUME_DAY] % 30] += int(notional * VOLUME_SCALE + 0.5)


@internal
def _isolate(w, ip, before, lots, value):
    """Move isolated margin with the position: set aside at entry, released at exit."""
    after = w[ip + I_POS]
    if before == 0 or (before > 0) == (after > 0):
        grown = abs(after) - abs(before)
        if grown > 0:
            w[ip + I_ISO] += muldiv(initial_of(w, ip, abs(value)), grown, lots)
        elif before != 0:
            w[ip + I_ISO] -= muldiv(w[ip + I_ISO], -grown, abs(before))
    else:
        w[ip + I_ISO] = muldiv(initial_of(w, ip, abs(value)), abs(after), lots)


@internal
def release_children(w, parent_id, filled):
    """Bracket: send the children to work once their parent ended, or end them.

    Children take the quantity that the parent filled; they wait at the venue, so
    no latency lies between.
    """
    for slot in range(w[H_CAP_ORD]):
        op = order_row(w, slot)
        if w[op + R_ID] == 0 or w[op + R_PARENT] != parent_id or has_ended(w, op):
            continue
        if filled == 0:
            end_order(w, slot, CANCEL, 0, False)
            continue
        w[op + R_PARENT] = 0
        w[op + R_QTY] = filled
        push_at(w, max(w[H_VENUE_NOW], w[H_CMD_LAST]), CMD_NEW, slot, w[op + R_ID], 0, 0)


@internal
def finish_order(w, slot, event, reason):
    """End an order, at the venue or still waiting, and tell its bracket children."""
    op = order_row(w, slot)
    order_id, filled, children = w[op + R_ID], w[op + R_FILLED], w[op + R_CHILDREN]
    end_order(w, slot, event, reason, w[op + R_ACTIVE] != 0)
    if children:
        release_children(w, order_id, filled)


@internal
def _cancel_group(w, slot, group, done):
    """One cancels the other: end every other order of the group, at once.

    While this order is filled in part only, reduce-only orders stay: they protect what
    is left, and shrink to it when they act.
    """
    for other in range(w[H_CAP_ORD]):
        op = order_row(w, other)
        if other == slot or w[op + R_ID] == 0 or w[op + R_GROUP] != group or has_ended(w, op):
            continue
        if done or not w[op + R_FLAGS] & REDUCE_ONLY:
            finish_order(w, other, CANCEL, 0)


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
def note_amounts(w, fee, realized, cost, traded):
    """Write the money of a fill into the answer that was just sent."""
    np_ = w[O_NOTE] + ((w[H_NOTE_TAIL] - 1) & (w[H_CAP_RING] - 1)) * NOTE_COLS
    w[np_ + N_FEE] = fee
    w[np_ + N_REALIZED] = realized
    w[np_ + N_COST] = cost
    w[np_ + N_TRADE] = traded


@internal
def fill_order(w, slot, px, lots, maker, liquidation):
    """Fill a live order; ends it when nothing is left.

    Parameters
    ----------
    w : array of int64
        The world.
    slot : int
        Order slot, linked in its instrument's live list.
    px, lots : int
        Price in ticks and positive lots, at most what is open.
    maker, liquidation : int
        1 when we rested; 1 when the venue closes the position by force.

    Returns
    -------
    bool
        Whether the order is still alive.
    """
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    side = w[op + R_SIDE]
    value = value_at(w, ip, side * lots, px)
    _set_fees(w, ip)
    rate = w[ip + I_MAKER] if maker else w[ip + I_TAKER]
    if liquidation:
        rate = w[ip + I_LIQ_FEE]
    fee = fee_of(abs(value), rate)
    if not liquidation and not affordable(w, ip, side, lots, px, fee):
        finish_order(w, slot, CANCEL, INSUFFICIENT_MARGIN)
        return False
    if w[ip + I_MARK_FP] == 0:
        w[ip + I_MARK_FP] = px << MARK_FP_BITS  # the only price known so far
    before, cost = w[ip + I_POS], w[ip + I_COST]
    realized = book_fill(w, ip, side, lots, px, fee)
    if w[H_MARGIN_POS] > 0:
        forget_bands(w)
    if w[ip + I_KIND] != SPOT or w[H_SPOT_MARGIN]:
        w[H_MARGIN_POS] += (w[ip + I_POS] != 0) - (before != 0)
    if w[H_MARGIN_MODE] == 1 and w[ip + I_KIND] != SPOT:
        _isolate(w, ip, before, lots, value)
    _count_costs(w, ip, op, px, value, maker)
    log_fill(w, op, px, lots, fee, realized, maker, liquidation)
    w[op + R_FILLED] += lots
    done = w[op + R_FILLED] >= w[op + R_QTY]
    if not done:
        move_state(w, op, FILL_PART)
    push_note(w, NOTE_FILL, slot, px, lots, maker)
    note_amounts(w, fee, realized, cost, -value if w[ip + I_KIND] == SPOT else 0)
    group = w[op + R_GROUP]
    if group:
        _cancel_group(w, slot, group, done)
    if done:
        finish_order(w, slot, FILL_ALL, 0)
        return False
    return True
