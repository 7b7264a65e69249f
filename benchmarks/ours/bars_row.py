# SPDX-License-Identifier: MIT
"""What the three rows of W1 share: run, time, compare."""

from __future__ import annotations

from terms import bar_fills, bar_market, bar_settings

from arrays import bars_pnl, fills_outcome, load_bars, save_fills
from contract import START_CASH, arguments, report, timed
from seawall.engine.run import AnyStrategy
from seawall.research.backtest import run_once


def run_row(workload: str, strategy: AnyStrategy) -> None:
    """Time one form of strategy over the bars of W1, and report it."""
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    market, settings = bar_market(bars), bar_settings()
    few = bar_market({name: column[:1_000] for name, column in bars.items()})

    def run(market=market):
        outcome = run_once(strategy, market, settings)
        return outcome, float(outcome.equity["equity"][-1])

    run(few)
    laps, (outcome, equity) = timed(run, args.repeats)
    fills = bar_fills(outcome, bars)
    save_fills(args, workload, "ours", fills)
    found = {**fills_outcome(fills), "pnl": bars_pnl(fills, bars["close"][-1])}
    found["reported_pnl"] = round(equity - START_CASH, 4)
    report(workload, "seawall", "seawall", laps, len(bars["close"]), "bars/s", found)
