# SPDX-License-Identifier: MIT
"""W5 with nautilus_trader: its Binance adapter's decoders and parsers, then its order book.

The adapter's data client needs a live node around it; what it does to a message is done here
with the same parts: a peek at the stream's name, the message's decoder, the parser, the book.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
from nautilus_trader.adapters.binance.common.schemas.market import (
    BinanceAggregatedTradeMsg,
    BinanceDataMsgWrapper,
    BinanceDepth,
    BinanceOrderBookMsg,
)
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.enums import BookType
from venue import INSTRUMENT_ID

from contract import arguments, load_messages, report, timed, w5_outcome


def main() -> None:
    args = arguments()
    snapshot, messages = load_messages(args.inputs / "W5")
    raw_messages = [text.encode() for text in messages]
    peek = msgspec.json.Decoder(BinanceDataMsgWrapper)
    depth = msgspec.json.Decoder(BinanceOrderBookMsg)
    trade = msgspec.json.Decoder(BinanceAggregatedTradeMsg)

    def run():
        book = OrderBook(INSTRUMENT_ID, BookType.L2_MBP)
        first = msgspec.json.decode(snapshot, type=BinanceDepth)
        book.apply_deltas(first.parse_to_order_book_snapshot(INSTRUMENT_ID, 0))
        books = trades = 0
        notional = 0.0
        for raw in raw_messages:
            if "@depth" in peek.decode(raw).stream:
                update = depth.decode(raw).data
                book.apply_deltas(update.parse_to_order_book_deltas(INSTRUMENT_ID, 0))
                books += 1
            else:
                tick = trade.decode(raw).data.parse_to_trade_tick(INSTRUMENT_ID, 0)
                notional += tick.price.as_double() * tick.size.as_double()
                trades += 1
        return book, books, trades, notional

    laps, (book, books, trades, notional) = timed(run, args.repeats)
    sides = [
        [(level.price.as_double(), level.size()) for level in levels]
        for levels in (book.bids(), book.asks())
    ]
    outcome = w5_outcome(books, trades, notional, *sides)
    note = "the adapter's decoders and parsers, without its data client"
    work = len(messages)
    report(
        "W5",
        "nautilus_trader",
        "nautilus_trader",
        laps,
        work,
        "messages/s",
        outcome,
        note=note,
    )


if __name__ == "__main__":
    main()
