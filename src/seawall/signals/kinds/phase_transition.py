# SPDX-License-Identifier: MIT
"""Signs of critical slowing down: variance and memory of the price rise together.

Rule: Kendall's tau of the rolling variance and of the lag-1 autocorrelation are both above
0.3 (``early_warning``): a move larger than usual is near; no direction.
Strength: the smaller of the two taus.
Assumption: windows overlap, so that tau is large by chance as well; crashes often come
without.  A warning, not a trade.
Source: Scheffer et al. (2009), Nature 461; Guttal et al. (2016), PLoS ONE 11(1), against.
"""

from __future__ import annotations

from seawall.analytics.econophysics import early_warning
from seawall.analytics.spec import Stream
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading

LEVEL = 0.3
PARAMS = {
    "events": {"window": 40.0, "trend": 30.0, "span": 30.0},
    "bars": {"window": 100.0, "trend": 100.0, "span": 60.0},
}


class PhaseTransition:
    """``early_warning`` row by row."""

    def __init__(self, source: str) -> None:
        self.stream = Stream(early_warning.ANALYTIC, PARAMS[source])

    def update(self, row: Row) -> Reading:
        """Take one row."""
        values = self.stream.update(row["mid"])
        variance, memory = float(values[3]), float(values[4])
        if not (variance > LEVEL and memory > LEVEL):
            return SILENT
        return Reading(0, min(1.0, variance, memory), (variance, memory))


KIND = Kind(
    name="phase_transition", family="econophysics", target="size", doc=__doc__,
    needs={"events": ("mid",), "bars": ("mid",)}, horizon={"events": 30, "bars": 24},
    make=PhaseTransition,
    says="variance and memory rise (tau {:.2f} and {:.2f})",
)  # fmt: skip
