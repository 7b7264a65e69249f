# SPDX-License-Identifier: MIT
"""What Python calls: one message, or line after line; and a fault found by Python."""

from __future__ import annotations

from seawall.data.venues.binance.jit import borrow, entry, internal
from seawall.data.venues.binance.kernel import decode_message, refuse
from seawall.data.venues.binance.state import COUNTS, Glob, Memory
from seawall.data.venues.binance.text import NINE, OK, SPACE, ZERO, Bytes, Records, skip_space
from seawall.data.venues.faults import Count
from seawall.model.events import Events

_NEWLINE = 10
_MESSAGES, _N_EMPTY = int(Glob.MESSAGES), int(Count.EMPTY)


@internal
def read_line_time(buf: Bytes, i: int) -> tuple[int, int]:
    """Receive time before the message, ns (-1 none), and the message's position.

    The unit follows from the number of digits: 10 s, 13 ms, 16 us, 19 ns, which is
    unambiguous from 2001 to 2286.
    """
    start = i
    value = 0
    while ZERO <= buf[i] <= NINE:
        value = value * 10 + (buf[i] - ZERO)
        i += 1
    digits = i - start
    if digits == 0:
        return -1, start
    if buf[i] != SPACE:
        return -1, start
    i = skip_space(buf, i)
    if digits == 19:
        return value, i
    if digits == 16:
        return value * 1_000, i
    if digits == 13:
        return value * 1_000_000, i
    if digits == 10:
        return value * 1_000_000_000, i
    return -1, start


@entry
def decode_one(
    buf: Bytes, ts: int, m: Memory, pending: Events, out: Records, p0: int
) -> tuple[int, int, int]:
    """Call :func:`decode_message` on the message at the start of ``buf``."""
    return decode_message(borrow(buf), 0, ts, borrow(m), borrow(pending), borrow(out), p0)


@entry
def note_refusal(m: Memory, fault: int) -> None:
    """Note a fault that refuses a message which no compiled function could read."""
    refuse(m, fault, 0, 0)


@entry
def decode_lines(
    buf: Bytes, i: int, size: int, m: Memory, pending: Events, out: Records, pos: int
) -> tuple[int, int, int]:
    """Decode line after line until the text ends, the output is full or a line is SLOW.

    Parameters
    ----------
    buf : array of uint8
        Lines ``[receive time ]message``; the last one ends with a newline too.
    i : int
        Position of the first line.
    size : int
        Position after the last line.
    m, pending : arrays
        State.
    out : array of EVENT
        Records are written from ``pos``.
    pos : int
        First free record.

    Returns
    -------
    code : int
        OK, or why it stopped: SLOW or FULL at the line that begins at ``i``.
    i : int
        Position of the next line.
    pos : int
        First free record.
    """
    buf, m, pending, out = borrow(buf), borrow(m), borrow(pending), borrow(out)
    while i < size:
        ts, at = read_line_time(buf, i)
        if buf[at] == _NEWLINE and at == i:
            m[COUNTS + _N_EMPTY] += 1
            m[_MESSAGES] += 1
            i += 1
            continue
        code, pos, end = decode_message(buf, at, ts, m, pending, out, pos)
        if code != OK:
            return code, i, pos
        if end < 0:
            end = at
            while buf[end] != _NEWLINE:
                end += 1
        i = end + 1
    return OK, i, pos
