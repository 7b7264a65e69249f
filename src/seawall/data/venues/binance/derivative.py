# SPDX-License-Identifier: MIT
"""Mark and index prices, funding stamps and liquidations."""

from __future__ import annotations

from seawall.data.venues.binance.jit import internal
from seawall.data.venues.binance.records import finish, lag_of, put
from seawall.data.venues.binance.scan import AP, AT, STRING, TYPE, VALUE, WHOLE
from seawall.data.venues.binance.state import STREAM_TO_OFFSET, Memory, Row
from seawall.data.venues.binance.text import (
    BAD_NUMBER,
    DOT,
    INT32_MAX,
    MAX_DIGITS,
    MINUS,
    NINE,
    POW10,
    QUOTE,
    SLOW,
    ZERO,
    Bytes,
    Records,
    read_quantity,
    read_units,
)
from seawall.data.venues.faults import Fault
from seawall.model.events import MARK_FP_BITS, EventFlag, EventKind

_MARK, _FUNDING, _LIQUIDATIONS = int(Row.MARK), int(Row.FUNDING), int(Row.LIQUIDATIONS)
_MARK_KIND, _INDEX_KIND = int(EventKind.MARK), int(EventKind.INDEX)
_FUNDING_KIND, _LIQUIDATION_KIND = int(EventKind.FUNDING), int(EventKind.LIQUIDATION)
_FUNDING_MS, _FUNDING_RATE = int(Row.FUNDING_MS), int(Row.FUNDING_RATE)
_BUY, _OFF_LOT = int(EventFlag.BUY), int(Fault.OFF_LOT)
_FUNDING_OFFSET = _FUNDING + STREAM_TO_OFFSET
_P, _I, _R, _T, _S = ord("p"), ord("i"), ord("r"), ord("T"), ord("S")
_Z, _Q, _UPPER_B = ord("z"), ord("q"), ord("B")
_RATE_DECIMALS = 9
_ONE = 1 << MARK_FP_BITS


@internal
def read_fraction(buf: Bytes, i: int, decimals: int, multiple: int, parts: int) -> tuple[int, int]:
    """Nearest integer to ``parts * price / tick`` of a decimal text, halves upwards.

    Returns
    -------
    value : int
        Rounded quotient.
    refusal : int
        0, or SLOW.
    """
    mantissa = 0
    places = -1
    digits = 0
    while True:
        c = buf[i]
        if ZERO <= c <= NINE:
            mantissa = mantissa * 10 + (c - ZERO)
            digits += 1
            places += 1 if places >= 0 else 0
        elif c == DOT and places < 0 and digits > 0:
            places = 0
        elif c == QUOTE and digits > 0 and places != 0:
            break
        else:
            return 0, SLOW
        i += 1
    places = max(places, 0)
    if digits > MAX_DIGITS or places - decimals > 12 or decimals - places + digits > MAX_DIGITS:
        return 0, SLOW
    if places <= decimals:
        units, rest, scale = mantissa * POW10[decimals - places], 0, 1
    else:
        scale = POW10[places - decimals]
        units = mantissa // scale
        rest = mantissa - units * scale
    # units < 10^18 / 2^11 is a price below 9e14 units: true of every int32 tick.
    if units // multiple > INT32_MAX:
        return 0, BAD_NUMBER
    whole = units // multiple
    left = units - whole * multiple
    # (left * scale + rest) / (multiple * scale) of a tick remains, below one.
    over = left * scale + rest
    below = multiple * scale
    if below > 10**15:
        return 0, SLOW
    return whole * parts + (2 * over * parts + below) // (2 * below), 0


@internal
def _read_rate(buf: Bytes, i: int) -> tuple[int, bool]:
    """Funding rate in 1e-9, and whether there is one."""
    negative = buf[i] == MINUS
    value, i, _ = read_units(buf, i + 1 if negative else i, _RATE_DECIMALS)
    return (-value if negative else value), i >= 0


@internal
def take_mark(
    buf: Bytes, m: Memory, row: int, out: Records, p: int, ts: int, lag: int
) -> tuple[int, int]:
    """Write mark and index price, and a funding stamp when the next funding time moves on.

    Binance announces a rate with every mark price and never says that it has been settled:
    when the time it is for changes, the last rate announced for the old time was charged.
    """
    if m[TYPE + _P] != STRING:
        return SLOW, 0
    price, refusal = read_fraction(buf, m[AT + _P], m[row], m[row + 1], _ONE)
    if refusal < 0:
        return refusal, 0
    start = p
    index = 0
    if m[TYPE + _I] == STRING and m[VALUE + _I] > 0:
        index, refusal = read_fraction(buf, m[AT + _I], m[row], m[row + 1], _ONE)
        if refusal < 0:
            return refusal, 0
    rate, known = 0, False
    if m[TYPE + _R] == STRING and m[VALUE + _R] > 0:
        rate, known = _read_rate(buf, m[AT + _R])
        if not known:
            return SLOW, 0
    if known and m[TYPE + _T] == WHOLE:
        before, due = m[row + _FUNDING_MS], m[VALUE + _T]
        if 0 < before < due and m[row + _FUNDING] >= 0:
            put(out, p, 0, m[row + _FUNDING_RATE], 0)
            stream = m[row + _FUNDING]
            finish(
                out,
                p,
                p + 1,
                ts,
                lag_of(ts, before, m[row + _FUNDING_OFFSET]),
                stream,
                _FUNDING_KIND,
                0,
            )
            p += 1
        if due >= before:
            m[row + _FUNDING_MS] = due
            m[row + _FUNDING_RATE] = rate
    stream = m[row + _MARK]
    if stream >= 0:
        put(out, p, 0, price, 0)
        finish(out, p, p + 1, ts, lag, stream, _MARK_KIND, 0)
        p += 1
        if index > 0:
            put(out, p, 0, index, 0)
            finish(out, p, p + 1, ts, lag, stream, _INDEX_KIND, 0)
            p += 1
    for k in range(start, p - 1):
        out[k].flags = 0  # one message: only its last record ends it
    return p, 0


@internal
def take_liquidation(
    buf: Bytes, m: Memory, row: int, out: Records, p: int, ts: int, lag: int
) -> tuple[int, int]:
    """Write a forced order: average price to the nearest tick, quantity filled."""
    px_key = AP if m[TYPE + AP] == STRING else _P
    qty_key = _Z if m[TYPE + _Z] == STRING else _Q
    if m[TYPE + px_key] != STRING or m[TYPE + qty_key] != STRING:
        return SLOW, 0
    if m[TYPE + _S] != STRING:
        return SLOW, 0
    px, refusal = read_fraction(buf, m[AT + px_key], m[row], m[row + 1], 1)
    if refusal < 0:
        return refusal, 0
    qty, i, exact = read_quantity(buf, m[AT + qty_key], m[row + 2], m[row + 3])
    if i < 0:
        return i, 0
    if px > INT32_MAX:
        return BAD_NUMBER, 0
    buys = buf[m[AT + _S]] == _UPPER_B
    put(out, p, px, qty, _BUY if buys else 0)
    finish(out, p, p + 1, ts, lag, m[row + _LIQUIDATIONS], _LIQUIDATION_KIND, 0)
    return p + 1, 0 if exact else _OFF_LOT
