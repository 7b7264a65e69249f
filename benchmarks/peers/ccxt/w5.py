# SPDX-License-Identifier: MIT
"""W5 with ccxt.pro: its websocket client, fed the text that its connection would hand it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import ccxt.pro

from contract import arguments, load_messages, report, timed, w5_outcome

SYMBOL = "BTC/USDT"
URL = "wss://stream.binance.com:9443/stream"
# One entry of the exchange's own listing, in the words that ccxt parses.
LISTING = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "isSpotTradingAllowed": True,
    "isMarginTradingAllowed": False,
    "filters": [
        {"filterType": "PRICE_FILTER", "tickSize": "0.10", "minPrice": "0.10", "maxPrice": "1e6"},
        {"filterType": "LOT_SIZE", "stepSize": "0.00100", "minQty": "0.00100", "maxQty": "9000"},
    ],
    "permissions": ["SPOT"],
}


class Watched:
    """Counts what the client resolves, as a waiting caller would see it."""

    def __init__(self) -> None:
        self.books = self.trades = 0
        self.notional = 0.0

    def resolve(self, result, message_hash):
        if message_hash.startswith("trade"):
            self.trades += 1
            trade = result[-1]
            self.notional += trade["price"] * trade["amount"]
        else:
            self.books += 1
        return result


def main() -> None:
    args = arguments()
    snapshot, messages = load_messages(args.inputs / "W5")

    async def feed_all():
        exchange = ccxt.pro.binance()
        # What a network load of the markets leaves for the parser besides the listing.
        exchange.options.update(crossMarginPairsData=[], isolatedMarginPairsData=[])
        exchange.set_markets([exchange.parse_market(LISTING)])
        client = exchange.client(URL)
        watched = Watched()
        client.resolve = watched.resolve
        book = exchange.order_book()
        book.reset(exchange.parse_order_book(json.loads(snapshot), SYMBOL))
        book["nonce"] = json.loads(snapshot)["lastUpdateId"]
        exchange.orderbooks[SYMBOL] = book
        handle = client.handle_text_or_binary_message
        for text in messages:
            handle(text)
        sides = [[(level[0], level[1]) for level in book[side]] for side in ("bids", "asks")]
        await exchange.close()
        return watched, sides

    laps, (watched, sides) = timed(lambda: asyncio.run(feed_all()), args.repeats)
    outcome = w5_outcome(watched.books, watched.trades, watched.notional, *sides)
    report("W5", "ccxt.pro", "ccxt", laps, len(messages), "messages/s", outcome)


if __name__ == "__main__":
    main()
