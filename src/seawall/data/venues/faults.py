# SPDX-License-Identifier: MIT
"""What can be wrong with a message of a venue, and the count of everything decoded.

A fault never stops the decoding and nothing is dropped without one: every message ends in
exactly one of the counts of :class:`DecodeStats`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Fault(IntEnum):
    """Why a message, or a part of it, was not taken as it is."""

    MALFORMED = 1  # not JSON
    UNREADABLE = 2  # JSON, but a field is missing or of the wrong type
    UNKNOWN_SYMBOL = 3  # names no instrument of the table, or none at all
    SYMBOL_MISMATCH = 4  # the stream's name and the message's symbol differ
    OFF_TICK = 5  # price is no whole number of ticks: the instrument is out of date
    BAD_NUMBER = 6  # negative, zero price of a level, not finite or too long
    SEQUENCE_GAP = 7  # depth messages are missing; the book is GAPPED from here
    STALE_SNAPSHOT = 8  # older than the first buffered depth message: ask for another
    EMPTY_SNAPSHOT = 9  # a book without any level
    NO_TRADE = 10  # a trade message without price or quantity
    VENUE_ERROR = 11  # the venue answered with an error
    NO_TIME = 12  # a line without receive time whose message has no venue time
    # The message was taken, with the correction named here:
    CLOCK_BACK = 13  # receive time before the last one; moved up to it
    OFF_LOT = 14  # quantity rounded to whole lots, at least one
    BUFFER_FULL = 15  # too many depth messages before the snapshot; the older ones dropped


REFUSALS = tuple(f for f in Fault if f <= Fault.NO_TIME and f is not Fault.SEQUENCE_GAP)
"""Faults that refuse the whole message."""


class Count(IntEnum):
    """Kinds of messages that were understood."""

    DEPTH = 0  # passed on at once
    BUFFERED = 1  # depth kept until the snapshot comes
    SUPERSEDED = 2  # depth or snapshot older than the book
    SNAPSHOT = 3
    TRADE = 4
    TOP = 5
    MARK = 6
    LIQUIDATION = 7
    IGNORED = 8  # a kind or stream that nobody asked for
    CONTROL = 9  # answers to subscriptions
    EMPTY = 10  # blank lines
    SLOW = 11  # of all these, how many took the slow path


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """One fault.

    Parameters
    ----------
    fault : Fault
        What is wrong.
    message : int
        Number of the message since the decoder began, from 0.
    offset : int
        Byte offset of the message in its file; -1 when it came alone.
    """

    fault: Fault
    message: int
    offset: int


@dataclass(frozen=True, slots=True)
class DecodeStats:
    """Counts of one decoder.

    Parameters
    ----------
    messages : int
        Messages seen.
    counts : dict of Count to int
        Messages understood, by kind.
    faults : dict of Fault to int
        Faults, by reason; only those that occurred.
    first_faults : tuple of FaultRecord
        The first faults with their places; the list is bounded, the counts are not.
    """

    messages: int
    counts: dict[Count, int]
    faults: dict[Fault, int]
    first_faults: tuple[FaultRecord, ...]

    @property
    def refused(self) -> int:
        """Messages that yielded nothing because of a fault."""
        return sum(self.faults.get(f, 0) for f in REFUSALS)

    @property
    def accounted(self) -> bool:
        """Whether every message is in exactly one count."""
        understood = sum(n for kind, n in self.counts.items() if kind is not Count.SLOW)
        return understood + self.refused == self.messages
