# SPDX-License-Identifier: MIT
"""Variance ratios at several horizons, each tested and all together.

Formula: VR(q) = variance of overlapping q-step log returns per step over that of single
steps, both without bias; z* = sqrt(n) (VR - 1) / sqrt(theta), theta = sum over j < q of
(2 (q - j) / q)^2 delta_j, delta_j = n sum d_t^2 d_(t-j)^2 / (sum d^2)^2 with d = return less
its mean; z the same with theta = 2 (2q - 1)(q - 1) / (3q).  Joint: largest |z*| of m
horizons against the studentised maximum modulus, p = 1 - (2 Phi(max) - 1)^m.
Unit: none; 1 for a random walk, above: trend, below: return to the mean.
Assumption: z* holds for returns that are uncorrelated, whatever their volatility; z only
for those of one variance.  Horizons should stay well below the sample (q < n / 10).
Cost: O(n q) per horizon.
Source: Lo and MacKinlay (1988), Review of Financial Studies 1(1); Chow and Denning (1993),
Journal of Econometrics 58(3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite, log_returns
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 40


@dataclass(frozen=True, slots=True)
class VarianceRatio:
    """Variance ratios by horizon.

    Parameters
    ----------
    horizons : tuple of int
        Steps q.
    ratios, robust_z, z : tuple of float
        Variance ratio, statistic that is robust to changing volatility, statistic that is not.
    p_values : tuple of float
        Two-sided, of the robust statistics one by one.
    joint : float
        Largest absolute robust statistic.
    joint_p : float
        Its p-value over all horizons.
    n : int
        Returns.
    """

    horizons: tuple[int, ...]
    ratios: tuple[float, ...]
    robust_z: tuple[float, ...]
    z: tuple[float, ...]
    p_values: tuple[float, ...]
    joint: float
    joint_p: float
    n: int


def ratio(r: Vector, q: int) -> tuple[float, float, float]:
    """Variance ratio, robust statistic and plain statistic of returns at one horizon."""
    n, mean = r.size, float(r.mean())
    d = r - mean
    square = d * d
    total = float(square.sum())
    path = np.concatenate(([0.0], np.cumsum(r)))
    long = path[q:] - path[:-q] - q * mean
    freedom = q * (n - q + 1.0) * (1.0 - q / n)
    vr = float(long @ long) / freedom / (total / (n - 1.0))
    theta = 0.0
    for j in range(1, q):
        delta = n * float(square[j:] @ square[:-j]) / total**2
        theta += (2.0 * (q - j) / q) ** 2 * delta
    plain = 2.0 * (2.0 * q - 1.0) * (q - 1.0) / (3.0 * q)
    return vr, math.sqrt(n / theta) * (vr - 1.0), math.sqrt(n / plain) * (vr - 1.0)


def joint_p_value(largest: float, count: int) -> float:
    """Probability that one of ``count`` normal statistics is as far from 0."""
    tail = math.erfc(largest / math.sqrt(2.0))
    return -math.expm1(count * math.log1p(-tail)) if tail < 1.0 else 1.0


def fit(
    close: npt.ArrayLike,
    *,
    q1: float = 2,
    q2: float = 5,
    q3: float = 10,
    q4: float = 20,
) -> VarianceRatio:
    """Test whether the log of a price is a random walk.

    Raises
    ------
    ResearchError
        With fewer than 40 finite returns, when the price never moves, or with a horizon
        that the sample is too short for.
    """
    horizons = tuple(sorted({int(q) for q in (q1, q2, q3, q4) if q >= 2}))
    longest = max(horizons, default=2)
    r = finite(log_returns(close), max(LEAST, 3 * longest), "variance_ratio")
    found = [ratio(r, q) for q in horizons]
    robust = tuple(f[1] for f in found)
    joint = max((abs(v) for v in robust), default=math.nan)
    return VarianceRatio(
        horizons, tuple(f[0] for f in found), robust, tuple(f[2] for f in found),
        tuple(math.erfc(abs(v) / math.sqrt(2.0)) for v in robust), joint,
        joint_p_value(joint, len(horizons)), r.size,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="variance_ratio", group="econophysics", inputs=("close",), doc=__doc__, fit=fit,
    params=tuple(
        Param(f"q{i + 1}", q, "horizon, bars; 0: none", 0, 1e5, whole=True)
        for i, q in enumerate((2, 5, 10, 20))
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
