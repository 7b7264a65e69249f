# SPDX-License-Identifier: MIT
"""One pass over a message: find its keys, read its whole numbers and its book levels.

What a key held is left in three tables of the memory: its type, the position of a string's
first byte, and the value of a whole number.  Single-letter keys have their letter as place
in each table, longer ones a number below 32.
"""

from __future__ import annotations

import numpy as np

from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.state import (
    FIELDS,
    SYMBOL_MAX,
    WIDTH,
    Glob,
    Memory,
    Row,
)
from seawall.data.venues.binance.text import (
    CLOSE,
    COLON,
    COMMA,
    MINUS,
    NINE,
    OPEN,
    OPEN_LIST,
    QUOTE,
    SLOW,
    ZERO,
    Bytes,
    Records,
    read_int,
    read_levels,
    same_text,
    skip_space,
    skip_string,
)
from seawall.data.venues.faults import Fault
from seawall.model.events import EventFlag

TYPE, AT, VALUE = FIELDS, FIELDS + 128, FIELDS + 256  # tables; the key is added
STRING, WHOLE, LEVELS, TRUE, FALSE, NULL, OBJECT = 1, 2, 3, 4, 5, 6, 7  # types

_LONG_KEYS = (
    "pu", "ap", "stream", "data", "result", "lastUpdateId", "bids", "asks", "symbol", "error",
    "code", "msg",
)  # fmt: skip
KEY_NAMES = np.zeros((len(_LONG_KEYS) + 1, 16), dtype=np.uint8)
for _row, _name in enumerate(_LONG_KEYS, start=1):
    KEY_NAMES[_row, : len(_name)] = np.frombuffer(_name.encode(), dtype=np.uint8)

PU, AP, STREAM, DATA, RESULT, UPDATE_ID, BIDS, ASKS, SYMBOL, ERROR, CODE, MSG = range(1, 13)
_LETTER_A, _LETTER_B, _LETTER_S, _LETTER_O = ord("a"), ord("b"), ord("s"), ord("o")
_LETTER_T, _LETTER_F, _LETTER_N = ord("t"), ord("f"), ord("n")
_UPPER_A, _UPPER_Z, _AT_SIGN = ord("A"), ord("Z"), ord("@")
_BUY = int(EventFlag.BUY)
_UNKNOWN, _MISMATCH = int(Fault.UNKNOWN_SYMBOL), int(Fault.SYMBOL_MISMATCH)
_HINT, _SLOT_MASK = int(Glob.HINT), int(Glob.SLOT_MASK)
_SLOTS, _ROWS = int(Glob.SLOTS), int(Glob.ROWS)
_HASH, _LENGTH, _NAME = int(Row.HASH), int(Row.LENGTH), int(Row.NAME)

# Beyond the codes of ``text``: the fault, negated and moved out of their way.
FAULT_BASE = -100


@internal
def find_symbol(buf: Bytes, i: int, stop: int, m: Memory) -> tuple[int, int]:
    """Instrument (-1 unknown) of the text at ``i`` up to a quote or ``stop``, and its end."""
    code = np.uint64(0xCBF29CE484222325)
    start = i
    while buf[i] != QUOTE and buf[i] != stop:
        c = buf[i]
        if _UPPER_A <= c <= _UPPER_Z:
            c += 32
        code = (code ^ np.uint64(c)) * np.uint64(0x100000001B3)
        i += 1
    length = i - start
    if length > SYMBOL_MAX:
        return -1, i
    mask, slots = m[_SLOT_MASK], m[_SLOTS]
    signed = np.int64(code)
    place = signed & mask
    while m[slots + place] >= 0:
        inst = m[slots + place]
        row = m[_ROWS] + WIDTH * inst
        if m[row + _HASH] == signed and m[row + _LENGTH] == length:
            same = True
            for k in range(length):
                c = buf[start + k]
                if _UPPER_A <= c <= _UPPER_Z:
                    c += 32
                same = same and c == (m[row + _NAME + (k >> 3)] >> (8 * (k & 7))) & 255
            if same:
                return inst, i
        place = (place + 1) & mask
    return -1, i


@internal
def _key_number(buf: Bytes, i: int, length: int) -> int:
    """Column of a key; 0 for keys that nobody reads."""
    if length == 1:
        letter = int(buf[i])
        return letter if 64 < letter < 123 else 0
    for row in range(1, KEY_NAMES.shape[0]):
        if buf[i] == KEY_NAMES[row, 0] and same_text(buf, i, length, KEY_NAMES, row):
            return row
    return 0


@internal
def _read_word(buf: Bytes, i: int) -> tuple[int, int]:
    """Type of ``true``, ``false`` or ``null`` and the position after it, or SLOW."""
    c = buf[i]
    if c == _LETTER_T and buf[i + 1] == 114 and buf[i + 2] == 117 and buf[i + 3] == 101:
        return TRUE, i + 4
    if c == _LETTER_N and buf[i + 1] == 117 and buf[i + 2] == 108 and buf[i + 3] == 108:
        return NULL, i + 4
    if (
        c == _LETTER_F
        and buf[i + 1] == 97
        and buf[i + 2] == 108
        and buf[i + 3] == 115
        and buf[i + 4] == 101
    ):
        return FALSE, i + 5
    return 0, SLOW


@internal
def _read_string(buf: Bytes, i: int, key: int, inst: int, m: Memory) -> tuple[int, int]:
    """Note a string value that begins at ``i``; position of its closing quote, instrument."""
    end = skip_string(buf, i)
    if end < 0:
        return SLOW, inst
    m[TYPE + key] = STRING
    m[AT + key] = i
    m[VALUE + key] = end - i
    if key == STREAM:
        found, stop = find_symbol(buf, i, _AT_SIGN, m)
        # A stream without a symbol, such as !bookTicker, names it in the message.
        if found < 0 and buf[i] != 33:
            return FAULT_BASE - _UNKNOWN, inst
        m[VALUE + key] = stop  # where "@depth…" begins
        return end, found
    if key == _LETTER_S or key == SYMBOL:
        if inst < 0 and (m[TYPE + BIDS] != 0 or m[TYPE + ASKS] != 0):
            return SLOW, inst  # the levels were read with the connection's own scale
        found, stop = find_symbol(buf, i, QUOTE, m)
        if found < 0:
            return FAULT_BASE - _UNKNOWN, inst
        if inst >= 0 and found != inst:
            return FAULT_BASE - _MISMATCH, inst
        return end, found
    return end, inst


@internal
def _read_list(
    buf: Bytes, i: int, key: int, inst: int, m: Memory, out: Records, n: int
) -> tuple[int, int, int]:
    """Read the levels at ``i``; position after them, first free record, off-lot count."""
    bid = key == _LETTER_B or key == BIDS
    if not (bid or key == _LETTER_A or key == ASKS) or inst < 0:
        return SLOW, n, 0
    m[TYPE + key] = LEVELS
    return read_levels(buf, i, m, m[_ROWS] + WIDTH * inst, _BUY if bid else 0, out, n)


@internal
def scan_message(buf: Bytes, i: int, m: Memory, out: Records, n: int) -> tuple[int, int, int, int]:
    """Read the object at ``i`` and the objects in its ``data``, ``result`` and ``o``.

    Returns
    -------
    i : int
        Position after the message, or a refusal: a code of ``text``, or
        ``FAULT_BASE - fault``.
    inst : int
        Instrument, -1 when the message names none.
    n : int
        First free record after the levels.
    off_lot : int
        Quantities that were no whole number of lots.
    """
    for key in range(TYPE, TYPE + 128):
        m[key] = 0
    inst = -1
    depth = 1
    off_lot = 0
    if buf[i] != OPEN:
        return SLOW, inst, n, 0
    i = skip_space(buf, i + 1)
    if buf[i] == CLOSE:
        return i + 1, inst, n, 0
    while True:
        if buf[i] != QUOTE:
            return SLOW, inst, n, 0
        end = skip_string(buf, i + 1)
        if end < 0:
            return SLOW, inst, n, 0
        key = _key_number(buf, i + 1, end - i - 1)
        i = skip_space(buf, end + 1)
        if buf[i] != COLON:
            return SLOW, inst, n, 0
        i = skip_space(buf, i + 1)
        if key != 0 and m[TYPE + key] != 0 and not (key == _LETTER_O and depth > 1):
            return SLOW, inst, n, 0  # said twice: the slow path knows which counts
        c = buf[i]
        if c == QUOTE:
            i, inst = _read_string(buf, i + 1, key, inst, m)
            i += 1 if i >= 0 else 0
        elif ZERO <= c <= NINE or c == MINUS:
            m[TYPE + key] = WHOLE
            m[VALUE + key], i = read_int(buf, i)
        elif c == OPEN_LIST:
            # A REST snapshot of spot names no symbol: the connection knows whose it is.
            whose = m[_HINT] if inst < 0 and (key == BIDS or key == ASKS) else inst
            i, n, off = _read_list(buf, i, key, whose, m, out, n)
            off_lot += off
        elif c == OPEN and (key == DATA or key == RESULT or key == _LETTER_O):
            m[TYPE + key] = OBJECT
            depth += 1
            i = skip_space(buf, i + 1)
            if buf[i] != CLOSE:
                continue
        else:
            m[TYPE + key], i = _read_word(buf, i)
        if i < 0:
            return i, inst, n, off_lot
        i = skip_space(buf, i)
        while buf[i] == CLOSE:
            depth -= 1
            if depth == 0:
                return i + 1, inst, n, off_lot
            i = skip_space(buf, i + 1)
        if buf[i] != COMMA:
            return SLOW, inst, n, off_lot
        i = skip_space(buf, i + 1)
