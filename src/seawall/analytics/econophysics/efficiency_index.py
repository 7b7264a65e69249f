# SPDX-License-Identifier: MIT
"""Efficiency index: the distance of a market from a random walk in three measures at once.

Formula: EI = sqrt((H - 0.5)^2 + (D - 1.5)^2 + (rho / 2)^2): H of returns by the lowest
frequencies (local Whittle), D the fractal dimension of the log price (Hall and Wood, steps 1
and 2), rho the first autocorrelation of returns, each over the width of its range 1, 1, 2.
``adjusted``: the same about the means of H, D and rho when every return gets its sign by the
toss of a coin; p: share of tossed series that lie as far from those means.
Unit: none; 0 for an efficient market, at most sqrt(3 / 4).
Assumption: 500 returns or more.  D is 1.5 for normal returns only: heavy tails lower it in an
efficient market too, so EI alone misleads either way.  Tossed signs keep tails and clusters
of volatility as they are.  Windows that overlap are no independent evidence.
Cost: O(n log n) per series, 100 of them with tossed signs.
Source: Kristoufek and Vosvrda (2013), Physica A 392(1); Hall and Wood (1993), Biometrika
80(1); Robinson (1995), Annals of Statistics 23(5); the adjustment is this package's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.hurst_whittle import local_whittle
from seawall.analytics.econophysics.series import Vector, finite, log_returns, tossed
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 128


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Index, its parts and its noise.

    Parameters
    ----------
    index : float
        Distance from efficiency as it was defined.
    hurst, dimension, autocorrelation : float
        Its parts H, D and rho.
    adjusted, floor, p_value : float
        Distance about the centre of tossed signs, the mean of theirs, and the share of them
        that is at least as far.
    null_hurst, null_dimension, null_autocorrelation : float
        That centre.
    n : int
        Returns.
    """

    index: float
    hurst: float
    dimension: float
    autocorrelation: float
    adjusted: float
    floor: float
    p_value: float
    null_hurst: float
    null_dimension: float
    null_autocorrelation: float
    n: int


def hall_wood(path: Vector) -> float:
    """Fractal dimension of a curve from its mean absolute steps at distances 1 and 2."""
    one = float(np.abs(np.diff(path)).sum()) / (path.size - 1)
    two = float(np.abs(np.diff(path[::2])).sum()) / (path[::2].size - 1)
    return 2.0 - math.log(two / one) / math.log(2.0)


def parts(r: Vector, power: float) -> tuple[float, float, float]:
    """Hurst exponent, dimension and first autocorrelation of returns."""
    h = local_whittle(r, power)[0]
    d = hall_wood(np.concatenate(([0.0], np.cumsum(r))))
    e = r - r.mean()
    return h, d, float(e[1:] @ e[:-1] / (e @ e))


def fit(
    close: npt.ArrayLike, *, power: float = 0.6, samples: float = 100, seed: float = 0
) -> Efficiency:
    """Measure how far a price is from a random walk.

    Raises
    ------
    ResearchError
        With fewer than 128 finite returns, or when the price never moves.
    """
    r = finite(log_returns(close), LEAST, "efficiency_index")
    h, d, rho = own = parts(r, power)
    index = math.hypot(h - 0.5, d - 1.5, 0.5 * rho)
    rng = np.random.default_rng(int(seed))
    count = int(samples)
    made = [parts(tossed(r, rng), power) for _ in range(count)]
    if count < 2:
        nan = math.nan
        return Efficiency(index, h, d, rho, nan, nan, nan, nan, nan, nan, r.size)
    null, widths = np.array(made), np.array([1.0, 1.0, 2.0])
    middle = null.mean(axis=0)
    far = np.linalg.norm((null - middle) / widths, axis=1)
    adjusted = float(np.linalg.norm((np.array(own) - middle) / widths))
    return Efficiency(
        index, h, d, rho, adjusted, float(far.mean()),
        float((1 + np.sum(far >= adjusted)) / (1 + count)),
        float(middle[0]), float(middle[1]), float(middle[2]), r.size,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="efficiency_index", group="econophysics", inputs=("close",), doc=__doc__, fit=fit,
    params=(
        Param("power", 0.6, "H reads the lowest n^power frequencies", 0.2, 0.9),
        Param("samples", 100, "series with tossed signs", 0, 1e5, whole=True),
        Param("seed", 0, "of the signs", 0, 2**31, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
