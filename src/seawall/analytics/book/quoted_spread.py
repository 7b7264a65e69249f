# SPDX-License-Identifier: MIT
"""Quoted spread of the best bid and ask.

Formula: spread = ask - bid; bps = 10,000 (ask - bid) / mid, mid = (bid + ask) / 2.
Unit: quote currency, and basis points of the mid.
Assumption: both sides are firm; a crossed or locked book gives not-a-number.
Cost: O(1), no state.
Source: definition.
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic


@step
def update(bid_px: float, ask_px: float) -> tuple[float, float]:
    """Spread and spread in bps; no state."""
    spread = ask_px - bid_px
    if not spread > 0.0 or not bid_px > 0.0 or spread == float("inf"):
        return float("nan"), float("nan")
    return spread, 2e4 * spread / (bid_px + ask_px)


@entry
def batch(state: Array, params: Array, out: Table, bid_px: Array, ask_px: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(bid_px.size):
        out[i, 0], out[i, 1] = update(bid_px[i], ask_px[i])


ANALYTIC = Analytic(
    name="quoted_spread", group="book", inputs=("bid_px", "ask_px"), doc=__doc__,
    outputs=("spread", "spread_bps"), batch=batch,
)  # fmt: skip
