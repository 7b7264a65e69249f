# SPDX-License-Identifier: MIT
"""Reading JSON text byte by byte: strings, integers, decimals, book levels.

Every function reads from a ``uint8`` buffer in which a control byte (a newline, or the zero
that the caller puts at the end) follows each message, so no position needs to be compared
with an end: no token contains a control byte, and whoever meets one stops.

What these functions do not expect they do not judge.  They answer :data:`SLOW`, and the
message goes to :mod:`seawall.data.venues.binance.slow`, which reads any JSON there is.
Decimals become integers without ever being floats.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.data.venues.binance.jit import internal

Bytes = npt.NDArray[np.uint8]
Records = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]

OK = 0
SLOW = -1  # not in the expected form: read it again the slow way
FULL = -2  # no room in the output: nothing has changed, come again with more
OFF_TICK = -3
BAD_NUMBER = -4

AHEAD = 16
"""Bytes behind a message that may be looked at and do not matter."""

QUOTE, COMMA, MINUS, DOT, ZERO, FIVE, NINE, COLON = 34, 44, 45, 46, 48, 53, 57, 58
OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE = 91, 92, 93, 123, 125
SPACE, TAB, RETURN = 32, 9, 13

MAX_DIGITS = 18  # what int64 holds whatever the digits are
POW10 = np.array([10**k for k in range(MAX_DIGITS + 1)], dtype=np.int64)
INT32_MAX = 2**31 - 1


@internal
def skip_space(buf: Bytes, i: int) -> int:
    """Position of the first byte that is not a blank; a newline is no blank here."""
    while buf[i] == SPACE or buf[i] == TAB or buf[i] == RETURN:
        i += 1
    return i


@internal
def skip_string(buf: Bytes, i: int) -> int:
    """Position of the quote that closes the string whose first byte is at ``i``, or SLOW."""
    while True:
        c = buf[i]
        if c == QUOTE:
            return i
        if c < 32 or c >= 128 or c == BACKSLASH:
            return SLOW
        i += 1


@internal
def read_int(buf: Bytes, i: int) -> tuple[int, int]:
    """Value and following position of a whole number, or a position of SLOW."""
    negative = buf[i] == MINUS
    if negative:
        i += 1
    start = i
    value = 0
    while ZERO <= buf[i] <= NINE:
        value = value * 10 + (buf[i] - ZERO)
        i += 1
    digits = i - start
    if digits == 0 or digits > MAX_DIGITS or (digits > 1 and buf[start] == ZERO):
        return 0, SLOW
    c = buf[i]
    if c == DOT or c == 101 or c == 69:  # a fraction or an exponent
        return 0, SLOW
    return (-value if negative else value), i


@internal
def read_units(buf: Bytes, i: int, decimals: int) -> tuple[int, int, int]:
    """Read a non-negative decimal text as a whole number of units of 10^-decimals.

    Parameters
    ----------
    buf : array of uint8
        Text.
    i : int
        Position of the first digit; the text ends with a quote.
    decimals : int
        Places of the unit.

    Returns
    -------
    value : int
        Whole units, rounded towards zero.
    i : int
        Position of the closing quote, or SLOW.
    cut : int
        What was cut off: 0 nothing but zeros, 1 less than half a unit, 2 half or more.
    """
    start = i
    value = 0
    while ZERO <= buf[i] <= NINE:
        value = value * 10 + (buf[i] - ZERO)
        i += 1
    whole = i - start
    if whole == 0:
        return 0, SLOW, 0
    places = 0
    cut = 0
    if buf[i] == DOT:
        i += 1
        while places < decimals and ZERO <= buf[i] <= NINE:
            value = value * 10 + (buf[i] - ZERO)
            places += 1
            i += 1
        if ZERO <= buf[i] <= NINE:
            cut = 2 if buf[i] >= FIVE else 0
            while ZERO <= buf[i] <= NINE:
                cut = max(cut, min(buf[i] - ZERO, 1))
                i += 1
        if buf[i - 1] == DOT:
            return 0, SLOW, 0
    if buf[i] != QUOTE or whole + decimals > MAX_DIGITS:
        return 0, SLOW, 0
    if places < decimals:
        value *= POW10[decimals - places]
    return value, i, cut


@internal
def read_price(buf: Bytes, i: int, decimals: int, multiple: int) -> tuple[int, int]:
    """Ticks of a price text and the position of its closing quote, or a refusal there."""
    value, i, cut = read_units(buf, i, decimals)
    if i < 0:
        return 0, i
    if multiple != 1:
        ticks = value // multiple
        cut += value - ticks * multiple
        value = ticks
    if cut != 0:
        return 0, OFF_TICK
    if value > INT32_MAX:
        return 0, BAD_NUMBER
    return value, i


@internal
def read_quantity(buf: Bytes, i: int, decimals: int, multiple: int) -> tuple[int, int, bool]:
    """Nearest lots of a quantity text, its closing quote or SLOW, and whether they are exact.

    What is positive stays at least one lot: a level that exists must not look removed.
    """
    value, i, cut = read_units(buf, i, decimals)
    if i < 0 or (cut == 0 and multiple == 1):
        return value, i, True
    lots = value // multiple
    rest = 2 * (value - lots * multiple) + cut // 2
    if rest == 0 and cut == 0:
        return lots, i, True
    if rest >= multiple:
        lots += 1
    return max(lots, 1), i, False


@internal
def read_levels(
    buf: Bytes, i: int, m: Ints, row: int, side: int, out: Records, n: int
) -> tuple[int, int, int]:
    """Read ``[["price","quantity"],…]`` into ``px``, ``qty`` and ``flags`` of records.

    Parameters
    ----------
    buf : array of uint8
        Text.
    i : int
        Position of the opening bracket.
    m : array of int64
        Holds, from ``row``: decimals and multiple of the tick, decimals and multiple of the lot.
    row : int
        Where they are.
    side : int
        Flags of every record: the BUY bit, or 0.
    out : array of EVENT
        Records are written from ``n``.
    n : int
        First free record.

    Returns
    -------
    i : int
        Position after the closing bracket, or a refusal.
    n : int
        First free record.
    off_lot : int
        Quantities that were no whole number of lots.
    """
    px_decimals, px_multiple, qty_decimals, qty_multiple = (
        m[row],
        m[row + 1],
        m[row + 2],
        m[row + 3],
    )
    off_lot = 0
    i = skip_space(buf, i + 1)
    if buf[i] == CLOSE_LIST:
        return i + 1, n, off_lot
    room = out.shape[0]
    while True:
        if buf[i] != OPEN_LIST:
            return SLOW, n, off_lot
        i = skip_space(buf, i + 1)
        if buf[i] != QUOTE:
            return SLOW, n, off_lot
        ticks, i = read_price(buf, i + 1, px_decimals, px_multiple)
        if i < 0:
            return i, n, off_lot
        i = skip_space(buf, i + 1)
        if buf[i] != COMMA:
            return SLOW, n, off_lot
        i = skip_space(buf, i + 1)
        if buf[i] != QUOTE:
            return SLOW, n, off_lot
        lots, i, exact = read_quantity(buf, i + 1, qty_decimals, qty_multiple)
        if i < 0:
            return i, n, off_lot
        i = skip_space(buf, i + 1)
        if buf[i] != CLOSE_LIST:
            return SLOW, n, off_lot
        if ticks == 0:
            return BAD_NUMBER, n, off_lot
        if not exact:
            off_lot += 1
        if n >= room:
            return FULL, n, off_lot
        record = out[n]
        record.px = ticks
        record.qty = lots
        record.flags = side
        n += 1
        i = skip_space(buf, i + 1)
        if buf[i] == CLOSE_LIST:
            return i + 1, n, off_lot
        if buf[i] != COMMA:
            return SLOW, n, off_lot
        i = skip_space(buf, i + 1)


@internal
def same_text(buf: Bytes, i: int, length: int, names: Bytes, row: int) -> bool:
    """Whether ``length`` bytes at ``i`` are the text in ``names[row]`` (zero-padded)."""
    width = names.shape[1]
    if length > width or (length < width and names[row, length] != 0):
        return False
    for k in range(length):  # noqa: SIM110  (compiled: a generator expression is not)
        if buf[i + k] != names[row, k]:
            return False
    return True
