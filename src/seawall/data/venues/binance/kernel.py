# SPDX-License-Identifier: MIT
"""From one message to event records: the one function that batch and live both call."""

from __future__ import annotations

from seawall.data.venues.binance.derivative import take_liquidation, take_mark
from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.kinds import (
    IS_AGG,
    IS_CONTROL,
    IS_DEPTH,
    IS_ERROR,
    IS_MARK,
    IS_SNAPSHOT,
    IS_TOP,
    IS_TRADE,
    fault_of,
    is_partial,
    kind_of,
    route_of,
)
from seawall.data.venues.binance.records import (
    event_ms,
    finish,
    lag_of,
    note_fault,
    trade_ms,
)
from seawall.data.venues.binance.scan import (
    ASKS,
    BIDS,
    LEVELS,
    PU,
    TYPE,
    UPDATE_ID,
    VALUE,
    WHOLE,
    scan_message,
)
from seawall.data.venues.binance.sequence import take_depth, take_snapshot
from seawall.data.venues.binance.state import (
    COUNTS,
    STREAM_TO_OFFSET,
    WIDTH,
    Glob,
    Memory,
    Row,
)
from seawall.data.venues.binance.text import (
    FULL,
    OK,
    SLOW,
    Bytes,
    Records,
    skip_space,
)
from seawall.data.venues.binance.trades import take_top, take_trade
from seawall.data.venues.faults import Count, Fault
from seawall.model.events import EventKind, Events

_E, _U, _UPPER_U = ord("e"), ord("u"), ord("U")
_A, _B, _T, _UPPER_A, _UPPER_B = ord("a"), ord("b"), ord("t"), ord("A"), ord("B")
_NEWLINE = 10
_HINT, _LAST_TS, _MESSAGES = int(Glob.HINT), int(Glob.LAST_TS), int(Glob.MESSAGES)
_DEPTH, _TRADES, _TOP = int(Row.DEPTH), int(Row.TRADES), int(Row.TOP)
_ROWS = int(Glob.ROWS)
_MARK, _FUNDING, _LIQUIDATIONS = int(Row.MARK), int(Row.FUNDING), int(Row.LIQUIDATIONS)
_DELTA_KIND, _SNAPSHOT_KIND = int(EventKind.DELTA), int(EventKind.SNAPSHOT)
_N_TRADE, _N_TOP, _N_MARK = int(Count.TRADE), int(Count.TOP), int(Count.MARK)
_N_LIQUIDATION, _N_IGNORED = int(Count.LIQUIDATION), int(Count.IGNORED)
_N_CONTROL, _N_EMPTY = int(Count.CONTROL), int(Count.EMPTY)
_F_OFF_TICK, _F_BAD, _F_UNKNOWN = (
    int(Fault.OFF_TICK), int(Fault.BAD_NUMBER), int(Fault.UNKNOWN_SYMBOL),
)  # fmt: skip
_F_TIME, _F_BACK, _F_OFF_LOT = int(Fault.NO_TIME), int(Fault.CLOCK_BACK), int(Fault.OFF_LOT)
_F_ERROR, _F_STALE, _F_EMPTY = (
    int(Fault.VENUE_ERROR), int(Fault.STALE_SNAPSHOT), int(Fault.EMPTY_SNAPSHOT),
)  # fmt: skip

ROOM = 8  # free records that every message but a book needs at most


@internal
def _take_book(
    m: Memory, pending: Events, inst: int, kind: int,
    out: Records, p0: int, p1: int, stream: int, ts: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Finish the levels of a depth message or snapshot and let the sequence decide."""
    venue_ms = event_ms(m)
    lag = lag_of(ts, venue_ms, m[m[_ROWS] + WIDTH * inst + _DEPTH + STREAM_TO_OFFSET])
    if kind == IS_SNAPSHOT:
        if m[TYPE + BIDS] != LEVELS or m[TYPE + ASKS] != LEVELS:
            return SLOW, 0, 0
        snapshot = m[VALUE + UPDATE_ID]
        finish(out, p0, p1, ts, lag, stream, _SNAPSHOT_KIND, snapshot)
        return take_snapshot(m, pending, inst, snapshot, out, p0, p1, ts)
    if m[TYPE + _B] != LEVELS or m[TYPE + _A] != LEVELS:
        return SLOW, 0, 0
    if m[TYPE + _UPPER_U] != WHOLE or m[TYPE + _U] != WHOLE:
        return SLOW, 0, 0
    first, last = m[VALUE + _UPPER_U], m[VALUE + _U]
    prev = m[VALUE + PU] if m[TYPE + PU] == WHOLE else -1
    finish(out, p0, p1, ts, lag, stream, _DELTA_KIND, last)
    return take_depth(m, pending, inst, first, last, prev, venue_ms, out, p0, p1, stream, ts, lag)


@internal
def _take(
    buf: Bytes, m: Memory, pending: Events, inst: int, kind: int,
    out: Records, p0: int, p1: int, ts: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Dispatch a scanned message; first free record or refusal, fault, count."""
    row = m[_ROWS] + WIDTH * inst
    stream = route_of(kind, m, row)
    if stream < 0 or is_partial(buf, m):
        return p0, 0, _N_IGNORED
    if kind == IS_DEPTH or kind == IS_SNAPSHOT:
        return _take_book(m, pending, inst, kind, out, p0, p1, stream, ts)
    if kind == IS_AGG or kind == IS_TRADE:
        key = _A if kind == IS_AGG else _T
        lag = lag_of(ts, trade_ms(m), m[row + _TRADES + STREAM_TO_OFFSET])
        pos, fault = take_trade(buf, m, row, key, out, p0, ts, lag)
        return pos, fault, _N_TRADE
    if kind == IS_TOP:
        lag = lag_of(ts, event_ms(m), m[row + _TOP + STREAM_TO_OFFSET])
        pos, fault = take_top(buf, m, row, out, p0, ts, lag)
        return pos, fault, _N_TOP
    if kind == IS_MARK:
        lag = lag_of(ts, event_ms(m), m[row + _MARK + STREAM_TO_OFFSET])
        pos, fault = take_mark(buf, m, row, out, p0, ts, lag)
        return pos, fault, _N_MARK
    lag = lag_of(ts, event_ms(m), m[row + _LIQUIDATIONS + STREAM_TO_OFFSET])
    pos, fault = take_liquidation(buf, m, row, out, p0, ts, lag)
    return pos, fault, _N_LIQUIDATION


@internal
def refuse(m: Memory, fault: int, at: int, p0: int) -> tuple[int, int]:
    """Note the fault that refuses a message."""
    note_fault(m, fault, at)
    m[_MESSAGES] += 1
    return OK, p0


@internal
def _receive_time(m: Memory, ts: int) -> int:
    """Receive time of the message: as told, or the venue's, or the last one; -1 none."""
    if ts >= 0:
        return ts
    venue = event_ms(m) * 1_000_000
    if venue > 0:
        return venue
    return m[_LAST_TS] if m[_LAST_TS] > 0 else -1


@internal
def decode_message(
    buf: Bytes, start: int, ts: int, m: Memory, pending: Events, out: Records, p0: int
) -> tuple[int, int, int]:
    """Turn one message into event records.

    Parameters
    ----------
    buf : array of uint8
        Text; a newline or a zero byte follows the message.
    start : int
        Position of its first byte.
    ts : int
        Receive time, ns UTC; -1 when unknown: then the venue's event time stands for it.
    m, pending : arrays
        State of the decoder (:class:`~.state.Tables`); read and changed.
    out : array of EVENT
        Records are written from ``p0``.
    p0 : int
        First free record.

    Returns
    -------
    code : int
        OK; SLOW when the message must be read the slow way; FULL when ``out`` is too
        small. Nothing has changed after SLOW and FULL.
    p1 : int
        First free record afterwards.
    end : int
        Position after the message, -1 when it has to be looked for.
    """
    if p0 + ROOM > out.shape[0]:
        return FULL, p0, -1
    i, inst, p1, off_lot = scan_message(buf, start, m, out, p0)
    if i >= 0:
        i = skip_space(buf, i)
        if buf[i] != _NEWLINE and buf[i] != 0:
            return SLOW, p0, -1
    elif i == SLOW or i == FULL:
        return i, p0, -1
    else:
        code, p1 = refuse(m, fault_of(i), start, p0)
        return code, p1, -1
    kind = kind_of(buf, m)
    if kind >= IS_CONTROL:
        if kind == IS_ERROR:
            code, p1 = refuse(m, _F_ERROR, start, p0)
            return code, p1, i
        m[COUNTS + (_N_CONTROL if kind == IS_CONTROL else _N_IGNORED)] += 1
        m[_MESSAGES] += 1
        return OK, p0, i
    if inst < 0 and kind == IS_SNAPSHOT:
        inst = m[_HINT]
    if inst < 0:
        code, p1 = refuse(m, _F_UNKNOWN, start, p0)
        return code, p1, i
    when = _receive_time(m, ts)
    if when < 0:
        code, p1 = refuse(m, _F_TIME, start, p0)
        return code, p1, i
    back = when < m[_LAST_TS]
    if back:
        when = m[_LAST_TS]
    pos, fault, count = _take(buf, m, pending, inst, kind, out, p0, p1, when)
    if pos == SLOW or pos == FULL:
        return pos, p0, -1
    if pos < 0:
        code, p1 = refuse(m, fault_of(pos), start, p0)
        return code, p1, i
    m[_LAST_TS] = when
    if back:
        note_fault(m, _F_BACK, start)
    if fault == _F_STALE or fault == _F_EMPTY:
        code, p1 = refuse(m, fault, start, p0)
        return code, p1, i
    if fault != 0:
        note_fault(m, fault, start)
    if off_lot > 0:
        note_fault(m, _F_OFF_LOT, start)
    m[COUNTS + count] += 1
    m[_MESSAGES] += 1
    return OK, pos, i
