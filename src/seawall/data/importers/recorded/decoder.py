# SPDX-License-Identifier: MIT
"""What every decoder of a recorded venue shares."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.recorded.rows import EventRows, Levels
from seawall.model.instrument import Instrument
from seawall.model.time import NS_PER_MS, NS_PER_US, parse_time_ns


def ms(value: Any) -> int | None:
    """Nanoseconds of a time in milliseconds, given as number or text; none stays none."""
    if value in (None, "", 0):
        return None
    text = str(value)
    if "." in text:
        return round(float(text) * 1_000) * NS_PER_US
    return int(text) * NS_PER_MS


def seconds(value: Any) -> int | None:
    """Nanoseconds of a time in seconds; fractions to the microsecond."""
    return None if value in (None, "") else round(float(value) * 1_000_000) * NS_PER_US


def iso(text: str) -> int:
    """Nanoseconds of an ISO 8601 time with up to nine decimals."""
    head, _, rest = text.rstrip("Z").partition(".")
    return parse_time_ns(head) + int(rest.ljust(9, "0")[:9] or 0)


@dataclass(slots=True)
class Decoder:
    """Messages of one venue to rows.

    Parameters
    ----------
    rows : EventRows
        Receives the rows.
    ignored : collections.Counter
        How many messages were read and left, by their name.
    described : dict of str to Instrument
        Instruments that the venue described, by symbol.
    addresses : dict of str to str
        Address of each connection.
    notes : list of str
        Remarks for the quality report.
    """

    rows: EventRows
    ignored: Counter[str] = field(default_factory=Counter)
    described: dict[str, Instrument] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take an answer to a request; by default none is needed."""

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message of a stream."""
        raise NotImplementedError

    def finish(self) -> None:
        """Release what waits for a message that did not come."""


HELD_MAX = 4_096
"""Diffs that wait for a snapshot before the book is begun without one."""


@dataclass(slots=True)
class _Held:
    ts: int
    venue_ts: int | None
    first: int
    last: int
    prev: int
    bids: Levels
    asks: Levels


@dataclass(slots=True)
class JoiningDecoder(Decoder):
    """Decoder of a venue whose diffs must be joined to fetched snapshots."""

    books: dict[str, BookJoin] = field(default_factory=dict)

    def book(self, symbol: str) -> BookJoin:
        """Book of a symbol; a new one waits for its snapshot."""
        if symbol not in self.books:
            self.books[symbol] = BookJoin(self.rows, symbol)
        return self.books[symbol]

    def finish(self) -> None:
        """Pass on diffs whose snapshot is not in the recording, and say so."""
        for symbol, book in self.books.items():
            if book.release() or book.begun_without:
                self.notes.append(
                    f"no snapshot of {symbol} in time: its book is incomplete until every "
                    "level has changed once or a snapshot comes"
                )
            if book.contained:
                self.ignored["depth messages contained in a snapshot"] += book.contained


@dataclass(slots=True)
class BookJoin:
    """Diffs of one book joined to the snapshot that is fetched while they come.

    Diffs wait for the snapshot.  Those it contains are left out and counted; the others
    follow it at its receive time, or later.
    """

    rows: EventRows
    symbol: str
    waits: bool = True
    last_id: int = -1
    contained: int = 0
    begun_without: bool = False
    held: list[_Held] = field(default_factory=list)

    def snapshot(
        self, ts: int, venue_ts: int | None, last_id: int, bids: Levels, asks: Levels
    ) -> None:
        """Take the snapshot and release what follows it."""
        self.rows.depth(self.symbol, ts, venue_ts, bids, asks, snapshot=True, seq=last_id)
        self.last_id, self.waits = last_id, False
        held, self.held = self.held, []
        for one in held:
            one.ts = max(one.ts, ts)
            self._emit(one)

    def diff(
        self, ts: int, venue_ts: int | None, ids: tuple[int, int, int], bids: Levels, asks: Levels
    ) -> None:
        """Take a diff with its first, last and previous number (-1: not sent)."""
        one = _Held(ts, venue_ts, *ids, bids, asks)
        if self.waits:
            self.held.append(one)
            if len(self.held) >= HELD_MAX:
                self.begun_without = self.release()
        else:
            self._emit(one)

    def release(self) -> bool:
        """Pass on what waits for a snapshot that did not come; tell whether there was any."""
        if not self.waits:
            return False
        self.waits = False
        held, self.held = self.held, []
        for one in held:
            self._emit(one)
        return bool(held)

    def _emit(self, one: _Held) -> None:
        if one.last <= self.last_id:
            self.contained += 1
            return
        self.rows.depth(
            self.symbol, one.ts, one.venue_ts, one.bids, one.asks,
            seq=one.last, first=one.first, prev=one.prev,
        )  # fmt: skip
