# SPDX-License-Identifier: MIT
"""What a scanned message is, and which stream wants it."""

from __future__ import annotations

import numpy as np

from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.scan import (
    AT,
    CODE,
    ERROR,
    FAULT_BASE,
    NULL,
    RESULT,
    STREAM,
    STRING,
    TYPE,
    UPDATE_ID,
    VALUE,
    WHOLE,
)
from seawall.data.venues.binance.state import Memory, Row
from seawall.data.venues.binance.text import (
    BAD_NUMBER,
    NINE,
    OFF_TICK,
    ZERO,
    Bytes,
    same_text,
)
from seawall.data.venues.faults import Fault

_EVENTS = ("depthUpdate", "aggTrade", "trade", "bookTicker", "markPriceUpdate", "forceOrder")
EVENT_NAMES = np.zeros((len(_EVENTS), 16), dtype=np.uint8)
for _row, _name in enumerate(_EVENTS):
    EVENT_NAMES[_row, : len(_name)] = np.frombuffer(_name.encode(), dtype=np.uint8)
IS_DEPTH, IS_AGG, IS_TRADE, IS_TOP, IS_MARK, IS_FORCED = range(6)
IS_SNAPSHOT, IS_CONTROL, IS_ERROR, IS_OTHER = 6, 7, 8, 9

_E, _U, _UPPER_A, _UPPER_B = ord("e"), ord("u"), ord("A"), ord("B")
_DEPTH, _TRADES, _TOP = int(Row.DEPTH), int(Row.TRADES), int(Row.TOP)
_MARK, _FUNDING, _LIQUIDATIONS = int(Row.MARK), int(Row.FUNDING), int(Row.LIQUIDATIONS)
_F_OFF_TICK, _F_BAD = int(Fault.OFF_TICK), int(Fault.BAD_NUMBER)


@internal
def kind_of(buf: Bytes, m: Memory) -> int:
    """What a scanned message is."""
    if m[TYPE + _E] == STRING:
        at, length = m[AT + _E], m[VALUE + _E]
        for row in range(EVENT_NAMES.shape[0]):
            if same_text(buf, at, length, EVENT_NAMES, row):
                return row
        return IS_OTHER
    if m[TYPE + UPDATE_ID] == WHOLE:
        return IS_SNAPSHOT
    if m[TYPE + _U] == WHOLE and m[TYPE + _UPPER_B] and m[TYPE + _UPPER_A]:
        return IS_TOP
    if m[TYPE + ERROR] or (m[TYPE + CODE] == WHOLE):
        return IS_ERROR
    if m[TYPE + RESULT] == NULL:
        return IS_CONTROL
    return IS_OTHER


@internal
def is_partial(buf: Bytes, m: Memory) -> bool:
    """Whether the stream's name says a few best levels (``@depth20``), not changes."""
    if m[TYPE + STREAM] != STRING:
        return False
    at = m[VALUE + STREAM]  # "@depth" and what follows
    return buf[at] == 64 and buf[at + 1] == 100 and ZERO <= buf[at + 6] <= NINE


@internal
def fault_of(code: int) -> int:
    """Fault behind a refusal that is neither SLOW nor FULL."""
    if code == OFF_TICK:
        return _F_OFF_TICK
    if code == BAD_NUMBER:
        return _F_BAD
    return FAULT_BASE - code


@internal
def route_of(kind: int, m: Memory, row: int) -> int:
    """Stream number of a kind of message, -1 when nobody wants it."""
    if kind == IS_DEPTH or kind == IS_SNAPSHOT:
        return m[row + _DEPTH]
    if kind == IS_AGG or kind == IS_TRADE:
        return m[row + _TRADES]
    if kind == IS_TOP:
        return m[row + _TOP]
    if kind == IS_MARK:
        return max(m[row + _MARK], m[row + _FUNDING])
    return m[row + _LIQUIDATIONS]
