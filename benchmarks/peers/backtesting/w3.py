# SPDX-License-Identifier: MIT
"""W3 with backtesting.py: a sample of the pairs, one after another."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from w1_hooks import backtest_of

from arrays import load_bars
from contract import arguments, report, timed

SAMPLE = 5


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W3")
    pairs = np.load(args.inputs / "W3" / "pairs.npy")
    chosen = np.linspace(0, len(pairs) - 1, SAMPLE).astype(int)
    test = backtest_of(bars)

    def run():
        rows = []
        for fast, slow in pairs[chosen].tolist():
            found = test.run(fast_span=fast, slow_span=slow)
            rows.append(
                (
                    found["Return [%]"] / 100,
                    found["Sharpe Ratio"],
                    -found["Max. Drawdown [%]"] / 100,
                    found["# Trades"],
                )
            )
        return np.array(rows)

    laps, rows = timed(run, 1)
    np.save(args.outcomes / "W3.backtesting.npy", np.column_stack((chosen, rows)))
    outcome = {
        "pairs": len(rows),
        "sampled": chosen.tolist(),
        "sum_trades": int(rows[:, 3].sum()),
        "sum_return": round(float(rows[:, 0].sum()), 6),
        "sum_drawdown": round(float(rows[:, 2].sum()), 6),
    }
    note = f"rate from {SAMPLE} of the {len(pairs)} pairs; its Sharpe is of daily returns"
    work = SAMPLE * len(bars["close"])
    report("W3", "backtesting", "backtesting", laps, work, "bars*pairs/s", outcome, note=note)


if __name__ == "__main__":
    main()
