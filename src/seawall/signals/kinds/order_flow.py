# SPDX-License-Identifier: MIT
"""Order flow imbalance of the last seconds, beyond its usual size.

Rule: OFI of the best quotes summed over five rows, over the root mean square of such sums
before; beyond 1 the price goes its way.
Strength: that ratio over 5.
Assumption: OFI explains the move of the same seconds; that it forecasts the next ones is
what the scorecard tests.
Source: Cont, Kukanov and Stoikov (2014), Journal of Financial Econometrics 12(1).
"""

from __future__ import annotations

from collections import deque

from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import Scale, sign

ROWS, MEMORY, WARM, MOST = 5, 120, 30, 5.0


class OrderFlow:
    """Sum of the last rows over its usual size."""

    def __init__(self) -> None:
        self.last: deque[float] = deque(maxlen=ROWS)
        self.scale = Scale(MEMORY, WARM)

    def update(self, row: Row) -> Reading:
        """Take one row."""
        self.last.append(row["ofi"])
        total = sum(self.last)
        usual = self.scale.push(total)
        z = total / usual if usual > 0.0 else 0.0
        if not abs(z) > 1.0:
            return SILENT
        return Reading(sign(z), min(1.0, abs(z) / MOST), (total, z))


KIND = Kind(
    name="order_flow", family="book", target="direction", doc=__doc__,
    needs={"events": ("mid", "ofi")}, horizon={"events": 5}, make=lambda source: OrderFlow(),
    says="order flow imbalance {:+.4g} in five rows, {:+.1f} times its usual size",
)  # fmt: skip
