# SPDX-License-Identifier: MIT
"""The order table: slots, lists, states, logs, commands on their way and answers.

An order lives in a slot from sending to its end; then it is written to the order
log and the slot is free.  States move along ``seawall.model.order.TRANSITIONS``; the
table is compiled in, and a move that is not in it counts as a fault.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np

from seawall.engine.kernel.bits import next_random
from seawall.engine.kernel.jit import entry, inlined, internal, words
from seawall.engine.layout import (
    CMD_COLS,
    FAR,
    H_CAP_ORD,
    H_CAP_ORDLOG,
    H_CAP_RING,
    H_CMD_HEAD,
    H_CMD_LAST,
    H_CMD_TAIL,
    H_EXPIRE_NEXT,
    H_FAULTS,
    H_LAT_ENTRY,
    H_LAT_N,
    H_LAT_RESPONSE,
    H_LIVE,
    H_N_ORDLOG,
    H_NOTE_HEAD,
    H_NOTE_LAST,
    H_NOTE_TAIL,
    H_NOW,
    H_ORD_FREE,
    H_REJECTS,
    H_RNG,
    H_VENUE_NOW,
    I_HEAD,
    I_N_LIVE,
    I_OWN_ASK,
    I_OWN_ASK_HIGH,
    I_OWN_BID,
    I_OWN_BID_LOW,
    I_STOPS,
    I_TAIL,
    INST_COLS,
    K_ID,
    K_OP,
    K_PX,
    K_QTY,
    K_SLOT,
    K_TS,
    N_FEE,
    N_ID,
    N_INST,
    N_KIND,
    N_MAKER,
    N_PX,
    N_QTY,
    N_REASON,
    N_SIDE,
    N_SLOT,
    N_STATE,
    N_TAG,
    N_TS,
    NOTE_COLS,
    NOTE_END,
    O_CMD,
    O_INST,
    O_LAT,
    O_NOTE,
    O_ORD,
    O_ORDLOG,
    ORD_COLS,
    ORDLOG_COLS,
    R_EXPIRE,
    R_FILLED,
    R_ID,
    R_INST,
    R_NEXT,
    R_PREV,
    R_PX,
    R_QTY,
    R_REASON,
    R_RESTING,
    R_SENT,
    R_SIDE,
    R_STATE,
    R_TAG,
    R_TRIGGER,
    R_TYPE,
)
from seawall.model.order import TRANSITIONS, OrderEvent, OrderState


def _compile_table() -> np.ndarray:
    table = np.full((len(OrderState), len(OrderEvent)), -1, dtype=np.int64)
    for (state, event), after in TRANSITIONS.items():
        table[state, event] = after
    return table


_TABLE = _compile_table()

ACCEPT = int(OrderEvent.ACCEPT)
REJECT = int(OrderEvent.REJECT)
FILL_PART = int(OrderEvent.FILL_PART)
FILL_ALL = int(OrderEvent.FILL_ALL)
CANCEL = int(OrderEvent.CANCEL)
EXPIRE = int(OrderEvent.EXPIRE)
AMEND = int(OrderEvent.AMEND)
MARKET = 0
LIMIT = 1
FILLED = int(OrderState.FILLED)
EXPIRED = int(OrderState.EXPIRED)


@inlined
def order_row(w, slot):
    """Offset of an order's row."""
    return w[O_ORD] + slot * ORD_COLS


@inlined
def inst_row(w, inst):
    """Offset of an instrument's row."""
    return w[O_INST] + inst * INST_COLS


@internal
def move_state(w, op, event):
    """Move an order along the table; a forbidden move is a fault and changes nothing."""
    after = _TABLE[w[op + R_STATE], event]
    if after < 0:
        w[H_FAULTS] += 1
        return
    w[op + R_STATE] = after


@internal
def draw_latency(w, response):
    """Latency of the next command (or answer), ns: from the table, or the constant."""
    n = w[H_LAT_N]
    if n == 0:
        return w[H_LAT_RESPONSE] if response else w[H_LAT_ENTRY]
    w[H_RNG], number = next_random(w[H_RNG])
    return w[w[O_LAT] + 2 * (number % n) + (1 if response else 0)]


@internal
def push_at(w, at, op_code, slot, order_id, px, qty):
    """Put a command into the ring with the time at which the venue acts on it."""
    w[H_CMD_LAST] = at
    kp = w[O_CMD] + (w[H_CMD_TAIL] & (w[H_CAP_RING] - 1)) * CMD_COLS
    w[kp + K_TS] = at
    w[kp + K_OP] = op_code
    w[kp + K_SLOT] = slot
    w[kp + K_ID] = order_id
    w[kp + K_PX] = px
    w[kp + K_QTY] = qty
    w[H_CMD_TAIL] += 1
    if w[H_CMD_TAIL] - w[H_CMD_HEAD] > w[H_CAP_RING]:
        w[H_FAULTS] += 1


@internal
def push_command(w, op_code, slot, order_id, px, qty):
    """Put a command on its way to the venue; one connection keeps their order."""
    at = max(w[H_NOW] + draw_latency(w, False), w[H_CMD_LAST])
    push_at(w, at, op_code, slot, order_id, px, qty)


@internal
def push_note(w, kind, slot, px, qty, maker):
    """Send an answer of the venue on its way to the strategy."""
    op = order_row(w, slot)
    at = w[H_VENUE_NOW] + draw_latency(w, True)
    if at < w[H_NOW]:
        at = w[H_NOW]
    if at < w[H_NOTE_LAST]:
        at = w[H_NOTE_LAST]
    w[H_NOTE_LAST] = at
    if w[H_NOTE_TAIL] - w[H_NOTE_HEAD] >= w[H_CAP_RING]:
        w[H_FAULTS] += 1
        return
    np_ = w[O_NOTE] + (w[H_NOTE_TAIL] & (w[H_CAP_RING] - 1)) * NOTE_COLS
    w[np_ + N_TS] = at
    w[np_ + N_KIND] = kind
    w[np_ + N_ID] = w[op + R_ID]
    w[np_ + N_INST] = w[op + R_INST]
    w[np_ + N_SIDE] = w[op + R_SIDE]
    w[np_ + N_PX] = px
    w[np_ + N_QTY] = qty
    w[np_ + N_STATE] = w[op + R_STATE]
    w[np_ + N_REASON] = w[op + R_REASON]
    w[np_ + N_TAG] = w[op + R_TAG]
    w[np_ + N_MAKER] = maker
    w[np_ + N_SLOT] = slot
    w[np_ + N_FEE] = 0
    w[H_NOTE_TAIL] += 1


@internal
def link_live(w, slot):
    """Append an order to its instrument's live list (time priority)."""
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    w[op + R_NEXT] = -1
    w[op + R_PREV] = w[ip + I_TAIL]
    if w[ip + I_TAIL] >= 0:
        w[order_row(w, w[ip + I_TAIL]) + R_NEXT] = slot
    else:
        w[ip + I_HEAD] = slot
    w[ip + I_TAIL] = slot
    w[ip + I_N_LIVE] += 1
    w[H_LIVE] += 1
    if w[op + R_TYPE] > LIMIT:
        w[ip + I_STOPS] += 1
    if w[op + R_EXPIRE] < w[H_EXPIRE_NEXT]:
        w[H_EXPIRE_NEXT] = w[op + R_EXPIRE]


@internal
def _unlink_live(w, slot):
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    before, after = w[op + R_PREV], w[op + R_NEXT]
    if before >= 0:
        w[order_row(w, before) + R_NEXT] = after
    else:
        w[ip + I_HEAD] = after
    if after >= 0:
        w[order_row(w, after) + R_PREV] = before
    else:
        w[ip + I_TAIL] = before
    w[ip + I_N_LIVE] -= 1
    w[H_LIVE] -= 1
    if w[op + R_TYPE] > LIMIT:
        w[ip + I_STOPS] -= 1


@internal
def refresh_own_best(w, ip):
    """Recompute the range of own resting prices of an instrument, per side."""
    bid, bid_low = -FAR, FAR
    ask, ask_high = FAR, -FAR
    slot = w[ip + I_HEAD]
    while slot >= 0:
        op = order_row(w, slot)
        if w[op + R_RESTING]:
            px = w[op + R_PX]
            if w[op + R_SIDE] > 0:
                bid = max(bid, px)
                bid_low = min(bid_low, px)
            else:
                ask = min(ask, px)
                ask_high = max(ask_high, px)
        slot = w[op + R_NEXT]
    w[ip + I_OWN_BID] = bid
    w[ip + I_OWN_BID_LOW] = bid_low
    w[ip + I_OWN_ASK] = ask
    w[ip + I_OWN_ASK_HIGH] = ask_high


@entry
def log_open_order(w, slot):
    """Write an order that has not ended to the order log."""
    log_order(words(w), slot)


@internal
def log_order(w, slot):
    """Write the order's end to the order log."""
    if w[H_N_ORDLOG] >= w[H_CAP_ORDLOG]:
        w[H_FAULTS] += 1  # a lost row is told, and never written over a neighbour
        return
    op = order_row(w, slot)
    at = w[O_ORDLOG] + w[H_N_ORDLOG] * ORDLOG_COLS
    w[at] = w[op + R_ID]
    w[at + 1] = w[op + R_SENT]
    w[at + 2] = w[H_VENUE_NOW]
    w[at + 3] = w[op + R_PX]
    w[at + 4] = w[op + R_QTY]
    w[at + 5] = w[op + R_FILLED]
    w[at + 6] = w[op + R_TRIGGER]
    w[at + 7] = (
        w[op + R_INST]
        | ((w[op + R_SIDE] & 0xFF) << 32)
        | (w[op + R_TYPE] << 40)
        | (w[op + R_STATE] << 48)
        | (w[op + R_REASON] << 56)
    )
    w[H_N_ORDLOG] += 1


@internal
def is_room(w):
    """Whether rings and logs have room for another order and all its answers."""
    return (
        w[H_CMD_TAIL] - w[H_CMD_HEAD] < w[H_CAP_RING] - 4
        and w[H_NOTE_TAIL] - w[H_NOTE_HEAD] < w[H_CAP_RING] // 2
        and w[H_N_ORDLOG] < w[H_CAP_ORDLOG] - w[H_CAP_ORD]
    )


@internal
def end_order(w, slot, event, reason, linked):
    """Bring an order to its end: state, log, answer.

    The slot stays taken until the answer reaches the strategy, so that nothing tells
    it of the end any earlier.

    Parameters
    ----------
    linked : bool
        Whether the order is in its instrument's live list.
    """
    op = order_row(w, slot)
    ip = inst_row(w, w[op + R_INST])
    move_state(w, op, event)
    w[op + R_REASON] = reason
    if event == REJECT:
        w[H_REJECTS] += 1
    if linked:
        _unlink_live(w, slot)
    if w[op + R_RESTING]:
        w[op + R_RESTING] = 0
        refresh_own_best(w, ip)
    log_order(w, slot)
    push_note(w, NOTE_END, slot, 0, 0, 0)


@inlined
def has_ended(w, op):
    """Whether an order is in a final state; its slot is free once the strategy knows."""
    return FILLED <= w[op + R_STATE] <= EXPIRED


@internal
def free_slot(w, slot):
    """The strategy has been told that the order ended: forget it."""
    op = order_row(w, slot)
    w[op + R_ID] = 0
    w[op + R_NEXT] = w[H_ORD_FREE]
    w[H_ORD_FREE] = slot
