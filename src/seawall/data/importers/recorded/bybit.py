# SPDX-License-Identifier: MIT
"""Bybit V5 public streams: order book, trades, tickers, liquidations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.base import ccxt_symbol
from seawall.data.importers.recorded.decoder import Decoder, ms
from seawall.data.importers.recorded.steps import described


@dataclass(slots=True)
class BybitDecoder(Decoder):
    """Market is told by the address of the connection; linear where it is not known."""

    tickers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take ``instruments-info``."""
        result = answer.get("result", {})
        kind = result.get("category", "")
        for entry in result.get("list", ()):
            if "priceFilter" not in entry or kind not in ("spot", "linear", "inverse"):
                continue
            if kind != "spot" and "Perpetual" not in entry.get("contractType", ""):
                continue
            size = entry["lotSizeFilter"]
            ticker = f"{entry['baseCoin']}/{entry['quoteCoin']}"
            settle = {"linear": "quote", "inverse": "base"}.get(kind, "")
            described(
                self, ccxt_symbol(ticker, settle=settle), entry["priceFilter"]["tickSize"],
                size.get("qtyStep") or size.get("basePrecision"),
                notional=size.get("minNotionalValue") or size.get("minOrderAmt") or "0",
            )  # fmt: skip

    def symbol(self, conn: str, ticker: str) -> str:
        """Symbol of a ticker on a connection."""
        address = self.addresses.get(conn, "")
        settle = "" if "/spot" in address else "base" if "/inverse" in address else "quote"
        return ccxt_symbol(ticker, settle=settle)

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        topic = str(message.get("topic", "")).partition(".")[0]
        ts = ts if ts >= 0 else int(ms(message["ts"]) or 0)
        if topic == "orderbook":
            d = message["data"]
            # Number 1 on a delta means that the venue restarted: it is a snapshot.
            whole = message["type"] == "snapshot" or d["u"] == 1
            self.rows.depth(
                self.symbol(conn, d["s"]), ts, ms(message.get("cts", message["ts"])), d["b"],
                d["a"], snapshot=whole, seq=d["u"], first=-1 if whole else d["u"],
            )  # fmt: skip
        elif topic == "publicTrade":
            for t in message["data"]:
                self.rows.trade(self.symbol(conn, t["s"]), ts, ms(t["T"]), t["p"], t["v"],
                                t["S"] == "Buy", seq=_number(t["i"]))  # fmt: skip
        elif topic == "tickers":
            self._ticker(ts, conn, message)
        elif topic == "allLiquidation":
            for t in message["data"]:
                # S is the side of the position: a long position ends with a sale.
                self.rows.liquidation(self.symbol(conn, t["s"]), ts, ms(t["T"]), t["p"], t["v"],
                                      t["S"] == "Sell")  # fmt: skip
        else:
            self.ignored[topic or str(message.get("op", "other"))] += 1

    def _ticker(self, ts: int, conn: str, message: Any) -> None:
        data = message["data"]
        symbol = self.symbol(conn, data["symbol"])
        state = self.tickers.setdefault(symbol, {})
        state.update(data)
        venue_ts = ms(message["ts"])
        if data.keys() & {"bid1Price", "bid1Size", "ask1Price", "ask1Size"}:
            bid = state["bid1Price"], state["bid1Size"]
            ask = state["ask1Price"], state["ask1Size"]
            if all((*bid, *ask)):
                self.rows.top(symbol, ts, venue_ts, bid, ask)
        if "markPrice" in data or "indexPrice" in data or "fundingRate" in data:
            self.rows.mark(symbol, ts, venue_ts, state.get("markPrice"), state.get("indexPrice"),
                           state.get("fundingRate"))  # fmt: skip
        if "openInterest" in data:
            self.rows.open_interest(symbol, ts, data["openInterest"])


def _number(text: str) -> int:
    """Trade id where it is a number (spot); contracts have UUIDs.

    The field ``seq`` is no id: all fills of one order share it.
    """
    return int(text) if text.isdigit() else -1
