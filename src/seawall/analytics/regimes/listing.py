# SPDX-License-Identifier: MIT
"""States of a market, and when they change: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.regimes import (
    bocpd,
    garch_filter,
    garch_fit,
    hmm_filter,
    hmm_fit,
    pelt,
    switching,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    hmm_fit.ANALYTIC,
    hmm_filter.ANALYTIC,
    switching.ANALYTIC,
    bocpd.ANALYTIC,
    garch_fit.ANALYTIC,
    garch_filter.ANALYTIC,
    pelt.ANALYTIC,
)
"""In the order of the listing."""
