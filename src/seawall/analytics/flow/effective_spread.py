# SPDX-License-Identifier: MIT
"""Effective spread: what takers paid against the mid before their trade.

Formula: s = 2 q ln(p / mid) per trade; mean weighted with p times size since the start.
Unit: fraction of the price (times 10,000: basis points).
Assumption: the mid is the fair price; fees stand outside.
Cost: O(1), two numbers of state.
Source: Holden and Jacobsen (2014), Journal of Finance 69(4), log form.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic

NAN = float("nan")


@step
def update(state: Array, price: float, mid: float, qty: float, side: float) -> tuple[float, float]:
    """Spread of the trade and weighted mean; state: weighted sum and weight."""
    if not (price > 0.0 and mid > 0.0 and qty > 0.0 and abs(side) == 1.0):
        return NAN, NAN
    spread = 2.0 * side * math.log(price / mid)
    weight = price * qty
    if not (math.isfinite(spread) and math.isfinite(weight)):
        return NAN, NAN
    state[0] += weight * spread
    state[1] += weight
    return spread, state[0] / state[1]


@entry
def batch(
    state: Array, params: Array, out: Table, price: Array, mid: Array, qty: Array, side: Array
) -> None:
    """Loop of :func:`update`."""
    for i in range(price.size):
        out[i, 0], out[i, 1] = update(state, price[i], mid[i], qty[i], side[i])


ANALYTIC = Analytic(
    name="effective_spread", group="flow", inputs=("price", "mid", "qty", "side"), doc=__doc__,
    outputs=("spread", "mean_spread"), batch=batch, state_size=lambda params, levels: 2,
)  # fmt: skip
