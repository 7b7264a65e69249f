# SPDX-License-Identifier: MIT
"""Quarter of the plane of temperature and entropy of the book.

Rule: hot (temperature above the median of the last 120 rows) and uneven (entropy below its
own): the last ten rows' move goes on; every other quarter is silent.
Strength: how far both ranks lie from the median, 0 to 1.
Assumption: "hot and uneven: trend" is a belief that the scorecard tests, not a finding.
Source: definition; the idea after Li, Xiao, Polukarov and Ventre (2024), Entropy 26(1), 24.
"""

from __future__ import annotations

from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import Back, Window, change, sign

HISTORY, MOVE = 120, 10


class TemperatureEntropy:
    """Ranks of both in their own past."""

    def __init__(self) -> None:
        self.heat, self.order = Window(HISTORY), Window(HISTORY)
        self.back = Back(MOVE)

    def update(self, row: Row) -> Reading:
        """Take one row."""
        heat, order = row["temperature"], row["entropy"]
        hot, even = self.heat.rank(heat), self.order.rank(order)
        self.heat.push(heat)
        self.order.push(order)
        move = change(row["mid"], self.back.push(row["mid"]))
        if not hot > 0.5 > even or sign(move) == 0:
            return SILENT
        return Reading(sign(move), min(1.0, hot - even), (hot, even, 1e4 * move))


KIND = Kind(
    name="temperature_entropy", family="econophysics", target="direction", doc=__doc__,
    needs={"events": ("mid", "temperature", "entropy")}, horizon={"events": 10},
    make=lambda source: TemperatureEntropy(),
    says="hot and uneven book (ranks {:.2f} and {:.2f}) after a move of {:.2f} bps",
)  # fmt: skip
