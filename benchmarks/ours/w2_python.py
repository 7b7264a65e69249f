# SPDX-License-Identifier: MIT
"""W2-python with this engine: a Python strategy, its timer ringing each step."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from terms import book_fills, book_market, book_settings

from arrays import fills_outcome, load_book, save_fills
from contract import LOT, MAX_POSITION_LOTS, arguments, report, timed
from seawall.engine.strategy import OrderNote, Strategy
from seawall.model.order import OrderState, Side
from seawall.research.backtest import run_once

ENDED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED)


class Joiner(Strategy):
    """Every step: keep one lot at the best bid and ask, inside the position limit."""

    def on_start(self) -> None:
        self.orders = {Side.BUY: 0, Side.SELL: 0}
        self.prices = {Side.BUY: 0.0, Side.SELL: 0.0}
        self.steps = 0
        self.every("100ms")

    def on_order(self, note: OrderNote) -> None:
        if note.state in ENDED:
            for side, order in self.orders.items():
                if order == note.order:
                    self.orders[side] = 0

    def on_timer(self, ts: int) -> None:
        self.steps += 1
        if self.steps == 1:
            return
        lots = round(self.position() / LOT)
        best_bid, best_ask = self.best_bid(), self.best_ask()
        bid_wanted, ask_wanted = lots < MAX_POSITION_LOTS, lots > -MAX_POSITION_LOTS
        self.withdraw(Side.BUY, best_bid, bid_wanted)
        self.withdraw(Side.SELL, best_ask, ask_wanted)
        if bid_wanted and not self.orders[Side.BUY]:
            self.orders[Side.BUY] = self.buy(LOT, price=best_bid, post_only=True)
            self.prices[Side.BUY] = best_bid
        if ask_wanted and not self.orders[Side.SELL]:
            self.orders[Side.SELL] = self.sell(LOT, price=best_ask, post_only=True)
            self.prices[Side.SELL] = best_ask

    def withdraw(self, side: Side, price: float, wanted: bool) -> None:
        """Cancel this side's order when its price is no longer the wanted one."""
        if self.orders[side] and (not wanted or self.prices[side] != price):
            self.cancel(self.orders[side])
            self.orders[side] = 0


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
