# SPDX-License-Identifier: MIT
"""Temperature of a book: how fast resting size falls with distance from the mid.

Formula: n_k = size of both sides within bin k, x_k its middle; least squares of
ln n_k = c - b x_k over occupied bins that both sides show in full; T = 1 / b, where the fit
has at least ``min_bins`` bins, R2 of at least ``min_r2`` and b > 0.
Unit: temperature in bps of the mid; its inverse b per bps; R2 and bins none.
Assumption: Boltzmann's law, size ~ exp(-x / T).  Many crypto books grow away from the touch
instead: b < 0 or R2 is poor, and no temperature is given rather than a wrong one.  This is
a variant of its own and not the temperature of the papers, whose formulas differ.
Cost: O(levels + bins), no state.
Source: definition; the idea after Li, Xiao, Polukarov and Ventre (2024), Entropy 26(1), 24.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")


@step
def fill(sizes: Array, width: float, mid: float, pxs: Array, qtys: Array) -> float:
    """Add one side to the bins; gives the distance that the side reaches, in bins."""
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
def line(sizes: Array, seen: int) -> tuple[float, float, int]:
    """Slope per bin and R2 of ln size over the occupied ones of the first ``seen`` bins."""
    n, sx, sxx, sy, sxy, syy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    origin = 0.0
    for k in range(seen):
        if sizes[k] > 0.0:
            y = math.log(sizes[k])
            if n == 0:
                origin = y  # sums about the first one lose less
            y -= origin
            n += 1
            sx += k
            sxx += k * k
            sy += y
            sxy += k * y
            syy += y * y
    if n < 3:
        return NAN, NAN, n
    sxx, sxy, syy = sxx - sx * sx / n, sxy - sx * sy / n, syy - sy * sy / n
    if syy <= 1e-20:  # the same size everywhere: no slope, and nothing to explain
        return 0.0, 0.0, n
    return sxy / sxx, min(1.0, sxy * sxy / (sxx * syy)), n


@entry
def batch(
    state: Array, params: Array, out: Table,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table,
) -> None:  # fmt: skip
    """Each row for itself."""
    bps, min_bins, min_r2 = params[0], params[2], params[3]
    sizes = np.zeros(int(params[1]))
    if bid_pxs.shape[1] == 0:
        return
    for i in range(bid_pxs.shape[0]):
        for j in range(5):
            out[i, j] = NAN
        bid, ask = bid_pxs[i, 0], ask_pxs[i, 0]
        sound = bid_qtys[i, 0] + ask_qtys[i, 0] < 1e300
        if not (sound and ask > bid and bid > 0.0 and ask < 1e300):
            continue
        mid = 0.5 * (bid + ask)
        sizes[:] = 0.0
        width = bps * 1e-4 * mid
        reach = min(
            fill(sizes, width, mid, bid_pxs[i], bid_qtys[i]),
            fill(sizes, width, mid, ask_pxs[i], ask_qtys[i]),
        )
        slope, r2, occupied = line(sizes, min(int(reach), sizes.size))
        out[i, 3], out[i, 4] = float(occupied), reach * bps
        if occupied >= min_bins:
            out[i, 1], out[i, 2] = -slope / bps, r2
            if slope < 0.0 and r2 >= min_r2:
                out[i, 0] = -bps / slope


ANALYTIC = Analytic(
    name="book_temperature", group="econophysics",
    inputs=("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), doc=__doc__,
    outputs=("temperature", "inverse", "r2", "bins", "reach"), batch=batch,
    params=(
        Param("bin_bps", 1.0, "width of a bin, bps of the mid", 1e-9),
        Param("bins", 20, "bins on each side, counted from the mid", 3, 1e5, whole=True),
        Param("min_bins", 8, "occupied bins below which nothing is fitted", 3, 1e5, whole=True),
        Param("min_r2", 0.5, "share explained below which there is no temperature", 0.0, 1.0),
    ),
    need=Need(levels=50),
)  # fmt: skip
