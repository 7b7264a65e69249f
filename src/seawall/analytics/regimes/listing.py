# SPDX-License-Identifier: MIT
"""States of a market, and when they change: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.regimes import (
    adwin,
    bocpd,
    cusum,
    garch_filter,
    garch_fit,
    hmm_filter,
    hmm_fit,
    hmm_states,
    page_hinkley,
    pelt,
    switching,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    hmm_fit.ANALYTIC,
    hmm_filter.ANALYTIC,
    hmm_states.ANALYTIC,
    switching.ANALYTIC,
    cusum.ANALYTIC,
    page_hinkley.ANALYTIC,
    adwin.ANALYTIC,
    bocpd.ANALYTIC,
    garch_fit.ANALYTIC,
    garch_filter.ANALYTIC,
    pelt.ANALYTIC,
)
"""In the order of the listing."""
