# SPDX-License-Identifier: MIT
"""Recorded sessions of exchanges, message by message.

Three containers, plain or compressed with gzip or zstd:

- ``<receive time> <JSON>`` lines in the order of receipt;
- sessions: one JSON object per line with ``t`` (header, http, connect, send, recv), ``ts``
  (epoch seconds) and ``data`` (text) or ``b64`` (gzipped bytes); the connections follow one
  another in the file and are put in order of time here;
- ``{"ts": …, "msg": …}`` lines, and bare messages of Bybit, which bring only venue time.
"""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from seawall.data.importers.base import Batch, ImportLog, ImportOptions
from seawall.data.importers.binance_snapshot import book_beside, receive_ns
from seawall.data.importers.known import BINANCE_VENUES, known_instrument
from seawall.data.importers.recorded import Decoder, make_decoder
from seawall.data.importers.recorded.binance import BinanceDecoder
from seawall.data.importers.recorded.decoder import seconds
from seawall.data.importers.streams import first_line, read_lines
from seawall.model.errors import FormatError, SeawallError
from seawall.model.instrument import Instrument

_SUFFIXES = (".gz", ".zst", ".zstd", ".jsonl", ".raw", ".txt", ".log")
_RAW = re.compile(
    r"^binance_(?P<market>spot|usdm|cm)_(?P<ticker>[a-z0-9]+(?:_perp|_\d{6})?)_\d{8}\.raw"
)
_MARKETS = {"binance": "BINANCE", "binanceusdm": "BINANCE_FUTURES",
            "binancecoinm": "BINANCE_DELIVERY"}  # fmt: skip


class SessionLine(msgspec.Struct, omit_defaults=True):
    """One line of a session."""

    t: str = ""
    ts: float = 0.0
    conn: str = ""
    url: str = ""
    addr: str = ""
    data: str = ""
    b64: str = ""
    exchange: str = ""
    msg: str = ""

    def text(self) -> bytes:
        """Message as it was sent, unpacked."""
        if self.b64:
            raw = base64.b64decode(self.b64)
            return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        return (self.data or self.msg).encode()


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing to hand to a decoder."""

    line: int
    kind: str
    ts: int
    conn: str
    where: str
    text: bytes


class RecordingsImporter:
    """Raw and session recordings of the venues in ``recorded.VENUES``."""

    name = "recordings"

    def recognises(self, path: Path) -> bool:
        """Tell by the first line."""
        if path.suffix.lower() not in _SUFFIXES:
            return False
        head = first_line(path)[:4_000]
        return _shape_of(head) != "" and _exchange_of(path, head) != ""

    def __init__(self) -> None:
        self._found: dict[Path, list[Instrument]] = {}

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Instruments that the venue described in the recording and that have rows in it."""
        if path not in self._found:
            aside = replace(options, log=ImportLog())
            for _ in self.read(path, aside):
                pass
        return self._found[path]

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield canonical rows; what is read and left is noted by name and number."""
        decoder = _decoder_of(path, options)
        found: dict[str, Instrument | None] = {}
        for batch in _decode(decoder, path, options):
            known = decoder.described.get(batch.symbol)
            found[batch.symbol] = known or known_instrument(batch.venue, batch.symbol)
            yield batch
        self._found[path] = [one for _, one in sorted(found.items()) if one is not None]
        for note in decoder.notes:
            options.log.note(note)
        for name, count in sorted(decoder.ignored.items()):
            options.log.note(f"not imported: {count} x {name}")


def _shape_of(head: bytes) -> str:
    """Container told by a first line: ``raw``, ``session``, ``wrapped``, ``bare`` or nothing."""
    if re.match(rb"^\d{13,19} [\[{]", head):
        return "raw"
    if not head.startswith(b"{"):
        return ""
    start = head[:400]
    if b'"t":"header"' in start or b'"t": "header"' in start:
        return "session"
    if b'"ts":' in start and b'"msg":' in start:
        return "wrapped"
    return "bare" if b'"topic":"orderbook' in start else ""


def _exchange_of(path: Path, head: bytes) -> str:
    """Recorder's name of the exchange, empty when neither file nor name says it."""
    shape = _shape_of(head)
    name = path.name.lower()
    if shape == "session":
        match = re.search(rb'"exchange":\s*"(\w+)"', head)
        return match[1].decode() if match else ""
    if shape == "bare":
        return "BYBIT"
    for exchange in ("hyperliquid", "lighter", "bybit"):
        if name.startswith(exchange):
            return exchange.upper()
    raw = _RAW.match(name)
    if raw is not None:
        return _MARKETS[BINANCE_VENUES[raw["market"]]]
    if shape == "raw" and b'"channel":"l2Book"' in head:
        return "HYPERLIQUID"
    if shape == "raw" and b'"stream":' in head:
        return _binance_market(head)
    return ""


def _binance_market(head: bytes) -> str:
    """Market of a stream message, by the fields that only one of them sends."""
    if b'"ps":' in head:
        return "BINANCE_DELIVERY"
    spot = (
        b'"M":' in head
        or (b'"depthUpdate"' in head and b'"pu":' not in head)
        or (b"@bookTicker" in head and b'"e":"bookTicker"' not in head)
    )
    return "BINANCE" if spot else "BINANCE_FUTURES"


def _decoder_of(path: Path, options: ImportOptions) -> Decoder:
    head = first_line(path)[:4_000]
    exchange = _MARKETS.get(options.venue) or _exchange_of(path, head)
    if not exchange:
        raise FormatError(
            "neither the file nor its name says which exchange was recorded", where=str(path),
            mend="name it as the recorder did, or give --venue",
        )  # fmt: skip
    decoder = make_decoder(exchange)
    raw = _RAW.match(path.name.lower())
    if isinstance(decoder, BinanceDecoder) and raw is not None:
        decoder.only = raw["ticker"]
        stem = path.name.lower().partition(".raw")[0]
        book = book_beside(
            (path.parent, path.parent.parent), stem, _first_time(path) - 1, options.log
        )
        if book is not None:
            decoder.start(book)
    return decoder


def _first_time(path: Path) -> int:
    head = first_line(path).partition(b" ")[0]
    return receive_ns(head) if head.isdigit() else 0


def _decode(decoder: Decoder, path: Path, options: ImportOptions) -> Iterator[Batch]:
    for step in _steps(path, options):
        try:
            _hand_over(decoder, step)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError, IndexError, EOFError,
                OSError, SeawallError) as error:  # fmt: skip
            reason = f"{type(error).__name__}: {error}"
            text = step.text.decode(errors="replace")
            options.log.refuse(str(path), step.line, reason, text)
        if decoder.rows.count >= options.chunk_rows:
            yield from decoder.rows.take()
    decoder.finish()
    yield from decoder.rows.take()


def _hand_over(decoder: Decoder, step: _Step) -> None:
    if step.kind == "connect":
        decoder.addresses[step.conn] = step.where
        return
    message: Any = msgspec.json.decode(step.text)
    if step.kind == "http":
        decoder.http(step.ts, step.where, message)
    else:
        decoder.message(step.ts, step.conn, message)


def _steps(path: Path, options: ImportOptions) -> Iterator[_Step]:
    shape = _shape_of(first_line(path)[:4_000])
    if shape == "session":
        yield from _session_steps(path, options)
        return
    decoder = msgspec.json.Decoder(SessionLine)
    for number, line in enumerate(read_lines(path)):
        if shape == "raw":
            head, _, body = line.partition(b" ")
            if not head.isdigit():
                options.log.refuse(
                    str(path), number, "no receive time", line.decode("utf-8", "replace")
                )
                continue
            yield _Step(number, "recv", receive_ns(head), "", "", body)
        elif shape == "wrapped":
            try:
                one = decoder.decode(line)
            except msgspec.DecodeError as error:
                options.log.refuse(str(path), number, str(error), line.decode(errors="replace"))
                continue
            yield _Step(number, "recv", seconds(one.ts) or 0, "", "", one.text())
        elif line:
            yield _Step(number, "recv", -1, "", "", line)


def _session_steps(path: Path, options: ImportOptions) -> Iterator[_Step]:
    decoder = msgspec.json.Decoder(SessionLine)
    lines: list[tuple[int, int, SessionLine]] = []
    for number, line in enumerate(read_lines(path)):
        try:
            one = decoder.decode(line)
        except msgspec.DecodeError as error:
            options.log.refuse(str(path), number, str(error), line.decode("utf-8", "replace"))
            continue
        if one.t in ("http", "connect", "recv"):
            lines.append((seconds(one.ts) or 0, number, one))
    for ts, number, one in sorted(lines, key=lambda item: item[:2]):
        try:
            text = one.text()
        except (ValueError, OSError, EOFError) as error:
            options.log.refuse(str(path), number, str(error), one.b64)
            continue
        yield _Step(number, one.t, ts, one.conn, one.url or one.addr, text)
