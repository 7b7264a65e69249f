# SPDX-License-Identifier: MIT
"""Where a perpetual may trade against spot without arbitrage, given clamp and costs.

Formula: per funding interval, P = F / S - 1, r+ the cost of money, r- what a short spot
earns less its borrow fee, I interest, delta the clamp, C all costs of the trade:
upper = r+ + delta + C where r+ >= I, else r+ - delta + C; lower = r- - delta - C where
r- <= I, else r- + delta - C.  side = -1 (short the perpetual, buy spot) above, +1 below,
0 between; edge = distance beyond the bound.  fair = (kappa - iota) / (kappa - r) - 1 with
kappa = 1 per interval, iota = I, r = r+; deviation = intervals per year x (P - fair).
Unit: upper, lower, edge, fair in basis points of spot; deviation fraction per year.
Assumption: the venue lives on, caps and intervals stay, and a position can wait: a bound is
where carry is positive, not where a profit is certain.  Inside, the premium is not pulled
back: a model that reverts it to zero there is wrong.
Cost: O(1), no state.
Source: Dai, Li and Yang (2025), SSRN 5262988, for the interval; He, Manela, Ross and von
Wachter (2022), arXiv 2212.06888v6, and Ackerer, Hugonnier and Jermann (2025), Mathematical
Finance, for the fair value; the piecewise bounds are derived in the documentation.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
BPS = 1e4


@entry
def batch(state: Array, params: Array, out: Table, perp_px: Array, spot_px: Array) -> None:
    """Loop over rows."""
    interest, delta, cost = params[2], params[3], params[4] / BPS
    per_year = 365.0 * 24.0 / params[5]
    long_, short = params[0] / per_year, params[1] / per_year
    # At r = I the bound jumps by two delta: the last bit of a division must not decide.
    tiny = 1e-9 * (abs(interest) + delta)
    upper = long_ + (delta if long_ >= interest - tiny else -delta) + cost
    lower = short + (-delta if short <= interest + tiny else delta) - cost
    fair = (1.0 - interest) / (1.0 - long_) - 1.0
    for i in range(perp_px.size):
        out[i] = NAN
        premium = perp_px[i] / spot_px[i] - 1.0 if 0.0 < spot_px[i] < 1e300 else NAN
        if not (math.isfinite(premium) and perp_px[i] > 0.0):
            continue
        side = -1.0 if premium > upper else (1.0 if premium < lower else 0.0)
        edge = premium - upper if side < 0.0 else (lower - premium if side > 0.0 else 0.0)
        out[i, 0], out[i, 1], out[i, 2] = side, edge * BPS, upper * BPS
        out[i, 3], out[i, 4] = lower * BPS, fair * BPS
        out[i, 5] = per_year * (premium - fair)


ANALYTIC = Analytic(
    name="perp_bounds", group="arbitrage", doc=__doc__, inputs=("perp_px", "spot_px"),
    outputs=("side", "edge", "upper", "lower", "fair", "deviation"), batch=batch,
    state_size=lambda params, levels: 1,
    params=(
        Param("long_rate", 0.05, "cost of money for buying spot, fraction per year", -1.0, 10.0),
        Param("short_rate", -0.05, "earned on a short spot after borrow, per year", -10.0, 10.0),
        Param("interest", 0.0001, "interest of the contract per interval", -0.1, 0.1),
        Param("delta", 0.0005, "half width of the clamp, fraction", 0.0, 0.1),
        Param("cost", 25.0, "all four trades, basis points", 0.0, 1e4),
        Param("hours", 8.0, "interval between settlements", 0.25, 24.0),
    ),
)  # fmt: skip
