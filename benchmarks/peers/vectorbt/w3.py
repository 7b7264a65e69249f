# SPDX-License-Identifier: MIT
"""W3 with vectorbt: every pair a column, in chunks that fit in memory."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
from ema_signals import averages, next_bar_signals, simulate

from arrays import load_bars
from contract import arguments, report, timed

# Columns at a time: a chunk's price, signal and return tables are each rows x CHUNK x 8 bytes.
CHUNK = 25


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W3")
    pairs = np.load(args.inputs / "W3" / "pairs.npy")
    index = pd.to_datetime(bars["ts_ns"])
    close = pd.Series(bars["close"], index=index)
    open_ = pd.Series(bars["open"], index=index)
    spans = np.unique(pairs)

    def run(close=close, open_=open_, pairs=pairs):
        table = averages(close, spans.tolist())
        rows = []
        for start in range(0, len(pairs), CHUNK):
            fast, slow = pairs[start : start + CHUNK].T
            entries, exits = next_bar_signals(
                table[:, np.searchsorted(spans, fast)],
                table[:, np.searchsorted(spans, slow)],
                slow,
            )
            portfolio = simulate(close, open_, entries, exits)
            rows.append(
                np.column_stack(
                    (
                        portfolio.total_return(),
                        portfolio.sharpe_ratio(),
                        -portfolio.max_drawdown(),
                        portfolio.trades.count(),
                    )
                )
            )
            # A portfolio's cached tables sit in reference cycles, gigabytes of them by the end.
            del portfolio, entries, exits
            gc.collect()
        return np.concatenate(rows)

    run(close[:1000], open_[:1000], pairs[:CHUNK])
    laps, rows = timed(run, args.repeats)
    np.save(args.outcomes / "W3.vectorbt.npy", rows)
    outcome = {
        "pairs": len(rows),
        "sum_trades": int(rows[:, 3].sum()),
        "sum_return": round(float(rows[:, 0].sum()), 6),
        "sum_sharpe": round(float(rows[:, 1].sum()), 3),
        "sum_drawdown": round(float(rows[:, 2].sum()), 6),
    }
    note = "the trade open at the end of the data is counted; drawdown is of the close"
    work = len(pairs) * len(close)
    report("W3", "vectorbt", "vectorbt", laps, work, "bars*pairs/s", outcome, note=note)


if __name__ == "__main__":
    main()
