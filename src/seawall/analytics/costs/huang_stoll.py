# SPDX-License-Identifier: MIT
"""Huang and Stoll: order processing, inventory and adverse selection in the spread.

Formula: two ways: dP_t = (S/2)(q_t - q_{t-1}) + lambda (S/2) q_{t-1} + e, lambda = adverse
selection and inventory together.  Three ways: dP_t = (S/2) q_t + (a + b - 1)(S/2) q_{t-1}
- a (S/2) r q_{t-2} + e with r = E[q_t q_{t-1}] / E[q^2]; a adverse, b inventory,
1 - a - b order processing.
Unit: S in quote currency; shares none.
Assumption: one spread for all trades; prints of one side within ``gap`` seconds are one
order.  The three ways need signs that reverse (r < 0), as
dealers' markets have them; where orders are split r > 0 and a comes out negative or wild:
``doubts`` then says so, and the two ways remain.
Cost: O(trades), a whole sample at once; errors by moments with Newey and West.
Source: Huang and Stoll (1997), Review of Financial Studies 10(4), eq. (5) and (25).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.analytics.costs.prints import Times, Vector, orders_of
from seawall.analytics.costs.regress import Matrix, moment_errors, ols
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class HuangStoll:
    """Spread and its parts.

    Parameters
    ----------
    spread, spread_error : float
        Traded spread, quote currency.
    adverse_inventory, adverse_inventory_error : float
        lambda of the two-way split.
    adverse, inventory, processing : float
        The three-way split; they sum to 1.
    errors : tuple of float
        Standard errors of adverse and inventory.
    sign_autocorrelation : float
        r = 1 - 2 pi, pi the chance of a reversal.
    trades, merged : int
        Orders used, and prints that were merged into others.
    doubts : tuple of str
        Why the three-way split should not be relied on.
    """

    spread: float
    spread_error: float
    adverse_inventory: float
    adverse_inventory_error: float
    adverse: float
    inventory: float
    processing: float
    errors: tuple[float, float]
    sign_autocorrelation: float
    trades: int
    merged: int
    doubts: tuple[str, ...]


def fit(ts: Times, price: Vector, qty: Vector, side: Vector, *, gap: float = 0.001) -> HuangStoll:
    """Estimate both splits.

    Raises
    ------
    ResearchError
        With too few trades, or when all sides are alike.
    """
    o = orders_of(ts, price, qty, side, gap=gap)
    dp, q = np.diff(o.price), o.side
    two = ols(dp, np.column_stack((q[1:], q[:-1])))
    half, back = float(two.beta[0]), float(two.beta[1])
    share = 1.0 + back / half if half != 0.0 else NAN
    pair = np.array([half, share])

    def two_way(t: Vector) -> Matrix:
        rest = dp - t[0] * (q[1:] - q[:-1]) - t[1] * t[0] * q[:-1]
        return np.column_stack((rest * q[1:], rest * q[:-1]))

    pair_errors = moment_errors(two_way, pair)
    three, three_errors = _three_ways(dp, q)
    return HuangStoll(
        2.0 * half, 2.0 * float(pair_errors[0]), share, float(pair_errors[1]),
        float(three[1]), float(three[2]), 1.0 - float(three[1] + three[2]),
        (float(three_errors[1]), float(three_errors[2])), float(three[3]),
        int(q.size), o.merged, _doubts(three, three_errors),
    )  # fmt: skip


def _three_ways(dp: Vector, q: Vector) -> tuple[Vector, Vector]:
    """Half spread, adverse, inventory, sign autocorrelation; and their errors."""
    y, now, last, before = dp[1:], q[2:], q[1:-1], q[:-2]
    b = ols(y, np.column_stack((now, last, before))).beta
    r = float(np.mean(last * before))
    if b[0] == 0.0 or r == 0.0:
        return np.array([b[0], NAN, NAN, r]), np.full(4, NAN)
    adverse = -b[2] / (b[0] * r)
    theta = np.array([b[0], adverse, 1.0 + b[1] / b[0] - adverse, r])

    def moments(t: Vector) -> Matrix:
        rest = y - t[0] * (now + (t[1] + t[2] - 1.0) * last - t[1] * t[3] * before)
        sign = last * before - t[3]
        return np.column_stack((rest * now, rest * last, rest * before, sign))

    return theta, moment_errors(moments, theta)


def _doubts(three: Vector, errors: Vector) -> tuple[str, ...]:
    out = []
    if not three[3] < 0.0:
        out.append("signs continue more than they reverse: the three-way split is not meant here")
    if not all(0.0 <= s <= 1.0 for s in (three[1], three[2], 1.0 - three[1] - three[2])):
        out.append("a share lies outside 0 to 1")
    if not errors[1] < 0.25:
        out.append("the adverse share is known no better than to a quarter")
    return tuple(out)


ANALYTIC = Analytic(
    name="huang_stoll", group="costs", inputs=("ts", "price", "qty", "side"), doc=__doc__,
    fit=fit,
    params=(Param("gap", 0.001, "s between prints of one order; -1: none are merged", -1.0, 1e3),),
    need=Need(seconds=900.0),
)  # fmt: skip
