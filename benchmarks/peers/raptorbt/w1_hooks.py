# SPDX-License-Identifier: MIT
"""W1-hooks with raptorbt's Strategy class: one Python call per bar."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import raptorbt
from sizing import one_unit

from arrays import bars_pnl, fills_array, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, FEE_RATE, SLOW_SPAN, START_CASH, arguments, report, timed


class EmaCross(raptorbt.Strategy):
    """Long one unit while the fast average is above the slow one, else flat."""

    def on_start(self, ctx):
        self.fast = self.slow = float(ctx.close[0])
        self.closes = ctx.close
        self.long = False

    def on_bar(self, ctx):
        i = ctx.idx
        close = self.closes[i]
        self.fast += FAST_ALPHA * (close - self.fast)
        self.slow += SLOW_ALPHA * (close - self.slow)
        if i < SLOW_SPAN:
            return
        wants_long = self.fast > self.slow
        if wants_long and not self.long:
            self.enter()
            self.long = True
        elif not wants_long and self.long:
            self.close_position()
            self.long = False


FAST_ALPHA = 2.0 / (FAST_SPAN + 1)
SLOW_ALPHA = 2.0 / (SLOW_SPAN + 1)


def fills_of(trades):
    """Both legs of every trade, less the exit that only marks the end of the data."""
    where, px, qty = [], [], []
    for trade in trades:
        where.append(trade.entry_idx)
        px.append(trade.entry_price)
        qty.append(trade.size)
        if trade.exit_reason != "EndOfData":
            where.append(trade.exit_idx)
            px.append(trade.exit_price)
            qty.append(-trade.size)
    return fills_array(where, px, qty)


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    config = raptorbt.BacktestConfig(
        initial_capital=START_CASH,
        fees=FEE_RATE,
        apply_slippage=False,
        fill_timing="next_bar_open",
        session_minutes=raptorbt.SESSION_CONTINUOUS,
    )
    columns = [bars[name] for name in ("ts_ns", "open", "high", "low", "close", "volume")]
    sizing = one_unit(bars)

    # enter() rather than a typed order of one unit: a run's typed orders are all kept and looked
    # through, which makes that path take time in the square of their number.
    def run():
        return raptorbt.run_strategy_backtest(
            EmaCross(), *columns, config=config, instrument_config=sizing
        )

    laps, result = timed(run, args.repeats)
    fills = fills_of(result.trades())
    save_fills(args, "W1-hooks", "raptorbt", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    outcome["reported_pnl"] = round(result.metrics.end_value - START_CASH, 4)
    report("W1-hooks", "raptorbt", "raptorbt", laps, len(bars["close"]), "bars/s", outcome)


if __name__ == "__main__":
    main()
