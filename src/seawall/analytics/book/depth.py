# SPDX-License-Identifier: MIT
"""Depth near the mid, and its imbalance.

Formula: D_b = sum of bid sizes with price >= mid (1 - w), D_a likewise with ask prices
<= mid (1 + w), w = bps / 10,000; imbalance = (D_b - D_a) / (D_b + D_a).
Unit: base currency; imbalance none.
Assumption: the levels given reach as far as ``bps``, or the depth is a lower bound; a level
of size 0 or not-a-number is absent, but the best ones must be known.  bps = 0 counts every
level given.
Cost: O(levels), no state.
Source: definition.
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def update(
    width: float, row: int, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table
) -> tuple[float, float, float]:
    """Depth of the bids, of the asks, imbalance; no state."""
    bid, ask = bid_pxs[row, 0], ask_pxs[row, 0]
    sound = bid_qtys[row, 0] + ask_qtys[row, 0] < 1e300  # false for what is not finite
    if not (sound and ask > bid and bid > 0.0 and ask < 1e300):
        return NAN, NAN, NAN
    mid = 0.5 * (bid + ask)
    low = mid * (1.0 - width) if width > 0.0 else 0.0
    high = mid * (1.0 + width) if width > 0.0 else 1e300
    bids, asks = 0.0, 0.0
    for k in range(bid_pxs.shape[1]):
        b, a = bid_qtys[row, k], ask_qtys[row, k]
        # Sums without branches: which level is within the band is not to be foreseen.
        bids += b if (bid_pxs[row, k] >= low) & (b > 0.0) & (b < 1e300) else 0.0
        asks += a if (ask_pxs[row, k] <= high) & (a > 0.0) & (a < 1e300) else 0.0
    if not bids + asks > 0.0:
        return bids, asks, NAN
    return bids, asks, (bids - asks) / (bids + asks)


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    width = params[0] * 1e-4
    if bid_pxs.shape[1] == 0:
        return
    for i in range(bid_pxs.shape[0]):
        out[i, 0], out[i, 1], out[i, 2] = update(width, i, bid_pxs, bid_qtys, ask_pxs, ask_qtys)


ANALYTIC = Analytic(
    name="depth", group="book", inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"),
    doc=__doc__, outputs=("bid_depth", "ask_depth", "imbalance"), batch=batch,
    params=(Param("bps", 10.0, "half width of the band, bps of the mid; 0: all levels", 0.0),),
)  # fmt: skip
