# SPDX-License-Identifier: MIT
"""Order flow imbalance of the best quotes, per update and since the start.

Formula: e = 1{b >= b'} qb - 1{b <= b'} qb' - 1{a <= a'} qa + 1{a >= a'} qa', a prime marks
the quote before; ofi = sum of e.
Unit: base currency; positive: pressure to buy.
Assumption: consecutive states of one book.  It explains the price change of the same
interval and by itself forecasts nothing.  The first row, and the first after a row that is
not finite or crossed, gives 0: no difference is taken across a gap.
Cost: O(1), seven numbers of state.
Source: Cont, Kukanov and Stoikov (2014), Journal of Financial Econometrics 12(1), eq. (10).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic

NAN = float("nan")


@step
def update(state: Array, bid_px: float, bid_qty: float, ask_px: float, ask_qty: float) -> float:
    """Contribution of one quote; state: has a quote, its four numbers, sum, lost part."""
    if not (math.isfinite(bid_px + bid_qty + ask_px + ask_qty) and ask_px > bid_px):
        state[0] = 0.0
        return NAN
    e = 0.0
    if state[0] == 1.0:
        if bid_px >= state[1]:
            e += bid_qty
        if bid_px <= state[1]:
            e -= state[2]
        if ask_px <= state[3]:
            e -= ask_qty
        if ask_px >= state[3]:
            e += state[4]
    state[0], state[1], state[2], state[3], state[4] = 1.0, bid_px, bid_qty, ask_px, ask_qty
    # Kahan's sum: a long day adds millions of small numbers to a wandering total.
    y = e - state[6]
    total = state[5] + y
    state[6] = (total - state[5]) - y
    state[5] = total
    return e


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(bid_px.size):
        out[i, 0] = update(state, bid_px[i], bid_qty[i], ask_px[i], ask_qty[i])
        out[i, 1] = state[5] if state[0] == 1.0 else NAN


ANALYTIC = Analytic(
    name="ofi", group="flow", inputs=("bid_px", "bid_qty", "ask_px", "ask_qty"), doc=__doc__,
    outputs=("e", "ofi"), batch=batch, state_size=lambda params, levels: 7,
)  # fmt: skip
