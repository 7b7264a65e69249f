# SPDX-License-Identifier: MIT
"""Mid price weighted with the depth of several levels: a micro-price that is hard to bluff.

Formula: with weights w_k = exp(-decay (k - 1)) on levels k = 1, 2, …, D = sum w q and
A, B = sum w q p / D the mean prices of the sides; deep = (A D_b + B D_a) / (D_a + D_b);
imbalance = (D_b - D_a) / (D_b + D_a).
Unit: quote currency; imbalance none.
Assumption: the price moves towards the thinner side.  With decay 0 far levels count as much
as the best one, with a large decay it is ``weighted_mid``.  Levels of size 0 or that are not
finite are absent, but the best ones must be known.
Cost: O(levels), no state.
Source: definition; the best-level form is in Stoikov (2018), Quantitative Finance 18(12).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def update(
    fade: float, row: int, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table
) -> tuple[float, float]:
    """Weighted mid and imbalance; no state."""
    bid, ask = bid_pxs[row, 0], ask_pxs[row, 0]
    sound = bid_qtys[row, 0] + ask_qtys[row, 0] < 1e300  # false for what is not finite
    if not (sound and ask > bid and bid > 0.0 and ask < 1e300):
        return NAN, NAN
    w, bids, asks, bid_sum, ask_sum = 1.0, 0.0, 0.0, 0.0, 0.0
    for k in range(bid_pxs.shape[1]):
        # Distances from the best prices keep the digits that prices themselves would lose.
        b, a = bid_qtys[row, k], ask_qtys[row, k]
        down, up = bid - bid_pxs[row, k], ask_pxs[row, k] - ask
        b = w * b if (0.0 < b < 1e300) & (down >= 0.0) & (down < 1e300) else 0.0
        a = w * a if (0.0 < a < 1e300) & (up >= 0.0) & (up < 1e300) else 0.0
        bids += b
        asks += a
        bid_sum += b * down if b > 0.0 else 0.0
        ask_sum += a * up if a > 0.0 else 0.0
        w *= fade
    total = bids + asks
    if not (bids > 0.0 and asks > 0.0):
        return NAN, NAN
    high, low = ask + ask_sum / asks, bid - bid_sum / bids
    return (high * bids + low * asks) / total, (bids - asks) / total


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    fade = math.exp(-params[0])
    if bid_pxs.shape[1] == 0:
        return
    for i in range(bid_pxs.shape[0]):
        out[i, 0], out[i, 1] = update(fade, i, bid_pxs, bid_qtys, ask_pxs, ask_qtys)


ANALYTIC = Analytic(
    name="deep_mid", group="book", inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"),
    doc=__doc__, outputs=("deep_mid", "imbalance"), batch=batch,
    params=(Param("decay", 0.5, "how fast the weight of a level falls, per level", 0.0, 1e3),),
)  # fmt: skip
