# SPDX-License-Identifier: MIT
"""Evidence of manipulation, with reasons, never a verdict: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.manipulation import (
    ignition,
    latency_race,
    pump_bars,
    pump_rush,
    sandwich,
    spoof,
    stuffing,
    wash,
    wash_venue,
    withdrawal,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    wash.ANALYTIC,
    wash_venue.ANALYTIC,
    spoof.ANALYTIC,
    stuffing.ANALYTIC,
    withdrawal.ANALYTIC,
    ignition.ANALYTIC,
    pump_rush.ANALYTIC,
    pump_bars.ANALYTIC,
    sandwich.ANALYTIC,
    latency_race.ANALYTIC,
)
"""In the order of the listing."""
