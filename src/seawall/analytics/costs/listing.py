# SPDX-License-Identifier: MIT
"""Components of the spread, informed trading and price discovery: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.costs import (
    adverse_selection,
    glosten_harris,
    hasbrouck_var,
    huang_stoll,
    invariance,
    invariance_fit,
    markout,
    mrr,
    pin,
    price_discovery,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    adverse_selection.ANALYTIC,
    markout.ANALYTIC,
    mrr.ANALYTIC,
    glosten_harris.ANALYTIC,
    huang_stoll.ANALYTIC,
    hasbrouck_var.ANALYTIC,
    pin.ANALYTIC,
    price_discovery.ANALYTIC,
    invariance.ANALYTIC,
    invariance_fit.ANALYTIC,
)
"""In the order of the listing."""
