# SPDX-License-Identifier: MIT
"""The decoder of one Binance connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seawall.data.venues.binance.feeds import Feed
from seawall.data.venues.binance.kernel import ROOM
from seawall.data.venues.binance.lines import decode_lines, decode_one, note_refusal
from seawall.data.venues.binance.recording import read_chunks, split_line
from seawall.data.venues.binance.slow import canonical
from seawall.data.venues.binance.state import (
    COUNTS,
    FAULT_COUNTS,
    PLACES,
    WIDTH,
    BookPhase,
    Glob,
    Row,
    address,
    make_tables,
)
from seawall.data.venues.binance.text import AHEAD, FULL, SLOW
from seawall.data.venues.faults import Count, DecodeStats, Fault, FaultRecord
from seawall.model.errors import InstrumentError
from seawall.model.events import EVENT, BookState, EventFlag, EventKind, Events, empty_events

_BYTES_BEGIN = bytes.__basicsize__ - 1
"""From the address of a bytes object, which CPython gives as its identity, to its first byte."""

_ROWS = 8_192
"""Records for which room is made at once."""

Buffer = bytes | bytearray | memoryview | npt.NDArray[np.uint8]


class BinanceDecoder:
    """Web-socket and REST text of Binance (spot, USD-M, COIN-M) to event records.

    One message at a time (:meth:`decode`) and whole recordings (:meth:`decode_text`,
    :meth:`decode_file`) go through the same compiled function and give the same events.

    Parameters
    ----------
    feeds : tuple of Feed
        Instruments of the connection and the streams of their events.
        The lag of an event is receive time minus venue time minus the feed's clock
        offset, which is measured beforehand, and is never negative.
    cold_start : bool
        Pass depth on without a snapshot: the book is GAPPED until one comes.
    """

    _out: Events
    _pos: int  # first record that nobody has been given
    _end: int  # first record that is free, while a text is decoded

    def __init__(self, feeds: tuple[Feed, ...], *, cold_start: bool = False) -> None:
        self.feeds = feeds
        self._rows = {feed.symbol.lower(): row for row, feed in enumerate(feeds)}
        self._tables = make_tables(feeds, cold_start=cold_start)
        self._m = m = self._tables.memory
        self._at = address(m)
        # A view: what compiled code writes is seen here, and the other way round.
        self._table = m[m[Glob.ROWS] : m[Glob.IDS]].reshape(len(feeds), WIDTH)
        self._set_out(_ROWS)
        self._set_text(65_536)
        self._decode_one = self._load

    def decode(self, message: bytes, receive_ts: int = -1, *, symbol: str = "") -> Events:
        """Decode one message.

        Parameters
        ----------
        message : bytes
            JSON text as the venue sent it.
        receive_ts : int
            Receive time, ns UTC; -1: the venue's event time.
        symbol : str
            Venue symbol of a REST snapshot, which on spot and USD-M does not name it.

        Returns
        -------
        Events
            Records of the message; none when it is kept back, ignored or faulty.  They are the
            caller's, beside those of other messages in one piece of memory.
        """
        if not symbol:
            if type(message) is bytes:  # the way of nearly every message, without a call more
                size = len(message)
                if size < self._room:
                    place = id(message) + _BYTES_BEGIN
                    start = self._pos
                    pos = self._decode_one(self._at, place, size, receive_ts, start)
                    if pos >= 0:
                        self._pos = pos
                        return self._out[start:pos]
            return self._one(message, receive_ts)
        m = self._m
        hint = m[Glob.HINT]
        m[Glob.HINT] = self._row(symbol)
        events = self._one(message, receive_ts)
        m[Glob.HINT] = hint
        return events

    def decode_text(self, text: Buffer, *, base: int = -1) -> Events:
        """Decode lines, each ``<receive time> <message>`` or a message alone.

        Parameters
        ----------
        text : bytes-like
            Whole lines; the newline of the last one may be missing.
        base : int
            Offset of the text in its file, for the places of faults; -1: from its start.

        Returns
        -------
        Events
            Records of all lines.
        """
        raw = np.frombuffer(text, dtype=np.uint8)
        if not raw.size or raw[-1] != ord("\n"):
            raw = np.append(raw, np.uint8(ord("\n")))
        m, base = self._m, max(base, 0)
        m[Glob.BASE] = base
        room = raw.size // 24 + ROOM
        if self._out.size - self._pos < room:
            self._set_out(max(room, _ROWS))
        self._end = self._pos
        i, at, size = 0, address(raw), raw.size
        while i < size:
            code, i, self._end = decode_lines.now(self._at, at, i, size, self._end)
            if code == FULL:
                self._make_room()
            elif code == SLOW:
                i = self._slow_line(raw, i, base)
        m[Glob.BASE] = -1
        return self._taken()

    def decode_file(self, path: Path, *, chunk_bytes: int = 1 << 24) -> Iterator[Events]:
        """Decode a recording (plain, gzip or zstd) piece by piece.

        Raises
        ------
        FormatError
            When the file is cut short or not what its name says.
        """
        base = 0
        for chunk in read_chunks(path, chunk_bytes):
            yield self.decode_text(chunk, base=base)
            base += len(chunk)

    def start_book(
        self, symbol: str, bids: npt.NDArray[np.int64], asks: npt.NDArray[np.int64],
        *, update_id: int, ts: int,
    ) -> Events:  # fmt: skip
        """Begin with a book that is known from elsewhere, as if a snapshot had come.

        Parameters
        ----------
        symbol : str
            Venue symbol.
        bids, asks : array of int64, shape (n, 2)
            Ticks and lots.
        update_id : int
            Last update id that the book contains.
        ts : int
            Time at which it is known, ns UTC.

        Returns
        -------
        Events
            Snapshot records, and depth that was waiting for it.
        """
        feed = self.feeds[self._row(symbol)]
        bid_text, ask_text = (
            ",".join(f'["{px * feed.tick:f}","{qty * feed.lot:f}"]' for px, qty in side.tolist())
            for side in (bids, asks)
        )
        text = f'{{"lastUpdateId":{update_id},"bids":[{bid_text}],"asks":[{ask_text}]}}'
        return self.decode(text.encode(), ts, symbol=symbol)

    def disconnected(self, ts: int) -> Events:
        """Declare every book GAPPED: the connection is lost, messages will be missing.

        Books recover with the next snapshot, as after any gap.
        """
        m, table = self._m, self._table
        live = np.flatnonzero(
            np.isin(table[:, Row.PHASE], (BookPhase.LINK, BookPhase.LIVE, BookPhase.GAPPED))
            & (table[:, Row.DEPTH] >= 0)
        )
        table[live, Row.PHASE] = BookPhase.GAPPED
        table[:, [Row.RECORDS, Row.MESSAGES]] = 0
        m[Glob.LAST_TS] = max(ts, int(m[Glob.LAST_TS]))
        events = empty_events(live.size)
        events["ts"] = m[Glob.LAST_TS]
        events["px"] = BookState.GAPPED
        events["stream"] = table[live, Row.DEPTH]
        events["kind"] = EventKind.STATUS
        events["flags"] = EventFlag.LAST
        return events

    def phase(self, symbol: str) -> BookPhase:
        """Where the depth feed of an instrument stands."""
        return BookPhase(int(self._table[self._row(symbol), Row.PHASE]))

    @property
    def stats(self) -> DecodeStats:
        """Counts so far."""
        m = self._m
        kept = int(m[Glob.FAULTS])
        return DecodeStats(
            messages=int(m[Glob.MESSAGES]),
            counts={kind: int(m[COUNTS + kind]) for kind in Count},
            faults={f: int(m[FAULT_COUNTS + f]) for f in Fault if m[FAULT_COUNTS + f]},
            first_faults=tuple(
                FaultRecord(Fault(reason), message, offset)
                for reason, message, offset in m[PLACES : PLACES + 3 * kept].reshape(-1, 3).tolist()
            ),
        )

    def _row(self, symbol: str) -> int:
        try:
            return self._rows[symbol.lower()]
        except KeyError:
            raise InstrumentError(
                f"the decoder has no feed for {symbol!r}",
                mend=f"it has {', '.join(sorted(self._rows)[:8])}",
            ) from None

    def _make_room(self) -> None:
        """Go on in a new output, with what has not been handed out at its beginning."""
        kept = self._out[self._pos : self._end]
        self._set_out(max(2 * kept.size, _ROWS) if self._pos else 2 * self._out.size)
        self._out[: kept.size] = kept
        self._end = kept.size

    def _set_out(self, rows: int) -> None:
        """Take a new output; the events of the old one belong to those that asked for them."""
        self._out = out = np.empty(rows, dtype=EVENT)
        self._m[[Glob.OUT, Glob.OUT_SIZE]] = address(out), rows
        self._pos = self._end = 0

    def _set_text(self, size: int) -> None:
        self._room = size - AHEAD
        self._text = np.zeros(size, dtype=np.uint8)
        self._m[Glob.TEXT] = address(self._text)

    def _taken(self) -> Events:
        """Hand out what has been decoded since the last time."""
        start, self._pos = self._pos, self._end
        return self._out[start : self._pos]

    def _one(self, message: Buffer, ts: int) -> Events:
        """Decode one message, whatever it is."""
        self._end = self._pos
        self._add(message, ts)
        return self._taken()

    def _add(self, message: Buffer, ts: int) -> None:
        """Decode one message behind the last record."""
        if not self._compiled(message, ts):
            self._slowly(bytes(message), ts)

    def _slowly(self, message: bytes, ts: int) -> None:
        """Decode a message that the compiled decoder gave back."""
        m = self._m
        m[COUNTS + Count.SLOW] += 1
        texts = canonical(message)
        if isinstance(texts, Fault):
            self._refuse(texts)
            return
        if not texts:
            m[COUNTS + Count.IGNORED] += 1
            m[Glob.MESSAGES] += 1
        for text in texts:
            if not self._compiled(text, ts):
                nameless = text.startswith(b'{"lastUpdateId"') and m[Glob.HINT] < 0
                self._refuse(Fault.UNKNOWN_SYMBOL if nameless else Fault.UNREADABLE)

    def _compiled(self, message: Buffer, ts: int) -> bool:
        """Call the compiled decoder with as much room as it needs; whether it could read it."""
        text = np.frombuffer(message, dtype=np.uint8)
        if text.size >= self._room:
            self._set_text(2 * text.size + AHEAD)
        while True:
            end: int = decode_one.now(self._at, address(text), text.size, ts, self._end)
            if end != FULL:
                break
            self._make_room()
        if end >= 0:
            self._end = end
        return end >= 0

    def _load(self, *arguments: int) -> int:
        """Load the compiled decoder, and call it from now on."""
        self._decode_one = decode_one.now
        pos: int = self._decode_one(*arguments)
        return pos

    def _refuse(self, fault: Fault) -> None:
        note_refusal.now(self._at, int(fault))

    def _slow_line(self, raw: npt.NDArray[np.uint8], i: int, base: int) -> int:
        """Decode the line at ``i`` the slow way; the next line's position."""
        end = i + 256
        while not (ends := np.flatnonzero(raw[i:end] == ord("\n"))).size:
            end = i + 4 * (end - i)
        stop = i + int(ends[0])
        ts, message = split_line(raw[i:stop].tobytes())
        self._m[Glob.BASE] = base + i
        self._add(message, ts)
        self._m[Glob.BASE] = base
        return stop + 1
