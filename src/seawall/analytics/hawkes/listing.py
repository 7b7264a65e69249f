# SPDX-License-Identifier: MIT
"""Analytics of self-exciting point processes."""

from __future__ import annotations

from typing import Final

from seawall.analytics.hawkes import (
    fit_many,
    fit_one,
    intensity,
)
from seawall.analytics.spec import Analytic

ANALYTICS: Final[tuple[Analytic, ...]] = (
    intensity.ANALYTIC,
    fit_one.ANALYTIC,
    fit_many.ANALYTIC,
)
"""In the order of the listing."""
