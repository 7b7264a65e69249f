# SPDX-License-Identifier: MIT
"""Markout curve: what trades cost makers at several times after them, with errors.

Formula: for trades of taker's side q at p, mid m before and m_tau the last mid known tau
later: impact(tau) = 2 q ln(m_tau / m), realised(tau) = 2 q ln(p / m_tau), effective = impact +
realised; means weighted with p times size; errors from means of ``blocks`` equal stretches
of time.
Unit: basis points of the price; seconds.
Assumption: rows in order of time, trades with the mid before them, every change of the mid is
a row (``qty`` 0 for a quote).  Trades nearer to the end than a tau are left out of it.
impact over effective is the adverse selection share at that time; over 1, makers lose
before fees.  On one's own fills it measures how much those who hit us know.
Cost: O(rows + trades x points), a whole sample at once; ``realised_spread`` streams one tau.
Source: Huang and Stoll (1996), Journal of Financial Economics 41(3); Bessembinder (2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.jit import Array, Times
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Markout:
    """Curves by time after the trade.

    Parameters
    ----------
    seconds : array
        Times after the trade.
    impact, impact_errors, realised, realised_errors : arrays
        Means and standard errors, basis points.
    adverse_share : array
        Impact over the effective spread of the same trades.
    effective : float
        Effective spread of all trades, basis points.
    trades : array
        Trades behind each point.
    """

    seconds: Array
    impact: Array
    impact_errors: Array
    realised: Array
    realised_errors: Array
    adverse_share: Array
    effective: float
    trades: Array


def fit(
    ts: Times, mid: Array, price: Array, qty: Array, side: Array, *, blocks: float = 20.0
) -> Markout:
    """Measure the curves.

    Raises
    ------
    ResearchError
        With fewer than thirty sound trades.
    """
    quoted = np.isfinite(mid) & (mid > 0.0)
    ts, mid, price, qty, side = ts[quoted], mid[quoted], price[quoted], qty[quoted], side[quoted]
    sound = np.isfinite(price) & (price > 0.0) & (np.abs(side) == 1.0)
    rows = np.flatnonzero(sound & (qty > 0.0) & np.isfinite(qty))
    if rows.size < 30:
        raise ResearchError(
            f"{rows.size} sound trades are too few",
            mend="give thirty or more, with sides, and quotes as rows of qty 0",
        )
    t, m, p, q = ts[rows], mid[rows], price[rows], side[rows]
    weight = p * qty[rows]
    effective = 2e4 * q * np.log(p / m)
    part = np.minimum((t - t[0]) * int(blocks) // max(int(t[-1] - t[0]), 1), int(blocks) - 1)
    out = np.full((6, len(SECONDS)), np.nan)
    for k, tau in enumerate(SECONDS):
        when = t + int(tau * 1e9)
        known = when <= ts[-1]
        out[5, k] = known.sum()
        if known.sum() < 30:
            continue
        later = mid[np.searchsorted(ts, when[known], side="right") - 1]
        impact = 2e4 * q[known] * np.log(later / m[known])
        w, whole = weight[known], effective[known]
        out[0, k], out[1, k] = _mean(impact, w, part[known])
        out[2, k], out[3, k] = _mean(whole - impact, w, part[known])
        paid = float((w * whole).sum())
        out[4, k] = float((w * impact).sum()) / paid if paid != 0.0 else np.nan
    return Markout(
        np.array(SECONDS), out[0], out[1], out[2], out[3], out[4],
        float((weight * effective).sum() / weight.sum()), out[5],
    )  # fmt: skip


def _mean(value: Array, weight: Array, part: Times) -> tuple[float, float]:
    """Weighted mean, and its error from blocks: a ratio of sums over blocks."""
    total = float(weight.sum())
    mean = float((weight * value).sum()) / total
    off = np.bincount(part, weight * (value - mean))
    n = np.unique(part).size
    if n < 3:
        return mean, float("nan")
    return mean, float(np.sqrt((off**2).sum() * n / (n - 1.0))) / total


ANALYTIC = Analytic(
    name="markout", group="costs", inputs=("ts", "mid", "price", "qty", "side"), doc=__doc__,
    fit=fit, params=(Param("blocks", 20, "stretches of time for the errors", 3, 10_000, True),),
    need=Need(seconds=900.0),
)  # fmt: skip
