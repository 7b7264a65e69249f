# SPDX-License-Identifier: MIT
"""Sign of a trade from prices alone.

Formula: q = sign(p - p'), and the sign before where the price is unchanged; 0 until the
price first changes.
Unit: +1 the taker bought, -1 the taker sold, 0 unknown.
Assumption: no quotes and no flag of the venue are known; use the flag where there is one.
Cost: O(1), three numbers of state.
Source: Lee and Ready (1991), Journal of Finance 46(2), section I.
"""

from __future__ import annotations

import math
from typing import Any

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic


@step
def update(state: Array, price: float) -> Any:
    """Sign of one trade; state: has a price, the price, the sign."""
    if not math.isfinite(price):
        return float("nan")
    if state[0] == 1.0:
        if price > state[1]:
            state[2] = 1.0
        elif price < state[1]:
            state[2] = -1.0
    state[0], state[1] = 1.0, price
    return state[2]


@entry
def batch(state: Array, params: Array, out: Table, price: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(price.size):
        out[i, 0] = update(state, price[i])


ANALYTIC = Analytic(
    name="tick_rule", group="flow", inputs=("price",), doc=__doc__, outputs=("sign",),
    batch=batch, state_size=lambda params, levels: 3,
)  # fmt: skip
