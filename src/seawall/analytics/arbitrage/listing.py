# SPDX-License-Identifier: MIT
"""Arbitrage: fair values, bounds and edges after costs: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.arbitrage import (
    basis,
    cointegration,
    cross_edge,
    funding_rate,
    pair_spread,
    perp_bounds,
    triangle_edge,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    funding_rate.ANALYTIC,
    perp_bounds.ANALYTIC,
    basis.ANALYTIC,
    cross_edge.ANALYTIC,
    triangle_edge.ANALYTIC,
    pair_spread.ANALYTIC,
    cointegration.ANALYTIC,
)
"""In the order of the listing."""
