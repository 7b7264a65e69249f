# SPDX-License-Identifier: MIT
"""fills-scaling with nautilus_trader: the cost of a fill among 100,000, over that among 1,000.

Each bar sends one market order, buying and selling in turn, so fills and bars grow together. The
cost is of processor time: the quotient of two wall times would be as good as the quieter of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.strategy import Strategy
from venue import BAR_TYPE, INSTRUMENT_ID, bars_of, engine_with, instrument_of

from arrays import load_bars
from contract import Lap, arguments, report, timed

FEW, MANY = 1_000, 100_000


class EveryBar(Strategy):
    """A market order on every bar, its side alternating."""

    def on_start(self):
        self.subscribe_bars(BAR_TYPE)
        self.unit = Quantity(1, 3)
        self.side = OrderSide.BUY

    def on_bar(self, bar):
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, self.side, self.unit))
        self.side = OrderSide.SELL if self.side == OrderSide.BUY else OrderSide.BUY


def cost_per_fill(bars, instrument, fills: int, repeats: int) -> tuple[float, int]:
    """Processor seconds a fill over that many bars, the least of the repeats, and the fills."""
    best, made = float("inf"), 0
    for _ in range(repeats):
        engine = engine_with(instrument)
        engine.add_data(bars_of({name: v[:fills] for name, v in bars.items()}, instrument))
        engine.add_strategy(EveryBar())
        laps, _ = timed(engine.run, 1)
        made = sum(order.is_closed for order in engine.cache.orders())
        engine.dispose()
        best = min(best, laps[0].cpu_seconds / made)
    return best, made


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    many = min(MANY, len(bars["close"]))
    instrument = instrument_of(2, 3, "0.001")
    cost_per_fill(bars, instrument, FEW, 1)
    few_cost, few_made = cost_per_fill(bars, instrument, FEW, 5)
    many_cost, many_made = cost_per_fill(bars, instrument, many, 1)
    outcome = {
        "fills": [few_made, many_made],
        "us_per_fill": [round(few_cost * 1e6, 3), round(many_cost * 1e6, 3)],
        "growth": round(many_cost / few_cost, 4),
    }
    laps = [Lap(many_cost * many_made, many_cost * many_made)]
    report(
        "fills-scaling",
        "nautilus_trader",
        "nautilus_trader",
        laps,
        many_made,
        "fills/s",
        outcome,
    )


if __name__ == "__main__":
    main()
