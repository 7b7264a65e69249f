# SPDX-License-Identifier: MIT
"""W2-python with nautilus_trader: a Python strategy over L2 deltas and trades.

Its venue has no queue position, so a resting order at the best price fills when a trade prints at
that price; and its latency model is one way. The fills are therefore not those of the other
engines: the row says so.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
from book_data import PRICE_PRECISION, SIZE_PRECISION, data_of
from nautilus_trader.backtest.models import FillModel, LatencyModel
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import AccountType, BookType, OrderSide
from nautilus_trader.model.objects import Money, Quantity
from nautilus_trader.trading.strategy import Strategy
from venue import INSTRUMENT_ID, engine_with, fills_of, instrument_of

from arrays import fills_outcome, load_book, save_fills
from contract import LATENCY_NS, LOT, MAX_POSITION_LOTS, STEP_NS, arguments, report, timed


class Joiner(Strategy):
    """Every step: keep one lot at the best bid and ask, inside the position limit."""

    def on_start(self):
        self.subscribe_order_book_deltas(INSTRUMENT_ID, BookType.L2_MBP)
        self.lot = Quantity(LOT, SIZE_PRECISION)
        self.working = {OrderSide.BUY: None, OrderSide.SELL: None}
        self.position_lots = 0
        self.sent = 0
        self.clock.set_timer("quote", pd.Timedelta(STEP_NS), callback=self.on_step)

    def on_order_filled(self, event):
        self.position_lots += 1 if event.order_side == OrderSide.BUY else -1

    def on_step(self, event):
        book = self.cache.order_book(INSTRUMENT_ID)
        if book is None:
            return
        best_bid, best_ask = book.best_bid_price(), book.best_ask_price()
        if best_bid is None or best_ask is None:
            return
        self.keep(OrderSide.BUY, best_bid, self.position_lots < MAX_POSITION_LOTS)
        self.keep(OrderSide.SELL, best_ask, self.position_lots > -MAX_POSITION_LOTS)

    def keep(self, side, price, wanted):
        """Bring this side's order to the wanted price, or take it away."""
        order = self.working[side]
        if order is not None:
            if order.is_closed:
                order = None
            elif not wanted or order.price != price:
                self.cancel_order(order)
                order = None
        if order is None and wanted:
            order = self.order_factory.limit(INSTRUMENT_ID, side, self.lot, price, post_only=True)
            self.submit_order(order)
            self.sent += 1
        self.working[side] = order


def main() -> None:
    args = arguments()
    data = data_of(load_book(args.inputs / "W2"))
    instrument = instrument_of(PRICE_PRECISION, SIZE_PRECISION, "0")
    engine = engine_with(
        instrument,
        account_type=AccountType.MARGIN,
        starting_balances=[Money(1_000_000, USDT)],
        book_type=BookType.L2_MBP,
        trade_execution=True,
        latency_model=LatencyModel(base_latency_nanos=LATENCY_NS),
        fill_model=FillModel(prob_fill_on_limit=1.0, random_seed=1),
    )
    # In order already, and the sort would part a trade from its delta only by chance.
    engine.add_data(data, sort=False)
    strategy = Joiner()
    engine.add_strategy(strategy)
    # A run leaves the engine spent, and its reset is not what is measured: one run.
    laps, _ = timed(engine.run, 1)
    fills = fills_of(engine)
    fills[:, 2] = np.round(fills[:, 2] / LOT)
    save_fills(args, "W2-python", "nautilus_trader", fills)
    outcome = {**fills_outcome(fills), "orders": strategy.sent}
    report(
        "W2-python",
        "nautilus_trader",
        "nautilus_trader",
        laps,
        len(data),
        "events/s",
        outcome,
        differs="no queue position and no response latency in its venue, so other fills",
    )


if __name__ == "__main__":
    main()
