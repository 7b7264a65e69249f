# SPDX-License-Identifier: MIT
"""Recorded connections: reading the lines, and what can be learnt about a file beforehand."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from seawall.data.catalogue.instruments import describe
from seawall.data.importers.known import binance_symbol, known_instrument
from seawall.data.venues.binance.feeds import FEED_NAMES, VENUES
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.time import NS_PER_S, guess_epoch_unit

_UNIT_NS = {"s": NS_PER_S, "ms": 1_000_000, "us": 1_000, "ns": 1}
_PLACES = 8
_LINE_MAX = 64 << 20
_FEED_OF = {
    "depthUpdate": "depth", "trade": "trades", "aggTrade": "trades", "bookTicker": "top",
    "markPriceUpdate": "mark", "forceOrder": "liquidations",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recording:
    """What a look through a recording tells.

    Parameters
    ----------
    symbol : str
        Venue symbol in lower case.
    instrument : Instrument
        With its published steps where they are known, else with the greatest common step
        of all prices and quantities seen.
    clock_offsets : mapping of str to int
        Smallest receive-minus-venue difference over all feeds when that is negative, ns, for
        each feed that carries the venue's time: one receiver has one clock.
    feeds : tuple of str
        Feeds that occur.
    has_snapshot : bool
        Whether a depth snapshot is among the lines.
    first_ts, last_ts : int
        Receive times, ns UTC.
    lines : int
        Lines looked at.
    """

    symbol: str
    instrument: Instrument
    clock_offsets: Mapping[str, int]
    feeds: tuple[str, ...]
    has_snapshot: bool
    first_ts: int
    last_ts: int
    lines: int


def read_chunks(path: Path, chunk_bytes: int = 1 << 24) -> Iterator[bytes]:
    """Pieces of whole lines of a plain, gzip or zstd text file.

    Raises
    ------
    FormatError
        When the file is missing, cut short, corrupt, or has a line above 64 MiB.
    """
    rest = b""
    try:
        with _open(path) as source:
            while block := source.read(chunk_bytes):
                block = rest + block
                cut = block.rfind(b"\n") + 1
                rest = block[cut:]
                if len(rest) > _LINE_MAX:
                    raise FormatError(
                        "a line is longer than 64 MiB", where=str(path), mend="is this a recording?"
                    )
                if cut:
                    yield block[:cut]
    except (OSError, EOFError, zlib.error) as broken:
        raise FormatError(
            f"the recording cannot be read: {broken}",
            where=str(path),
            mend="check the path, or fetch the file again: it may be cut short",
        ) from broken
    if rest:
        yield rest


def read_messages(path: Path) -> Iterator[tuple[int, bytes]]:
    """Receive time (ns UTC, -1 where the line has none) and message of every line."""
    for chunk in read_chunks(path):
        for line in chunk.split(b"\n"):
            if line:
                yield split_line(line)


def split_line(line: bytes) -> tuple[int, bytes]:
    """Receive time (ns UTC, -1 none) and message of one line."""
    head, space, body = line.partition(b" ")
    if space and head.isdigit():
        try:
            return int(head) * _UNIT_NS[guess_epoch_unit(int(head))], body.lstrip()
        except ValueError:
            pass
    return -1, line


def describe_recording(
    path: Path, *, seconds: float | None = None, venue: str | None = None
) -> Recording:
    """Look through a recording of one instrument.

    Parameters
    ----------
    path : Path
        Recording.
    seconds : float, optional
        Look at the first seconds only; by default at the whole file.
    venue : str, optional
        ccxt venue when the messages do not tell spot from futures.

    Raises
    ------
    FormatError
        When no line names an instrument with prices.
    """
    seen = _Seen()
    reader = msgspec.json.Decoder()
    for ts, message in read_messages(path):
        if seconds is not None and seen.first_ts and ts > seen.first_ts + seconds * NS_PER_S:
            break
        try:
            seen.look(ts, reader.decode(message))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, TypeError, KeyError):
            continue  # the decoder will count it; here it merely tells nothing
    if not seen.symbol or not seen.px_step:
        raise FormatError(
            "no line names an instrument with prices",
            where=str(path),
            mend="give a recording of Binance's web-socket: '<receive time> <JSON>' per line",
        )
    return Recording(
        seen.symbol,
        seen.instrument(venue),
        dict.fromkeys(seen.lead_ns, min([0, *seen.lead_ns.values()])),
        tuple(f for f in FEED_NAMES if f in seen.feeds),
        seen.has_snapshot,
        seen.first_ts,
        seen.last_ts,
        seen.lines,
    )


class _Seen:
    """What has been learnt so far."""

    def __init__(self) -> None:
        self.symbol = ""
        self.futures = False
        self.px_step = 0
        self.qty_step = 0
        self.lead_ns: dict[str, int] = {}
        self.feeds: set[str] = set()
        self.has_snapshot = False
        self.first_ts = self.last_ts = self.lines = 0

    def look(self, ts: int, message: dict[str, Any]) -> None:
        """Take one message in."""
        self.lines += 1
        if ts > 0:
            self.first_ts = self.first_ts or ts
            self.last_ts = ts
        body = message.get("data", message)
        self.symbol = self.symbol or str(body.get("s") or body.get("symbol") or "").lower()
        self.futures = self.futures or "pu" in body or "X" in body or "ps" in body
        bare = "depth" if "lastUpdateId" in body else "top" if "B" in body else ""
        feed = _FEED_OF.get(body["e"], "") if "e" in body else bare
        if feed:
            self.feeds.add(feed)
        venue_ms = body.get("T" if feed == "trades" else "E")
        if feed and ts > 0 and venue_ms and "lastUpdateId" not in body:
            lead = ts - int(venue_ms) * 1_000_000
            self.lead_ns[feed] = min(lead, self.lead_ns.get(feed, lead))
        if "lastUpdateId" in body:
            self.has_snapshot = True
            self._levels(body["bids"])
            self._levels(body["asks"])
        elif body.get("e") == "depthUpdate":
            self._levels(body["b"])
            self._levels(body["a"])
        elif body.get("e") in {"trade", "aggTrade"}:
            self._levels([[body["p"], body["q"]]])

    def _levels(self, levels: list[list[str]]) -> None:
        for price, quantity in levels:
            self.px_step = gcd(self.px_step, _steps(price))
            self.qty_step = gcd(self.qty_step, _steps(quantity))

    def instrument(self, venue: str | None) -> Instrument:
        """Instrument with the greatest common steps."""
        name = self.symbol.upper()
        tail = name.partition("_")[2]
        tick = Decimal(self.px_step).scaleb(-_PLACES).normalize()
        lot = Decimal(self.qty_step or 1).scaleb(-_PLACES).normalize()
        if venue is None:
            kind = InstrumentKind.INVERSE if tail else InstrumentKind.LINEAR
            venue = VENUES[kind if self.futures or tail else InstrumentKind.SPOT]
        symbol = binance_symbol(name, venue)
        known = known_instrument(venue, symbol)
        if known is not None:
            return known
        return describe(venue, symbol, tick, lot)


def _steps(text: str) -> int:
    """Units of 10^-8 in a decimal text."""
    whole, _, part = text.partition(".")
    return int(whole + part[:_PLACES].ljust(_PLACES, "0"))


def _open(path: Path) -> IO[bytes]:
    """Open by content: gzip and zstd are told by their first bytes."""
    raw = path.open("rb")
    magic = raw.read(4)
    raw.seek(0)
    if magic[:2] == b"\x1f\x8b":
        raw.close()
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if magic == b"\x28\xb5\x2f\xfd":
        raw.close()
        import pyarrow as pa

        return cast("IO[bytes]", pa.input_stream(str(path), compression="zstd"))
    return raw
