# SPDX-License-Identifier: MIT
"""Grids of whatever a market holds."""

from __future__ import annotations

from seawall.model.errors import ResearchError
from seawall.model.market import Market
from seawall.signals.from_bars import grids_of_bars
from seawall.signals.from_events import grids_of_events
from seawall.signals.grid import Grid
from seawall.signals.sessions import sessions_of


def grids_of(market: Market, step_s: float = 1.0) -> tuple[Grid, ...]:
    """Make the grids of every recording of a market, of its events and of its bars.

    Raises
    ------
    ResearchError
        When it has neither quotes nor bars.
    """
    out: list[Grid] = []
    for part in sessions_of(market):
        out += grids_of_events(part, step_s)
    if market.bars.shape[1]:
        out += grids_of_bars(market)
    if not out:
        raise ResearchError(
            "there are neither quotes nor bars",
            mend="signals need a depth or ticker feed, or bars; import one",
        )
    return tuple(out)
