# SPDX-License-Identifier: MIT
"""VPIN bucket by bucket, with its rank in its own history and its distance from chance.

Formula: VPIN and its floor as in ``vpin``, one row for each bucket;
rank = share of the last ``history`` values at or below this one (the empirical CDF);
z = (VPIN - floor) / s, s = floor sqrt(pi / 2 - 1) / sqrt(n), the spread of a mean of n
imbalances of coin flips.
Unit: none; ``row`` is the index of the trade that ended the bucket.
Assumption: as in ``vpin``.  The rank compares with the past only; before ``history`` values
there are fewer to compare with, and fewer than 20 give not-a-number.
Cost: O(trades), and O(history) per bucket.
Source: Easley, Lopez de Prado and O'Hara (2012), Review of Financial Studies 25(5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.flow import vpin
from seawall.analytics.jit import Array, Table
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

COIN = math.sqrt(math.pi / 2.0 - 1.0)


@dataclass(frozen=True, slots=True)
class VpinBuckets:
    """One value per bucket, in order; of a print over two windows long, the last ones only.

    Parameters
    ----------
    row : array of int
        Index of the trade that ended the bucket.
    vpin, floor, rank, z : arrays
        Not-a-number until the window is full.
    buckets : array
        Number of the bucket, from 1.
    bucket : float
        Volume of a bucket that was used.
    """

    row: npt.NDArray[np.int64]
    vpin: Array
    floor: Array
    rank: Array
    z: Array
    buckets: Array
    bucket: float


def fit(
    qty: Array, side: Array, *,
    bucket: float = 0.0, window: float = 50.0, history: float = 4_500.0,
) -> VpinBuckets:  # fmt: skip
    """Run VPIN over trades and rank it.

    Parameters
    ----------
    qty, side : arrays
        Sizes and sides of trades; a side between -1 and 1 splits a trade, as bulk
        classification gives it.
    bucket : float
        Volume of a bucket; 0: a 2,500th of the whole, which looks ahead and suits a first
        look only.
    window, history : float
        Buckets that are averaged, and that a value is ranked among.

    Raises
    ------
    ResearchError
        When no volume is sound.
    """
    if bucket <= 0.0:
        whole = float(qty[np.isfinite(qty) & (qty > 0.0)].sum())
        if not whole > 0.0:
            raise ResearchError("there is no volume", mend="give trades with positive sizes")
        bucket = whole / 2_500.0
    params = np.array([bucket, window, history])
    state = np.zeros(vpin.ANALYTIC.state_size(params, 0))
    table: Table = vpin.buckets(state, params, qty, side)
    value, floor = table[:, 1].copy(), table[:, 2].copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(floor > 0.0, (value - floor) / (floor * COIN / math.sqrt(window)), np.nan)
    return VpinBuckets(
        table[:, 0].astype(np.int64),
        value,
        floor,
        table[:, 6].copy(),
        z,
        table[:, 4].copy(),
        bucket,
    )


ANALYTIC = Analytic(
    name="vpin_rank", group="flow", inputs=("qty", "side"), doc=__doc__, fit=fit,
    params=(
        Param("bucket", 0.0, "volume of a bucket; 0: a 2,500th of the sample", 0.0),
        Param("window", 50, "buckets that are averaged", 1, 1e6, True),
        Param("history", 4_500, "buckets that a value is ranked among", 20, 1e6, True),
    ),
    need=Need(seconds=25_000.0),
)  # fmt: skip
