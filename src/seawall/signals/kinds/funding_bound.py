# SPDX-License-Identifier: MIT
"""A perpetual outside the bounds that funding and costs put around spot.

Rule: the premium over spot is beyond the bounds of ``perp_bounds`` with costs of 5 bps, those
of whoever pays least: the perpetual comes back.
Strength: distance beyond the bound over 50 bps.
Assumption: inside the bounds nothing pulls the premium back, so the rule is silent there.
Source: Dai, Li and Yang (2025), SSRN 5262988.
"""

from __future__ import annotations

from seawall.analytics.arbitrage import perp_bounds
from seawall.analytics.spec import Stream
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading

MOST_BPS, COST_BPS = 50.0, 5.0


class FundingBound:
    """``perp_bounds`` row by row."""

    def __init__(self) -> None:
        self.stream = Stream(perp_bounds.ANALYTIC, {"cost": COST_BPS})

    def update(self, row: Row) -> Reading:
        """Take one row."""
        values = self.stream.update(row["mid"], row["spot_mid"])
        side, edge = float(values[0]), float(values[1])
        if not (abs(side) == 1.0 and edge > 0.0):
            return SILENT
        premium = 1e4 * (row["mid"] / row["spot_mid"] - 1.0)
        return Reading(int(side), min(1.0, edge / MOST_BPS), (premium, edge))


KIND = Kind(
    name="funding_bound", family="arbitrage", target="direction", doc=__doc__,
    needs={"events": ("mid", "spot_mid"), "bars": ("mid", "spot_mid")},
    horizon={"events": 30, "bars": 8}, make=lambda source: FundingBound(),
    says="premium {:+.2f} bps, {:.2f} bps beyond the bound of no arbitrage",
)  # fmt: skip
