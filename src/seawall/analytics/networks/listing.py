# SPDX-License-Identifier: MIT
"""How instruments hang together: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.networks import (
    absorption_ratio,
    contagion,
    decorrelation,
    mst,
    percolation,
    rmt,
    rolling_network,
    spillover,
    tail_dependence,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    rmt.ANALYTIC,
    mst.ANALYTIC,
    rolling_network.ANALYTIC,
    percolation.ANALYTIC,
    absorption_ratio.ANALYTIC,
    decorrelation.ANALYTIC,
    contagion.ANALYTIC,
    tail_dependence.ANALYTIC,
    spillover.ANALYTIC,
)
"""In the order of the listing."""
