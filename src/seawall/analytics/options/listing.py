# SPDX-License-Identifier: MIT
"""Analytics of prices of options."""

from __future__ import annotations

from typing import Final

from seawall.analytics.options import (
    black_greeks,
    heston_fit,
    heston_price,
    implied_vol,
    sabr_fit,
    sabr_vol,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    implied_vol.ANALYTIC,
    black_greeks.ANALYTIC,
    sabr_vol.ANALYTIC,
    sabr_fit.ANALYTIC,
    heston_price.ANALYTIC,
    heston_fit.ANALYTIC,
)
"""In the order of the listing."""
