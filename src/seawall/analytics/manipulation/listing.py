# SPDX-License-Identifier: MIT
"""Evidence of manipulation, with reasons, never a verdict: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.manipulation import (
    ignition,
    pump_bars,
    pump_rush,
    spoof,
    stuffing,
    wash,
    withdrawal,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    wash.ANALYTIC,
    spoof.ANALYTIC,
    stuffing.ANALYTIC,
    withdrawal.ANALYTIC,
    ignition.ANALYTIC,
    pump_rush.ANALYTIC,
    pump_bars.ANALYTIC,
)
"""In the order of the listing."""
