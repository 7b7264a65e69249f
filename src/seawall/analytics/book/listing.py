# SPDX-License-Identifier: MIT
"""Analytics of the state of one book."""

from __future__ import annotations

from typing import Final

from seawall.analytics.book import (
    depth,
    queue_imbalance,
    quoted_spread,
    slope,
    weighted_mid,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    quoted_spread.ANALYTIC,
    queue_imbalance.ANALYTIC,
    weighted_mid.ANALYTIC,
    depth.ANALYTIC,
    slope.ANALYTIC,
)
"""In the order of the listing."""
