# SPDX-License-Identifier: MIT
"""Accounting: values, fees, fills, funding, interest; integers to the last unit.

Money is int64 units of 10^-d of a currency.  A linear or spot position of q lots at
p ticks is worth ``q * p * mult``; an inverse one ``-q * mult / p``, so that for both
the value grows with the price for a long position and profit is value minus cost.
Every unit that enters or leaves the cash of a currency is also booked in one of its
ledger columns: cash = deposit + trade + realized - fees + funding - interest +
insurance, exactly, after every call here.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.jit import inlined, internal
from seawall.engine.layout import (
    C_CASH,
    C_FEES,
    C_FUNDING,
    C_INTEREST,
    C_REALIZED,
    C_TRADE,
    CCY_COLS,
    H_INTEREST,
    H_N_CCY,
    I_BASE,
    I_BASE_UNITS,
    I_COST,
    I_FEES,
    I_FUNDING,
    I_KIND,
    I_MARK_FP,
    I_MULT,
    I_POS,
    I_REALIZED,
    I_SETTLE,
    O_CCY,
)
from seawall.model.events import MARK_FP_BITS, RATE_SCALE

SPOT = 0
INVERSE = 2


@internal
def _long_muldiv(r, b, d):
    """``r * b / d`` for r below d, bit by bit: the product does not fit into 63 bits."""
    q = 0
    rem = 0
    for k in range(62, -1, -1):
        q *= 2
        rem *= 2
        if rem >= d:
            rem -= d
            q += 1
        if (b >> k) & 1:
            rem += r
            if rem >= d:
                rem -= d
                q += 1
    return q


@internal
def muldiv(a, b, d):
    """``a * b / d`` rounded towards zero, without overflow of the product.

    Exact whenever the result fits into 63 bits; d positive.
    """
    negative = (a < 0) != (b < 0)
    a = abs(a)
    b = abs(b)
    if float(a) * float(b) < 9.0e18:
        q = a * b // d
        return -q if negative else q
    rest = a % d
    if float(rest) * float(b) < 9.0e18:
        q = (a // d) * b + (rest * b) // d
    else:
        q = (a // d) * b + _long_muldiv(rest, b, d)
    return -q if negative else q


@internal
def rate_share(value, rate):
    """``value * rate / RATE_SCALE`` rounded down, for a value and a rate (1e-9) from 0 up.

    Divides by a constant only, which the compiler turns into multiplications.
    """
    whole = value // RATE_SCALE
    return whole * rate + (value - whole * RATE_SCALE) * rate // RATE_SCALE


@internal
def value_at(w, ip, lots, px):
    """Signed value of a position at a price in ticks, money units."""
    if w[ip + I_KIND] != INVERSE:
        return lots * px * w[ip + I_MULT]
    v = (2 * abs(lots) * w[ip + I_MULT] + px) // (2 * px)
    return -v if lots > 0 else v


@internal
def value_at_mark(w, ip, lots):
    """Signed value at the mark price, which has places below the tick, money units."""
    fp = w[ip + I_MARK_FP]
    if lots == 0 or fp == 0:
        return 0
    one = 1 << MARK_FP_BITS
    size = abs(lots) * w[ip + I_MULT]
    if w[ip + I_KIND] != INVERSE:
        v = size * (fp >> MARK_FP_BITS) + ((size * (fp & (one - 1))) >> MARK_FP_BITS)
        return v if lots > 0 else -v
    v = (size // fp) * one + ((size % fp) * one) // fp
    return -v if lots > 0 else v


@internal
def fee_of(value, rate):
    """Fee on an absolute value at a rate in 1e-9: a cost rounds up, a rebate down."""
    if rate >= 0:
        return (value // RATE_SCALE) * rate + (
            (value % RATE_SCALE) * rate + RATE_SCALE - 1
        ) // RATE_SCALE
    return -((value // RATE_SCALE) * -rate + ((value % RATE_SCALE) * -rate) // RATE_SCALE)


@inlined
def ccy_row(w, ccy):
    """Offset of a currency's row."""
    return w[O_CCY] + ccy * CCY_COLS


@internal
def book_fill(w, ip, side, lots, px, fee):
    """Move position, cost and cash for one fill; returns realized profit before fee.

    Parameters
    ----------
    w : array of int64
        The world.
    ip : int
        Offset of the instrument's row.
    side, lots, px : int
        +1 buy or -1 sell, positive lots, ticks.
    fee : int
        Money units of the settle currency, negative is a rebate.
    """
    pos = w[ip + I_POS]
    v = value_at(w, ip, side * lots, px)
    realized = 0
    if pos == 0 or (pos > 0) == (side > 0):
        w[ip + I_COST] += v
    else:
        held = abs(pos)
        if lots <= held:
            share = w[ip + I_COST] if lots == held else muldiv(w[ip + I_COST], lots, held)
            realized = -v - share
            w[ip + I_COST] -= share
        else:
            v_close = value_at(w, ip, side * held, px)
            realized = -v_close - w[ip + I_COST]
            w[ip + I_COST] = v - v_close
    w[ip + I_POS] = pos + side * lots
    cp = ccy_row(w, w[ip + I_SETTLE])
    if w[ip + I_KIND] == SPOT:
        w[cp + C_CASH] -= v
        w[cp + C_TRADE] -= v
        bp = ccy_row(w, w[ip + I_BASE])
        units = side * lots * w[ip + I_BASE_UNITS]
        w[bp + C_CASH] += units
        w[bp + C_TRADE] += units
    else:
        w[cp + C_CASH] += realized
        w[cp + C_REALIZED] += realized
    w[cp + C_CASH] -= fee
    w[cp + C_FEES] += fee
    w[ip + I_FEES] += fee
    w[ip + I_REALIZED] += realized
    return realized


@internal
def settle_funding(w, ip, rate):
    """Pay or receive funding on the position held at the stamp; returns what came in.

    A positive rate is paid by longs.  Payments round up, receipts down.
    """
    v = value_at_mark(w, ip, w[ip + I_POS])
    if v == 0 or rate == 0:
        return 0
    pays = (w[ip + I_POS] > 0) == (rate > 0)
    amount = -fee_of(abs(v), abs(rate)) if pays else rate_share(abs(v), abs(rate))
    cp = ccy_row(w, w[ip + I_SETTLE])
    w[cp + C_CASH] += amount
    w[cp + C_FUNDING] += amount
    w[ip + I_FUNDING] += amount
    return amount


@internal
def charge_interest(w):
    """Charge the hourly rate on every negative balance."""
    for ccy in range(w[H_N_CCY]):
        cp = ccy_row(w, ccy)
        if w[cp + C_CASH] < 0:
            interest = fee_of(-w[cp + C_CASH], w[H_INTEREST])
            w[cp + C_CASH] -= interest
            w[cp + C_INTEREST] += interest
