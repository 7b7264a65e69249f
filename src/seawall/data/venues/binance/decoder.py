# SPDX-License-Identifier: MIT
"""The decoder of one Binance connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    make_tables,
)
from seawall.data.venues.binance.text import FULL, OK, SLOW
from seawall.data.venues.faults import Count, DecodeStats, Fault, FaultRecord
from seawall.model.errors import InstrumentError
from seawall.model.events import EVENT, BookState, EventFlag, EventKind, Events, empty_events

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

    def __init__(self, feeds: tuple[Feed, ...], *, cold_start: bool = False) -> None:
        self.feeds = feeds
        self._rows = {feed.symbol.lower(): row for row, feed in enumerate(feeds)}
        self._tables = make_tables(feeds, cold_start=cold_start)
        self._m = m = self._tables.memory
        # A view: what compiled code writes is seen here, and the other way round.
        self._table = m[m[Glob.ROWS] : m[Glob.IDS]].reshape(len(feeds), WIDTH)
        self._set_out(empty_events(8_192))
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
            Records of the message; none when it is kept back, ignored or faulty.
        """
        if not symbol:
            size = len(message)
            if size < self._room:  # the way of nearly every message, without a call more
                text = self._text_bytes
                text[:size] = message
                text[size] = 0
                code, pos, _ = self._decode_one(self._text, receive_ts, *self._tables, self._out, 0)
                if code == OK:
                    return self._taken(pos)
                if code != FULL:
                    return self._taken(self._slowly(message, receive_ts, pos))
            return self._taken(self._one(message, receive_ts, 0))
        m = self._m
        hint = m[Glob.HINT]
        m[Glob.HINT] = self._row(symbol)
        pos = self._one(message, receive_ts, 0)
        m[Glob.HINT] = hint
        return self._taken(pos)

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
        i, pos = 0, 0
        if self._out.size < raw.size // 24 + ROOM:
            self._set_out(empty_events(raw.size // 24 + ROOM))
        while i < raw.size:
            code, i, pos = decode_lines(raw, i, raw.size, *self._tables, self._out, pos)
            if code == FULL:
                self._grow()
            elif code == SLOW:
                i, pos = self._slow_line(raw, i, base, pos)
        m[Glob.BASE] = -1
        return self._out[:pos].copy()

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

    def _grow(self) -> None:
        """Double the output, keeping what is in it."""
        self._set_out(np.concatenate([self._out, empty_events(self._out.size)]))

    def _set_out(self, out: Events) -> None:
        self._out = out
        self._out_bytes = memoryview(out.view(np.uint8))  # type: ignore[arg-type]

    def _set_text(self, size: int) -> None:
        self._room = size
        self._text = np.zeros(size, dtype=np.uint8)
        self._text_bytes = memoryview(self._text)  # type: ignore[arg-type]

    def _taken(self, pos: int) -> Events:
        """Copy the first records out; through bytes, which numpy copies five times as fast."""
        if pos == 0:
            return empty_events()
        return np.frombuffer(bytearray(self._out_bytes[: EVENT.itemsize * pos]), dtype=EVENT)

    def _one(self, message: bytes, ts: int, pos: int) -> int:
        """Decode one message behind ``pos``; return the first free record."""
        code, pos = self._compiled(message, ts, pos)
        return pos if code == OK else self._slowly(message, ts, pos)

    def _slowly(self, message: bytes, ts: int, pos: int) -> int:
        """Decode a message that the compiled decoder gave back; the first free record."""
        m = self._m
        m[COUNTS + Count.SLOW] += 1
        texts = canonical(message)
        if isinstance(texts, Fault):
            return self._refuse(texts, pos)
        if not texts:
            m[COUNTS + Count.IGNORED] += 1
            m[Glob.MESSAGES] += 1
        for text in texts:
            code, pos = self._compiled(text, ts, pos)
            if code != OK:
                nameless = text.startswith(b'{"lastUpdateId"') and m[Glob.HINT] < 0
                pos = self._refuse(Fault.UNKNOWN_SYMBOL if nameless else Fault.UNREADABLE, pos)
        return pos

    def _compiled(self, message: bytes, ts: int, pos: int) -> tuple[int, int]:
        """Call the compiled decoder with as much room as it needs."""
        size = len(message)
        if size + 1 > self._text.size:
            self._set_text(2 * size + 1)
        self._text_bytes[:size] = message
        self._text_bytes[size] = 0
        while True:
            code, pos, _ = self._decode_one(self._text, ts, *self._tables, self._out, pos)
            if code != FULL:
                return code, pos
            self._grow()

    def _load(self, *arguments: Any) -> tuple[int, int, int]:
        """Call the compiled decoder, and from now on its code without a look at types."""
        found: tuple[int, int, int] = decode_one(*arguments)
        versions = list(decode_one.overloads.values())
        self._decode_one = versions[0].entry_point if len(versions) == 1 else decode_one
        return found

    def _refuse(self, fault: Fault, pos: int) -> int:
        note_refusal(self._m, int(fault))
        return pos

    def _slow_line(
        self, raw: npt.NDArray[np.uint8], i: int, base: int, pos: int
    ) -> tuple[int, int]:
        """Decode the line at ``i`` the slow way; the next line's position, first free record."""
        end = i + 256
        while not (ends := np.flatnonzero(raw[i:end] == ord("\n"))).size:
            end = i + 4 * (end - i)
        stop = i + int(ends[0])
        ts, message = split_line(raw[i:stop].tobytes())
        self._m[Glob.BASE] = base + i
        pos = self._one(message, ts, pos)
        self._m[Glob.BASE] = base
        return stop + 1, pos
