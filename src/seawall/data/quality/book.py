# SPDX-License-Identifier: MIT
"""Rebuilding the book of a depth stream to see whether it is ever crossed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

from seawall.data.feed.sequence import message_starts, messages_of, stale_messages
from seawall.data.quality.report import Finding
from seawall.data.quality.steps import price_step
from seawall.model.time import format_time_ns

_MOST_LEVELS = 20_000_000
_SHOWN = 5


def crossed_messages(frame: pl.DataFrame) -> Finding | None:
    """Count messages after which the best bid stands at or above the best ask.

    The book is rebuilt from all rows in order; deltas that a snapshot contains are left
    out, as at replay.  Streams whose prices span more than 20 million ticks are not
    examined.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical depth rows in order of time, without impossible rows.
    """
    if frame.is_empty():
        return None
    starts = message_starts(frame)
    stale = stale_messages(messages_of(frame))
    prices = frame["price"].to_numpy()
    tick, _ = price_step(frame["price"].unique().to_numpy())
    levels = np.rint(prices / float(tick)).astype(np.int64)
    low = int(levels.min())
    span = int(levels.max()) - low + 1
    if span > _MOST_LEVELS:
        return None
    ends = np.append(starts[1:], len(frame)).astype(np.int64)
    crossed = _crossed(
        levels - low, frame["qty"].to_numpy() > 0, frame["is_bid"].to_numpy(),
        frame["is_snapshot"].to_numpy(), starts, ends, stale, np.zeros((2, span), np.bool_),
    )  # fmt: skip
    found = np.flatnonzero(crossed)
    if not found.size:
        return None
    ts = frame["ts"].to_numpy()[starts[found[:_SHOWN]]]
    return Finding("crossed book", int(found.size), tuple(format_time_ns(int(t)) for t in ts))


@njit(cache=True)
def _crossed(
    level: npt.NDArray[np.int64],
    there: npt.NDArray[np.bool_],
    is_bid: npt.NDArray[np.bool_],
    is_snapshot: npt.NDArray[np.bool_],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    stale: npt.NDArray[np.bool_],
    book: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """One flag per message; ``book`` holds which levels of bid (0) and ask (1) exist."""
    span = book.shape[1]
    out = np.zeros(len(starts), np.bool_)
    bid, ask = -1, span  # best levels; -1 and span mean none
    lowest, highest = span, -1  # levels that were ever set since the last clearing
    for m in range(len(starts)):
        if stale[m]:
            continue
        if is_snapshot[starts[m]]:
            for i in range(lowest, highest + 1):
                book[0, i] = book[1, i] = False
            bid, ask, lowest, highest = -1, span, span, -1
        for r in range(starts[m], ends[m]):
            i = level[r]
            if is_bid[r]:
                book[0, i] = there[r]
                if there[r] and i > bid:
                    bid = i
            else:
                book[1, i] = there[r]
                if there[r] and i < ask:
                    ask = i
            if there[r]:
                lowest, highest = min(lowest, i), max(highest, i)
        while bid >= 0 and not book[0, bid]:
            bid -= 1
        while ask < span and not book[1, ask]:
            ask += 1
        out[m] = bid >= ask
    return out
