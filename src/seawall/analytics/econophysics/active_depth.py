# SPDX-License-Identifier: MIT
"""Active depth: how far from the best prices orders still go with the price.

Formula: per window of D seconds, v = change of the mid in bps / D, and dV(g) = sum of the
sizes of orders submitted or cancelled within g bps of the best of their side; the active
depth is the g with the greatest correlation of |v| and dV(g) over the windows.
Unit: bps of the mid; correlations none.
Assumption: the paper correlates v itself, which has a sign while dV has none; that one is
given beside it (``signed``).  A flat maximum means that there is no such depth: look at the
whole curve.  Orders beyond the greatest g are left out.
Cost: O(orders log grid).
Source: Li, Cao, Polukarov and Ventre, An Empirical Analysis of Financial Markets: An
Econophysics Approach, arXiv 2308.14235; |v| is this package's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

LEAST = 10


@dataclass(frozen=True, slots=True)
class ActiveDepth:
    """Depth and the curve it was read from.

    Parameters
    ----------
    depth, correlation : float
        Depth in bps, and the correlation of |v| there.
    signed_depth, signed : float
        The same with v itself.
    windows, orders : int
        What they were found from.
    grid : Vector
        Depths that were tried, bps.
    curve, signed_curve : Vector
        Correlation of |v|, and of v, with dV at each.
    """

    depth: float
    correlation: float
    signed_depth: float
    signed: float
    windows: int
    orders: int
    grid: Vector
    curve: Vector
    signed_curve: Vector


def _correlations(v: Vector, volumes: Vector) -> Vector:
    a, b = v - v.mean(), volumes - volumes.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(b @ a / np.sqrt((a @ a) * (b * b).sum(axis=1)))


def fit(
    ts: npt.NDArray[np.int64],
    order_side: Vector,
    action: Vector,
    order_px: Vector,
    order_qty: Vector,
    bid_px: Vector,
    ask_px: Vector,
    *,
    window: float = 10.0,
    least_bps: float = 0.1,
    most_bps: float = 100.0,
    count: float = 40,
) -> ActiveDepth:
    """Find the active depth of a record of orders.

    Raises
    ------
    ResearchError
        With fewer than ten windows that have orders.
    """
    sound = np.isfinite(order_px + order_qty + bid_px + ask_px + action) & (ask_px > bid_px)
    sound &= (order_qty > 0.0) & (np.abs(order_side) == 1.0)
    at, side, px, qty, bid, ask = (
        x[sound] for x in (ts, order_side, order_px, order_qty, bid_px, ask_px)
    )
    mid = 0.5 * (bid + ask)
    away = np.where(side > 0.0, bid - px, px - ask) / mid * 1e4
    grid = np.geomspace(least_bps, most_bps, int(count))
    number, row = np.unique(at // int(window * 1e9), return_inverse=True)
    if number.size < LEAST:
        raise ResearchError(
            f"{number.size} windows of {window:g} s have orders, {LEAST} are needed",
            where=f"{at.size} sound rows of {len(ts)}",
            mend="give a longer record, or shorter windows",
        )
    last = np.append(np.flatnonzero(np.diff(row)), row.size - 1)
    ends = mid[last]
    v = np.diff(ends, prepend=mid[0]) / ends * 1e4 / window
    cell = np.searchsorted(grid, np.maximum(away, 0.0))  # grid[cell - 1] < away <= grid[cell]
    inside = cell < grid.size
    flat = np.bincount(
        row[inside] * grid.size + cell[inside], weights=qty[inside],
        minlength=number.size * grid.size,
    )  # fmt: skip
    volumes: Vector = np.cumsum(flat.astype(np.float64).reshape(-1, grid.size), axis=1).T
    curve, signed = _correlations(np.abs(v), volumes), _correlations(v, volumes)
    if not np.isfinite(curve).any():
        raise ResearchError("the mid never moves, or no order is near", mend="give a longer record")
    best, other = int(np.nanargmax(curve)), int(np.nanargmax(np.abs(signed)))
    return ActiveDepth(
        float(grid[best]), float(curve[best]), float(grid[other]), float(signed[other]),
        int(number.size), int(at.size), grid, curve, signed,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="active_depth", group="econophysics",
    inputs=("ts", "order_side", "action", "order_px", "order_qty", "bid_px", "ask_px"),
    doc=__doc__, fit=fit,
    params=(
        Param("window", 10.0, "length of a window, s", 1e-6),
        Param("least_bps", 0.1, "nearest depth that is tried, bps", 1e-9),
        Param("most_bps", 100.0, "farthest, bps", 1e-9),
        Param("count", 40, "depths that are tried", 2, 1e4, whole=True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip
