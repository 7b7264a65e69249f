# SPDX-License-Identifier: MIT
"""Times between events: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.durations import acd, acd_fit, regimes, regimes_fit
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    acd.ANALYTIC,
    acd_fit.ANALYTIC,
    regimes.ANALYTIC,
    regimes_fit.ANALYTIC,
)
"""In the order of the listing."""
