# SPDX-License-Identifier: MIT
"""Gate, HTX (Huobi) and Poloniex, spot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.base import ccxt_symbol
from seawall.data.importers.recorded.decoder import Decoder, JoiningDecoder, ms
from seawall.data.importers.recorded.steps import decimals, described

_PAIR = re.compile(r"currency_pair=(\w+)")


@dataclass(slots=True)
class GateDecoder(JoiningDecoder):
    """Gate V4: diffs join a snapshot that is fetched, as on Binance."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take currency pairs and order books."""
        match = _PAIR.search(url)
        if isinstance(answer, list):
            for e in answer:
                if "precision" in e:
                    described(self, f"{e['base']}/{e['quote']}", decimals(e["precision"]),
                              decimals(e["amount_precision"]))  # fmt: skip
        elif match and "bids" in answer:
            book = self.book(ccxt_symbol(match[1]))
            venue_ts = ms(answer.get("update", answer.get("current")))
            book.snapshot(ts, venue_ts, answer["id"], answer["bids"], answer["asks"])

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        channel, d = message.get("channel", "other"), message.get("result")
        if message.get("event") != "update":
            self.ignored[str(message.get("event", "other"))] += 1
        elif channel == "spot.trades":
            symbol = ccxt_symbol(d["currency_pair"])
            stamp = ms(d.get("create_time_ms"))
            self.rows.trade(symbol, ts, stamp, d["price"], d["amount"], d["side"] == "buy",
                            seq=d["id"])  # fmt: skip
        elif channel == "spot.order_book_update":
            book = self.book(ccxt_symbol(d["s"]))
            book.diff(ts, ms(d["t"]), (d["U"], d["u"], -1), d["b"] or (), d["a"] or ())
        else:
            self.ignored[channel] += 1


@dataclass(slots=True)
class HtxDecoder(Decoder):
    """HTX: whole books (``depth.step0``) and trades."""

    symbols: dict[str, str] = field(default_factory=dict)

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take the list of symbols."""
        for e in answer.get("data", ()):
            base, quote = e["base-currency"].upper(), e["quote-currency"].upper()
            self.symbols[e.get("symbol", (base + quote).lower())] = f"{base}/{quote}"
            described(self, f"{base}/{quote}", decimals(e["price-precision"]),
                      decimals(e["amount-precision"]),
                      notional=e.get("min-order-value") or "0")  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        if "ch" not in message:
            self.ignored["answers and pings"] += 1
            return
        _, ticker, channel, *_ = message["ch"].split(".")
        symbol = self.symbols.get(ticker) or ccxt_symbol(ticker)
        tick = message["tick"]
        if channel == "trade":
            for t in reversed(tick["data"]):
                self.rows.trade(symbol, ts, ms(t["ts"]), t["price"], t["amount"],
                                t["direction"] == "buy", seq=t.get("tradeId", -1))  # fmt: skip
        elif channel == "depth":
            self.rows.depth(symbol, ts, ms(tick.get("ts", message["ts"])), tick["bids"],
                            tick["asks"], snapshot=True,
                            seq=tick.get("version", -1))  # fmt: skip
        else:
            self.ignored[channel] += 1


@dataclass(slots=True)
class PoloniexDecoder(Decoder):
    """Poloniex: ``book_lv2`` with a chain of ids, and trades."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take the list of markets."""
        for e in answer if isinstance(answer, list) else ():
            limit = e.get("symbolTradeLimit", {})
            if "priceScale" in limit:
                described(self, ccxt_symbol(e["symbol"]), decimals(limit["priceScale"]),
                          decimals(limit["quantityScale"]),
                          notional=limit.get("minAmount") or "0")  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        channel, data = message.get("channel", "other"), message.get("data")
        if data is None:
            self.ignored[str(message.get("event", "other"))] += 1
        elif channel == "trades":
            for t in data:
                self.rows.trade(ccxt_symbol(t["symbol"]), ts, ms(t["createTime"]), t["price"],
                                t["quantity"], t["takerSide"] == "buy",
                                seq=int(t["id"]))  # fmt: skip
        elif channel == "book_lv2":
            for d in data:
                whole = message.get("action") == "snapshot"
                self.rows.depth(ccxt_symbol(d["symbol"]), ts, ms(d["ts"]), d["bids"], d["asks"],
                                snapshot=whole, seq=d["id"],
                                prev=-1 if whole else d["lastId"])  # fmt: skip
        else:
            self.ignored[channel] += 1
