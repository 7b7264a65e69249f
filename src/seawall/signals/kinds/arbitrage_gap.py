# SPDX-License-Identifier: MIT
"""Gap to another market of the same coin, beyond its usual size.

Rule: spread to the peer (``pair_spread``, coefficients of the past) beyond two standard
deviations: the gap closes, so this market goes back towards the other.
Strength: |z| over 6.
Assumption: either market may be the one that moves; only this one's move is judged.
Source: definition; Uhlenbeck and Ornstein (1930) for the process.
"""

from __future__ import annotations

from seawall.analytics.arbitrage import pair_spread
from seawall.analytics.spec import Stream
from seawall.signals.grid import Row
from seawall.signals.kind import SILENT, Kind, Reading
from seawall.signals.kinds.memory import sign

LEVEL, MOST = 2.0, 6.0
PARAMS = {"events": {"memory": 120.0, "warm": 40.0}, "bars": {"memory": 500.0, "warm": 100.0}}


class ArbitrageGap:
    """``pair_spread`` row by row."""

    def __init__(self, source: str) -> None:
        self.stream = Stream(pair_spread.ANALYTIC, PARAMS[source])

    def update(self, row: Row) -> Reading:
        """Take one row."""
        _, spread, z, _ = self.stream.update(row["mid"], row["peer_mid"])
        if not abs(z) > LEVEL:
            return SILENT
        parts = (1e4 * float(spread), float(z))
        return Reading(-sign(float(z)), min(1.0, abs(float(z)) / MOST), parts)


KIND = Kind(
    name="arbitrage_gap", family="arbitrage", target="direction", doc=__doc__,
    needs={"events": ("mid", "peer_mid"), "bars": ("mid", "peer_mid")},
    horizon={"events": 5, "bars": 1}, make=ArbitrageGap,
    says="{:+.2f} bps off its peer, {:+.1f} standard deviations",
)  # fmt: skip
