# SPDX-License-Identifier: MIT
"""Margin: what an order needs, what positions must keep, and when they are closed.

Cross margin is per settle currency: balance plus unrealized profit of its positions
against the sum of their tiered requirements.  Isolated margin is per position: what
was set aside at entry.  Spot margin is cross with inventories as collateral.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.money import SPOT, ccy_row, muldiv, rate_share, value_at, value_at_mark
from seawall.engine.kernel.orders import inst_row
from seawall.engine.kernel.sample import equity_now, unit_rate
from seawall.engine.layout import (
    C_CASH,
    H_LEVERAGE,
    H_MARGIN_MODE,
    H_MARGIN_POS,
    H_N_INST,
    H_SPOT_MARGIN,
    I_BAND_HI,
    I_BAND_LO,
    I_BASE,
    I_BASE_UNITS,
    I_COST,
    I_ISO,
    I_KIND,
    I_MARK_FP,
    I_N_TIER,
    I_POS,
    I_SETTLE,
    I_TIER0,
    O_TIER,
    T_CAP,
    T_DEDUCT,
    T_INITIAL,
    T_MAINT,
    TIER_COLS,
)


@internal
def _tier(w, ip, value):
    """Offset of the margin tier of an absolute value; -1 when there are none."""
    n = w[ip + I_N_TIER]
    if n == 0:
        return -1
    row = w[O_TIER] + w[ip + I_TIER0] * TIER_COLS
    for _ in range(n - 1):
        if value <= w[row + T_CAP]:
            break
        row += TIER_COLS
    return row


@internal
def maintenance_of(w, ip, value):
    """Maintenance requirement on an absolute value, money units."""
    row = _tier(w, ip, value)
    if row < 0:
        return 0
    return max(0, rate_share(value, w[row + T_MAINT]) - w[row + T_DEDUCT])


@internal
def initial_of(w, ip, value):
    """Initial margin on an absolute value, money units."""
    row = _tier(w, ip, value)
    by_tier = rate_share(value, w[row + T_INITIAL]) if row >= 0 else value
    if w[H_LEVERAGE] <= 0:
        return by_tier
    return max(by_tier, muldiv(value, 1000, w[H_LEVERAGE]))


@internal
def balance_of(w, ccy):
    """Balance plus unrealized profit in a settle currency, money units."""
    total = w[ccy_row(w, ccy) + C_CASH]
    for i in range(w[H_N_INST]):
        ip = inst_row(w, i)
        if w[ip + I_SETTLE] == ccy and w[ip + I_KIND] != SPOT and w[ip + I_POS] != 0:
            total += value_at_mark(w, ip, w[ip + I_POS]) - w[ip + I_COST]
    return total


@internal
def requirement_of(w, ccy, initial):
    """Sum of initial (or maintenance) requirements in a settle currency."""
    total = 0
    for i in range(w[H_N_INST]):
        ip = inst_row(w, i)
        if w[ip + I_SETTLE] == ccy and w[ip + I_KIND] != SPOT and w[ip + I_POS] != 0:
            value = abs(value_at_mark(w, ip, w[ip + I_POS]))
            total += initial_of(w, ip, value) if initial else maintenance_of(w, ip, value)
    return total


@internal
def affordable(w, ip, side, lots, px, fee):
    """Whether the account can carry a fill of so many lots at a price."""
    cp = ccy_row(w, w[ip + I_SETTLE])
    if w[ip + I_KIND] == SPOT:
        if w[H_SPOT_MARGIN]:
            equity, gross, _ = equity_now(w)
            pos = w[ip + I_POS]
            if abs(pos + side * lots) <= abs(pos):
                return True
            added = abs(value_at(w, ip, lots, px)) * unit_rate(w, w[ip + I_SETTLE])
            return (gross + added) * 1000.0 <= equity * max(w[H_LEVERAGE], 1000)
        if side > 0:
            return w[cp + C_CASH] >= value_at(w, ip, lots, px) + fee
        return w[ccy_row(w, w[ip + I_BASE]) + C_CASH] >= lots * w[ip + I_BASE_UNITS]
    pos = w[ip + I_POS]
    after = abs(pos + side * lots)
    if after <= abs(pos):
        return True
    value = abs(value_at(w, ip, after, px))
    own = initial_of(w, ip, abs(value_at_mark(w, ip, pos)))
    needed = requirement_of(w, w[ip + I_SETTLE], True) - own + initial_of(w, ip, value) + fee
    return balance_of(w, w[ip + I_SETTLE]) >= needed


@internal
def forget_bands(w):
    """Cash or a position changed: what was safe must be looked at again."""
    for i in range(w[H_N_INST]):
        w[inst_row(w, i) + I_BAND_HI] = 0


@internal
def set_band(w, ip):
    """Remember marks between which the position needs no look.

    All positions together may lose a quarter of the slack before the next look; the
    rest covers requirements that grow with the value and the curve of inverse ones.
    """
    value = abs(value_at_mark(w, ip, w[ip + I_POS]))
    if w[ip + I_KIND] == SPOT or value == 0 or w[ip + I_N_TIER] > 1:
        return  # at the edge of a tier the requirement may jump
    if w[H_MARGIN_MODE] == 1:
        own = w[ip + I_ISO] + value_at_mark(w, ip, w[ip + I_POS]) - w[ip + I_COST]
        slack = own - maintenance_of(w, ip, value)
    else:
        forget_bands(w)
        ccy = w[ip + I_SETTLE]
        slack = balance_of(w, ccy) - requirement_of(w, ccy, False)
        if w[H_MARGIN_POS] > 1:
            slack //= w[H_MARGIN_POS]
    fp = w[ip + I_MARK_FP]
    # Only where to look again: a float will do, rounded to the near side.
    move = int(min(0.25 * slack / value, 0.125) * fp * 0.999)
    if move > 0:
        w[ip + I_BAND_LO] = fp - move
        w[ip + I_BAND_HI] = fp + move


@internal
def must_liquidate(w, ip):
    """Whether the position of an instrument (or its currency) is under water."""
    pos = w[ip + I_POS]
    if pos == 0:
        return False
    if w[ip + I_KIND] == SPOT:
        if not w[H_SPOT_MARGIN]:
            return False
        equity, gross, _ = equity_now(w)
        return gross > 0.0 and equity < 0.1 * gross  # a tenth of exposure must be own money
    value = value_at_mark(w, ip, pos)
    if w[H_MARGIN_MODE] == 1:
        margin = w[ip + I_ISO] + value - w[ip + I_COST]
        return margin <= maintenance_of(w, ip, abs(value))
    ccy = w[ip + I_SETTLE]
    return balance_of(w, ccy) <= requirement_of(w, ccy, False)
