# SPDX-License-Identifier: MIT
"""Independent Reserve: single orders, in one book per coin with a price per currency."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.recorded.decoder import Decoder, ms
from seawall.data.importers.recorded.kraken import kraken_symbol

_PAIR = re.compile(r"primaryCurrencyCode=(\w+)&secondaryCurrencyCode=(\w+)", re.IGNORECASE)
_UNIT = 100_000_000


@dataclass(slots=True)
class _Book:
    """Orders of one pair and their totals per level, in units of 10^-8."""

    orders: dict[str, tuple[bool, float, int]] = field(default_factory=dict)
    totals: dict[tuple[bool, float], int] = field(default_factory=dict)

    def put(self, guid: str, is_bid: bool, price: float, units: int) -> tuple[bool, float]:
        """Set an order and return its level."""
        self.drop(guid)
        level = is_bid, price
        self.orders[guid] = is_bid, price, units
        self.totals[level] = self.totals.get(level, 0) + units
        return level

    def drop(self, guid: str) -> tuple[bool, float] | None:
        """Remove an order and return its level, none when it is unknown."""
        known = self.orders.pop(guid, None)
        if known is None:
            return None
        level = known[:2]
        self.totals[level] -= known[2]
        return level


@dataclass(slots=True)
class IndependentReserveDecoder(Decoder):
    """Order events after the list of all orders; pairs are those whose list was fetched."""

    books: dict[str, _Book] = field(default_factory=dict)

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take all orders of a pair."""
        match = _PAIR.search(url)
        if match is None or "BuyOrders" not in answer:
            return
        symbol = kraken_symbol(f"{match[1].upper()}/{match[2].upper()}")
        book = self.books[symbol] = _Book()
        for side, is_bid in (("BuyOrders", True), ("SellOrders", False)):
            for o in answer[side]:
                book.put(o["Guid"], is_bid, float(o["Price"]), round(o["Volume"] * _UNIT))
        sides = [[(p, n / _UNIT) for (bid, p), n in book.totals.items() if bid == want]
                 for want in (True, False)]  # fmt: skip
        self.rows.depth(symbol, ts, None, *sides, snapshot=True)

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one order event."""
        event, channel = message.get("Event", "other"), message.get("Channel", "")
        if not channel.startswith("orderbook-"):
            self.ignored[event] += 1
            return
        coin = kraken_symbol(f"{channel.split('-')[1].upper()}/USD").partition("/")[0]
        data, venue_ts = message["Data"], ms(message["Time"])
        books = [(s, b) for s, b in self.books.items() if s.startswith(f"{coin}/")]
        if not books:
            self.ignored["orders of a pair without its list"] += 1
        for symbol, book in books:
            level = self._apply(event, data, symbol, book)
            if level is not None:
                row = [(level[1], book.totals[level] / _UNIT)]
                bids, asks = (row, []) if level[0] else ([], row)
                self.rows.depth(symbol, ts, venue_ts, bids, asks)

    def _apply(self, event: str, d: Any, symbol: str, book: _Book) -> tuple[bool, float] | None:
        guid = d["OrderGuid"]
        if event == "NewOrder":
            if guid in book.orders:
                return None  # the list, fetched later, holds it already
            price = d["Price"][symbol.partition("/")[2].lower()]
            is_bid = d["OrderType"].endswith("Bid")
            return book.put(guid, is_bid, float(price), round(d["Volume"] * _UNIT))
        if event == "OrderCanceled" or not d.get("Volume"):
            return book.drop(guid)
        known = book.orders.get(guid)
        return None if known is None else book.put(guid, *known[:2], round(d["Volume"] * _UNIT))
