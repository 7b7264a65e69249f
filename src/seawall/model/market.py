# SPDX-License-Identifier: MIT
"""What one run reads: instruments, streams, events and bars, with their hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seawall.model.errors import DataError, InstrumentError
from seawall.model.events import BarField, Bars, Events, Stream, empty_bars, empty_events
from seawall.model.instrument import Instrument

INFORMATION = ("metric", "news")
"""Feeds about the world at large, which need no instrument."""


@dataclass(frozen=True, slots=True)
class Market:
    """Input of one run, ready for the kernel.

    Parameters
    ----------
    instruments : tuple of Instrument
        What can be traded, at most 65,535.
    streams : tuple of Stream
        Feeds; the ``stream`` field of events and bars indexes this tuple.
    events : Events
        Records ordered by receive time; may be memory-mapped.
    bars : Bars
        Columns ordered by the bar's close; may be memory-mapped.
    hashes : mapping of str to str
        sha256 of every input, by name, for the manifest.
    news : mapping of int to sequence of mappings
        Rows of the news streams, by stream; a news record names its row.
    """

    instruments: tuple[Instrument, ...]
    streams: tuple[Stream, ...]
    events: Events = field(default_factory=empty_events)
    bars: Bars = field(default_factory=empty_bars)
    hashes: Mapping[str, str] = field(default_factory=dict)
    news: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.instruments:
            raise DataError("a market needs at least one instrument")
        for name, ts in (("events", self.events["ts"]), ("bars", self.bars[BarField.TS])):
            back = np.flatnonzero(np.diff(ts) < 0)
            if back.size:
                raise DataError(
                    f"{name} go back in time",
                    where=f"row {int(back[0]) + 1}",
                    mend="sort by receive time, or import the file: the import sorts and reports",
                )

    def instrument_of_stream(self) -> list[int]:
        """Index of the instrument of each stream; -1 for information without one.

        Raises
        ------
        InstrumentError
            When a stream names an instrument that the market lacks.
        """
        index = {(i.venue, i.symbol): n for n, i in enumerate(self.instruments)}
        try:
            return [
                index.get((s.venue, s.symbol), -1)
                if s.feed in INFORMATION
                else index[(s.venue, s.symbol)]
                for s in self.streams
            ]
        except KeyError as missing:
            raise InstrumentError(
                f"no instrument {missing.args[0][1]} at {missing.args[0][0]}",
                mend="give the market an Instrument for every stream",
            ) from None
