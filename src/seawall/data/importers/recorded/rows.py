# SPDX-License-Identifier: MIT
"""Rows collected from messages, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from seawall.data.importers.base import Batch

_SCHEMAS: dict[str, dict[str, type[pl.DataType]]] = {
    "trades": {"ts": pl.Int64, "venue_ts": pl.Int64, "seq": pl.Int64, "price": pl.Float64,
               "qty": pl.Float64, "taker_buy": pl.Boolean},
    "top": {"ts": pl.Int64, "venue_ts": pl.Int64, "seq": pl.Int64, "bid_price": pl.Float64,
            "bid_qty": pl.Float64, "ask_price": pl.Float64, "ask_qty": pl.Float64},
    "mark": {"ts": pl.Int64, "venue_ts": pl.Int64, "mark_price": pl.Float64,
             "index_price": pl.Float64, "funding_rate": pl.Float64},
    "funding": {"ts": pl.Int64, "rate": pl.Float64},
    "open_interest": {"ts": pl.Int64, "value": pl.Float64},
    "liquidations": {"ts": pl.Int64, "venue_ts": pl.Int64, "price": pl.Float64,
                     "qty": pl.Float64, "buy": pl.Boolean},
}  # fmt: skip

Levels = Sequence[Sequence[Any]]
"""Levels as ``(price, quantity, …)``, numbers or their text."""


@dataclass(slots=True)
class _Depth:
    heads: list[tuple[int, int | None, int, int, int, bool]] = field(default_factory=list)
    bids: list[int] = field(default_factory=list)
    asks: list[int] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    qty: list[float] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        heads = pl.DataFrame(
            self.heads, orient="row",
            schema={"ts": pl.Int64, "venue_ts": pl.Int64, "first_seq": pl.Int64,
                    "seq": pl.Int64, "prev_seq": pl.Int64, "is_snapshot": pl.Boolean},
        )  # fmt: skip
        sides = np.array([self.bids, self.asks]).T
        head = np.repeat(np.arange(len(heads)), sides.sum(axis=1))
        is_bid = np.repeat(np.tile([True, False], len(heads)), sides.ravel())
        return heads[head].with_columns(
            pl.Series("is_bid", is_bid), pl.Series("price", self.price, pl.Float64),
            pl.Series("qty", self.qty, pl.Float64),
        )  # fmt: skip


class EventRows:
    """Canonical rows of one venue, by symbol and kind.

    Times are ns UTC; a venue time of none is unknown; prices and quantities may be given
    as the text the venue sent.
    """

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self.count = 0
        self._rows: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        self._depth: dict[str, _Depth] = {}
        self._prices: dict[str, float] = {}

    def _add(self, symbol: str, kind: str, *row: Any) -> None:
        self._rows.setdefault((symbol, kind), []).append(row)
        self.count += 1

    def trade(
        self, symbol: str, ts: int, venue_ts: int | None, price: Any, qty: Any,
        taker_buy: bool | None, *, seq: int = -1,
    ) -> None:  # fmt: skip
        """Add a trade."""
        self._add(symbol, "trades", ts, venue_ts, seq, float(price), float(qty), taker_buy)

    def top(
        self, symbol: str, ts: int, venue_ts: int | None, bid: Sequence[Any], ask: Sequence[Any],
        *, seq: int = -1,
    ) -> None:  # fmt: skip
        """Add a best bid and offer, each as ``(price, quantity)``."""
        best = (float(bid[0]), float(bid[1]), float(ask[0]), float(ask[1]))
        self._add(symbol, "top", ts, venue_ts, seq, *best)

    def mark(
        self, symbol: str, ts: int, venue_ts: int | None, mark: Any, index: Any, funding: Any
    ) -> None:
        """Add a mark price; index and predicted funding may be none."""
        values = (None if v in (None, "") else float(v) for v in (mark, index, funding))
        self._add(symbol, "mark", ts, venue_ts, *values)

    def funding(self, symbol: str, ts: int, rate: Any) -> None:
        """Add a settled funding rate."""
        self._add(symbol, "funding", ts, float(rate))

    def open_interest(self, symbol: str, ts: int, value: Any) -> None:
        """Add an open interest."""
        self._add(symbol, "open_interest", ts, float(value))

    def liquidation(
        self, symbol: str, ts: int, venue_ts: int | None, price: Any, qty: Any, buy: bool
    ) -> None:
        """Add a forced order; ``buy`` is its side."""
        self._add(symbol, "liquidations", ts, venue_ts, float(price), float(qty), buy)

    def depth(
        self, symbol: str, ts: int, venue_ts: int | None, bids: Levels, asks: Levels, *,
        snapshot: bool = False, seq: int = -1, first: int = -1, prev: int = -1,
    ) -> None:  # fmt: skip
        """Add a message of book levels; a quantity of 0 removes the level.

        A whole book without any level becomes one level of quantity 0 at the price last
        seen, because a message without rows could not be told; one before all others says
        nothing and is left out.
        """
        if not bids and not asks:
            if not snapshot or symbol not in self._prices:
                return
            bids = [(self._prices[symbol], 0)]
        held = self._depth.setdefault(symbol, _Depth())
        held.heads.append((ts, venue_ts, first, seq, prev, snapshot))
        held.bids.append(len(bids))
        held.asks.append(len(asks))
        for side in (bids, asks):
            held.price.extend(float(level[0]) for level in side)
            held.qty.extend(float(level[1]) for level in side)
        self._prices[symbol] = held.price[-1]
        self.count += len(bids) + len(asks)

    def take(self) -> Iterator[Batch]:
        """Hand over what was collected and begin anew."""
        for symbol, held in self._depth.items():
            yield Batch(self.venue, symbol, "depth", held.frame())
        for (symbol, kind), rows in self._rows.items():
            frame = pl.DataFrame(rows, schema=_SCHEMAS[kind], orient="row")
            yield Batch(self.venue, symbol, kind, frame)
        self._rows, self._depth, self.count = {}, {}, 0
