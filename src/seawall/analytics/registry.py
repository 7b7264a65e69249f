# SPDX-License-Identifier: MIT
"""Every analytic there is, by name: an explicit list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.book import depth, queue_imbalance, quoted_spread, slope, weighted_mid
from seawall.analytics.flow import (
    amihud,
    bvc,
    edge,
    effective_spread,
    kyle_lambda,
    lee_ready,
    mlofi,
    ofi,
    realised_spread,
    roll_spread,
    tick_rule,
    twap,
    vpin,
    vwap,
)
from seawall.analytics.hawkes import fit_many, fit_one, intensity
from seawall.analytics.options import implied_vol, sabr_fit, sabr_vol
from seawall.analytics.spec import Analytic
from seawall.model.errors import ResearchError

ANALYTICS: Final[tuple[Analytic, ...]] = (
    quoted_spread.ANALYTIC,
    queue_imbalance.ANALYTIC,
    weighted_mid.ANALYTIC,
    depth.ANALYTIC,
    slope.ANALYTIC,
    ofi.ANALYTIC,
    mlofi.ANALYTIC,
    tick_rule.ANALYTIC,
    lee_ready.ANALYTIC,
    bvc.ANALYTIC,
    vpin.ANALYTIC,
    kyle_lambda.ANALYTIC,
    amihud.ANALYTIC,
    roll_spread.ANALYTIC,
    edge.ANALYTIC,
    effective_spread.ANALYTIC,
    realised_spread.ANALYTIC,
    vwap.ANALYTIC,
    twap.ANALYTIC,
    intensity.ANALYTIC,
    fit_one.ANALYTIC,
    fit_many.ANALYTIC,
    implied_vol.ANALYTIC,
    sabr_vol.ANALYTIC,
    sabr_fit.ANALYTIC,
)
"""All analytics, in the order of the listing."""


def analytic(name: str) -> Analytic:
    """Find an analytic by its name.

    Raises
    ------
    ResearchError
        When there is none of that name.
    """
    for one in ANALYTICS:
        if one.name == name:
            return one
    raise ResearchError(
        f"there is no analytic {name!r}", mend="seawall analytics list shows their names"
    )
