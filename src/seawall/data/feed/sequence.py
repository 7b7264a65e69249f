# SPDX-License-Identifier: MIT
"""Messages of a depth stream and the links between their sequence numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl


def message_starts(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Index of the first row of each message; rows of one message share ts, seq and type.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical depth rows in order.
    """
    if frame.is_empty():
        return np.empty(0, np.int64)
    new = np.ones(len(frame), bool)
    new[1:] = False
    for name in ("ts", "seq", "is_snapshot"):
        values = frame[name].to_numpy()
        new[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(new)


def messages_of(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per message: ts, first_seq, seq, prev_seq, is_snapshot."""
    heads = frame.select("ts", "first_seq", "seq", "prev_seq", "is_snapshot")
    return heads[message_starts(frame)]


def stale_messages(messages: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Deltas that a snapshot received before them already contains.

    A snapshot fetched on request arrives in the middle of the stream, and the deltas that
    are still under way are older than it; a book that applied them would be wrong.
    """
    seq = messages["seq"].to_numpy()
    shot = messages["is_snapshot"].to_numpy()
    # The latest snapshot counts, not the highest number: a feed that starts its numbers
    # afresh sends a snapshot first.
    last_shot = np.where(shot, np.arange(len(seq)), -1)
    np.maximum.accumulate(last_shot, out=last_shot)
    floor = np.where(last_shot >= 0, seq[last_shot], -1)
    return ~shot & (seq >= 0) & (seq <= floor)


def broken_links(messages: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell the deltas before which at least one message is missing, or that come too late.

    A delta follows its predecessor, delta or snapshot, when ``prev_seq`` is the
    predecessor's ``seq`` or when ``first_seq`` is at most one more than it.  A number that
    goes back breaks the link as well: the book may have been overwritten with old levels.
    Unknown numbers (-1) break nothing, and stale deltas are left out.

    Parameters
    ----------
    messages : polars.DataFrame
        As :func:`messages_of` gives them.

    Returns
    -------
    ndarray of bool
        One per message.
    """
    out = np.zeros(len(messages), bool)
    fresh = np.flatnonzero(~stale_messages(messages))
    if fresh.size < 2:
        return out
    seq, first, prev = (messages[c].to_numpy()[fresh] for c in ("seq", "first_seq", "prev_seq"))
    shot = messages["is_snapshot"].to_numpy()[fresh]
    before, seq, first, prev = seq[:-1], seq[1:], first[1:], prev[1:]
    told = (prev >= 0) | (first >= 0)
    linked = (prev == before) | ((first >= 0) & (first <= before + 1))
    known = (before >= 0) & (seq >= 0) & ~shot[1:]
    out[fresh[1:]] = known & ((told & ~linked) | (seq < before))
    return out
