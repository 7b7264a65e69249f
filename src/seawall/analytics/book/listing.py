# SPDX-License-Identifier: MIT
"""Analytics of the state of one book."""

from __future__ import annotations

from typing import Final

from seawall.analytics.book import (
    deep_mid,
    depth,
    heat_map,
    microprice,
    microprice_fit,
    queue_imbalance,
    quoted_spread,
    resilience,
    resilience_fit,
    slope,
    weighted_mid,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    quoted_spread.ANALYTIC,
    queue_imbalance.ANALYTIC,
    weighted_mid.ANALYTIC,
    deep_mid.ANALYTIC,
    microprice.ANALYTIC,
    microprice_fit.ANALYTIC,
    depth.ANALYTIC,
    slope.ANALYTIC,
    resilience.ANALYTIC,
    resilience_fit.ANALYTIC,
    heat_map.ANALYTIC,
)
"""In the order of the listing."""
