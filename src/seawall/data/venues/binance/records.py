# SPDX-License-Identifier: MIT
"""Finishing event records: time, lag, stream, kind; noting faults."""

from __future__ import annotations

from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.scan import TYPE, VALUE, WHOLE
from seawall.data.venues.binance.state import FAULT_COUNTS, FAULTS_KEPT, PLACES, Glob, Memory
from seawall.data.venues.binance.text import Records
from seawall.model.events import EventFlag

LAST = int(EventFlag.LAST)
_MESSAGES, _FAULTS, _BASE = int(Glob.MESSAGES), int(Glob.FAULTS), int(Glob.BASE)
_LAG_MAX_US = 2**32 - 1
_EVENT_TIME, _TRADE_TIME = ord("E"), ord("T")
_NS_PER_MS = 1_000_000


@internal
def note_fault(m: Memory, fault: int, at: int) -> None:
    """Count a fault and keep its place while there is room."""
    m[FAULT_COUNTS + fault] += 1
    kept = m[_FAULTS]
    if kept < FAULTS_KEPT:
        place = PLACES + 3 * kept
        m[place] = fault
        m[place + 1] = m[_MESSAGES]
        m[place + 2] = m[_BASE] + at if m[_BASE] >= 0 else -1
        m[_FAULTS] = kept + 1


@internal
def lag_of(ts: int, venue_ms: int, offset: int) -> int:
    """Microseconds from a venue time (0 unknown) to the receive time, never negative."""
    if venue_ms <= 0:
        return 0
    lag = (ts - venue_ms * _NS_PER_MS - offset) // 1000
    return min(max(lag, 0), _LAG_MAX_US)


@internal
def event_ms(m: Memory) -> int:
    """Venue time of the scanned message, ms; 0 where it has none."""
    return m[VALUE + _EVENT_TIME] if m[TYPE + _EVENT_TIME] == WHOLE else 0


@internal
def trade_ms(m: Memory) -> int:
    """Venue time of the trade in the scanned message, ms; that of the message without one."""
    return m[VALUE + _TRADE_TIME] if m[TYPE + _TRADE_TIME] == WHOLE else event_ms(m)


@internal
def finish(
    out: Records, p0: int, p1: int, ts: int, lag: int, stream: int, kind: int, seq: int
) -> None:
    """Complete the records ``p0`` to ``p1`` of one message, which have px, qty and side."""
    low = seq & 0xFFFFFFFF
    for k in range(p0, p1):
        record = out[k]
        record.ts = ts
        record.lag_us = lag
        record.stream = stream
        record.kind = kind
        record.seq = low
    if p1 > p0:
        out[p1 - 1].flags |= LAST


@internal
def put(out: Records, p: int, px: int, qty: int, flags: int) -> None:
    """Write what is particular to one record."""
    record = out[p]
    record.px = px
    record.qty = qty
    record.flags = flags
