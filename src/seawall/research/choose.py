# SPDX-License-Identifier: MIT
"""Choosing what to run on: series of the catalogue by name, or what a file holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.model.errors import CatalogueError, DataError
from seawall.model.market import Market
from seawall.model.time import parse_time_ns

if TYPE_CHECKING:
    from seawall.data.catalogue.catalogue import Catalogue, Select

EVENT_KINDS = ("depth", "trades", "mark", "funding", "open_interest", "liquidations")


@dataclass(frozen=True, slots=True)
class DataChoice:
    """What a user names as data.

    Parameters
    ----------
    symbol, bars, venue, start, end : str
        Series of the catalogue, as in :func:`load_market`.
    file : str
        A file or a folder of files instead; the others select from it.
    """

    symbol: str = ""
    bars: str = ""
    venue: str = ""
    start: str = ""
    end: str = ""
    file: str = ""

    @property
    def given(self) -> bool:
        """Whether anything is named."""
        return bool(self.symbol or self.file)


def market_of(choice: DataChoice, catalogue: Path, scratch: Path) -> Market:
    """Open what a user names as data.

    Parameters
    ----------
    choice : DataChoice
        What.
    catalogue : path
        Root of the user's catalogue.
    scratch : path
        Where a file is imported to, so that the user's catalogue stays as it is.

    Raises
    ------
    CatalogueError
        When the catalogue, or the file, has no such series.
    DataError
        When nothing in the file can be traded on.
    """
    from seawall.data.catalogue.catalogue import Catalogue

    c = choice
    if not c.file:
        return load_market(Catalogue(catalogue), c.symbol, c.bars, c.venue, c.start, c.end)
    from seawall.data.importing.pipeline import import_files

    own = Catalogue(scratch)
    import_files(own, [c.file])
    if c.symbol:
        return load_market(own, c.symbol, c.bars, c.venue, c.start, c.end)
    series = [(e.venue, e.symbol, e.kind) for e in own.list() if c.venue in ("", e.venue)]
    return own.market(tradable(series, c.bars), *_span(c.start, c.end))


def tradable(series: Sequence[tuple[str, str, str]], bars: str = "") -> list[Select]:
    """Choose among series: events if there are any, else the shortest bars.

    Parameters
    ----------
    series : sequence of (venue, symbol, kind)
        What there is.
    bars : str
        Length of bars to take instead, for example ``1h``.

    Raises
    ------
    DataError
        When nothing among them can be traded on.
    """
    from seawall.data.catalogue.catalogue import Select
    from seawall.data.catalogue.kinds import interval_ns

    picks: list[Select] = []
    for venue, symbol in sorted({(v, s) for v, s, _ in series}):
        kinds = {k for v, s, k in series if (v, s) == (venue, symbol)}
        if not bars and kinds & {"depth", "trades", "top"}:
            picks.append(Select(venue, symbol, _event_kinds(kinds)))
    lengths = {k for _, _, k in series if k.startswith("bars_")}
    if not picks and lengths:
        kind = f"bars_{bars}" if bars else min(lengths, key=interval_ns)
        picks = [Select(v, s, (k,)) for v, s, k in sorted(series) if k == kind]
    if not picks:
        raise DataError(
            f"there are no bars of {bars}" if bars else "there is nothing to trade on",
            where=", ".join(sorted({k for _, _, k in series})) or "nothing was imported",
            mend="give trades, order books, top of book, or bars",
        )
    return picks


def _event_kinds(kinds: Iterable[str]) -> tuple[str, ...]:
    """Kinds of events that a run replays; the top only where there is no book below it."""
    held = set(kinds)
    events = tuple(k for k in EVENT_KINDS if k in held)
    return ("top", *events) if "top" in held and "depth" not in held else events


def _span(start: str, end: str) -> tuple[int | None, int | None]:
    return parse_time_ns(start) if start else None, parse_time_ns(end) if end else None


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
    return catalogue.market(picks, *_span(start, end))


def _kinds(symbol: str, kinds: list[str], bars: str) -> tuple[str, ...]:
    if bars:
        if f"bars_{bars}" not in kinds:
            raise CatalogueError(
                f"{symbol} has no bars of {bars}", mend=f"it has {', '.join(sorted(kinds))}"
            )
        return (f"bars_{bars}", *(k for k in kinds if k in ("funding", "mark")))
    events = _event_kinds(kinds)
    if not events:
        raise CatalogueError(
            f"{symbol} has no events", mend=f"say --bars; it has {', '.join(sorted(kinds))}"
        )
    return events
