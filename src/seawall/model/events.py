# SPDX-License-Identifier: MIT
"""Event records: what the market said, as the kernel reads it.

One event is 32 bytes.  Prices are integer ticks and quantities integer lots of the
stream's instrument; ``ts`` is the *receive* time and ``ts - 1000 * lag_us`` the
venue's own time on the receiver's clock.  A stream is one feed of one instrument
from one source; its number indexes the run's stream table, which holds the source id.
Bars travel apart, in int64 columns, because a strategy on bars reads a few of the
columns only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
import numpy.typing as npt

EVENT = np.dtype(
    [
        ("ts", "<i8"),  # receive time, ns UTC
        ("qty", "<i8"),  # lots; see EventKind for the exceptions
        ("px", "<i4"),  # ticks
        ("lag_us", "<u4"),  # receive time minus venue time, us, receiver's clock
        ("stream", "<u2"),  # index into the run's stream table
        ("kind", "u1"),  # EventKind
        ("flags", "u1"),  # EventFlag
        ("seq", "<u4"),  # venue sequence number or trade id, modulo 2**32
    ]
)
"""Record type of a market event, 32 bytes."""

MARK_FP_BITS = 10
"""Mark and index prices carry 10 binary places below the tick."""

RATE_SCALE = 1_000_000_000
"""Fee and funding rates are integers in units of 1e-9."""


class EventKind(IntEnum):
    """What an event record says; ``px`` and ``qty`` mean what the comment says."""

    TRADE = 1  # px, qty traded; BUY flag: the taker bought
    DELTA = 2  # level px of the side now holds qty in total, 0 removes it
    SNAPSHOT = 3  # a level of a full book; FIRST clears both sides before it
    TOP = 4  # best level of the side is px with qty, nothing is better
    MARK = 5  # qty: mark price in ticks * 2**MARK_FP_BITS
    INDEX = 6  # qty: index price in ticks * 2**MARK_FP_BITS
    FUNDING = 7  # settlement stamp; qty: rate in 1e-9, longs pay when positive
    OPEN_INTEREST = 8  # qty: lots
    LIQUIDATION = 9  # px, qty; BUY flag: the venue bought (a short was liquidated)
    STATUS = 10  # px: BookState that the feed declares
    METRIC = 11  # px: column of the stream; qty: bits of the value as float64
    NEWS = 12  # qty: row of the stream's news


class EventFlag(IntFlag):
    """Bits of ``flags``."""

    BUY = 1  # bid side of a book record, buying taker of a trade
    LAST = 2  # last record of one venue message; wakes fall between messages
    FIRST = 4  # first record of a snapshot: clears the book


class BookState(IntEnum):
    """Quality of a book, read by risk: anything but GOOD means reduce-only."""

    EMPTY = 0  # no snapshot yet
    GOOD = 1
    STALE = 2  # nothing heard for longer than the allowed silence
    GAPPED = 3  # a sequence number is missing; wrong until the next snapshot
    CROSSED = 4  # best bid at or above best ask after a whole message


class BarField(IntEnum):
    """Rows of a bar array of shape (7, n), int64."""

    TS = 0  # close of the bar: the moment from which it may be known, ns UTC
    OPEN = 1  # ticks
    HIGH = 2
    LOW = 3
    CLOSE = 4
    VOLUME = 5  # lots
    STREAM = 6  # index into the run's stream table


Events = npt.NDArray[np.void]
"""One-dimensional array of :data:`EVENT` records, ordered by ``ts``."""

Bars = npt.NDArray[np.int64]
"""Array of shape (7, n), rows by :class:`BarField`, ordered by ``ts``."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One feed of one instrument from one source.

    Parameters
    ----------
    venue : str
        Venue name in ccxt's spelling, for example ``binance``.
    symbol : str
        Instrument in the ccxt form, for example ``BTC/USDT:USDT``.
    feed : str
        Kind of feed: ``trades``, ``depth``, ``bookticker``, ``bars_1h``...
    batch : str
        What delivered it: a file's hash, a connection id.
    clock_offset_ns : int
        Receiver clock minus venue clock that was removed at import, ns.
    columns : tuple of str
        Names of the numbers that a metric stream brings.
    """

    venue: str
    symbol: str
    feed: str
    batch: str = ""
    clock_offset_ns: int = 0
    columns: tuple[str, ...] = ()

    @property
    def source_id(self) -> str:
        """Identity that admission judges: venue, symbol, feed and batch."""
        return "|".join((self.venue, self.symbol, self.feed, self.batch))


def empty_events(n: int = 0) -> Events:
    """Return ``n`` zeroed event records."""
    return np.zeros(n, dtype=EVENT)


def empty_bars(n: int = 0) -> Bars:
    """Return a zeroed bar array of shape (7, n)."""
    return np.zeros((len(BarField), n), dtype=np.int64)
