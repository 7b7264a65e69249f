# SPDX-License-Identifier: MIT
"""Coinbase (Advanced Trade) and Gemini (market data V2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.base import ccxt_symbol
from seawall.data.importers.recorded.decoder import Decoder, iso, ms
from seawall.data.importers.recorded.steps import described
from seawall.model.errors import FormatError


@dataclass(slots=True)
class CoinbaseDecoder(Decoder):
    """Channels ``l2_data`` and ``market_trades``; the number counts all channels."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take the list of products."""
        for e in answer.get("products", ()):
            if e.get("product_type", "SPOT") == "SPOT" and "base_increment" in e:
                described(self, e["product_id"].replace("-", "/"),
                          e.get("price_increment") or e["quote_increment"],
                          e["base_increment"], notional=e.get("quote_min_size") or "0")  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        channel = message.get("channel", "other")
        if channel == "l2_data":
            for event in message["events"]:
                self._book(ts, event, message["sequence_num"], iso(message["timestamp"]))
        elif channel == "market_trades":
            for event in message["events"]:
                self._trades(ts, event)
        else:
            self.ignored[channel] += 1

    def _book(self, ts: int, event: Any, seq: int, sent: int) -> None:
        levels: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        for u in event["updates"]:
            levels[u["side"] == "bid"].append((u["price_level"], u["new_quantity"]))
        self.rows.depth(event["product_id"].replace("-", "/"), ts, sent, levels[True],
                        levels[False], snapshot=event["type"] == "snapshot", seq=seq)  # fmt: skip

    def _trades(self, ts: int, event: Any) -> None:
        if event["type"] == "snapshot":
            self.ignored["trades from before the recording"] += len(event["trades"])
            return
        for t in reversed(event["trades"]):
            # Coinbase names the side of the maker.
            self.rows.trade(t["product_id"].replace("-", "/"), ts, iso(t["time"]), t["price"],
                            t["size"], t["side"] == "SELL", seq=int(t["trade_id"]))  # fmt: skip


@dataclass(slots=True)
class GeminiDecoder(Decoder):
    """``l2_updates`` (the first of a symbol is the whole book) and ``trade``."""

    seen: set[str] = field(default_factory=set)

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take details of a symbol; Gemini calls the lot tick size."""
        if isinstance(answer, dict) and "quote_increment" in answer:
            described(self, gemini_symbol(answer["symbol"]), answer["quote_increment"],
                      answer["tick_size"])  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        kind = message.get("type", "other")
        if kind == "trade":
            self.rows.trade(
                gemini_symbol(message["symbol"]), ts, ms(message["timestamp"]), message["price"],
                message["quantity"], message["side"] == "buy", seq=message["event_id"],
            )  # fmt: skip
        elif kind == "l2_updates":
            symbol = gemini_symbol(message["symbol"])
            sides: dict[str, list[tuple[str, str]]] = {"buy": [], "sell": []}
            for side, price, qty in message["changes"]:
                sides[side].append((price, qty))
            self.rows.depth(symbol, ts, None, sides["buy"], sides["sell"],
                            snapshot=symbol not in self.seen)  # fmt: skip
            self.seen.add(symbol)
            if message.get("trades"):
                self.ignored["trades from before the recording"] += len(message["trades"])
        else:
            self.ignored[kind] += 1


def gemini_symbol(ticker: str) -> str:
    """Symbol of ``btcusd`` or of the perpetual ``BTCUSDCPERP``."""
    name = ticker.upper()
    if name.endswith("PERP"):
        return ccxt_symbol(name.removesuffix("PERP"), settle="quote")
    if name.endswith("GUSD") and len(name) > 6:
        return f"{name[:-4]}/GUSD"
    try:
        return ccxt_symbol(name)
    except FormatError:
        return f"{name[:-3]}/{name[-3:]}"
