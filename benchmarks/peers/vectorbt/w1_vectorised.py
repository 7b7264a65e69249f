# SPDX-License-Identifier: MIT
"""W1-vectorised with vectorbt's from_signals."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
from ema_signals import averages, next_bar_signals, simulate

from arrays import bars_pnl, fills_array, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, SLOW_SPAN, START_CASH, arguments, report, timed


def fills_of(portfolio):
    """The order records as fills: side 0 is a buy."""
    records = portfolio.orders.values
    sign = np.where(records["side"] == 0, 1.0, -1.0)
    return fills_array(records["idx"], records["price"], records["size"] * sign)


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    index = pd.to_datetime(bars["ts_ns"])
    close = pd.Series(bars["close"], index=index)
    open_ = pd.Series(bars["open"], index=index)
    slow_span = np.array([SLOW_SPAN])

    def run(close=close, open_=open_):
        table = averages(close, [FAST_SPAN, SLOW_SPAN])
        entries, exits = next_bar_signals(table[:, :1], table[:, 1:], slow_span)
        portfolio = simulate(close, open_, entries[:, 0], exits[:, 0])
        return portfolio, portfolio.final_value()

    run(close[:1000], open_[:1000])
    laps, (portfolio, final_value) = timed(run, args.repeats)
    fills = fills_of(portfolio)
    save_fills(args, "W1-vectorised", "vectorbt", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    outcome["reported_pnl"] = round(float(final_value) - START_CASH, 4)
    report("W1-vectorised", "vectorbt", "vectorbt", laps, len(close), "bars/s", outcome)


if __name__ == "__main__":
    main()
