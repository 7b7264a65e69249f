# SPDX-License-Identifier: MIT
"""W5 with cryptofeed: its Binance handler, fed the text that its connection would hand it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cryptofeed.defines import ASK, BID, BINANCE, L2_BOOK, TRADES
from cryptofeed.exchanges import Binance
from cryptofeed.symbols import Symbols

from contract import arguments, load_messages, report, timed, w5_outcome

SYMBOL = "BTC-USDT"


class SnapshotReply:
    """Stands where the REST connection is: the snapshot comes from the file."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def read(self, address: str) -> str:
        return self.text


class Counter:
    """The two callbacks of a subscriber."""

    def __init__(self) -> None:
        self.books = self.trades = 0
        self.notional = 0.0

    async def on_book(self, book, received: float) -> None:
        self.books += 1

    async def on_trade(self, trade, received: float) -> None:
        self.trades += 1
        self.notional += float(trade.price * trade.amount)


def main() -> None:
    args = arguments()
    snapshot, messages = load_messages(args.inputs / "W5")
    info = {"tick_size": {SYMBOL: "0.1"}, "instrument_type": {SYMBOL: "spot"}}
    Symbols.set(BINANCE, {SYMBOL: "BTCUSDT"}, info)

    async def feed_all():
        counter = Counter()
        feed = Binance(
            symbols=[SYMBOL],
            channels=[L2_BOOK, TRADES],
            callbacks={L2_BOOK: counter.on_book, TRADES: counter.on_trade},
        )
        feed.http_conn = SnapshotReply(snapshot)
        handle = feed.message_handler
        for text in messages:
            await handle(text, None, 0.0)
        return counter, feed._l2_book[SYMBOL].book

    laps, (counter, book) = timed(lambda: asyncio.run(feed_all()), args.repeats)
    sides = [
        [(float(px), float(qty)) for px, qty in book[side].to_dict().items()] for side in (BID, ASK)
    ]
    # The first callback is for the snapshot.
    outcome = w5_outcome(counter.books - 1, counter.trades, counter.notional, *sides)
    report("W5", "cryptofeed", "cryptofeed", laps, len(messages), "messages/s", outcome)


if __name__ == "__main__":
    main()
