# SPDX-License-Identifier: MIT
"""Whether a period of prices had jumps: two tests.

Formula: Barndorff-Nielsen and Shephard: z = (1 - bipower / rv) / sqrt(0.609 / M max(1,
quarticity / bipower^2)), large with jumps.  Ait-Sahalia and Jacod: S = sum |r over two
steps|^4 / sum |r|^4, near 2 without jumps and near 1 with them; z = (2 - S) / its error.
Unit: z in standard errors; p-values one-sided; the jump part in variance of log price.
Assumption: prices at equal steps, no noise: use a mid and steps of a minute or more.  Zero
returns and stale prices lower bipower and make jumps of nothing.
Cost: O(M).
Source: Barndorff-Nielsen and Shephard (2006), Journal of Financial Econometrics 4(1); Huang
and Tauchen (2005), the same journal 3(4); Ait-Sahalia and Jacod (2009), Annals of Statistics
37(1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.jumps.realised import (
    bipower,
    log_returns,
    realised_variance,
    tripower_quarticity,
)
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
BNS = math.pi**2 / 4.0 + math.pi - 5.0
ASJ = 160.0 / 3.0  # variance of S for fourth powers and two steps, in units of A8 / (M A4^2)
CUT, POWER = 5.0, 0.49  # returns beyond 5 deviations, a little relaxed, are cut as jumps


@dataclass(frozen=True, slots=True)
class JumpTests:
    """Tests of one period.

    Parameters
    ----------
    returns : int
        Log returns that were used.
    bns_z, bns_p : float
        Ratio test and its p-value of no jumps.
    asj_ratio, asj_z, asj_p : float
        Ratio of Ait-Sahalia and Jacod, its standardised distance below 2, p-value of no jumps.
    jump_variance, jump_share : float
        Jump part, rv less bipower and not below 0, and its share of rv; 0 when the first
        test does not reject at ``alpha``.
    zeros : float
        Share of returns that are zero: above a few per cent the tests are not to be trusted.
    doubts : tuple of str
        Why they should not be relied on.
    """

    returns: int
    bns_z: float
    bns_p: float
    asj_ratio: float
    asj_z: float
    asj_p: float
    jump_variance: float
    jump_share: float
    zeros: float
    doubts: tuple[str, ...]


def fit(close: Vector, *, alpha: float = 0.001) -> JumpTests:
    """Test one period of prices at equal steps.

    Parameters
    ----------
    close : array
        Prices.
    alpha : float
        Level at which the jump part is reported.

    Raises
    ------
    ResearchError
        With fewer than twenty returns, or prices that never move.
    """
    r = log_returns(close)
    rv = realised_variance(r) if r.size else 0.0
    if r.size < 20 or rv <= 0.0:
        raise ResearchError(
            f"{r.size} returns with a sum of squares of {rv:g} cannot be tested",
            mend="give 21 prices or more that move",
        )
    z = bns(r)
    p = _tail(z)
    ratio, distance = asj(r)
    part = max(rv - bipower(r), 0.0) if p < alpha else 0.0
    zeros = float((r == 0.0).mean())
    out = []
    if zeros > 0.05:
        out.append(f"{zeros:.0%} of the returns are zero: the price is stale or the step too short")
    if r.size < 60:
        out.append(f"only {r.size} returns")
    return JumpTests(
        r.size, z, p, ratio, distance, _tail(distance), part, part / rv, zeros, tuple(out)
    )


def bns(r: Vector) -> float:
    """Ratio statistic of Barndorff-Nielsen and Shephard."""
    rv, two = realised_variance(r), bipower(r)
    if two <= 0.0:
        return math.nan
    excess = max(1.0, tripower_quarticity(r) / two**2)
    return (1.0 - two / rv) / math.sqrt(BNS / r.size * excess)


def asj(r: Vector) -> tuple[float, float]:
    """Ratio of Ait-Sahalia and Jacod over fourth powers and two steps, standardised."""
    n = r.size - r.size % 2
    r = r[:n]
    fine = float((r**4).sum())
    coarse = float(((r[0::2] + r[1::2]) ** 4).sum())
    size = math.sqrt(max(bipower(r), 1e-300))  # of the diffusion over the whole period
    small = r[np.abs(r) <= CUT * size * n**-POWER]
    a4, a8 = n / 3.0 * float((small**4).sum()), n**3 / 105.0 * float((small**8).sum())
    if a4 <= 0.0:
        return coarse / fine, math.nan
    ratio = coarse / fine
    return ratio, (2.0 - ratio) / math.sqrt(ASJ * a8 / (n * a4**2))


def _tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2.0)) if math.isfinite(z) else math.nan


def intraday_pattern(
    ts: npt.NDArray[np.int64], returns: Vector, bins: int = 48
) -> npt.NDArray[np.float64]:
    """Typical absolute return by time of day, relative to the mean over the day.

    Parameters
    ----------
    ts : array
        Times of the returns, ns UTC.
    returns : array
        Log returns.
    bins : int
        Parts of a day.

    Returns
    -------
    array
        Factor for each return; divide by it, or every scheduled hour is a jump.
    """
    day = 86_400 * 10**9
    place = (np.asarray(ts) % day) * bins // day
    size = np.ones(bins)
    for k in range(bins):
        part = np.abs(returns[place == k])
        size[k] = float(np.median(part)) if part.size >= 5 else math.nan
    mean = float(np.nanmean(size)) if np.isfinite(size).any() else 1.0
    factor = np.where(np.isfinite(size) & (size > 0.0), size / mean if mean > 0.0 else 1.0, 1.0)
    found: Vector = factor[place]
    return found


ANALYTIC = Analytic(
    name="jump_tests", group="jumps", inputs=("close",), doc=__doc__, fit=fit,
    params=(Param("alpha", 0.001, "level at which the jump part is reported", 1e-12, 0.5),),
    need=Need(seconds=300.0),
)  # fmt: skip
