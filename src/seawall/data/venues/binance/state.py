# SPDX-License-Identifier: MIT
"""What a decoder remembers, as flat arrays that compiled code reads and writes."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seawall.data.venues.binance.feeds import Feed
from seawall.model.errors import InstrumentError
from seawall.model.events import Events, empty_events

PENDING_RECORDS = 65_536
"""Room for buffered depth levels per instrument; reserved, not touched, until needed."""

PENDING_MESSAGES = 2_048
"""Room for buffered depth messages per instrument."""

FAULTS_KEPT = 1_024
"""Faults kept with their place; further ones are only counted."""

SYMBOL_MAX = 32
"""Longest venue symbol, bytes."""


class BookPhase(IntEnum):
    """Where the depth feed of an instrument stands."""

    WAIT = 0  # no snapshot yet: depth is buffered
    LINK = 1  # snapshot passed on, the next depth message must reach over it
    LIVE = 2  # every depth message follows the last
    GAPPED = 3  # a message is missing: depth is passed on and buffered until a snapshot
    COLD = 4  # told to start without a snapshot: GAPPED from the first message


class Glob(IntEnum):
    """Scalars at the start of the memory."""

    LAST_TS = 0  # receive time of the last message, ns
    SPARE = 1
    HINT = 2  # instrument of messages that name none, -1 unknown
    MESSAGES = 3
    FAULTS = 4  # places kept
    BASE = 5  # byte offset of the buffer in its file, -1 for a single message
    SLOT_MASK = 6  # hash slots minus one
    SLOTS = 7  # where the hash slots begin: instrument or -1
    ROWS = 8  # where the rows of the instruments begin
    IDS = 9  # where the buffered messages begin
    PENDING = 10  # address of the buffered levels
    PENDING_SIZE = 11  # and how many there are
    OUT = 12  # address of the output
    OUT_SIZE = 13  # records that it holds
    TEXT = 14  # address of the room for one message


COUNTS = 16  # one word per Count
FAULT_COUNTS = 32  # one word per Fault
FIELDS = 64  # scratch of the scanner: three tables of 128 words
PLACES = FIELDS + 3 * 128  # FAULTS_KEPT triples: reason, message, offset
HEAD = PLACES + 3 * FAULTS_KEPT


class Row(IntEnum):
    """Words of one instrument's row."""

    PX_DECIMALS = 0
    PX_MULTIPLE = 1
    QTY_DECIMALS = 2
    QTY_MULTIPLE = 3
    DEPTH = 4  # stream numbers, -1 where nobody wants the feed
    TRADES = 5
    TOP = 6
    MARK = 7
    FUNDING = 8
    LIQUIDATIONS = 9
    PHASE = 10  # BookPhase
    LAST = 11  # last update id passed on (or of the snapshot)
    RECORDS = 12  # buffered levels
    MESSAGES = 13  # buffered messages
    FUNDING_MS = 14  # next funding time last seen, 0 unknown
    FUNDING_RATE = 15  # rate predicted for it, 1e-9
    HASH = 16  # hash of the lower-case venue symbol
    LENGTH = 17  # its bytes
    NAME = 18  # the bytes themselves, in four words
    OFFSETS = 22  # receiver clock minus venue clock of each stream, ns; six words


WIDTH = 28
STREAM_TO_OFFSET = int(Row.OFFSETS) - int(Row.DEPTH)
"""Distance from a stream number to the clock offset of that stream."""

ID_WORDS = 5
"""Words kept per buffered message: U, u, pu, levels, venue time in ms."""

Memory = npt.NDArray[np.int64]


class Tables(NamedTuple):
    """Everything a decoder remembers."""

    memory: Memory
    pending: Events  # buffered levels, PENDING_RECORDS per instrument


def address(array: npt.NDArray[Any]) -> int:
    """Where the first element of an array lies; the caller keeps the array alive."""
    place: int = array.__array_interface__["data"][0]
    return place


_FNV_START, _FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1


def symbol_hash(symbol: bytes) -> int:
    """FNV-1a hash of 64 bits, as the compiled look-up computes it."""
    value = _FNV_START
    for byte in symbol:
        value = ((value ^ byte) * _FNV_PRIME) & _MASK
    return value


def make_tables(feeds: tuple[Feed, ...], *, cold_start: bool = False) -> Tables:
    """Lay out the state of a decoder.

    Parameters
    ----------
    feeds : tuple of Feed
        Instruments and where their events go.
    cold_start : bool
        Pass depth on without waiting for a snapshot; the book is declared GAPPED.

    Raises
    ------
    InstrumentError
        When two feeds have the same symbol, or a symbol is too long.
    """
    n = len(feeds)
    size = 16
    while size < 4 * n:
        size *= 2
    rows = HEAD + size
    ids = rows + WIDTH * n
    m = np.zeros(ids + ID_WORDS * PENDING_MESSAGES * n, dtype=np.int64)
    m[[Glob.HINT, Glob.BASE]] = 0 if n == 1 else -1, -1
    m[[Glob.SLOT_MASK, Glob.SLOTS, Glob.ROWS, Glob.IDS]] = size - 1, HEAD, rows, ids
    m[HEAD:rows] = -1
    for number, feed in enumerate(feeds):
        text = feed.symbol.lower().encode("ascii", "replace")
        if not 0 < len(text) <= SYMBOL_MAX:
            raise InstrumentError(
                f"venue symbol {feed.symbol!r} has {len(text)} characters",
                mend=f"give 1 to {SYMBOL_MAX} characters, for example btcusdt",
            )
        code = symbol_hash(text)
        place = code & (size - 1)
        row = m[rows + WIDTH * number : rows + WIDTH * (number + 1)]
        row[Row.PX_DECIMALS : Row.DEPTH] = feed.scale
        row[Row.DEPTH : Row.PHASE] = feed.routes
        row[Row.OFFSETS :] = feed.offsets
        row[Row.PHASE] = BookPhase.COLD if cold_start else BookPhase.WAIT
        row[Row.HASH] = code - (1 << 64) if code >> 63 else code
        row[Row.LENGTH] = len(text)
        row[Row.NAME : Row.NAME + 4].view(np.uint8)[: len(text)] = np.frombuffer(text, np.uint8)
        while m[HEAD + place] >= 0:
            other = feeds[int(m[HEAD + place])]
            if other.symbol.lower() == feed.symbol.lower():
                raise InstrumentError(f"two feeds for {feed.symbol}", mend="give each symbol once")
            place = (place + 1) & (size - 1)
        m[HEAD + place] = number
    pending = empty_events(n * PENDING_RECORDS)
    m[[Glob.PENDING, Glob.PENDING_SIZE]] = address(pending), pending.size
    return Tables(m, pending)
