# SPDX-License-Identifier: MIT
"""Deribit: books with their chain of change ids, trades, tickers of options and futures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seawall.data.importers.recorded.decoder import Decoder, ms
from seawall.data.importers.recorded.steps import described
from seawall.data.importers.tardis import deribit_symbol


@dataclass(slots=True)
class DeribitDecoder(Decoder):
    """Channels ``book``, ``trades`` and ``ticker`` of subscriptions."""

    def http(self, ts: int, url: str, answer: Any) -> None:
        """Take lists of instruments."""
        for e in answer.get("result", ()):
            symbol = deribit_symbol(e["instrument_name"])
            described(self, symbol, e["tick_size"], e["min_trade_amount"],
                      contract_size=1)  # fmt: skip

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        if message.get("method") != "subscription":
            self.ignored["answers"] += 1
            return
        channel = message["params"]["channel"].partition(".")[0]
        d = message["params"]["data"]
        if channel == "trades":
            for t in d:
                symbol = deribit_symbol(t["instrument_name"])
                self.rows.trade(symbol, ts, ms(t["timestamp"]), t["price"], t["amount"],
                                t["direction"] == "buy", seq=t["trade_seq"])  # fmt: skip
        elif channel == "book":
            bids, asks = (
                [(price, 0 if what == "delete" else qty) for what, price, qty in d[side]]
                for side in ("bids", "asks")
            )
            self.rows.depth(
                deribit_symbol(d["instrument_name"]), ts, ms(d["timestamp"]), bids, asks,
                snapshot=d.get("type") == "snapshot", seq=d["change_id"],
                prev=d.get("prev_change_id", -1),
            )  # fmt: skip
        elif channel == "ticker":
            self._ticker(ts, d)
        else:
            self.ignored[channel] += 1

    def _ticker(self, ts: int, d: Any) -> None:
        symbol, venue_ts = deribit_symbol(d["instrument_name"]), ms(d["timestamp"])
        bid = d.get("best_bid_price"), d.get("best_bid_amount")
        ask = d.get("best_ask_price"), d.get("best_ask_amount")
        if bid[0] and ask[0]:
            self.rows.top(symbol, ts, venue_ts, bid, ask)
        self.rows.mark(symbol, ts, venue_ts, d["mark_price"], d.get("index_price"),
                       d.get("funding_8h"))  # fmt: skip
        if d.get("open_interest") is not None:
            self.rows.open_interest(symbol, ts, d["open_interest"])
