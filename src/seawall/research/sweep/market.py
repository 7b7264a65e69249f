# SPDX-License-Identifier: MIT
"""A market that many processes read without copying, and windows of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from seawall.model.events import BarField, Bars, Events, Stream
from seawall.model.instrument import Instrument
from seawall.model.market import Market
from seawall.model.time import parse_time_ns
from seawall.research.sweep.shared import SharedArrays, share_arrays


@dataclass(frozen=True, slots=True)
class SharedMarket:
    """Handle of a market whose arrays lie in files.

    Parameters
    ----------
    instruments, streams
        As in :class:`~seawall.model.market.Market`.
    arrays : SharedArrays
        ``events`` and ``bars``.
    """

    instruments: tuple[Instrument, ...]
    streams: tuple[Stream, ...]
    arrays: SharedArrays

    @property
    def data_hash(self) -> str:
        """Identity of instruments, streams and records."""
        head = repr((self.instruments, self.streams, self.arrays.data_hash))
        return hashlib.sha256(head.encode()).hexdigest()

    @property
    def periods(self) -> int:
        """Rows that a window counts: bar closes when there are bars, else events."""
        bars = cast("Bars", self.arrays["bars"])
        return _moments(bars).size if bars.shape[1] else int(self.arrays["events"].size)

    def market(self, window: slice | None = None) -> Market:
        """Open the market, or the part of it between two rows of :attr:`periods`."""
        events, bars = cast("Events", self.arrays["events"]), cast("Bars", self.arrays["bars"])
        if window is not None:
            events, bars = _cut(events, bars, window)
        return Market(self.instruments, self.streams, events, bars)


def share_market(market: Market, folder: Path | str) -> SharedMarket:
    """Write a market's arrays so that other processes can map them."""
    arrays = share_arrays(folder, {"events": market.events, "bars": market.bars})
    return SharedMarket(market.instruments, market.streams, arrays)


@dataclass(frozen=True, slots=True)
class DataChoice:
    """What a user names as data.

    Parameters
    ----------
    symbol, bars, venue, start, end : str
        Series of the catalogue, as in :func:`~seawall.research.choose.load_market`.
    file : str
        A file or a folder of files instead; ``bars``, ``start`` and ``end`` select from it.
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
    """
    from seawall.data.catalogue.catalogue import Catalogue, Select
    from seawall.data.importing.pipeline import import_files
    from seawall.research.choose import load_market

    if not choice.file:
        where = Catalogue(catalogue)
        return load_market(
            where, choice.symbol, choice.bars, choice.venue, choice.start, choice.end
        )
    own = Catalogue(scratch)
    import_files(own, [choice.file])
    wanted = f"bars_{choice.bars}" if choice.bars else ""
    chosen = sorted({(e.venue, e.symbol) for e in own.list() if not wanted or e.kind == wanted})
    start, end = (parse_time_ns(t) if t else None for t in (choice.start, choice.end))
    kinds = (wanted,) if wanted else ()
    return own.market([Select(venue, symbol, kinds) for venue, symbol in chosen], start, end)


def _moments(bars: Bars) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.unique(bars[BarField.TS])


def _cut(events: Events, bars: Bars, window: slice) -> tuple[Events, Bars]:
    """Cut both arrays at the times of the window's rows."""
    if not bars.shape[1]:
        return events[window], bars
    moments = _moments(bars)
    start = int(moments[window.start]) if window.start else None
    before = int(moments[window.start - 1]) if window.start else None
    last = int(moments[min(window.stop, moments.size) - 1])
    ts = bars[BarField.TS]
    first_bar = 0 if start is None else int(np.searchsorted(ts, start, side="left"))
    first_event = 0 if before is None else int(np.searchsorted(events["ts"], before, side="right"))
    end_bar = int(np.searchsorted(ts, last, side="right"))
    end_event = int(np.searchsorted(events["ts"], last, side="right"))
    return events[first_event:end_event], bars[:, first_bar:end_bar]
