# SPDX-License-Identifier: MIT
"""Jumps, large moves and realised variance: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.jumps import (
    jump_causes,
    jump_tests,
    large_moves,
    lee_mykland,
    liquidity_alert,
    merton_fit,
    merton_price,
    move_cause,
    range_volatility,
    realised,
    rolling_realised,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    realised.ANALYTIC,
    rolling_realised.ANALYTIC,
    range_volatility.ANALYTIC,
    jump_tests.ANALYTIC,
    lee_mykland.ANALYTIC,
    jump_causes.ANALYTIC,
    move_cause.ANALYTIC,
    large_moves.ANALYTIC,
    liquidity_alert.ANALYTIC,
    merton_price.ANALYTIC,
    merton_fit.ANALYTIC,
)
"""In the order of the listing."""
