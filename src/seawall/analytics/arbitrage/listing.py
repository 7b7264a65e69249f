# SPDX-License-Identifier: MIT
"""Arbitrage: fair values, bounds and edges after costs: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.arbitrage import cross_edge, triangle_edge
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (cross_edge.ANALYTIC, triangle_edge.ANALYTIC)
"""In the order of the listing."""
