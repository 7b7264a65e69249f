# SPDX-License-Identifier: MIT
"""Analytics of trades and their pressure."""

from __future__ import annotations

from typing import Final

from seawall.analytics.flow import (
    amihud,
    bvc,
    edge,
    effective_spread,
    hasbrouck_lambda,
    integrated_ofi,
    integrated_ofi_fit,
    kyle_lambda,
    lee_ready,
    mlofi,
    ofi,
    realised_spread,
    roll_spread,
    tick_rule,
    twap,
    value_area,
    volume_profile,
    vpin,
    vpin_rank,
    vwap,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    ofi.ANALYTIC,
    mlofi.ANALYTIC,
    integrated_ofi.ANALYTIC,
    integrated_ofi_fit.ANALYTIC,
    tick_rule.ANALYTIC,
    lee_ready.ANALYTIC,
    bvc.ANALYTIC,
    vpin.ANALYTIC,
    vpin_rank.ANALYTIC,
    kyle_lambda.ANALYTIC,
    hasbrouck_lambda.ANALYTIC,
    amihud.ANALYTIC,
    roll_spread.ANALYTIC,
    edge.ANALYTIC,
    effective_spread.ANALYTIC,
    realised_spread.ANALYTIC,
    vwap.ANALYTIC,
    twap.ANALYTIC,
    volume_profile.ANALYTIC,
    value_area.ANALYTIC,
)
"""In the order of the listing."""
