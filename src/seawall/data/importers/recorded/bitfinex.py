# SPDX-License-Identifier: MIT
"""Bitfinex V2: channels by number, arrays without names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from seawall.data.importers.recorded.decoder import Decoder, ms


def bitfinex_symbol(name: str) -> str:
    """Symbol of a trading pair: ``tBTCUSD``, ``tTESTBTC:TESTUSD``, ``tBTCF0:USTF0``."""
    pair = name.removeprefix("t")
    base, quote = pair.split(":") if ":" in pair else (pair[:-3], pair[-3:])
    perpetual = base.endswith("F0")
    base, quote = base.removesuffix("F0"), quote.removesuffix("F0")
    base, quote = ("USDT" if c == "UST" else c for c in (base, quote))
    return f"{base}/{quote}:{quote}" if perpetual else f"{base}/{quote}"


@dataclass(slots=True)
class BitfinexDecoder(Decoder):
    """Books of precision P0 to P3 and trades; numbers in sequence count all channels."""

    channels: dict[tuple[str, int], tuple[str, str, bool]] = field(default_factory=dict)

    def message(self, ts: int, conn: str, message: Any) -> None:
        """Take one message."""
        if isinstance(message, dict):
            if message.get("event") == "subscribed":
                raw = str(message.get("prec", "")).startswith("R")
                self.channels[conn, message["chanId"]] = (
                    message["channel"], bitfinex_symbol(message["symbol"]), raw,
                )  # fmt: skip
            self.ignored[str(message.get("event", "other"))] += 1
            return
        channel, symbol, raw = self.channels.get((conn, message[0]), ("unknown", "", False))
        body = message[1]
        if body == "hb" or body == "cs":
            self.ignored["heartbeats"] += 1
        elif channel == "book" and not raw:
            self._book(ts, symbol, body, _number(message))
        elif channel == "trades":
            self._trades(ts, symbol, message)
        else:
            self.ignored[channel] += 1

    def _book(self, ts: int, symbol: str, body: Any, seq: int) -> None:
        whole = not body or isinstance(body[0], list)
        levels = body if whole else [body]
        bids = [(p, amount if n else 0) for p, n, amount in levels if amount > 0]
        asks = [(p, -amount if n else 0) for p, n, amount in levels if amount < 0]
        self.rows.depth(symbol, ts, None, bids, asks, snapshot=whole, seq=seq)

    def _trades(self, ts: int, symbol: str, message: Any) -> None:
        if isinstance(message[1], list):
            self.ignored["trades from before the recording"] += len(message[1])
        elif message[1] == "te":
            number, stamp, amount, price = message[2][:4]
            self.rows.trade(symbol, ts, ms(stamp), price, abs(amount), amount > 0, seq=number)
        else:
            self.ignored["trades told a second time"] += 1


def _number(message: Any) -> int:
    """Number in sequence, which is there when the connection asked for it."""
    return message[2] if len(message) > 2 and isinstance(message[2], int) else -1
