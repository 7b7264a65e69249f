# SPDX-License-Identifier: MIT
"""Forced closing: liquidation, delisting, and losses that the venue bears."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.fills import fill_order, finish_order
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.margin import must_liquidate, set_band
from seawall.engine.kernel.money import SPOT, ccy_row
from seawall.engine.kernel.orders import CANCEL, inst_row, link_live, order_row
from seawall.engine.layout import (
    C_CASH,
    C_FEES,
    C_INSURANCE,
    C_REALIZED,
    FAR,
    H_LIQUIDATIONS,
    H_MARGIN_MODE,
    H_N_INST,
    H_NOW,
    H_ORD_FREE,
    H_ORD_SEQ,
    H_SPOT_MARGIN,
    H_VENUE_NOW,
    I_HEAD,
    I_ISO,
    I_KIND,
    I_MARK_FP,
    I_POS,
    I_SETTLE,
    ORD_COLS,
    R_ACTIVE,
    R_EXPIRE,
    R_ID,
    R_INST,
    R_NEXT,
    R_QTY,
    R_SENT,
    R_SIDE,
    R_STATE,
)
from seawall.model.events import MARK_FP_BITS


@internal
def cancel_all(w, inst):
    """End every live order of an instrument at once."""
    ip = inst_row(w, inst)
    while w[ip + I_HEAD] >= 0:
        finish_order(w, w[ip + I_HEAD], CANCEL, 0)


@internal
def venue_order(w, inst):
    """Make an order of the venue's that closes a position; its slot, -1 when none is free."""
    pos = w[inst_row(w, inst) + I_POS]
    slot = w[H_ORD_FREE]
    if slot < 0:
        return -1
    op = order_row(w, slot)
    w[H_ORD_FREE] = w[op + R_NEXT]
    for k in range(ORD_COLS):
        w[op + k] = 0
    w[H_ORD_SEQ] += 1
    w[op + R_ID] = w[H_ORD_SEQ]
    w[op + R_INST] = inst
    w[op + R_SIDE] = -1 if pos > 0 else 1
    w[op + R_QTY] = abs(pos)
    w[op + R_EXPIRE] = FAR
    w[op + R_SENT] = w[H_NOW]
    w[op + R_ACTIVE] = max(w[H_VENUE_NOW], 1)
    w[op + R_STATE] = 1
    link_live(w, slot)
    return slot


@internal
def close_by_force(w, inst, px, liquidation):
    """Close a position at a price by an order that the venue makes.

    Returns whether there was a free slot for it.
    """
    ip = inst_row(w, inst)
    pos = w[ip + I_POS]
    cancel_all(w, inst)
    if pos == 0:
        return True
    slot = venue_order(w, inst)
    if slot < 0:
        return False
    iso = w[ip + I_ISO]
    cp = ccy_row(w, w[ip + I_SETTLE])
    realized0, fees0 = w[cp + C_REALIZED], w[cp + C_FEES]
    fill_order(w, slot, max(px, 1), abs(pos), 0, liquidation)
    if liquidation:
        w[H_LIQUIDATIONS] += 1
        if w[ip + I_KIND] != SPOT:
            lost = (w[cp + C_FEES] - fees0) - (w[cp + C_REALIZED] - realized0)
            if w[H_MARGIN_MODE] == 1 and lost > iso:
                _insure(w, cp, lost - iso)
            elif w[H_MARGIN_MODE] == 0 and w[cp + C_CASH] < 0 and _flat(w, w[ip + I_SETTLE]):
                # With borrowed spot money a negative balance is a loan, not a loss.
                bound = lost if w[H_SPOT_MARGIN] else -w[cp + C_CASH]
                _insure(w, cp, max(0, min(-w[cp + C_CASH], bound)))
    return True


@internal
def _insure(w, cp, units):
    """The venue's insurance fund bears what the margin cannot."""
    w[cp + C_CASH] += units
    w[cp + C_INSURANCE] += units


@internal
def _flat(w, ccy):
    for i in range(w[H_N_INST]):
        ip = inst_row(w, i)
        if w[ip + I_SETTLE] == ccy and w[ip + I_KIND] != SPOT and w[ip + I_POS] != 0:
            return False
    return True


@internal
def check_liquidation(w, inst):
    """Close what is under water at the mark price; an instrument at a time."""
    ip = inst_row(w, inst)
    if not must_liquidate(w, ip):
        set_band(w, ip)
        return
    close_by_force(w, inst, (w[ip + I_MARK_FP] + 512) >> MARK_FP_BITS, 1)
    if w[H_MARGIN_MODE] == 0:
        for other in range(w[H_N_INST]):
            op = inst_row(w, other)
            if other != inst and w[op + I_SETTLE] == w[ip + I_SETTLE] and must_liquidate(w, op):
                close_by_force(w, other, (w[op + I_MARK_FP] + 512) >> MARK_FP_BITS, 1)
