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
