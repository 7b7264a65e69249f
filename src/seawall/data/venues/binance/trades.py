# SPDX-License-Identifier: MIT
"""Trades and the top of the book."""

from __future__ import annotations

from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.records import finish, put
from seawall.data.venues.binance.scan import AT, FALSE, FAULT_BASE, STRING, TRUE, TYPE, VALUE, WHOLE
from seawall.data.venues.binance.state import Memory, Row
from seawall.data.venues.binance.text import SLOW, Bytes, Records, read_price, read_quantity
from seawall.data.venues.faults import Fault
from seawall.model.events import EventFlag, EventKind

_TRADES, _TOP = int(Row.TRADES), int(Row.TOP)
_TRADE_KIND, _TOP_KIND = int(EventKind.TRADE), int(EventKind.TOP)
_BUY = int(EventFlag.BUY)
_NO_TRADE, _OFF_LOT = FAULT_BASE - int(Fault.NO_TRADE), int(Fault.OFF_LOT)
_P, _Q, _M, _T = ord("p"), ord("q"), ord("m"), ord("t")
_A, _B, _UPPER_A, _UPPER_B, _U = ord("a"), ord("b"), ord("A"), ord("B"), ord("u")


@internal
def read_pair(
    buf: Bytes, m: Memory, row: int, px_key: int, qty_key: int
) -> tuple[int, int, bool, int]:
    """Ticks, lots, whether the lots are exact, and a refusal (0 none) of two string fields."""
    if m[TYPE + px_key] != STRING or m[TYPE + qty_key] != STRING:
        return 0, 0, True, SLOW
    px, i = read_price(buf, m[AT + px_key], m[row], m[row + 1])
    if i < 0:
        return 0, 0, True, i
    qty, i, exact = read_quantity(buf, m[AT + qty_key], m[row + 2], m[row + 3])
    return px, qty, exact, min(i, 0)


@internal
def take_trade(
    buf: Bytes, m: Memory, row: int, id_key: int, out: Records, p: int, ts: int, lag: int
) -> tuple[int, int]:
    """Write a trade; first free record or a refusal, and a fault to note (0 none)."""
    maker = m[TYPE + _M]
    if m[TYPE + id_key] != WHOLE or not (maker == TRUE or maker == FALSE):
        return SLOW, 0
    px, qty, exact, refusal = read_pair(buf, m, row, _P, _Q)
    if refusal < 0:
        return refusal, 0
    if px == 0 or (qty == 0 and exact):
        return _NO_TRADE, 0  # what Binance sends when a fill is taken out of the tape
    put(out, p, px, qty, _BUY if maker == FALSE else 0)
    finish(out, p, p + 1, ts, lag, m[row + _TRADES], _TRADE_KIND, m[VALUE + id_key])
    return p + 1, 0 if exact else _OFF_LOT


@internal
def take_top(
    buf: Bytes, m: Memory, row: int, out: Records, p: int, ts: int, lag: int
) -> tuple[int, int]:
    """Write both sides of the best quotes; an empty side has neither price nor quantity."""
    if m[TYPE + _U] != WHOLE:
        return SLOW, 0
    bid, bid_qty, bid_exact, refusal = read_pair(buf, m, row, _B, _UPPER_B)
    if refusal < 0:
        return refusal, 0
    ask, ask_qty, ask_exact, refusal = read_pair(buf, m, row, _A, _UPPER_A)
    if refusal < 0:
        return refusal, 0
    put(out, p, bid, bid_qty, _BUY)
    put(out, p + 1, ask, ask_qty, 0)
    finish(out, p, p + 2, ts, lag, m[row + _TOP], _TOP_KIND, m[VALUE + _U])
    return p + 2, 0 if bid_exact and ask_exact else _OFF_LOT
