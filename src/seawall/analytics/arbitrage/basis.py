# SPDX-License-Identifier: MIT
"""Basis of a dated future: annualised, and what a cash-and-carry keeps after its hurdle.

Formula: simple = (F / S - 1) / T; log = ln(F / S) / T; carry = simple - financing - costs / T
for buying spot and selling the future; reverse = -simple - borrow - costs / T for the other
way; T in years of 365 days.
Unit: fraction per year.
Assumption: held to settlement at an index averaged over a window; the margin of the short
future must survive a rally meanwhile.  Costs are of all trades and are paid once, so they
weigh the more the nearer the expiry.
Cost: O(1), no state.
Source: Schmeling, Schrimpf and Todorov (2023), BIS working paper 1087, for what it has been.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@entry
def batch(
    state: Array, params: Array, out: Table, perp_px: Array, spot_px: Array, years: Array
) -> None:  # fmt: skip
    """Loop over rows."""
    financing, borrow, costs = params[0], params[1], params[2] * 1e-4
    for i in range(perp_px.size):
        out[i] = NAN
        ratio = perp_px[i] / spot_px[i] if 0.0 < spot_px[i] < 1e300 else NAN
        t = years[i]
        if not (ratio > 0.0 and ratio < 1e300 and t > 0.0 and t < 1e300):
            continue
        simple = (ratio - 1.0) / t
        out[i, 0], out[i, 1] = simple, math.log(ratio) / t
        out[i, 2] = simple - financing - costs / t
        out[i, 3] = -simple - borrow - costs / t


ANALYTIC = Analytic(
    name="dated_basis", group="arbitrage", doc=__doc__, inputs=("perp_px", "spot_px", "years"),
    outputs=("simple", "log", "carry", "reverse"), batch=batch,
    state_size=lambda params, levels: 1,
    params=(
        Param("financing", 0.05, "cost of money, fraction per year", -1.0, 10.0),
        Param("borrow", 0.05, "cost of borrowing coins, fraction per year", -1.0, 10.0),
        Param("costs", 25.0, "all trades, basis points", 0.0, 1e4),
    ),
)  # fmt: skip
