# SPDX-License-Identifier: MIT
"""How often an order at a distance from the mid is reached: rate = A exp(-k distance).

Formula: in each window of ``seconds`` the furthest trade of buyers above the mid at its start,
and of sellers below; p(d) = share of windows and sides that reach d; rate(d) = -ln(1 - p(d)) /
seconds; ln A and k by least squares on ``points`` distances, weighted with the inverse
variance of ln rate, (1 - p) ln(1 - p)^2 / p.
Unit: A per second and side; k per basis point; distances in basis points of the mid.
Assumption: an order at d is filled when a trade goes to d or beyond, no matter its queue: an
upper bound at the best price, good deeper in the book.  Windows are alike and long enough
for few of them to be reached.
Cost: O(trades), a whole sample at once.
Source: Avellaneda and Stoikov (2008), Quantitative Finance 8(3), section 2.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.jit import Array, Times
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError


@dataclass(frozen=True, slots=True)
class FillIntensity:
    """A, k, the distances with their rates and chances, R squared of the line, windows."""

    a: float
    k: float
    distance: Array
    rate: Array
    chance: Array
    r2: float
    windows: int


def fit(
    ts: Times, mid: Array, price: Array, side: Array, *,
    seconds: float = 1.0, points: float = 20.0,
) -> FillIntensity:  # fmt: skip
    """Measure how far trades reach.

    Raises
    ------
    ResearchError
        With fewer than thirty windows, or when fewer than three distances tell anything.
    """
    ok = np.isfinite(mid) & np.isfinite(price) & (mid > 0.0) & (np.abs(side) == 1.0)
    ts, mid, price, side = ts[ok], mid[ok], price[ok], side[ok]
    step = int(seconds * 1e9)
    if ts.size < 2 or (ts[-1] - ts[0]) // step < 30:
        raise ResearchError("there are fewer than thirty windows", mend="give a longer sample")
    slot = (ts - ts[0]) // step
    windows = int(slot[-1]) + 1
    starts = np.flatnonzero(np.concatenate(([True], np.diff(slot) != 0)))
    open_mid = np.repeat(mid[starts], np.diff(np.append(starts, ts.size)))
    away = 1e4 * side * (price / open_mid - 1.0)
    far = []
    for sign in (1.0, -1.0):
        reached = np.full(windows, -np.inf)
        np.maximum.at(reached, slot[side == sign], away[side == sign])
        far.append(reached)
    reach = np.sort(np.concatenate(far))
    positive = reach[reach > 0.0]
    if positive.size < 10:
        raise ResearchError("trades hardly leave the mid", mend="give a longer sample")
    distance = np.unique(np.quantile(positive, np.linspace(0.0, 0.99, int(points))))
    chance = 1.0 - np.searchsorted(reach, distance) / reach.size
    keep = (chance > 0.0) & (chance < 1.0)
    distance, chance = distance[keep], chance[keep]
    if distance.size < 3:
        raise ResearchError("fewer than three distances tell anything", mend="lower 'seconds'")
    rate = -np.log1p(-chance) / seconds
    # Variance of ln rate by the delta method: p / (n (1 - p) ln(1 - p)^2).
    weight = (1.0 - chance) * np.log1p(-chance) ** 2 / chance
    design = np.column_stack((np.ones(distance.size), -distance)) * np.sqrt(weight)[:, None]
    y = np.log(rate) * np.sqrt(weight)
    b, *_ = np.linalg.lstsq(design, y, rcond=None)
    rest = float(((y - design @ b) ** 2).sum())
    centre = float((weight * np.log(rate)).sum() / weight.sum())
    spread = float((weight * (np.log(rate) - centre) ** 2).sum())
    return FillIntensity(
        float(np.exp(b[0])), float(b[1]), distance, rate, chance,
        1.0 - rest / spread if spread > 0.0 else float("nan"), windows,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="fill_intensity", group="fills", inputs=("ts", "mid", "price", "side"), doc=__doc__,
    fit=fit,
    params=(
        Param("seconds", 1.0, "length of a window, s", 1e-3, 1e6),
        Param("points", 20, "distances in the regression", 3, 10_000, True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip
