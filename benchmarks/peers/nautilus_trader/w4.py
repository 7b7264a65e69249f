# SPDX-License-Identifier: MIT
"""W4 with nautilus_trader: OrderBook.apply_delta, then its best levels, from Python."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from book_data import data_of
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.enums import BookType
from venue import INSTRUMENT_ID

from arrays import load_book
from contract import TICK, W4_SAMPLE, arguments, report, timed, w4_outcome

LEVELS = 10
# The levels come back as Python objects, whole sides at a time: a part of the stream is enough.
SUBSET = 20_000


def main() -> None:
    args = arguments()
    book_rows = load_book(args.inputs / "W4")
    n_snapshot = int(book_rows["n_snapshot"])
    deltas = data_of(book_rows, n_snapshot + SUBSET)
    count = len(deltas) - n_snapshot

    def run():
        book = OrderBook(INSTRUMENT_ID, BookType.L2_MBP)
        for delta in deltas[:n_snapshot]:
            book.apply_delta(delta)
        samples = []
        bid_sum = ask_sum = 0
        imbalance_sum = 0.0
        for seen, delta in enumerate(deltas[n_snapshot:]):
            book.apply_delta(delta)
            bids, asks = book.bids()[:LEVELS], book.asks()[:LEVELS]
            best_bid = round(bids[0].price.as_double() / TICK)
            best_ask = round(asks[0].price.as_double() / TICK)
            bid_quantity = sum([level.size() for level in bids])
            ask_quantity = sum([level.size() for level in asks])
            imbalance = (bid_quantity - ask_quantity) / (bid_quantity + ask_quantity)
            bid_sum += best_bid
            ask_sum += best_ask
            imbalance_sum += imbalance
            if seen % W4_SAMPLE == 0:
                samples.append((best_bid, best_ask, imbalance))
        return np.array(samples), (count, bid_sum, ask_sum, imbalance_sum)

    laps, (samples, found) = timed(run, args.repeats)
    np.save(args.outcomes / "W4.nautilus_trader.npy", samples)
    note = f"the first {count} deltas of the stream"
    report(
        "W4",
        "nautilus_trader",
        "nautilus_trader",
        laps,
        count,
        "deltas/s",
        w4_outcome(*found),
        note=note,
    )


if __name__ == "__main__":
    main()
