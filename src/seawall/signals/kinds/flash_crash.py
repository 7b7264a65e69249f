# SPDX-License-Identifier: MIT
"""Flash-crash alert: trades come in a spike, feed on each other and lean to one side.

Rule: rate over its slow mean above 3, branching ratio above 0.5 and |mean side| above 0.3;
the price goes with the takers.  The branching ratio is that of maximum likelihood while its
fit has no reason for doubt, else that of the variance of counts, and the reason says which.
Strength: spike over 10.
Assumption: levels were fixed beforehand and not tuned on any recording.
Source: Hardiman and Bouchaud (2014), Physical Review E 90; the rule is our own.
"""

from __future__ import annotations

from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import sign

SPIKE, BRANCHING, LEAN, MOST = 3.0, 0.5, 0.3, 10.0


class FlashCrash:
    """No memory of its own: the columns have it."""

    def update(self, row: Row) -> Reading:
        """Take one row."""
        sure = row["reliable"] == 1.0
        branching = row["branching"] if sure else row["count_branching"]
        spike, lean = row["spike"], row["lean"]
        if not (spike > SPIKE and branching > BRANCHING and abs(lean) > LEAN):
            return SILENT
        parts = (spike, branching, float(sure), lean)
        return Reading(sign(lean), min(1.0, spike / MOST), parts)


KIND = Kind(
    name="flash_crash", family="crash", target="direction", doc=__doc__,
    needs={"events": ("mid", "spike", "count_branching", "branching", "reliable", "lean")},
    horizon={"events": 10}, make=lambda source: FlashCrash(),
    says="trades at {:.1f} times their rate, branching ratio {:.2f} (reliable fit: {:.0f}), "
    "mean side {:+.2f}",
)  # fmt: skip
