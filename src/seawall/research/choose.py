# SPDX-License-Identifier: MIT
"""Choosing what to run on from the catalogue by symbol, bars and span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seawall.model.errors import CatalogueError
from seawall.model.market import Market
from seawall.model.time import parse_time_ns

if TYPE_CHECKING:
    from seawall.data.catalogue.catalogue import Catalogue

EVENT_KINDS = ("depth", "trades", "mark", "funding", "open_interest", "liquidations")


def load_market(
    catalogue: Catalogue, symbols: str, bars: str, venue: str, start: str, end: str
) -> Market:
    """Make the market of one or several symbols.

    Parameters
    ----------
    catalogue : Catalogue
        Where the data are.
    symbols : str
        Symbols, separated by commas; ``all`` for every one that has such bars.
    bars : str
        Length of bars, for example ``1h``; empty for events.
    venue : str
        Empty takes whichever has it.
    start, end : str
        ISO 8601 times; empty for all.

    Raises
    ------
    CatalogueError
        When the catalogue has no such series, or several venues have it.
    """
    from seawall.data.catalogue.catalogue import Select

    known = [e for e in catalogue.list() if not venue or e.venue == venue]
    wanted = [s.strip() for s in symbols.split(",")]
    if wanted == ["all"]:
        wanted = sorted({e.symbol for e in known if e.kind == f"bars_{bars}"})
    picks = []
    for symbol in wanted:
        venues = sorted({e.venue for e in known if e.symbol == symbol})
        if len(venues) > 1:
            raise CatalogueError(
                f"{symbol} is traded at {', '.join(venues)}", mend="say which with --venue"
            )
        if not venues:
            near = sorted({e.symbol for e in catalogue.list()})[:8]
            raise CatalogueError(
                f"the catalogue has no {symbol}" + (f" at {venue}" if venue else ""),
                where=str(catalogue.root),
                mend=f"it has {', '.join(near)}"
                if near
                else "import data first: seawall data import",
            )
        kinds = [e.kind for e in known if e.symbol == symbol]
        picks.append(Select(venues[0], symbol, _kinds(symbol, kinds, bars)))
    return catalogue.market(
        picks,
        parse_time_ns(start) if start else None,
        parse_time_ns(end) if end else None,
    )


def _kinds(symbol: str, kinds: list[str], bars: str) -> tuple[str, ...]:
    if bars:
        if f"bars_{bars}" not in kinds:
            raise CatalogueError(
                f"{symbol} has no bars of {bars}", mend=f"it has {', '.join(sorted(kinds))}"
            )
        return (f"bars_{bars}", *(k for k in kinds if k in ("funding", "mark")))
    events = tuple(k for k in EVENT_KINDS if k in kinds)
    if "depth" not in kinds and "top" in kinds:
        events = ("top", *events)
    if not events:
        raise CatalogueError(
            f"{symbol} has no events", mend=f"say --bars; it has {', '.join(sorted(kinds))}"
        )
    return events
