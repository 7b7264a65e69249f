# SPDX-License-Identifier: MIT
"""The order of depth messages: snapshot, buffered messages, gaps.

Binance numbers book updates.  A spot message covers the ids ``U`` to ``u``; a futures
message also names ``pu``, the last id of the message before it.  The ids of futures are
shared by all symbols, so a message reaches over a snapshot with id ``L`` when its ``pu`` (or
``U - 1`` for spot) is at most ``L`` and its ``u`` is beyond: nothing of this symbol happened
between.  That is Binance's published rule, extended to quiet symbols, whose messages need
not contain ``L`` itself.
"""

from __future__ import annotations

from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.records import lag_of
from seawall.data.venues.binance.state import (
    ID_WORDS,
    PENDING_MESSAGES,
    PENDING_RECORDS,
    WIDTH,
    BookPhase,
    Glob,
    Memory,
    Row,
)
from seawall.data.venues.binance.text import FULL, Records
from seawall.data.venues.faults import Count, Fault
from seawall.model.events import BookState, EventFlag, EventKind, Events

_PHASE, _LAST = int(Row.PHASE), int(Row.LAST)
_RECORDS, _MESSAGES = int(Row.RECORDS), int(Row.MESSAGES)
_WAIT, _LINK, _LIVE = int(BookPhase.WAIT), int(BookPhase.LINK), int(BookPhase.LIVE)
_GAPPED, _COLD = int(BookPhase.GAPPED), int(BookPhase.COLD)
_STATUS, _STATE_GAPPED = int(EventKind.STATUS), int(BookState.GAPPED)
_FIRST, _FLAG_LAST = int(EventFlag.FIRST), int(EventFlag.LAST)
_GAP, _BUFFER_FULL = int(Fault.SEQUENCE_GAP), int(Fault.BUFFER_FULL)
_STALE, _EMPTY = int(Fault.STALE_SNAPSHOT), int(Fault.EMPTY_SNAPSHOT)
_DEPTH, _BUFFERED = int(Count.DEPTH), int(Count.BUFFERED)
_SUPERSEDED, _SNAPSHOT = int(Count.SUPERSEDED), int(Count.SNAPSHOT)
_ROWS, _IDS = int(Glob.ROWS), int(Glob.IDS)
_DEPTH_OFFSET = int(Row.OFFSETS)


@internal
def follows(last: int, first: int, prev: int) -> bool:
    """Whether a message with first id ``first`` and ``pu`` ``prev`` (-1: spot) follows ``last``."""
    return prev == last if prev >= 0 else first <= last + 1


@internal
def reaches_over(snapshot: int, first: int, prev: int) -> bool:
    """Whether nothing can lie between a snapshot's id and this message."""
    return (prev if prev >= 0 else first - 1) <= snapshot


@internal
def _ids_at(m: Memory, inst: int) -> int:
    """Where the ids of an instrument's buffered messages begin."""
    return m[_IDS] + ID_WORDS * PENDING_MESSAGES * inst


@internal
def _buffer(
    m: Memory, pending: Events, inst: int, first: int, last: int, prev: int, venue_ms: int,
    out: Records, p0: int, p1: int,
) -> int:  # fmt: skip
    """Keep a message until the snapshot comes; return a fault, or 0."""
    row = m[_ROWS] + WIDTH * inst
    fault = 0
    records, messages = m[row + _RECORDS], m[row + _MESSAGES]
    if messages > 0:
        before = m[_ids_at(m, inst) + ID_WORDS * (messages - 1) + 1]
        if last <= before:
            return 0
        if not follows(before, first, prev):
            records = messages = 0
            fault = _GAP
    if records + (p1 - p0) > PENDING_RECORDS or messages >= PENDING_MESSAGES:
        records = messages = 0
        fault = _BUFFER_FULL
    if p1 - p0 <= PENDING_RECORDS:
        base = inst * PENDING_RECORDS + records
        for k in range(p1 - p0):
            pending[base + k] = out[p0 + k]
        at = _ids_at(m, inst) + ID_WORDS * messages
        m[at] = first
        m[at + 1] = last
        m[at + 2] = prev
        m[at + 3] = p1 - p0
        m[at + 4] = venue_ms
        records += p1 - p0
        messages += 1
    m[row + _RECORDS] = records
    m[row + _MESSAGES] = messages
    return fault


@internal
def _declare_gap(out: Records, p0: int, p1: int, stream: int, ts: int, lag: int) -> int:
    """Put a GAPPED status before the records ``p0`` to ``p1``."""
    for k in range(p1, p0, -1):
        out[k] = out[k - 1]
    record = out[p0]
    record.ts = ts
    record.qty = 0
    record.px = _STATE_GAPPED
    record.lag_us = lag
    record.stream = stream
    record.kind = _STATUS
    record.flags = _FLAG_LAST
    record.seq = 0
    return p1 + 1


@internal
def take_depth(
    m: Memory, pending: Events, inst: int, first: int, last: int, prev: int,
    venue_ms: int, out: Records, p0: int, p1: int, stream: int, ts: int, lag: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Decide over one depth message whose levels stand, finished, in ``out[p0:p1]``.

    Returns
    -------
    pos : int
        First free record: ``p0`` when the message is kept back, or FULL.
    fault : int
        A :class:`Fault` to note, or 0.
    count : int
        The :class:`Count` the message belongs to.
    """
    row = m[_ROWS] + WIDTH * inst
    phase = m[row + _PHASE]
    if phase == _WAIT:
        return p0, _buffer(m, pending, inst, first, last, prev, venue_ms, out, p0, p1), _BUFFERED
    if phase != _COLD and last <= m[row + _LAST]:
        if phase == _LINK and last == m[row + _LAST]:
            m[row + _PHASE] = _LIVE
        return p0, 0, _SUPERSEDED
    if p1 >= out.shape[0]:
        return FULL, 0, _DEPTH
    linked = (
        phase == _GAPPED
        or (phase == _LINK and reaches_over(m[row + _LAST], first, prev))
        or (phase == _LIVE and follows(m[row + _LAST], first, prev))
    )
    fault = 0
    if phase == _GAPPED or not linked:
        if not linked:
            m[row + _RECORDS] = m[row + _MESSAGES] = 0
        fault = _buffer(m, pending, inst, first, last, prev, venue_ms, out, p0, p1)
        if not linked:
            fault = 0 if phase == _COLD else _GAP
            p1 = _declare_gap(out, p0, p1, stream, ts, lag)
            phase = _GAPPED
    else:
        phase = _LIVE
    m[row + _PHASE] = phase
    m[row + _LAST] = last
    return p1, fault, _DEPTH


@internal
def take_snapshot(
    m: Memory, pending: Events, inst: int, snapshot: int, out: Records, p0: int, p1: int, ts: int
) -> tuple[int, int, int]:
    """Decide over a snapshot in ``out[p0:p1]`` and pass the buffered messages on after it.

    Returns
    -------
    pos, fault, count : int
        As :func:`take_depth`.
    """
    row = m[_ROWS] + WIDTH * inst
    if p1 == p0:
        return p0, _EMPTY, _SNAPSHOT
    phase = m[row + _PHASE]
    if (phase == _LIVE or phase == _LINK) and snapshot <= m[row + _LAST]:
        return p0, 0, _SUPERSEDED
    if p1 + m[row + _RECORDS] > out.shape[0]:
        return FULL, 0, _SNAPSHOT
    at, source = _ids_at(m, inst), inst * PENDING_RECORDS
    end = at + ID_WORDS * m[row + _MESSAGES]
    while at < end and m[at + 1] <= snapshot:
        source += m[at + 3]
        at += ID_WORDS
    if at < end and not reaches_over(snapshot, m[at], m[at + 2]):
        return p0, _STALE, _SNAPSHOT
    out[p0].flags |= _FIRST
    m[row + _PHASE] = _LIVE if at < end else _LINK
    m[row + _LAST] = m[end - ID_WORDS + 1] if at < end else snapshot
    while at < end:
        # The message becomes known to the book now: its lag grows by the wait.
        lag = lag_of(ts, m[at + 4], m[row + _DEPTH_OFFSET])
        for k in range(source, source + m[at + 3]):
            out[p1] = pending[k]
            out[p1].ts = ts
            out[p1].lag_us = lag
            p1 += 1
        source += m[at + 3]
        at += ID_WORDS
    m[row + _RECORDS] = m[row + _MESSAGES] = 0
    return p1, 0, _SNAPSHOT
