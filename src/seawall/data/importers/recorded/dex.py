# SPDX-License-Identifier: MIT
"""Hyperliquid and Lighter, perpetuals settled in USDC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.recorded.decoder import Decoder, ms


def _perpetual(coin: str) -> str:
    return f"{coin}/USDC:USDC"


@dataclass(slots=True)
class HyperliquidDecoder(Decoder):
    """Hyperliquid: ``l2Book`` sends whole books of twenty levels, ``trades`` lists of trades."""

    seen: set[str] = field(default_factory=set)

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        channel, d = message.get("channel", "other"), message.get("data")
        if channel == "l2Book":
            bids, asks = ([(x["px"], x["sz"]) for x in side] for side in d["levels"])
            self.rows.depth(_perpetual(d["coin"]), ts, ms(d["time"]), bids, asks, snapshot=True)
        elif channel == "trades":
            symbol = _perpetual(d[0]["coin"]) if d else ""
            if symbol not in self.seen:
                # The first list repeats trades from before the subscription.
                self.seen.add(symbol)
                self.ignored["trades from before the recording"] += len(d)
                return
            for t in d:
                self.rows.trade(symbol, ts, ms(t["time"]), t["px"], t["sz"], t["side"] == "B",
                                seq=t["tid"])  # fmt: skip
        else:
            self.ignored[channel] += 1


@dataclass(slots=True)
class LighterDecoder(Decoder):
    """Lighter: order book with offsets, trades, forced trades, market statistics."""

    coins: dict[str, str] = field(default_factory=dict)

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        action, _, what = str(message.get("type", "other")).partition("/")
        market = str(message.get("channel", "")).partition(":")[2]
        if what == "market_stats":
            self._stats(ts, market, message["market_stats"])
        elif what == "order_book":
            self._book(ts, market, message, whole=action == "subscribed")
        elif what == "trade" and action == "subscribed":
            old = [*(message.get("trades") or ()), *(message.get("liquidation_trades") or ())]
            self.ignored["trades from before the recording"] += len(old)
        elif what == "trade":
            for t in reversed(message.get("trades") or ()):
                self._trade(ts, market, t, forced=False)
            for t in reversed(message.get("liquidation_trades") or ()):
                self._trade(ts, market, t, forced=True)
        else:
            self.ignored[what or action] += 1

    def _symbol(self, market: str) -> str:
        return _perpetual(self.coins.get(market, f"MARKET{market}"))

    def _stats(self, ts: int, market: str, s: Any) -> None:
        self.coins[market] = s["symbol"]
        symbol = self._symbol(market)
        # The rate is in percent per hour.
        rate = float(s["current_funding_rate"]) / 100
        self.rows.mark(symbol, ts, None, s["mark_price"], s["index_price"], rate)
        self.rows.open_interest(symbol, ts, s["open_interest"])

    def _book(self, ts: int, market: str, message: Any, *, whole: bool) -> None:
        book = message["order_book"]
        bids, asks = ([(x["price"], x["size"]) for x in book[s]] for s in ("bids", "asks"))
        offset = book["offset"]
        self.rows.depth(self._symbol(market), ts, ms(message.get("timestamp")), bids, asks,
                        snapshot=whole, seq=offset,
                        first=-1 if whole else offset)  # fmt: skip

    def _trade(self, ts: int, market: str, t: Any, *, forced: bool) -> None:
        symbol, venue_ts, buy = self._symbol(market), ms(t["timestamp"]), t["is_maker_ask"]
        self.rows.trade(symbol, ts, venue_ts, t["price"], t["size"], buy, seq=t["trade_id"])
        if forced:
            self.rows.liquidation(symbol, ts, venue_ts, t["price"], t["size"], buy)
