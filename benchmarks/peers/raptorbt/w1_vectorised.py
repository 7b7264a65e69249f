# SPDX-License-Identifier: MIT
"""W1-vectorised with raptorbt's arrays runner: signals from numpy, the simulation in Rust."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import raptorbt
from sizing import one_unit
from w1_hooks import fills_of

from arrays import bars_pnl, fills_outcome, load_bars, save_fills
from contract import FAST_SPAN, FEE_RATE, SLOW_SPAN, START_CASH, arguments, report, timed


def ema(close, span):
    """raptorbt's own EMA, made to start from the first close.

    It seeds with the mean of the first `span` values, so that many copies of the first close put
    before the series give the seed this workload asks for.
    """
    padded = np.concatenate((np.full(span - 1, close[0]), close))
    return raptorbt.ema(padded, span)[span - 1 :]


def signals(close, fast_span, slow_span):
    """Entry and exit levels; the runner ignores an entry while long and an exit while flat."""
    wants_long = ema(close, fast_span) > ema(close, slow_span)
    exits = ~wants_long
    wants_long[:slow_span] = False
    exits[:slow_span] = False
    return wants_long, exits


def config_of() -> raptorbt.BacktestConfig:
    return raptorbt.BacktestConfig(
        initial_capital=START_CASH,
        fees=FEE_RATE,
        apply_slippage=False,
        fill_timing="next_bar_open",
        session_minutes=raptorbt.SESSION_CONTINUOUS,
    )


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    columns = [bars[name] for name in ("ts_ns", "open", "high", "low", "close", "volume")]
    config, sizing = config_of(), one_unit(bars)

    def run():
        entries, exits = signals(bars["close"], FAST_SPAN, SLOW_SPAN)
        return raptorbt.run_single_backtest(
            *columns, entries, exits, 1, 1.0, "X", config, None, sizing
        )

    laps, result = timed(run, args.repeats)
    fills = fills_of(result.trades())
    if not np.all(np.abs(fills[:, 2]) == 1.0):
        raise ValueError("a fill was not of one unit")
    save_fills(args, "W1-vectorised", "raptorbt", fills)
    outcome = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    outcome["reported_pnl"] = round(result.metrics.end_value - START_CASH, 4)
    report("W1-vectorised", "raptorbt", "raptorbt", laps, len(bars["close"]), "bars/s", outcome)


if __name__ == "__main__":
    main()
