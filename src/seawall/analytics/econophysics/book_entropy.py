# SPDX-License-Identifier: MIT
"""Entropy of a book: how evenly resting size lies over a fixed grid of distances.

Formula: p_k = share of the size of a side within bin k of K bins from the mid outwards;
S = -sum p_k ln p_k / ln K; over both sides together, S = -sum p_k ln p_k / ln 2K.
Unit: none, 0 (all in one bin) to 1 (even); reach in bps.
Assumption: the grid is fixed in bps, because the count of occupied levels alone would move
S.  Bins beyond the last level given count as empty: compare rows of like ``reach``, and
choose K bins that the levels reach.
Cost: O(levels + bins), no state.
Source: Shannon (1948), Bell System Technical Journal 27; for books, a definition.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")


@step
def fill(sizes: Array, width: float, mid: float, pxs: Array, qtys: Array) -> float:
    """Put one side into bins; gives the distance that the side reaches, in bins."""
    sizes[:] = 0.0
    reach = 0.0
    for k in range(pxs.size):
        if not (0.0 < qtys[k] < 1e300 and 0.0 < pxs[k] < 1e300):
            continue
        at = abs(pxs[k] - mid) / width
        reach = max(reach, at)
        if at < sizes.size:
            sizes[int(at)] += qtys[k]
    return reach


@step
def surprise(sizes: Array) -> tuple[float, float]:
    """Sum, and sum of s ln s: entropies of parts and of the whole follow from both."""
    total, logs = 0.0, 0.0
    for k in range(sizes.size):
        if sizes[k] > 0.0:
            total += sizes[k]
            logs += sizes[k] * math.log(sizes[k])
    return total, logs


@step
def entropy(total: float, logs: float, bins: int) -> float:
    """Normalised entropy from the two sums."""
    if not total > 0.0:
        return NAN
    return max(0.0, (math.log(total) - logs / total) / math.log(bins))


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Each row for itself."""
    bps, bins = params[0], int(params[1])
    sizes = np.zeros(bins)
    if bid_pxs.shape[1] == 0:
        return
    for i in range(bid_pxs.shape[0]):
        for j in range(4):
            out[i, j] = NAN
        bid, ask = bid_pxs[i, 0], ask_pxs[i, 0]
        sound = bid_qtys[i, 0] + ask_qtys[i, 0] < 1e300
        if not (sound and ask > bid and bid > 0.0 and ask < 1e300):
            continue
        mid = 0.5 * (bid + ask)
        width = bps * 1e-4 * mid
        reach = fill(sizes, width, mid, bid_pxs[i], bid_qtys[i])
        bids, bid_logs = surprise(sizes)
        reach = min(reach, fill(sizes, width, mid, ask_pxs[i], ask_qtys[i]))
        asks, ask_logs = surprise(sizes)
        out[i, 0] = entropy(bids + asks, bid_logs + ask_logs, 2 * bins)
        out[i, 1], out[i, 2] = entropy(bids, bid_logs, bins), entropy(asks, ask_logs, bins)
        out[i, 3] = reach * bps


ANALYTIC = Analytic(
    name="book_entropy", group="econophysics",
    inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__,
    outputs=("entropy", "entropy_bid", "entropy_ask", "reach"), batch=batch,
    params=(
        Param("bin_bps", 1.0, "width of a bin, bps of the mid", 1e-9),
        Param("bins", 20, "bins on each side, counted from the mid", 2, 1e5, whole=True),
    ),
    need=Need(levels=50),
)  # fmt: skip
