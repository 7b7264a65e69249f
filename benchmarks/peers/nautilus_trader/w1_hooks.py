# SPDX-License-Identifier: MIT
"""W1-hooks with nautilus_trader: Strategy.on_bar and its own EMA indicators.

Its simulated venue has no market order for the next bar's open: an order sent from on_bar fills
at the close of the bar that sent it. The fills are written with that bar's index, and the driver
checks that they are the same decisions one bar earlier.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.strategy import Strategy
from venue import BAR_TYPE, INSTRUMENT_ID, MINUTE_NS, bars_of, engine_with, fills_of, instrument_of

from arrays import bars_pnl, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, SLOW_SPAN, arguments, report, timed


class EmaCross(Strategy):
    """Long one unit while the fast average is above the slow one, else flat."""

    def on_start(self):
        self.fast = ExponentialMovingAverage(FAST_SPAN)
        self.slow = ExponentialMovingAverage(SLOW_SPAN)
        self.register_indicator_for_bars(BAR_TYPE, self.fast)
        self.register_indicator_for_bars(BAR_TYPE, self.slow)
        self.subscribe_bars(BAR_TYPE)
        self.unit = Quantity(1, 3)
        self.seen = 0
        self.long = False

    def on_bar(self, bar):
        self.seen += 1
        if self.seen <= SLOW_SPAN:
            return
        wants_long = self.fast.value > self.slow.value
        if wants_long != self.long:
            side = OrderSide.BUY if wants_long else OrderSide.SELL
            self.submit_order(self.order_factory.market(INSTRUMENT_ID, side, self.unit))
            self.long = wants_long


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    instrument = instrument_of(2, 3, "0.001")
    data = bars_of(bars, instrument)
    engine = engine_with(instrument)
    engine.add_data(data)
    engine.add_strategy(EmaCross())
    # A run leaves the engine spent, and its reset is not what is measured: one run.
    laps, _ = timed(engine.run, 1)
    fills = fills_of(engine)
    # The decision on the last bar has no next bar to fill on anywhere else.
    fills[:, 0] = (fills[:, 0] - float(bars["ts_ns"][0])) // MINUTE_NS - 1
    fills = fills[fills[:, 0] < len(data) - 1]
    save_fills(args, "W1-hooks", "nautilus_trader", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    note = "fills at the deciding bar's close: no market order for the next open"
    report(
        "W1-hooks",
        "nautilus_trader",
        "nautilus_trader",
        laps,
        len(data),
        "bars/s",
        outcome,
        note=note,
        fill_convention="deciding_close",
    )


if __name__ == "__main__":
    main()
