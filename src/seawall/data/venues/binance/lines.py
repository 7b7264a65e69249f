# SPDX-License-Identifier: MIT
"""What Python calls: one message, or line after line; and a fault found by Python."""

from __future__ import annotations

from seawall.data.venues.binance.jit import entry, internal
from seawall.data.venues.binance.kernel import decode_message, refuse
from seawall.data.venues.binance.state import COUNTS, Glob
from seawall.data.venues.binance.text import NINE, OK, SPACE, ZERO, Bytes, skip_space
from seawall.data.venues.faults import Count
from seawall.model.compiled import bytes_at, events_at, words_at

_NEWLINE = 10
_PENDING, _PENDING_SIZE = int(Glob.PENDING), int(Glob.PENDING_SIZE)
_OUT, _OUT_SIZE, _TEXT = int(Glob.OUT), int(Glob.OUT_SIZE), int(Glob.TEXT)
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
def decode_one(memory: int, message: int, size: int, ts: int, p0: int) -> int:
    """Decode one message into the output of a decoder.

    Parameters
    ----------
    memory : int
        Address of the decoder's memory.
    message : int
        Address of the message.
    size : int
        Its bytes; the room for one message holds them and a zero.
    ts : int
        Receive time, ns UTC; -1 unknown.
    p0 : int
        First free record.

    Returns
    -------
    int
        First free record afterwards; or SLOW, or FULL: then nothing has changed.
    """
    m = words_at(memory)
    given, buf = bytes_at(message), bytes_at(m[_TEXT])
    for i in range(size):
        buf[i] = given[i]
    buf[size] = 0
    pending = events_at(m[_PENDING], m[_PENDING_SIZE])
    out = events_at(m[_OUT], m[_OUT_SIZE])
    code, pos, _ = decode_message(buf, 0, ts, m, pending, out, p0)
    return pos if code == OK else code


@entry
def note_refusal(memory: int, fault: int) -> None:
    """Note a fault that refuses a message which no compiled function could read."""
    refuse(words_at(memory), fault, 0, 0)


@entry
def decode_lines(memory: int, text: int, i: int, size: int, pos: int) -> tuple[int, int, int]:
    """Decode line after line until the text ends, the output is full or a line is SLOW.

    Parameters
    ----------
    memory : int
        Address of the decoder's memory.
    text : int
        Address of lines ``[receive time ]message``; the last one ends with a newline too.
    i : int
        Position of the first line.
    size : int
        Position after the last line.
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
    buf, m = bytes_at(text), words_at(memory)
    pending = events_at(m[_PENDING], m[_PENDING_SIZE])
    out = events_at(m[_OUT], m[_OUT_SIZE])
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
