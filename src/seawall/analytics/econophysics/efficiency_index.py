# SPDX-License-Identifier: MIT
"""Efficiency index: the distance of a market from a random walk in three measures at once.

Formula: EI = sqrt((H - 0.5)^2 + (D - 1.5)^2 + (rho / 2)^2): H of returns by the lowest
frequencies (local Whittle), D the fractal dimension of the log price (Hall and Wood, steps 1
and 2), rho the first autocorrelation of returns, each over the width of its range 1, 1, 2.
Unit: none; 0 for an efficient market, at most sqrt(3 / 4).
Assumption: 500 returns or more.  The index is never 0 in a sample: ``floor`` is its mean,
``floor_high`` its 95 % point, when the returns are shuffled; below that nothing is shown.
Windows that overlap are no independent evidence.
Cost: O(n log n) per series, 100 shuffled ones.
Source: Kristoufek and Vosvrda (2013), Physica A 392(1); Hall and Wood (1993), Biometrika
80(1); Robinson (1995), Annals of Statistics 23(5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.hurst_whittle import local_whittle
from seawall.analytics.econophysics.series import Vector, finite, log_returns, shuffled
from seawall.analytics.spec import Analytic, Param

LEAST = 128


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Index, its parts and its noise.

    Parameters
    ----------
    index : float
        Distance from efficiency.
    hurst, dimension, autocorrelation : float
        Its parts H, D and rho.
    floor, floor_high, p_value : float
        Mean and 95 % point of the index of shuffled returns, and their share at least as far.
    n : int
        Returns.
    """

    index: float
    hurst: float
    dimension: float
    autocorrelation: float
    floor: float
    floor_high: float
    p_value: float
    n: int


def hall_wood(path: Vector) -> float:
    """Fractal dimension of a curve from its mean absolute steps at distances 1 and 2."""
    one = float(np.abs(np.diff(path)).sum()) / (path.size - 1)
    two = float(np.abs(np.diff(path[::2])).sum()) / (path[::2].size - 1)
    return 2.0 - math.log(two / one) / math.log(2.0)


def parts(r: Vector, power: float) -> tuple[float, float, float, float]:
    """Index, Hurst exponent, dimension and first autocorrelation of returns."""
    h = local_whittle(r, power)[0]
    d = hall_wood(np.concatenate(([0.0], np.cumsum(r))))
    e = r - r.mean()
    rho = float(e[1:] @ e[:-1] / (e @ e))
    return math.sqrt((h - 0.5) ** 2 + (d - 1.5) ** 2 + (0.5 * rho) ** 2), h, d, rho


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
    index, h, d, rho = parts(r, power)
    rng = np.random.default_rng(int(seed))
    null = np.array([parts(shuffled(r, rng), power)[0] for _ in range(int(samples))])
    if null.size == 0:
        return Efficiency(index, h, d, rho, math.nan, math.nan, math.nan, r.size)
    p = float((1 + np.sum(null >= index)) / (1 + null.size))
    return Efficiency(
        index, h, d, rho, float(null.mean()), float(np.quantile(null, 0.95)), p, r.size
    )


ANALYTIC = Analytic(
    name="efficiency_index", group="econophysics", inputs=("close",), doc=__doc__, fit=fit,
    params=(
        Param("power", 0.6, "H reads the lowest n^power frequencies", 0.2, 0.9),
        Param("samples", 100, "shuffled series", 0, 1e5, whole=True),
        Param("seed", 0, "of the shuffling", 0, 2**31, whole=True),
    ),
)  # fmt: skip
