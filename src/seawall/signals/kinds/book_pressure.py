# SPDX-License-Identifier: MIT
"""Imbalance of the best queues while the spread is no wider than usual.

Rule: |imbalance| above 0.5 and the spread at most at the 90 % point of its last 60 rows: the
price goes towards the thin side.
Strength: |imbalance|.
Assumption: displayed size is meant; a spoofer shows what is not.
Source: Gould and Bonart (2016), Market Microstructure and Liquidity 2(2).
"""

from __future__ import annotations

from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import Window, sign

LEVEL, HISTORY, WIDE = 0.5, 60, 0.9


class BookPressure:
    """Imbalance, silent while the spread is wide."""

    def __init__(self) -> None:
        self.spreads = Window(HISTORY)

    def update(self, row: Row) -> Reading:
        """Take one row."""
        lean, half = row["imbalance"], row["half_spread_bps"]
        rank = self.spreads.rank(half)
        self.spreads.push(half)
        if not (abs(lean) > LEVEL and rank <= WIDE):
            return SILENT
        return Reading(sign(lean), min(1.0, abs(lean)), (lean, 2.0 * half))


KIND = Kind(
    name="book_pressure", family="book", target="direction", doc=__doc__,
    needs={"events": ("mid", "imbalance", "half_spread_bps")}, horizon={"events": 5},
    make=lambda source: BookPressure(),
    says="imbalance {:+.2f} at a spread of {:.2f} bps",
)  # fmt: skip
