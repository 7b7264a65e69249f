# SPDX-License-Identifier: MIT
"""The input's book rows as hftbacktest events, with no feed latency."""

from __future__ import annotations

import numpy as np
from hftbacktest import (
    BUY_EVENT,
    DEPTH_EVENT,
    DEPTH_SNAPSHOT_EVENT,
    EXCH_EVENT,
    LOCAL_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
)
from hftbacktest.types import event_dtype

from contract import LOT, TICK

KIND_TRADE = 1


def events_of(book: dict[str, np.ndarray]) -> np.ndarray:
    """One event per row, the snapshot's first, in the order of the file."""
    is_trade = book["kind"] == KIND_TRADE
    is_snapshot = np.arange(len(is_trade)) < int(book["n_snapshot"])
    what = np.where(is_trade, TRADE_EVENT, np.where(is_snapshot, DEPTH_SNAPSHOT_EVENT, DEPTH_EVENT))
    side = np.where(book["is_bid"] == 1, BUY_EVENT, SELL_EVENT)
    events = np.zeros(len(is_trade), dtype=event_dtype)
    events["ev"] = (what | side | EXCH_EVENT | LOCAL_EVENT).astype(np.uint64)
    events["exch_ts"] = events["local_ts"] = book["ts_ns"]
    # Rounded, as a parser of the exchange's decimal text would have them.
    events["px"] = np.round(book["px_ticks"] * TICK, 1)
    events["qty"] = np.round(book["qty_lots"] * LOT, 3)
    return events
