# SPDX-License-Identifier: MIT
"""Scaling of the price: a trend where moves add up, a return where they cancel.

Rule: variance ratio of ``rolling_hurst`` over 16 bars above 1.3: the move of the last 16
bars goes on; below 0.7: it comes back.
Strength: |variance ratio - 1|.
Assumption: the ratio of a random walk of 250 bars strays about as far; that it persists is
what the scorecard tests.
Source: Lo and MacKinlay (1988), Review of Financial Studies 1(1).
"""

from __future__ import annotations

from seawall.analytics.econophysics import rolling_hurst
from seawall.analytics.spec import Stream
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import Back, change, sign

POWER, WINDOW, HIGH, LOW = 4, 250, 1.3, 0.7


class ScalingTrend:
    """``rolling_hurst`` row by row."""

    def __init__(self) -> None:
        self.stream = Stream(rolling_hurst.ANALYTIC, {"window": WINDOW, "power": POWER})
        self.back = Back(2**POWER)

    def update(self, row: Row) -> Reading:
        """Take one row."""
        _, _, ratio = self.stream.update(row["mid"])
        move = change(row["mid"], self.back.push(row["mid"]))
        if not (ratio > HIGH or ratio < LOW) or sign(move) == 0:
            return SILENT
        goes_on = 1 if ratio > 1.0 else -1
        return Reading(
            goes_on * sign(move), min(1.0, abs(float(ratio) - 1.0)), (float(ratio), 1e2 * move)
        )


KIND = Kind(
    name="scaling_trend", family="econophysics", target="direction", doc=__doc__,
    needs={"bars": ("mid",)}, horizon={"bars": 16}, make=lambda source: ScalingTrend(),
    says="variance ratio {:.2f} after a move of {:+.2f} %",
)  # fmt: skip
