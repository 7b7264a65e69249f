# SPDX-License-Identifier: MIT
"""Analytics of self-exciting point processes."""

from __future__ import annotations

from typing import Final

from seawall.analytics.hawkes import (
    crash_alert,
    fit_many,
    fit_one,
    fit_power,
    fit_pq,
    fit_sum,
    intensity,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    intensity.ANALYTIC,
    crash_alert.ANALYTIC,
    fit_one.ANALYTIC,
    fit_many.ANALYTIC,
    fit_sum.ANALYTIC,
    fit_sum.ANALYTIC_TYPES,
    fit_power.ANALYTIC,
    fit_pq.ANALYTIC,
)
"""In the order of the listing."""
