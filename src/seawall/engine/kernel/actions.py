# SPDX-License-Identifier: MIT
"""What a strategy can do and see; the same calls serve Python and compiled strategies.

Handles of orders are ``id << 12 | slot``: they find the row in O(1) and go stale
when the order ended.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.book import top_sum
from seawall.engine.kernel.jit import entry, internal, shared, words
from seawall.engine.kernel.money import INVERSE, value_at
from seawall.engine.kernel.orders import (
    CANCEL,
    REJECT,
    end_order,
    has_ended,
    inst_row,
    is_room,
    order_row,
    push_command,
)
from seawall.engine.kernel.rest import GOOD, book_state
from seawall.engine.layout import (
    CMD_AMEND,
    CMD_CANCEL,
    CMD_NEW,
    FAR,
    H_CAP_ORD,
    H_CAP_ORDLOG,
    H_N_INST,
    H_N_ORDLOG,
    H_NOW,
    H_ORD_FREE,
    H_ORD_SEQ,
    H_REJECTS,
    H_TIMER_EVERY,
    H_TIMER_NEXT,
    I_ASK,
    I_ASKQ,
    I_BID,
    I_BIDQ,
    I_BOOK,
    I_HAS_BOOK,
    I_KIND,
    I_LAST,
    I_MIN_VALUE,
    I_MULT,
    I_PENDING,
    I_POS,
    I_POS_KNOWN,
    O_ORD,
    O_ORDLOG,
    ORD_COLS,
    ORDLOG_COLS,
    R_CHILDREN,
    R_COUNTED,
    R_EXPIRE,
    R_FILLED,
    R_FLAGS,
    R_GROUP,
    R_ID,
    R_INST,
    R_MID2,
    R_NEXT,
    R_PARENT,
    R_PX,
    R_QTY,
    R_SENT,
    R_SIDE,
    R_TAG,
    R_TIF,
    R_TRAIL,
    R_TRIGGER,
    R_TYPE,
)
from seawall.model.order import OrderState

SLOT_BITS = 12
MARKET = 0
REDUCE_ONLY = 2
BELOW_LOT = 1
BELOW_NOTIONAL = 2
OFF_TICK = 3
UNKNOWN_INSTRUMENT = 10
TOO_MANY_ORDERS = 12
TOO_LARGE = 13
REJECTED = int(OrderState.REJECTED)
VALUE_MAX = 2.0**59
"""Largest value of a position, money units: sixteen times below overflow."""


@internal
def _mid2(w, ip):
    if w[ip + I_BID] > 0 and w[ip + I_ASK] > 0:
        return w[ip + I_BID] + w[ip + I_ASK]
    return 2 * w[ip + I_LAST]


@internal
def _fault_in(w, op):
    """Reason for which our own side refuses an order before sending it, 0 none."""
    kind = w[op + R_TYPE]
    if w[op + R_INST] < 0 or w[op + R_INST] >= w[H_N_INST]:
        w[op + R_INST] = 0
        return UNKNOWN_INSTRUMENT
    ip = inst_row(w, w[op + R_INST])
    if w[op + R_QTY] <= 0:
        return BELOW_LOT
    if kind in (1, 3) and w[op + R_PX] <= 0:
        return OFF_TICK
    if kind in (2, 3, 4) and w[op + R_TRIGGER] <= 0:
        return OFF_TICK
    if kind == 5 and w[op + R_TRAIL] <= 0:
        return OFF_TICK
    seen = w[ip + I_LAST] if w[ip + I_LAST] > 0 else _mid2(w, ip) // 2
    px = max(w[op + R_PX], seen, w[op + R_TRIGGER])
    steps = 2.0 if w[ip + I_KIND] == INVERSE else float(max(px, 1))
    if (float(w[op + R_QTY]) + abs(w[ip + I_POS])) * steps * w[ip + I_MULT] > VALUE_MAX:
        return TOO_LARGE
    px = w[op + R_PX] if w[op + R_PX] > 0 else seen
    if px > 0 and not w[op + R_FLAGS] & REDUCE_ONLY:
        if abs(value_at(w, ip, w[op + R_QTY], px)) < w[ip + I_MIN_VALUE]:
            return BELOW_NOTIONAL
    return 0


@internal
def _log_unheard(w, inst, side, order_type, qty, px, trigger):
    """Log an order that found no slot."""
    w[H_REJECTS] += 1
    w[H_ORD_SEQ] += 1
    if w[H_N_ORDLOG] >= w[H_CAP_ORDLOG]:
        return
    at = w[O_ORDLOG] + w[H_N_ORDLOG] * ORDLOG_COLS
    w[at] = w[H_ORD_SEQ]
    w[at + 1] = w[H_NOW]
    w[at + 2] = w[H_NOW]
    w[at + 3] = px
    w[at + 4] = qty
    w[at + 5] = 0
    w[at + 6] = trigger
    w[at + 7] = (
        max(0, min(inst, w[H_N_INST] - 1))
        | ((side & 0xFF) << 32)
        | (order_type << 40)
        | (REJECTED << 48)
        | (TOO_MANY_ORDERS << 56)
    )
    w[H_N_ORDLOG] += 1


@entry
def submit(
    w, inst, side, order_type, qty, px, trigger, tif, flags, expire, trail, group, parent, tag
):
    """Send an order.

    Parameters
    ----------
    w : array of int64
        The world.
    inst, side, order_type : int
        Instrument index, +1 or -1, :class:`~seawall.model.order.OrderType`.
    qty, px, trigger, trail : int
        Lots and ticks; 0 where the type has no use for it.
    tif, flags : int
        :class:`~seawall.model.order.TimeInForce`, :class:`~seawall.model.order.OrderFlag`.
    expire : int
        End of a GTD order, ns UTC; 0 none.
    group : int
        Orders of one group cancel one another when one is filled; 0 none.
    parent : int
        Handle of the order that must be filled first (bracket); 0 none.
    tag : int
        The strategy's own number; comes back with every answer.

    Returns
    -------
    int
        Handle of the order; 0 when there is no room for it: then the order log alone
        knows it.
    """
    return new_order(
        words(w), inst, side, order_type, qty, px, trigger, tif, flags, expire, trail, group,
        parent, tag,
    )  # fmt: skip


@internal
def new_order(
    w, inst, side, order_type, qty, px, trigger, tif, flags, expire, trail, group, parent, tag
):
    """See :func:`submit`."""
    slot = w[H_ORD_FREE]
    if slot < 0 or not is_room(w):
        _log_unheard(w, inst, side, order_type, qty, px, trigger)
        return 0
    op = order_row(w, slot)
    w[H_ORD_FREE] = w[op + R_NEXT]
    for k in range(ORD_COLS):
        w[op + k] = 0
    w[H_ORD_SEQ] += 1
    w[op + R_ID] = w[H_ORD_SEQ]
    w[op + R_INST] = inst
    w[op + R_SIDE] = side
    w[op + R_TYPE] = order_type
    w[op + R_TIF] = tif
    w[op + R_FLAGS] = flags
    w[op + R_PX] = px
    w[op + R_QTY] = qty
    w[op + R_TRIGGER] = trigger
    w[op + R_TRAIL] = trail
    w[op + R_EXPIRE] = expire if expire > 0 else FAR
    w[op + R_SENT] = w[H_NOW]
    w[op + R_GROUP] = group
    w[op + R_TAG] = tag
    handle = (w[op + R_ID] << SLOT_BITS) | slot
    reason = _fault_in(w, op)
    ip = inst_row(w, w[op + R_INST])
    w[op + R_MID2] = _mid2(w, ip)
    if order_type == MARKET:
        w[ip + I_PENDING] += side * qty
        w[op + R_COUNTED] = qty
    orphan = parent != 0
    if parent:
        above = order_row(w, parent & ((1 << SLOT_BITS) - 1))
        if w[above + R_ID] == parent >> SLOT_BITS and has_ended(w, above):
            w[op + R_QTY] = w[above + R_FILLED]  # ended, but nobody has told us yet
            orphan = w[above + R_FILLED] == 0
        elif w[above + R_ID] == parent >> SLOT_BITS:
            w[op + R_PARENT] = w[above + R_ID]
            w[above + R_CHILDREN] = 1
            orphan = False
    if reason:
        end_order(w, slot, REJECT, reason, False)
    elif orphan:
        end_order(w, slot, CANCEL, 0, False)  # what it was to protect has ended
    elif w[op + R_PARENT] == 0:
        push_command(w, CMD_NEW, slot, w[op + R_ID], 0, 0)
    return handle


@shared
def send_market(w, inst, side, qty):
    """Market order."""
    return new_order(words(w), inst, side, 0, qty, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@shared
def send_limit(w, inst, side, qty, px, post_only):
    """Limit order, good till cancelled."""
    return new_order(words(w), inst, side, 1, qty, px, 0, 0, 1 if post_only else 0, 0, 0, 0, 0, 0)


@entry
def is_open(w, handle):
    """Whether the order of a handle has not ended, as far as the strategy has been told."""
    return _works(words(w), handle)


@internal
def _works(w, handle):
    if handle <= 0:
        return False
    op = order_row(w, handle & ((1 << SLOT_BITS) - 1))
    return w[op + R_ID] == handle >> SLOT_BITS


@entry
def cancel(w, handle):
    """Ask the venue to cancel an order; returns whether there was one to cancel."""
    w = words(w)
    if not _works(w, handle) or not is_room(w):
        return False
    slot = handle & ((1 << SLOT_BITS) - 1)
    push_command(w, CMD_CANCEL, slot, handle >> SLOT_BITS, 0, 0)
    return True


@entry
def amend(w, handle, px, qty):
    """Ask for another price or total quantity; 0 leaves it.

    The place in the queue is kept only when the quantity alone shrinks.
    """
    w = words(w)
    if not _works(w, handle) or not is_room(w):
        return False
    slot = handle & ((1 << SLOT_BITS) - 1)
    push_command(w, CMD_AMEND, slot, handle >> SLOT_BITS, px, qty)
    return True


@entry
def set_timer(w, at, every):
    """Wake at a time and then every so often (0: once), ns."""
    w[H_TIMER_NEXT] = at
    w[H_TIMER_EVERY] = every


@shared
def best_bid(w, inst):
    """Best bid, ticks; 0 none."""
    return w[inst_row(words(w), inst) + I_BID]


@shared
def best_ask(w, inst):
    """Best ask, ticks; 0 none."""
    return w[inst_row(words(w), inst) + I_ASK]


@shared
def position(w, inst):
    """Position that the venue has told the strategy, lots."""
    return w[inst_row(words(w), inst) + I_POS_KNOWN]


@entry
def imbalance(w, inst):
    """Bid minus ask quantity over their sum in the k best levels; 0 while unknown."""
    w = words(w)
    ip = inst_row(w, inst)
    if w[ip + I_HAS_BOOK] == 1:
        bid = top_sum(w, w[ip + I_BOOK], 0)
        ask = top_sum(w, w[ip + I_BOOK], 1)
    else:
        bid = w[ip + I_BIDQ]
        ask = w[ip + I_ASKQ]
    return (bid - ask) / (bid + ask) if bid + ask > 0 else 0.0


@entry
def book_is_good(w, inst):
    """Whether the book is complete, fresh and not crossed."""
    w = words(w)
    return book_state(w, inst_row(w, inst), w[H_NOW]) == GOOD


@shared
def order_price(w, handle):
    """Price of an open order, ticks."""
    return w[order_row(words(w), handle & ((1 << SLOT_BITS) - 1)) + R_PX]


@entry
def send_target(w, inst, target):
    """Market order from where the position is heading to a target, lots.

    Returns the handle, 0 when nothing is to do.
    """
    return move_to_target(words(w), inst, target)


@internal
def move_to_target(w, inst, target):
    """See :func:`send_target`."""
    ip = inst_row(w, inst)
    diff = target - w[ip + I_POS_KNOWN] - w[ip + I_PENDING]
    if diff == 0:
        return 0
    side = 1 if diff > 0 else -1
    return new_order(w, inst, side, 0, abs(diff), 0, 0, 0, 0, 0, 0, 0, 0, 0)


@entry
def open_handles(w, inst, handles):
    """Write the open orders' handles (of an instrument, -1: all); returns how many."""
    n = 0
    for slot in range(w[H_CAP_ORD]):
        op = w[O_ORD] + slot * ORD_COLS
        if w[op + R_ID] != 0 and (inst < 0 or w[op + R_INST] == inst) and n < handles.size:
            handles[n] = (w[op + R_ID] << SLOT_BITS) | slot
            n += 1
    return n
