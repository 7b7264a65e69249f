# SPDX-License-Identifier: MIT
"""Every analytic there is, by name: an explicit list."""

from __future__ import annotations

from typing import Final

from seawall.analytics.arbitrage import listing as arbitrage
from seawall.analytics.book import listing as book
from seawall.analytics.costs import listing as costs
from seawall.analytics.durations import listing as durations
from seawall.analytics.econophysics import listing as econophysics
from seawall.analytics.fills import listing as fills
from seawall.analytics.flow import listing as flow
from seawall.analytics.hawkes import listing as hawkes
from seawall.analytics.indicators import listing as indicators
from seawall.analytics.jumps import listing as jumps
from seawall.analytics.manipulation import listing as manipulation
from seawall.analytics.networks import listing as networks
from seawall.analytics.options import listing as options
from seawall.analytics.regimes import listing as regimes
from seawall.analytics.spec import Analytic
from seawall.analytics.surface import listing as surface
from seawall.model.errors import ResearchError

ANALYTICS: Final[tuple[Analytic, ...]] = (
    *book.ANALYTICS,
    *flow.ANALYTICS,
    *costs.ANALYTICS,
    *fills.ANALYTICS,
    *hawkes.ANALYTICS,
    *jumps.ANALYTICS,
    *durations.ANALYTICS,
    *options.ANALYTICS,
    *surface.ANALYTICS,
    *econophysics.ANALYTICS,
    *networks.ANALYTICS,
    *regimes.ANALYTICS,
    *indicators.ANALYTICS,
    *manipulation.ANALYTICS,
    *arbitrage.ANALYTICS,
)
"""All analytics, in the order of the listing; each group keeps its own list."""


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
