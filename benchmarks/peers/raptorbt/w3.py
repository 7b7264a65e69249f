# SPDX-License-Identifier: MIT
"""W3 with raptorbt: one batch of signal sets over one price series, run on every core."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import raptorbt
from sizing import one_unit
from w1_vectorised import config_of, ema

from arrays import load_bars
from contract import arguments, report, timed

# Signal sets held in memory at once: the batch copies its arrays.
CHUNK = 100


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W3")
    pairs = np.load(args.inputs / "W3" / "pairs.npy")
    columns = [bars[name] for name in ("ts_ns", "open", "high", "low", "close", "volume")]
    config, sizing = config_of(), one_unit(bars)

    def run():
        averages = {int(span): ema(bars["close"], int(span)) for span in np.unique(pairs)}
        rows = []
        for start in range(0, len(pairs), CHUNK):
            items = []
            for fast, slow in pairs[start : start + CHUNK].tolist():
                entries = averages[fast] > averages[slow]
                exits = ~entries
                entries[:slow] = False
                exits[:slow] = False
                items.append(
                    raptorbt.BatchSingleItem(
                        f"{fast}/{slow}", entries, exits, 1, 1.0, "X", config, None, sizing
                    )
                )
            for _, result in raptorbt.batch_single_backtest(*columns, items):
                found = result.metrics
                rows.append(
                    (
                        found.total_return_pct / 100,
                        found.sharpe_ratio,
                        found.max_drawdown_pct / 100,
                        found.total_trades,
                    )
                )
        return np.array(rows)

    laps, rows = timed(run, args.repeats)
    np.save(args.outcomes / "W3.raptorbt.npy", rows)
    outcome = {
        "pairs": len(rows),
        "sum_trades": int(rows[:, 3].sum()),
        "sum_return": round(float(rows[:, 0].sum()), 6),
        "sum_sharpe": round(float(rows[:, 1].sum()), 3),
        "sum_drawdown": round(float(rows[:, 2].sum()), 6),
    }
    note = "the trade open at the end of the data is closed there, and counted"
    work = len(pairs) * len(bars["close"])
    report("W3", "raptorbt", "raptorbt", laps, work, "bars*pairs/s", outcome, note=note)


if __name__ == "__main__":
    main()
