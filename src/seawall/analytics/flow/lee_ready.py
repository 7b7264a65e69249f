# SPDX-License-Identifier: MIT
"""Sign of a trade from the quote that prevails, by the tick rule at the mid.

Formula: q = sign(p - mid); where p = mid, the sign of the last change of price.
Unit: +1 the taker bought, -1 the taker sold, 0 unknown.
Assumption: ``mid`` is known before the trade; a stale quote signs wrongly.  Where the venue
gives the taker's side, that flag is the truth and this rule is for checks.
Cost: O(1), three numbers of state.
Source: Lee and Ready (1991), Journal of Finance 46(2).
"""

from __future__ import annotations

import math
from typing import Any

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic


@step
def update(state: Array, price: float, mid: float) -> Any:
    """Sign of one trade; state: has a price, the price, the sign by tick."""
    if not math.isfinite(price):
        return float("nan")
    if state[0] == 1.0:
        if price > state[1]:
            state[2] = 1.0
        elif price < state[1]:
            state[2] = -1.0
    state[0], state[1] = 1.0, price
    if not math.isfinite(mid):
        return float("nan")
    if price > mid:
        return 1.0
    if price < mid:
        return -1.0
    return state[2]


@entry
def batch(state: Array, params: Array, out: Table, price: Array, mid: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(price.size):
        out[i, 0] = update(state, price[i], mid[i])


ANALYTIC = Analytic(
    name="lee_ready", group="flow", inputs=("price", "mid"), doc=__doc__, outputs=("sign",),
    batch=batch, state_size=lambda params, levels: 3,
)  # fmt: skip
