# SPDX-License-Identifier: MIT
"""OKX and Bitget, whose streams have the same form: ``{"arg": …, "action": …, "data": …}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seawall.data.importers.base import ccxt_symbol
from seawall.data.importers.recorded.decoder import Decoder, ms
from seawall.data.importers.recorded.steps import decimals, described


@dataclass(slots=True)
class OkxDecoder(Decoder):
    """OKX V5: ``books``, ``trades``, ``tickers``; sizes of contracts are contracts."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take lists of instruments."""
        for e in answer.get("data", ()):
            if "tickSz" not in e or e.get("instType") == "OPTION":
                continue
            described(self, okx_symbol(e["instId"]), e["tickSz"], e["lotSz"],
                      contract_size=e.get("ctVal") or "1")  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        channel = message.get("arg", {}).get("channel", "other")
        data = message.get("data")
        if data is None:
            self.ignored[str(message.get("event", "other"))] += 1
            return
        symbol = okx_symbol(message["arg"]["instId"])
        if channel == "trades":
            for t in data:
                self.rows.trade(symbol, ts, ms(t["ts"]), t["px"], t["sz"], t["side"] == "buy",
                                seq=int(t["tradeId"]))  # fmt: skip
        elif channel.startswith("books"):
            for d in data:
                whole = message.get("action", "snapshot") == "snapshot"
                self.rows.depth(symbol, ts, ms(d["ts"]), d["bids"], d["asks"], snapshot=whole,
                                seq=d.get("seqId", -1), prev=d.get("prevSeqId", -1))  # fmt: skip
        elif channel == "tickers":
            for d in data:
                if d["bidPx"] and d["askPx"]:
                    self.rows.top(symbol, ts, ms(d["ts"]), (d["bidPx"], d["bidSz"]),
                                  (d["askPx"], d["askSz"]))  # fmt: skip
        else:
            self.ignored[channel] += 1


def okx_symbol(name: str) -> str:
    """Symbol of an instrument of OKX.

    >>> okx_symbol("BTC-USD-220527")
    'BTC/USD:BTC-220527'
    """
    base, quote, *rest = name.split("-")
    settle = base if quote == "USD" else quote
    if not rest:
        return f"{base}/{quote}"
    tail = "" if rest == ["SWAP"] else "-" + "-".join(rest)
    return f"{base}/{quote}:{settle}{tail}"


@dataclass(slots=True)
class BitgetDecoder(Decoder):
    """Bitget V1: ``books``, ``trade``; the instrument type tells spot from contract."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take lists of products and contracts."""
        for e in answer.get("data", ()):
            if "priceScale" in e:
                described(self, f"{e['baseCoin']}/{e['quoteCoin']}", decimals(e["priceScale"]),
                          decimals(e["quantityScale"]))  # fmt: skip
            elif "pricePlace" in e:
                places = int(e["pricePlace"])
                step = format(int(e.get("priceEndStep", 1)) * 10.0**-places, f".{places}f")
                settle = "base" if e["quoteCoin"] == "USD" else "quote"
                symbol = ccxt_symbol(f"{e['baseCoin']}/{e['quoteCoin']}", settle=settle)
                described(self, symbol, step, e.get("sizeMultiplier") or decimals(
                    e.get("volumePlace", 0)))  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        arg, data = message.get("arg", {}), message.get("data")
        channel = arg.get("channel", "other")
        if data is None:
            self.ignored[str(message.get("event", "other"))] += 1
            return
        kind = arg["instType"].lower()
        settle = {"sp": "", "dmcbl": "base"}.get(kind, "base" if arg["instId"].endswith("USD")
                                                 else "quote")  # fmt: skip
        symbol = ccxt_symbol(arg["instId"], settle=settle)
        whole = message.get("action") == "snapshot"
        if channel.startswith("books"):
            for d in data:
                whole = whole or channel != "books"
                self.rows.depth(symbol, ts, ms(d["ts"]), d["bids"], d["asks"], snapshot=whole)
        elif channel == "trade" and whole:
            self.ignored["trades from before the recording"] += len(data)
        elif channel == "trade":
            for stamp, price, qty, side in reversed(data):
                self.rows.trade(symbol, ts, ms(stamp), price, qty, side == "buy")
        else:
            self.ignored[channel] += 1
