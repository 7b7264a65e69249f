# SPDX-License-Identifier: MIT
"""Commands reach the venue in the order in which they were sent, and orders expire."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.fills import finish_order
from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.orders import (
    AMEND,
    CANCEL,
    EXPIRE,
    MARKET,
    has_ended,
    inst_row,
    move_state,
    order_row,
    push_note,
    refresh_own_best,
)
from seawall.engine.kernel.rest import arrive, work
from seawall.engine.layout import (
    CMD_CANCEL,
    CMD_COLS,
    CMD_NEW,
    FAR,
    H_CAP_ORD,
    H_CAP_RING,
    H_CMD_HEAD,
    H_CMD_TAIL,
    H_EXPIRE_NEXT,
    H_VENUE_NOW,
    I_BARS,
    K_ID,
    K_OP,
    K_PX,
    K_QTY,
    K_SLOT,
    K_TS,
    NOTE_AMEND,
    O_CMD,
    R_ACTIVE,
    R_EXPIRE,
    R_FILLED,
    R_FRESH,
    R_ID,
    R_INST,
    R_PX,
    R_QTY,
    R_RESTING,
    R_TYPE,
)


@internal
def _amend(w, slot, px, qty):
    op = order_row(w, slot)
    if w[op + R_ACTIVE] == 0 or w[op + R_TYPE] == MARKET:
        return
    ip = inst_row(w, w[op + R_INST])
    moved = px > 0 and px != w[op + R_PX]
    grown = qty > w[op + R_QTY]
    if qty > 0:
        if qty <= w[op + R_FILLED]:
            finish_order(w, slot, CANCEL, 0)
            return
        w[op + R_QTY] = qty
    if px > 0:
        w[op + R_PX] = px
    move_state(w, op, AMEND)
    push_note(w, NOTE_AMEND, slot, w[op + R_PX], w[op + R_QTY], 0)
    if w[op + R_RESTING] and (moved or grown):
        w[op + R_RESTING] = 0
        refresh_own_best(w, ip)
        work(w, slot)
    elif w[ip + I_BARS] and moved:
        w[op + R_FRESH] = 1


@internal
def at_venue(w, op):
    """Whether an order is at the venue."""
    return w[op + R_ID] != 0 and w[op + R_ACTIVE] != 0 and not has_ended(w, op)


@internal
def expire_orders(w, now):
    """End the orders whose time is over and find the next expiry."""
    if now < w[H_EXPIRE_NEXT]:
        return
    for slot in range(w[H_CAP_ORD]):
        op = order_row(w, slot)
        if at_venue(w, op) and w[op + R_EXPIRE] <= now:
            finish_order(w, slot, EXPIRE, 0)
    earliest = FAR
    for slot in range(w[H_CAP_ORD]):
        op = order_row(w, slot)
        if at_venue(w, op):
            earliest = min(earliest, w[op + R_EXPIRE])
    w[H_EXPIRE_NEXT] = earliest


@internal
def run_commands(w, before):
    """Carry out every command that takes effect earlier than a venue time."""
    while w[H_CMD_HEAD] < w[H_CMD_TAIL]:
        kp = w[O_CMD] + (w[H_CMD_HEAD] & (w[H_CAP_RING] - 1)) * CMD_COLS
        if w[kp + K_TS] >= before:
            return
        if w[H_EXPIRE_NEXT] <= w[kp + K_TS]:
            w[H_VENUE_NOW] = max(w[H_VENUE_NOW], w[H_EXPIRE_NEXT])
            expire_orders(w, w[kp + K_TS])
        w[H_CMD_HEAD] += 1
        w[H_VENUE_NOW] = max(w[H_VENUE_NOW], w[kp + K_TS])
        slot = w[kp + K_SLOT]
        op = order_row(w, slot)
        if w[op + R_ID] != w[kp + K_ID] or has_ended(w, op):
            continue  # ended meanwhile
        if w[kp + K_OP] == CMD_NEW:
            arrive(w, slot)
        elif w[kp + K_OP] == CMD_CANCEL:
            finish_order(w, slot, CANCEL, 0)
        else:
            _amend(w, slot, w[kp + K_PX], w[kp + K_QTY])
