# SPDX-License-Identifier: MIT
"""Imbalance of the queues at the best prices.

Formula: I = (qb - qa) / (qb + qa).
Unit: none, -1 to 1; positive: more is bid.
Assumption: displayed sizes; hidden orders are unseen.  Empty on both sides: not-a-number.
Cost: O(1), no state.
Source: Gould and Bonart (2016), Market Microstructure and Liquidity 2(2).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic


@step
def update(bid_qty: float, ask_qty: float) -> float:
    """Imbalance; no state."""
    total = bid_qty + ask_qty
    if not (bid_qty >= 0.0 and ask_qty >= 0.0 and total > 0.0) or total == float("inf"):
        return float("nan")
    return (bid_qty - ask_qty) / total


@entry
def batch(state: Array, params: Array, out: Table, bid_qty: Array, ask_qty: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(bid_qty.size):
        out[i, 0] = update(bid_qty[i], ask_qty[i])


ANALYTIC = Analytic(
    name="queue_imbalance", group="book", inputs=("bid_qty", "ask_qty"), doc=__doc__,
    outputs=("imbalance",), batch=batch,
)  # fmt: skip
