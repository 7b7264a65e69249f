# SPDX-License-Identifier: MIT
"""W1-hooks with backtesting.py: Strategy.next() once per bar."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import backtesting
import numpy as np
import pandas as pd

from arrays import bars_pnl, fills_array, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, FEE_RATE, SLOW_SPAN, START_CASH, arguments, report, timed

# The progress bar is not part of the work; the open trade at the end is meant to stay open.
backtesting.backtesting._tqdm = lambda iterable, **_: iterable
warnings.filterwarnings("ignore", message="Some trades remain open")


def ema(close, span):
    """An average that starts from the first close."""
    return pd.Series(close).ewm(span=span, adjust=False).mean().to_numpy()


class EmaCross(backtesting.Strategy):
    """Long one unit while the fast average is above the slow one, else flat."""

    fast_span = FAST_SPAN
    slow_span = SLOW_SPAN

    def init(self):
        close = self.data.Close.view(np.ndarray)
        self.fast = self.I(ema, close, self.fast_span, plot=False)
        self.slow = self.I(ema, close, self.slow_span, plot=False)

    def next(self):
        if len(self.data) <= self.slow_span:
            return
        wants_long = self.fast[-1] > self.slow[-1]
        if wants_long and not self.position:
            self.buy(size=1)
        elif not wants_long and self.position:
            self.position.close()


def backtest_of(bars):
    """A Backtest over the bars, as its users build one."""
    frame = pd.DataFrame(
        {name.capitalize(): bars[name] for name in ("open", "high", "low", "close", "volume")},
        index=pd.to_datetime(bars["ts_ns"]),
    )
    return backtesting.Backtest(
        frame, EmaCross, cash=START_CASH, commission=FEE_RATE, trade_on_close=False
    )


def fills_of(result):
    """Both legs of the closed trades, and the entry of the open one."""
    where, px, qty = [], [], []
    for trade in (*result._strategy.closed_trades, *result._strategy.trades):
        where.append(trade.entry_bar)
        px.append(trade.entry_price)
        qty.append(trade.size)
        if trade.exit_bar is not None:
            where.append(trade.exit_bar)
            px.append(trade.exit_price)
            qty.append(-trade.size)
    return fills_array(where, px, qty)


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    test = backtest_of(bars)
    laps, result = timed(test.run, args.repeats)
    fills = fills_of(result)
    save_fills(args, "W1-hooks", "backtesting", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    outcome["reported_pnl"] = round(float(result["Equity Final [$]"]) - START_CASH, 4)
    work = len(bars["close"])
    report("W1-hooks", "backtesting", "backtesting", laps, work, "bars/s", outcome)


if __name__ == "__main__":
    main()
