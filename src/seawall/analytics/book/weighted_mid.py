# SPDX-License-Identifier: MIT
"""Mid price weighted with the opposite queues, the simplest micro-price.

Formula: m_w = (ask qb + bid qa) / (qa + qb).
Unit: quote currency.
Assumption: the price moves towards the thinner queue in proportion to its size; no
martingale (Stoikov's micro-price corrects that with an estimated table).
Cost: O(1), no state.
Source: definition; Stoikov (2018), Quantitative Finance 18(12), section 1.
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic


@step
def update(bid_px: float, bid_qty: float, ask_px: float, ask_qty: float) -> float:
    """Weighted mid; no state."""
    total = bid_qty + ask_qty
    if not (ask_px > bid_px and bid_qty >= 0.0 and ask_qty >= 0.0 and total > 0.0):
        return float("nan")
    return (ask_px * bid_qty + bid_px * ask_qty) / total


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_px: Array, bid_qty: Array, ask_px: Array, ask_qty: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(bid_px.size):
        value = update(bid_px[i], bid_qty[i], ask_px[i], ask_qty[i])
        out[i, 0] = value if value < float("inf") else float("nan")


ANALYTIC = Analytic(
    name="weighted_mid", group="book", inputs=("bid_px", "bid_qty", "ask_px", "ask_qty"),
    doc=__doc__, outputs=("weighted_mid",), batch=batch,
)  # fmt: skip
