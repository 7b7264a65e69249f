# SPDX-License-Identifier: MIT
"""A pump over bars: price and volume rise far beyond the usual, and fall back.

Rule: the score of ``pump_bars`` at or above 0.5: the price falls.
Strength: that score.
Assumption: natural moves look alike; the scorecard tells how often.
Source: Kamps and Kleinberg (2018), Crime Science 7(18), for the rise and the surge.
"""

from __future__ import annotations

from seawall.analytics.manipulation import pump_bars
from seawall.analytics.spec import Stream
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading

LEVEL = 0.5


class PumpFade:
    """``pump_bars`` row by row."""

    def __init__(self) -> None:
        self.stream = Stream(pump_bars.ANALYTIC)

    def update(self, row: Row) -> Reading:
        """Take one row."""
        score, rise, surge, _ = self.stream.update(row["high"], row["mid"], row["volume"])
        if not score >= LEVEL:
            return SILENT
        return Reading(-1, min(1.0, float(score)), (100.0 * float(rise), float(surge)))


KIND = Kind(
    name="pump_fade", family="manipulation", target="direction", doc=__doc__,
    needs={"bars": ("mid", "high", "volume")}, horizon={"bars": 12},
    make=lambda source: PumpFade(),
    says="a rise of {:.1f} % on {:.1f} times the usual volume",
)  # fmt: skip
