# SPDX-License-Identifier: MIT
"""Slope of the book: how fast size grows with the distance from the mid.

Formula: per side, least squares through the origin of cumulated size Q_k on the distance
d_k = |p_k - mid| / mid: slope = sum d_k Q_k / sum d_k^2.
Unit: base currency per relative price (divide by 10,000 for one basis point).
Assumption: the book is near linear over the levels given; levels of size 0 are absent.
Cost: O(levels), no state.
Source: definition (least squares; Naes and Skjeltorp 2006 use elasticities instead).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic

NAN = float("nan")


@step
def side_slope(mid: float, pxs: Array, qtys: Array) -> float:
    """Slope of one side."""
    cumulated, top, bottom, per = 0.0, 0.0, 0.0, 1.0 / mid
    for k in range(pxs.size):
        sound = (qtys[k] > 0.0) & (qtys[k] < 1e300) & (pxs[k] > 0.0) & (pxs[k] < 1e300)
        cumulated += qtys[k] if sound else 0.0
        distance = abs(pxs[k] - mid) * per if sound else 0.0
        top += distance * cumulated
        bottom += distance * distance
    return top / bottom if bottom > 0.0 else NAN


@step
def update(bid_pxs: Array, bid_qtys: Array, ask_pxs: Array, ask_qtys: Array) -> tuple[float, float]:
    """Slopes of the bids and of the asks; no state."""
    sound = bid_qtys[0] + ask_qtys[0] < 1e300  # false for what is not finite
    if not (sound and ask_pxs[0] > bid_pxs[0] and bid_pxs[0] > 0.0 and ask_pxs[0] < 1e300):
        return NAN, NAN
    mid = 0.5 * (bid_pxs[0] + ask_pxs[0])
    return side_slope(mid, bid_pxs, bid_qtys), side_slope(mid, ask_pxs, ask_qtys)


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    if bid_pxs.shape[1] == 0:
        return
    for i in range(bid_pxs.shape[0]):
        out[i, 0], out[i, 1] = update(bid_pxs[i], bid_qtys[i], ask_pxs[i], ask_qtys[i])


ANALYTIC = Analytic(
    name="slope", group="book", inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"),
    doc=__doc__, outputs=("bid_slope", "ask_slope"), batch=batch,
)  # fmt: skip
