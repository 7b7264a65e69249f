# SPDX-License-Identifier: MIT
"""Toxic flow: VPIN beyond its noise floor and high in its own past.

Rule: rank at or above 0.9 and VPIN above what coin flips of the same trades would give: a
move larger than usual is near; no direction.
Strength: rank.
Assumption: VPIN's level follows from its buckets and from sizes; only excess and rank are
read.  A warning, not a trade.
Source: Easley, Lopez de Prado and O'Hara (2012), Review of Financial Studies 25(5); Andersen
and Bondarenko (2014), Journal of Financial Markets 17, against.
"""

from __future__ import annotations

from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading

RANK = 0.9


class Toxicity:
    """No memory of its own: the columns have it."""

    def update(self, row: Row) -> Reading:
        """Take one row."""
        value, floor, rank = row["vpin"], row["vpin_floor"], row["vpin_rank"]
        if not (rank >= RANK and value > floor):
            return SILENT
        return Reading(0, min(1.0, rank), (value, floor, rank))


KIND = Kind(
    name="toxicity", family="toxicity", target="size", doc=__doc__,
    needs={"events": ("mid", "vpin", "vpin_floor", "vpin_rank")}, horizon={"events": 30},
    make=lambda source: Toxicity(),
    says="VPIN {:.2f} above its floor of {:.2f}, rank {:.2f} in its past",
)  # fmt: skip
