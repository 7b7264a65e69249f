# SPDX-License-Identifier: MIT
"""Volatility surfaces and models behind them: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.spec import Analytic
from seawall.analytics.surface import density, ssvi_fit, surface_fit, svi_fit

ANALYTICS: Final[tuple[Analytic, ...]] = (
    svi_fit.ANALYTIC,
    ssvi_fit.ANALYTIC,
    surface_fit.ANALYTIC,
    density.ANALYTIC,
)
"""In the order of the listing."""
