# SPDX-License-Identifier: MIT
"""What a strategy may know of its money: the accounts without the fills it has not heard of.

The accounts of the world are the venue's.  A fill is in them at once, its report is still
on its way; so where the strategy asks, those fills are taken out, and put back afterwards.
What the venue does of its own accord beside fills (funding, interest, the insurance that
bears a liquidation) is seen when it happens.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.jit import internal
from seawall.engine.kernel.money import SPOT, ccy_row
from seawall.engine.kernel.orders import inst_row
from seawall.engine.layout import (
    C_CASH,
    C_FEES,
    C_REALIZED,
    C_TRADE,
    H_CAP_RING,
    H_NOTE_TAIL,
    H_NOTE_TOLD,
    I_BASE,
    I_BASE_UNITS,
    I_COST,
    I_FEES,
    I_KIND,
    I_POS,
    I_REALIZED,
    I_SETTLE,
    N_COST,
    N_FEE,
    N_INST,
    N_KIND,
    N_QTY,
    N_REALIZED,
    N_SIDE,
    N_TRADE,
    NOTE_COLS,
    NOTE_FILL,
    O_NOTE,
)


@internal
def _swap_one(w, row, sign):
    """Add (1) or take away (-1) one fill; cost and the answer's old cost change places."""
    ip = inst_row(w, w[row + N_INST])
    cp = ccy_row(w, w[ip + I_SETTLE])
    fee = sign * w[row + N_FEE]
    realized = sign * w[row + N_REALIZED]
    w[ip + I_POS] += sign * w[row + N_SIDE] * w[row + N_QTY]
    cost = w[ip + I_COST]
    w[ip + I_COST] = w[row + N_COST]
    w[row + N_COST] = cost
    w[ip + I_FEES] += fee
    w[ip + I_REALIZED] += realized
    w[cp + C_FEES] += fee
    w[cp + C_CASH] -= fee
    if w[ip + I_KIND] == SPOT:
        traded = sign * w[row + N_TRADE]
        w[cp + C_TRADE] += traded
        w[cp + C_CASH] += traded
        bp = ccy_row(w, w[ip + I_BASE])
        units = sign * w[row + N_SIDE] * w[row + N_QTY] * w[ip + I_BASE_UNITS]
        w[bp + C_TRADE] += units
        w[bp + C_CASH] += units
    else:
        w[cp + C_REALIZED] += realized
        w[cp + C_CASH] += realized


@internal
def swap_untold(w, sign):
    """Take all fills out that are still on their way to the strategy (-1), or put them back."""
    count = w[H_NOTE_TAIL] - w[H_NOTE_TOLD]
    for k in range(count):
        number = w[H_NOTE_TOLD] + (k if sign > 0 else count - 1 - k)
        row = w[O_NOTE] + (number & (w[H_CAP_RING] - 1)) * NOTE_COLS
        if w[row + N_KIND] == NOTE_FILL:
            _swap_one(w, row, sign)
