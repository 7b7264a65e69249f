# SPDX-License-Identifier: MIT
"""Chance, queue and time of a fill: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.fills import (
    cox,
    fill_intensity,
    fill_probability,
    kaplan_meier,
    queue_position,
    queue_rates,
    weibull,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    queue_position.ANALYTIC,
    queue_rates.ANALYTIC,
    fill_probability.ANALYTIC,
    fill_intensity.ANALYTIC,
    kaplan_meier.ANALYTIC,
    weibull.ANALYTIC,
    cox.ANALYTIC,
)
"""In the order of the listing."""
