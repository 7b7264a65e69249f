# SPDX-License-Identifier: MIT
"""What admission can say about a sample."""

from __future__ import annotations

from enum import IntEnum


class Decision(IntEnum):
    """Outcome for one sample; everything but ADMITTED is a reason for refusal.

    ``RATE`` and ``QUOTA`` mean *surplus*: nothing is wrong with the sample, the source has
    merely had its share.  A strategy may see surplus; a model must not learn from it.
    """

    ADMITTED = 0
    UNKNOWN_SOURCE = 1  # nobody enrolled the stream
    BANNED = 2  # a person banned the source, its venue or this batch
    NOT_A_NUMBER = 3  # the value is NaN or infinite
    FUTURE = 4  # the source's clock is ahead of ours by more than the allowed skew
    STALE = 5  # older than allowed when it arrived
    BACKWARD = 6  # arrived before what the same source sent already
    REPLAYED = 7  # a sequence number that was there already
    OUTLIER = 8  # most of the other sources are far away, on one side
    NOISE = 9  # the source is suspended: its residuals vary too much
    CONSTANT = 10  # the source is suspended: its value stood still while the others moved
    BROKEN_BOOK = 11  # part of a book whose earlier part was refused; mended by a snapshot
    RATE = 12  # surplus: the token bucket is empty
    QUOTA = 13  # surplus: the quota of this epoch is used up


SURPLUS = (Decision.RATE, Decision.QUOTA)
"""Reasons that say nothing against the sample."""

SUSPENSIONS = (Decision.NOISE, Decision.CONSTANT)
"""Reasons for which a source is suspended for some epochs."""


class Change(IntEnum):
    """Why a trust score changed."""

    FORGOT = 0  # no evidence came; the old evidence faded
    AGREED = 1  # more agreement than disagreement with the other sources
    DISAGREED = 2
    ANOMALY = 3  # bad clocks, replays, not-a-number outweighed what it agreed on
    NOISE = 4
    CONSTANT = 5
    BREAK = 6  # most sources disagreed at once: agreement was not counted this time
