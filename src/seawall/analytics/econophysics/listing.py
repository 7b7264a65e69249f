# SPDX-License-Identifier: MIT
"""Order-book physics, scaling, tails and complexity: the list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.econophysics import (
    book_entropy,
    book_kinetics,
    book_kinetics_l2,
    book_temperature,
    early_warning,
    hjorth,
    permutation_entropy,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    book_temperature.ANALYTIC,
    book_entropy.ANALYTIC,
    book_kinetics.ANALYTIC,
    book_kinetics_l2.ANALYTIC,
    early_warning.ANALYTIC,
    permutation_entropy.ANALYTIC,
    hjorth.ANALYTIC,
)
"""In the order of the listing."""
