# SPDX-License-Identifier: MIT
"""Volume profile: how much was traded at each price, where most, and where 70 %.

Formula: volume by price bucket [k s, (k + 1) s); the point of control is the bucket with
most; the value area grows from it, each time by the neighbour with more volume, until it
holds ``share`` of the whole.
Unit: prices in quote currency (middle of a bucket; borders for the area), volume in base.
Assumption: every print counts, wash trades too.  Ties go to the lower price for the point of
control and upwards for the area.  Prices must span no more than 100,000 buckets.
Cost: O(trades + buckets), a whole sample at once; ``value_area`` streams.
Source: Steidlmayer's market profile (1984), with volume in place of time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.spec import Analytic, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
BUCKETS_MOST = 100_000
BUCKETS_AIM = 100


@dataclass(frozen=True, slots=True)
class VolumeProfile:
    """The profile.

    Parameters
    ----------
    prices : array
        Middles of the buckets, rising.
    bought, sold : arrays
        Volume of takers that bought and sold; a side of 0 counts half to each.
    size : float
        Width of a bucket, quote currency.
    poc : float
        Point of control.
    area_low, area_high : float
        Borders of the value area.
    area_share : float
        Share of the volume within it.
    volume, vwap : float
        Whole volume and its mean price.
    """

    prices: Vector
    bought: Vector
    sold: Vector
    size: float
    poc: float
    area_low: float
    area_high: float
    area_share: float
    volume: float
    vwap: float


def fit(
    price: Vector, qty: Vector, side: Vector, *, size: float = 0.0, share: float = 0.7
) -> VolumeProfile:
    """Sort trades into buckets.

    Parameters
    ----------
    price, qty, side : arrays
        Trades; rows that are not finite or have no size are left out.
    size : float
        Width of a bucket; 0: a round number that gives some 100 buckets.
    share : float
        Share of the volume that the value area holds.

    Raises
    ------
    ResearchError
        Without a sound trade, or when prices span too many buckets.
    """
    ok = np.isfinite(price) & np.isfinite(qty) & (qty > 0.0) & (price > 0.0)
    p, v, q = price[ok], qty[ok], np.where(np.abs(side[ok]) <= 1.0, side[ok], 0.0)
    if p.size == 0:
        raise ResearchError("there is no trade", mend="give positive prices and sizes")
    size = size or _round_size(float(p.min()), float(p.max()))
    at = np.floor(p / size + 1e-9).astype(np.int64)
    first, n = int(at.min()), int(at.max() - at.min() + 1)
    if n > BUCKETS_MOST:
        raise ResearchError(
            f"the prices span {n} buckets of {size:g}", mend=f"more than {BUCKETS_MOST}: widen size"
        )
    bought: Vector = np.bincount(at - first, 0.5 * v * (1.0 + q), minlength=n).astype(np.float64)
    sold: Vector = np.bincount(at - first, 0.5 * v * (1.0 - q), minlength=n).astype(np.float64)
    volume = np.add(bought, sold, dtype=np.float64)
    low, high = value_area(volume, share)
    total = float(v.sum())
    return VolumeProfile(
        np.asarray((first + np.arange(n) + 0.5) * size, np.float64), bought, sold, size,
        (first + int(volume.argmax()) + 0.5) * size, (first + low) * size,
        (first + high + 1) * size, float(volume[low : high + 1].sum()) / total, total,
        float((p * v).sum()) / total,
    )  # fmt: skip


def value_area(volume: Vector, share: float) -> tuple[int, int]:
    """First and last bucket of the area that grows from the fullest one."""
    low = high = int(volume.argmax())
    held, wanted = float(volume[low]), share * float(volume.sum()) * (1.0 - 1e-12)
    while held < wanted and (low > 0 or high < volume.size - 1):
        below = float(volume[low - 1]) if low > 0 else -1.0
        above = float(volume[high + 1]) if high < volume.size - 1 else -1.0
        if above >= below:
            high += 1
            held += above
        else:
            low -= 1
            held += below
    return low, high


def _round_size(low: float, high: float) -> float:
    """1, 2 or 5 times a power of ten that cuts the range into some 100 buckets."""
    raw = max((high - low) / BUCKETS_AIM, 1e-9 * high)
    power = 10.0 ** np.floor(np.log10(raw))
    return float(power * min((m for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw), default=10.0))


ANALYTIC = Analytic(
    name="volume_profile", group="flow", inputs=("price", "qty", "side"), doc=__doc__, fit=fit,
    params=(
        Param("size", 0.0, "width of a price bucket, quote currency; 0: some 100 buckets", 0.0),
        Param("share", 0.7, "share of the volume in the value area", 0.0, 1.0),
    ),
)  # fmt: skip
