# SPDX-License-Identifier: MIT
"""Madhavan, Richardson and Roomans: the part of the spread that pays for information.

Formula: dp_t = (phi + theta) q_t - (phi + rho theta) q_{t-1} + e, rho = E[q_t q_{t-1}] /
E[q^2]; theta the surprise in a trade that stays in the price, phi what passes;
share = theta / (phi + theta), spread = 2 (phi + theta).
Unit: theta, phi, spread in quote currency; rho and share none.
Assumption: signs follow a chain of first order, and only their surprise informs; prints of
one side within ``gap`` seconds are one order.
Cost: O(trades), a whole sample at once; errors by moments with Newey and West.
Source: Madhavan, Richardson and Roomans (1997), Review of Financial Studies 10(4), eq. (5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.costs.prints import Times, Vector, orders_of, share_doubts
from seawall.analytics.costs.regress import Matrix, moment_errors, ols
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Mrr:
    """The estimate; ``errors`` of theta, phi and rho in that order."""

    theta: float
    phi: float
    rho: float
    errors: tuple[float, float, float]
    adverse_share: float
    spread: float
    r2: float
    trades: int
    merged: int
    doubts: tuple[str, ...]


def fit(ts: Times, price: Vector, qty: Vector, side: Vector, *, gap: float = 0.001) -> Mrr:
    """Estimate by the moments, which have a closed solution.

    Raises
    ------
    ResearchError
        With too few trades, or when all sides are alike.
    """
    o = orders_of(ts, price, qty, side, gap=gap)
    dp, q, last = np.diff(o.price), o.side[1:], o.side[:-1]
    found = ols(dp, np.column_stack((q, last, np.ones(q.size))))
    rho = float(np.mean(q * last))
    theta = float(found.beta[0] + found.beta[1]) / (1.0 - rho)
    phi = float(found.beta[0]) - theta
    drift = float(found.beta[2])

    def moments(t: Vector) -> Matrix:
        rest = dp - (t[1] + t[0]) * q + (t[1] + t[2] * t[0]) * last - t[3]
        return np.column_stack((q * last - t[2], rest, rest * q, rest * last))

    errors = moment_errors(moments, np.array([theta, phi, rho, drift]))
    half = theta + phi
    share = theta / half if half != 0.0 else NAN
    return Mrr(
        theta, phi, rho, (float(errors[0]), float(errors[1]), float(errors[2])),
        share, 2.0 * half, found.r2, int(o.ts.size), o.merged, share_doubts(share, rho),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="mrr", group="costs", inputs=("ts", "price", "qty", "side"), doc=__doc__, fit=fit,
    params=(Param("gap", 0.001, "s between prints of one order; -1: none are merged", -1.0, 1e3),),
    need=Need(seconds=900.0),
)  # fmt: skip
