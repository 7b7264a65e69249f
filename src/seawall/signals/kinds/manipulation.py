# SPDX-License-Identifier: MIT
"""Evidence of manipulation: the strongest detector that reaches its alarm.

Rule: on events, the largest of the scores of wash trading, spoofing, stuffing, withdrawal,
ignition and pumping that is at its alarm level: a move larger than usual is near; no
direction.
Strength: that score.
Assumption: evidence, never a verdict; levels are those of ``seawall manipulation scan``.
Source: ``seawall.analytics.manipulation.scores``.
"""

from __future__ import annotations

from seawall.analytics.manipulation.scores import DETECTORS
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading

NAMES = tuple(d.name for d in DETECTORS)


class Manipulation:
    """No memory of its own: the detectors have it."""

    def update(self, row: Row) -> Reading:
        """Take one row."""
        above = [(row[d.name], k) for k, d in enumerate(DETECTORS) if row[d.name] >= d.alarm]
        if not above:
            return SILENT
        score, which = max(above)
        return Reading(0, min(1.0, score), (float(which + 1), score, float(len(above))))


KIND = Kind(
    name="manipulation", family="manipulation", target="size", doc=__doc__,
    needs={"events": ("mid", *NAMES)}, horizon={"events": 30}, make=lambda source: Manipulation(),
    says="detector {:.0f} of (" + ", ".join(NAMES) + ") at {:.2f}; {:.0f} above their alarms",
)  # fmt: skip
