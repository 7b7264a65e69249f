# SPDX-License-Identifier: MIT
"""Order-book physics, scaling, tails and complexity: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.econophysics import (
    active_depth,
    book_entropy,
    book_kinetics,
    book_kinetics_l2,
    book_temperature,
    complexity,
    dfa,
    early_warning,
    early_warning_trends,
    efficiency_index,
    gev,
    gpd,
    hill,
    hjorth,
    hurst_rs,
    hurst_whittle,
    permutation_entropy,
    power_law,
    rolling_hurst,
    sample_entropy,
    temperature_entropy,
    variance_ratio,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    book_temperature.ANALYTIC,
    book_entropy.ANALYTIC,
    book_kinetics.ANALYTIC,
    book_kinetics_l2.ANALYTIC,
    active_depth.ANALYTIC,
    temperature_entropy.ANALYTIC,
    early_warning.ANALYTIC,
    early_warning_trends.ANALYTIC,
    hill.ANALYTIC,
    power_law.ANALYTIC,
    gpd.ANALYTIC,
    gev.ANALYTIC,
    hurst_rs.ANALYTIC,
    hurst_whittle.ANALYTIC,
    dfa.ANALYTIC,
    variance_ratio.ANALYTIC,
    rolling_hurst.ANALYTIC,
    permutation_entropy.ANALYTIC,
    sample_entropy.ANALYTIC,
    hjorth.ANALYTIC,
    complexity.ANALYTIC,
    efficiency_index.ANALYTIC,
)
"""In the order of the listing."""
