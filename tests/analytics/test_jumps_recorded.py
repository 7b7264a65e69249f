# SPDX-License-Identifier: MIT
"""What large moves come from, in an order-by-order recording of one day."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from seawall.analytics.jumps import large_moves

FILE = "lob/bitstamp_btcusd_l3_events_2015-05-01_00-16h.parquet"
HOUR_MS = 3_600_000


class Book:
    """Levels by price, kept from single orders by the simplest code that can be right."""

    def __init__(self) -> None:
        self.left: dict[int, int] = {}
        self.price: dict[int, float] = {}
        self.gone: set[int] = set()
        self.size: dict[bool, dict[float, int]] = {True: {}, False: {}}
        self.prices: dict[bool, list[float]] = {True: [], False: []}

    def take(self, order: int, is_bid: bool, price: float, units: int, action: str) -> int | None:
        """Apply one event; gives the size that was traded, none where it says nothing."""
        if order in self.gone:
            return None
        if action == "deleted":
            self.gone.add(order)
        if action != "created" and order not in self.left:
            return None
        old = self.left.get(order, 0)
        new = 0 if action == "deleted" else units
        # What an order loses was traded, unless its deletion tells that something was left.
        traded = old - new if action == "changed" or (action == "deleted" and units == 0) else 0
        self.left[order] = new
        price = self.price.setdefault(order, price)
        sizes, prices = self.size[is_bid], self.prices[is_bid]
        if price not in sizes:
            sizes[price] = 0
            bisect.insort(prices, price)
        sizes[price] += new - old
        if sizes[price] <= 0:
            del sizes[price]
            prices.pop(bisect.bisect_left(prices, price))
        return max(traded, 0)

    def row(self, traded: int, is_bid: bool) -> list[float] | None:
        """Two levels of each side with the trade, where there are two and they do not cross."""
        bids, asks = self.prices[True], self.prices[False]
        if len(bids) < 2 or len(asks) < 2 or bids[-1] >= asks[0]:
            return None
        side = 0.0 if traded == 0 else (-1.0 if is_bid else 1.0)
        bid_sizes = [self.size[True][price] for price in bids[-1:-3:-1]]
        ask_sizes = [self.size[False][price] for price in asks[:2]]
        return [*bids[-1:-3:-1], *bid_sizes, *asks[:2], *ask_sizes, traded, side]


def replayed(events: pl.DataFrame) -> np.ndarray:
    book, rows = Book(), []
    events = events.sort("timestamp", maintain_order=True)
    begin = events["timestamp"][0] + HOUR_MS  # orders from before midnight are unknown at first
    names = ("id", "timestamp", "price", "volume", "action", "direction")
    for order, ts, price, units, action, side in zip(*(events[n] for n in names), strict=True):
        traded = book.take(order, side == "bid", price, units, action)
        if traded is None or ts < begin:
            continue
        row = book.row(traded, side == "bid")
        if row is not None:
            rows.append(row)
    return np.array(rows)


def test_large_moves_are_gaps_of_the_book_and_not_large_orders(
    recorded: Callable[[str], Any],
) -> None:
    r = replayed(recorded(FILE))
    got = large_moves.fit(
        *(np.ascontiguousarray(r[:, k : k + 2]) for k in (0, 2, 4, 6)),
        np.ascontiguousarray(r[:, 8]), np.ascontiguousarray(r[:, 9]),
    )  # fmt: skip
    assert got.moves > 5_000
    assert not got.doubts
    # The finding of 2004 for shares: a move equals the first gap, whatever the order's size.
    assert got.one_gap > 0.85
    assert abs(got.with_size) < 0.15
    assert got.with_gap > 0.5
    assert got.tail_move == pytest.approx(got.tail_gap, rel=0.2)
    assert got.large_by_trade > 3 * got.by_trade
