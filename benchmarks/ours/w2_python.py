# SPDX-License-Identifier: MIT
"""W2-python with this engine: a Python strategy, its timer ringing each step."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from terms import book_fills, book_market, book_settings

from arrays import fills_outcome, load_book, save_fills
from contract import LOT, MAX_POSITION_LOTS, arguments, report, timed
from seawall.engine.strategy import Strategy
from seawall.research.backtest import run_once


class Joiner(Strategy):
    """Every step: keep one lot at the best bid and ask, inside the position limit."""

    def on_start(self) -> None:
        self.bid = self.ask = 0
        self.bid_price = self.ask_price = 0.0
        self.most = (MAX_POSITION_LOTS - 0.5) * LOT
        self.steps = 0
        self.every("100ms")

    def on_timer(self, ts: int) -> None:
        self.steps += 1
        if self.steps == 1:
            return
        held, best_bid, best_ask = self.position(), self.best_bid(), self.best_ask()
        wants_bid, wants_ask = held < self.most, held > -self.most
        bid, ask = self.bid, self.ask
        # An order works until the venue's report of its end has arrived.
        if bid and (not wants_bid or self.bid_price != best_bid or not self.is_open(bid)):
            self.cancel(bid)
            self.bid = bid = 0
        if ask and (not wants_ask or self.ask_price != best_ask or not self.is_open(ask)):
            self.cancel(ask)
            self.ask = ask = 0
        if wants_bid and not bid:
            self.bid = self.buy(LOT, price=best_bid, post_only=True)
            self.bid_price = best_bid
        if wants_ask and not ask:
            self.ask = self.sell(LOT, price=best_ask, post_only=True)
            self.ask_price = best_ask


def main() -> None:
    args = arguments()
    book = load_book(args.inputs / "W2")
    market, settings = book_market(book), book_settings("pessimistic")
    few = book_market({name: col if col.ndim == 0 else col[:5_000] for name, col in book.items()})
    run_once(Joiner(), few, settings)
    laps, result = timed(lambda: run_once(Joiner(), market, settings), args.repeats)
    fills = book_fills(result)
    save_fills(args, "W2-python", "ours", fills)
    outcome = {**fills_outcome(fills), "orders": len(result.orders)}
    work = len(market.events)
    report("W2-python", "seawall", "seawall", laps, work, "events/s", outcome)


if __name__ == "__main__":
    main()
