# SPDX-License-Identifier: MIT
"""Binance spot, US, USD-M and COIN-M streams with their REST snapshots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.binance_snapshot import Snapshot
from seawall.data.importers.known import binance_described, binance_symbol
from seawall.data.importers.recorded.decoder import JoiningDecoder, ms

_SYMBOL = re.compile(r"[?&]symbol=(\w+)")


@dataclass(slots=True)
class BinanceDecoder(JoiningDecoder):
    """Combined streams (``{"stream": …, "data": …}``) and bare messages."""

    symbols: dict[str, str] = field(default_factory=dict)
    only: str = ""
    due: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take ``exchangeInfo`` and ``depth`` answers."""
        if "exchangeInfo" in url:
            for one in binance_described(answer, self.rows.venue):
                self.described[one.symbol] = one
            spot = self.rows.venue not in ("binanceusdm", "binancecoinm")
            for entry in answer.get("symbols", ()) if spot else ():
                self.symbols[entry["symbol"]] = f"{entry['baseAsset']}/{entry['quoteAsset']}"
        elif "lastUpdateId" in answer:
            match = _SYMBOL.search(url)
            self.snapshot(ts, match[1] if match else answer.get("symbol", self.only), answer)

    def symbol(self, ticker: str) -> str:
        """Symbol of a ticker; made by splitting it where nothing described it."""
        name = ticker.upper()
        if name not in self.symbols:
            self.symbols[name] = binance_symbol(name, self.rows.venue)
        return self.symbols[name]

    def start(self, book: Snapshot) -> None:
        """Begin with a book that is known from elsewhere."""
        joined = self.book(self.symbol(self.only))
        joined.snapshot(book.ts, book.venue_ts, book.last_id, book.bids, book.asks)

    def snapshot(self, ts: int, ticker: str, answer: Any) -> None:
        """Take a REST snapshot."""
        self.book(self.symbol(ticker)).snapshot(
            ts, ms(answer.get("E")), answer["lastUpdateId"], answer["bids"], answer["asks"]
        )

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one stream message or a snapshot written between them."""
        if "lastUpdateId" in message and "data" not in message:
            self.snapshot(ts, message.get("symbol", self.only), message)
            return
        data = message.get("data", message)
        name = data.get("e") or ("bookTicker" if "u" in data and "B" in data else "other")
        take = _TAKE.get(name)
        if take is None:
            self.ignored[name] += 1
        else:
            take(self, ts, data)


def _depth(self: BinanceDecoder, ts: int, d: Any) -> None:
    ids = (d["U"], d["u"], d.get("pu", -1))
    self.book(self.symbol(d["s"])).diff(ts, ms(d.get("E")), ids, d["b"], d["a"])


def _trade(self: BinanceDecoder, ts: int, d: Any) -> None:
    if d.get("X", "MARKET") not in ("MARKET", "INSURANCE_FUND"):
        self.ignored[f"trade of type {d['X']}"] += 1
        return
    number = d["t"] if "t" in d else d["a"]
    symbol = self.symbol(d["s"])
    self.rows.trade(symbol, ts, ms(d["T"]), d["p"], d["q"], not d["m"], seq=number)


def _top(self: BinanceDecoder, ts: int, d: Any) -> None:
    bid, ask = (d["b"], d["B"]), (d["a"], d["A"])
    self.rows.top(self.symbol(d["s"]), ts, ms(d.get("E")), bid, ask, seq=d["u"])


def _mark(self: BinanceDecoder, ts: int, d: Any) -> None:
    symbol, due, rate = self.symbol(d["s"]), int(d.get("T") or 0), d.get("r")
    self.rows.mark(symbol, ts, ms(d["E"]), d["p"], d.get("i"), rate)
    # When the next funding time moves on, the last rate before that was the one settled.
    before, settled = self.due.get(symbol, (0, None))
    if 0 < before < due and settled not in (None, ""):
        self.rows.funding(symbol, ts, settled)
    if due:
        self.due[symbol] = due, rate


def _forced(self: BinanceDecoder, ts: int, d: Any) -> None:
    o = d["o"]
    price = o["ap"] if float(o.get("ap", 0)) else o["p"]
    self.rows.liquidation(self.symbol(o["s"]), ts, ms(o["T"]), price, o["q"], o["S"] == "BUY")


_TAKE: dict[str, Callable[[BinanceDecoder, int, Any], None]] = {
    "depthUpdate": _depth, "trade": _trade, "aggTrade": _trade, "bookTicker": _top,
    "markPriceUpdate": _mark, "forceOrder": _forced,
}  # fmt: skip
