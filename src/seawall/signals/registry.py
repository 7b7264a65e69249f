# SPDX-License-Identifier: MIT
"""Every kind of signal there is, by name: an explicit list."""

from __future__ import annotations

from typing import Final

from seawall.model.errors import ResearchError
from seawall.signals.kind import Kind
from seawall.signals.kinds import (
    arbitrage_gap,
    book_pressure,
    flash_crash,
    funding_bound,
    manipulation,
    order_flow,
    phase_transition,
    pump_fade,
    regime,
    scaling_trend,
    temperature_entropy,
    toxicity,
)

KINDS: Final[tuple[Kind, ...]] = (
    temperature_entropy.KIND,
    phase_transition.KIND,
    scaling_trend.KIND,
    order_flow.KIND,
    book_pressure.KIND,
    flash_crash.KIND,
    toxicity.KIND,
    manipulation.KIND,
    pump_fade.KIND,
    arbitrage_gap.KIND,
    funding_bound.KIND,
    regime.KIND,
)
"""In the order of the listing."""


def kind_of(name: str) -> Kind:
    """Find a kind by its name.

    Raises
    ------
    ResearchError
        When there is none.
    """
    for one in KINDS:
        if one.name == name:
            return one
    names = ", ".join(k.name for k in KINDS)
    raise ResearchError(f"there is no signal {name!r}", mend=f"use one of {names}")
