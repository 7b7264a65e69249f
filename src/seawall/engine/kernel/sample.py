# SPDX-License-Identifier: MIT
"""Equity and exposure in the report currency; the only floats of the accounting.

Ledgers are integers; a report adds up several currencies at market prices, which
is a float and never flows back.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.kernel.jit import entry, internal, words
from seawall.engine.kernel.money import INVERSE, SPOT, ccy_row, value_at_mark
from seawall.engine.layout import (
    C_CASH,
    C_CONV,
    C_CONV_F,
    C_UNIT_F,
    EQ_COLS,
    H_N_CCY,
    H_N_EQ,
    H_N_INST,
    I_COST,
    I_KIND,
    I_MARK_FP,
    I_POS,
    I_QUOTE,
    I_SETTLE,
    INST_COLS,
    O_EQ,
    O_INST,
)


@internal
def rate_of(w, ccy):
    """Report currency per unit of a currency at current marks; 0 while unknown."""
    rate = 1.0
    for _ in range(3):  # at most three hops: ALT -> BTC -> USDT -> USD
        cp = ccy_row(w, ccy)
        if w[cp + C_CONV] < 0:
            return rate
        ip = w[O_INST] + w[cp + C_CONV] * INST_COLS
        rate *= w[ip + I_MARK_FP] * as_float(w[cp + C_CONV_F])
        ccy = w[ip + I_QUOTE]
    return rate


@entry
def unit_rate_of(w, ccy):
    """Report currency per money unit of a currency (for sums in Python)."""
    return unit_rate(words(w), ccy)


@internal
def unit_rate(w, ccy):
    """Report currency per money unit of a currency."""
    return as_float(w[ccy_row(w, ccy) + C_UNIT_F]) * rate_of(w, ccy)


@internal
def equity_now(w):
    """Equity, gross and net exposure, report currency."""
    equity = 0.0
    gross = 0.0
    net = 0.0
    for ccy in range(w[H_N_CCY]):
        cash = w[ccy_row(w, ccy) + C_CASH]
        if cash != 0:
            equity += cash * unit_rate(w, ccy)
    for i in range(w[H_N_INST]):
        ip = w[O_INST] + i * INST_COLS
        pos = w[ip + I_POS]
        if pos == 0:
            continue
        v = value_at_mark(w, ip, pos)
        per_unit = unit_rate(w, w[ip + I_SETTLE])
        if w[ip + I_KIND] != SPOT:
            equity += (v - w[ip + I_COST]) * per_unit
        if w[ip + I_KIND] == INVERSE:
            v = -v
        gross += abs(v) * per_unit
        net += v * per_unit
    return equity, gross, net


@internal
def sample_equity(w, ts):
    """Append one row to the equity log; the caller sees to it that there is room."""
    equity, gross, net = equity_now(w)
    at = w[O_EQ] + w[H_N_EQ] * EQ_COLS
    w[at] = ts
    w[at + 1] = as_bits(equity)
    w[at + 2] = as_bits(gross)
    w[at + 3] = as_bits(net)
    w[H_N_EQ] += 1
