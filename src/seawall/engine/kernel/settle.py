# SPDX-License-Identifier: MIT
"""Expiry: dated futures and options are settled in cash, and their orders end.

The settlement price is the newest price before the expiry: for a future the index, else
its mark, else what stands for the underlying, else its own last trade; for an option what
it pays at the index or its stand-in, and its own price where neither is known.  Venues
average the index over the last minutes; a feed that carries their average settles at it.
A linear option pays the distance from strike to index, an inverse one that distance over
the index.  Values are rounded towards zero, to the unit; no fee is charged.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np

from seawall.engine.kernel.bits import as_float
from seawall.engine.kernel.fills import finish_order, log_fill, note_amounts
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.liquidate import cancel_all, venue_order
from seawall.engine.kernel.margin import forget_bands
from seawall.engine.kernel.money import ccy_row, muldiv, value_at_mark
from seawall.engine.kernel.orders import FILL_ALL, inst_row, order_row, push_note
from seawall.engine.layout import (
    C_CASH,
    C_REALIZED,
    FAR,
    H_MARGIN_POS,
    H_N_INST,
    H_SETTLE_NEXT,
    I_BASE,
    I_COST,
    I_EXPIRY,
    I_HAS_MARK,
    I_INDEX_FP,
    I_ISO,
    I_LAST,
    I_MARK_FP,
    I_MULT,
    I_OPTION,
    I_POS,
    I_POS_KNOWN,
    I_REALIZED,
    I_SETTLE,
    I_STATE,
    I_STRIKE_FP,
    I_TICK_F,
    I_UNDER,
    I_UNIT,
    NOTE_FILL,
    R_FILLED,
)
from seawall.model.events import MARK_FP_BITS

DELISTED = 9
SETTLEMENT = 1 << 8
"""Beside the liquidation flag of a fill: the expiry closed it."""


@internal
def _stand_in(w, ip):
    """Price of the instrument that stands for the index, in our ticks; 0 unknown."""
    if w[ip + I_UNDER] < 0:
        return 0
    up = inst_row(w, w[ip + I_UNDER])
    fp = w[up + I_INDEX_FP] if w[up + I_INDEX_FP] > 0 else w[up + I_MARK_FP]
    return np.int64(fp * as_float(w[up + I_TICK_F]) / as_float(w[ip + I_TICK_F]) + 0.5)


@internal
def _own_price(w, ip):
    return w[ip + I_MARK_FP] if w[ip + I_HAS_MARK] else w[ip + I_LAST] << MARK_FP_BITS


@internal
def settlement_value(w, ip):
    """Signed value of the position at its settlement, money units; leaves the price as mark."""
    index = w[ip + I_INDEX_FP]
    pos = w[ip + I_POS]
    if w[ip + I_OPTION] == 0:
        if index == 0 and not w[ip + I_HAS_MARK]:
            index = _stand_in(w, ip)
        w[ip + I_MARK_FP] = index if index > 0 else _own_price(w, ip)
        return value_at_mark(w, ip, pos)
    if index == 0:
        index = _stand_in(w, ip)
    if index == 0:
        w[ip + I_MARK_FP] = _own_price(w, ip)
        return value_at_mark(w, ip, pos)
    inside = max(0, w[ip + I_OPTION] * (index - w[ip + I_STRIKE_FP]))
    if w[ip + I_SETTLE] != w[ip + I_BASE]:
        w[ip + I_MARK_FP] = inside
        return value_at_mark(w, ip, pos)
    value = muldiv(pos * w[ip + I_UNIT], inside, index)
    per_tick = w[ip + I_MULT]
    w[ip + I_MARK_FP] = np.int64(inside / index * w[ip + I_UNIT] / per_tick * (1 << MARK_FP_BITS))
    return value


@internal
def _settle(w, inst):
    ip = inst_row(w, inst)
    cancel_all(w, inst)
    w[ip + I_EXPIRY] = -1
    w[ip + I_STATE] = DELISTED
    pos, cost = w[ip + I_POS], w[ip + I_COST]
    realized = settlement_value(w, ip) - cost
    if pos == 0:
        return
    slot = venue_order(w, inst)
    w[ip + I_POS] = 0
    w[ip + I_COST] = 0
    w[ip + I_ISO] = 0
    w[ip + I_REALIZED] += realized
    cp = ccy_row(w, w[ip + I_SETTLE])
    w[cp + C_CASH] += realized
    w[cp + C_REALIZED] += realized
    w[H_MARGIN_POS] -= 1
    forget_bands(w)
    if slot < 0:  # no room for an order of the venue's: the strategy is told at once
        w[ip + I_POS_KNOWN] = 0
        return
    op = order_row(w, slot)
    px = (w[ip + I_MARK_FP] + (1 << (MARK_FP_BITS - 1))) >> MARK_FP_BITS
    w[op + R_FILLED] = abs(pos)
    log_fill(w, op, px, abs(pos), 0, realized, 0, SETTLEMENT)
    push_note(w, NOTE_FILL, slot, px, abs(pos), 0)
    note_amounts(w, 0, realized, cost, 0)
    finish_order(w, slot, FILL_ALL, 0)


@internal
def settle_expired(w, at):
    """Settle every instrument whose expiry is reached and find the next expiry."""
    for inst in range(w[H_N_INST]):
        if 0 <= w[inst_row(w, inst) + I_EXPIRY] <= at:
            _settle(w, inst)
    earliest = FAR
    for inst in range(w[H_N_INST]):
        expiry = w[inst_row(w, inst) + I_EXPIRY]
        if expiry >= 0:
            earliest = min(earliest, expiry)
    w[H_SETTLE_NEXT] = earliest
