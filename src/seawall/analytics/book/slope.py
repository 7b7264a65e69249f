# SPDX-License-Identifier: MIT
"""Slope of the book: how fast size grows with the distance from the mid.

Formula: per side, least squares through the origin of cumulated size Q_k on the distance
d_k = |p_k - mid| / mid: slope = sum d_k Q_k / sum d_k^2.
Unit: base currency per relative price (divide by 10,000 for one basis point).
Assumption: the book is near linear over the levels given; levels of size 0, or
beyond the mid, are absent.
Cost: O(levels), no state.
Source: definition (least squares; Naes and Skjeltorp 2006 use elasticities instead).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic

NAN = float("nan")


@step
def update(
    row: int, bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table
) -> tuple[float, float]:
    """Slopes of the bids and of the asks in a row; no state."""
    bid, ask = bid_pxs[row, 0], ask_pxs[row, 0]
    sound = bid_qtys[row, 0] + ask_qtys[row, 0] < 1e300  # false for what is not finite
    if not (sound and ask > bid and bid > 0.0 and ask < 1e300):
        return NAN, NAN
    mid = 0.5 * (bid + ask)
    bids, asks = 0.0, 0.0
    bid_top, bid_bottom, ask_top, ask_bottom = 0.0, 0.0, 0.0, 0.0
    for k in range(bid_pxs.shape[1]):
        b, a = bid_qtys[row, k], ask_qtys[row, k]
        down, up = mid - bid_pxs[row, k], ask_pxs[row, k] - mid
        b_ok = (b > 0.0) & (b < 1e300) & (down >= 0.0) & (down < mid)
        a_ok = (a > 0.0) & (a < 1e300) & (up >= 0.0) & (up < 1e300)
        bids += b if b_ok else 0.0
        asks += a if a_ok else 0.0
        down, up = (down if b_ok else 0.0), (up if a_ok else 0.0)
        bid_top += down * bids
        bid_bottom += down * down
        ask_top += up * asks
        ask_bottom += up * up
    return (
        mid * bid_top / bid_bottom if bid_bottom > 0.0 else NAN,
        mid * ask_top / ask_bottom if ask_bottom > 0.0 else NAN,
    )


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    if bid_pxs.shape[1] == 0:
        return
    for i in range(bid_pxs.shape[0]):
        out[i, 0], out[i, 1] = update(i, bid_pxs, bid_qtys, ask_pxs, ask_qtys)


ANALYTIC = Analytic(
    name="slope", group="book", inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"),
    doc=__doc__, outputs=("bid_slope", "ask_slope"), batch=batch,
)  # fmt: skip
