# SPDX-License-Identifier: MIT
"""Kraken spot (V1 streams) and Kraken futures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from seawall.data.importers.recorded.decoder import Decoder, iso, ms, seconds
from seawall.data.importers.recorded.steps import decimals, described

_NAMES = {"XBT": "BTC", "XDG": "DOGE"}
_FUTURE = re.compile(r"^(PI|PF|PV|FI|FF|FV)_([A-Z0-9]+?)(USD|USDT|EUR|XBT)(?:_(\d{6}))?$")


def _name(code: str) -> str:
    return _NAMES.get(code, code)


def kraken_symbol(pair: str) -> str:
    """Symbol of ``XBT/USD``: Kraken's own codes become the usual ones."""
    base, quote = pair.split("/")
    return f"{_name(base)}/{_name(quote)}"


@dataclass(slots=True)
class KrakenDecoder(Decoder):
    """Books and trades; a book message may bring bids and asks in two parts."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take ``AssetPairs``."""
        for e in answer.get("result", {}).values() if "AssetPairs" in url else ():
            if "wsname" in e:
                described(self, kraken_symbol(e["wsname"]), decimals(e["pair_decimals"]),
                          decimals(e["lot_decimals"]))  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        if isinstance(message, dict):
            self.ignored[str(message.get("event", "other"))] += 1
            return
        channel, symbol = message[-2], kraken_symbol(message[-1])
        if channel == "trade":
            for price, qty, stamp, side, *_ in message[1]:
                self.rows.trade(symbol, ts, seconds(stamp), price, qty, side == "b")
        elif channel.startswith("book"):
            body: dict[str, Any] = {}
            for part in message[1:-2]:
                body.update(part)
            whole = "as" in body or "bs" in body
            bids, asks = body.get("bs", body.get("b", ())), body.get("as", body.get("a", ()))
            stamps = [seconds(level[2]) or 0 for side in (bids, asks) for level in side]
            self.rows.depth(symbol, ts, max(stamps, default=None), bids, asks, snapshot=whole)
        elif channel == "spread":
            bid, ask, stamp, bid_qty, ask_qty = message[1]
            self.rows.top(symbol, ts, seconds(stamp), (bid, bid_qty), (ask, ask_qty))
        else:
            self.ignored[channel] += 1


def kraken_future_symbol(name: str) -> str:
    """Symbol of a contract: inverse (``PI``, ``FI``) or linear (``PF``, ``FF``)."""
    match = _FUTURE.match(name.upper())
    if match is None:
        return f"{name.upper()}/USD:USD"
    kind, base, quote, date = match.groups()
    base, quote = _name(base), _name(quote)
    settle = base if kind[1] == "I" else quote
    return f"{base}/{quote}:{settle}" + (f"-{date}" if date else "")


@dataclass(slots=True)
class KrakenFuturesDecoder(Decoder):
    """Feeds ``book``, ``trade`` and their snapshots; quantities are contracts."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take the list of instruments."""
        for e in answer.get("instruments", ()):
            if "tickSize" in e and "contractSize" in e:
                last = e.get("lastTradingTime")
                described(self, kraken_future_symbol(e["symbol"]), e["tickSize"], "1",
                          contract_size=e["contractSize"],
                          expiry_ns=iso(last) if last else 0)  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        feed = message.get("feed", "other")
        if "event" in message or "product_id" not in message:
            self.ignored[str(message.get("event", feed))] += 1
            return
        symbol = kraken_future_symbol(message["product_id"])
        venue_ts = ms(message.get("timestamp", message.get("time")))
        if feed == "book":
            level = [(message["price"], message["qty"])]
            bids, asks = (level, []) if message["side"] == "buy" else ([], level)
            self.rows.depth(symbol, ts, venue_ts, bids, asks, seq=message["seq"],
                            first=message["seq"])  # fmt: skip
        elif feed == "book_snapshot":
            bids, asks = ([(x["price"], x["qty"]) for x in message[s]] for s in ("bids", "asks"))
            self.rows.depth(symbol, ts, venue_ts, bids, asks, snapshot=True, seq=message["seq"])
        elif feed == "trade":
            buy = message["side"] == "buy"
            price, qty = message["price"], message["qty"]
            self.rows.trade(symbol, ts, venue_ts, price, qty, buy, seq=message["seq"])
            if message.get("type") == "liquidation":
                self.rows.liquidation(symbol, ts, venue_ts, price, qty, buy)
        elif feed == "trade_snapshot":
            self.ignored["trades from before the recording"] += len(message["trades"])
        else:
            self.ignored[feed] += 1
