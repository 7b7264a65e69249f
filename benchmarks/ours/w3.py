# SPDX-License-Identifier: MIT
"""W3 with this engine's fused sweep: every pair in one pass, in one process on one core."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from terms import UNIT_LOTS, bar_market

from arrays import load_bars
from contract import FEE_RATE, MINUTES_PER_YEAR, START_CASH, arguments, report, timed
from seawall.model.events import BarField
from seawall.research.sweep.fused import FusedTerms, ema_cross_metrics

MONEY = 10**8
"""Money units in a unit of currency; one tick times one lot is 1e-5 of it."""

TERMS = FusedTerms(
    size=UNIT_LOTS,
    initial=int(START_CASH) * MONEY,
    fee_rate=round(FEE_RATE * 1e9),
    money_per_tick_lot=1_000,
)


def main() -> None:
    args = arguments()
    market = bar_market(load_bars(args.inputs / "W3"))
    pairs = np.load(args.inputs / "W3" / "pairs.npy")
    open_, close = market.bars[BarField.OPEN], market.bars[BarField.CLOSE]

    def run(open_=open_, close=close, pairs=pairs):
        found = ema_cross_metrics(open_, close, pairs[:, 0], pairs[:, 1], TERMS)
        return np.column_stack(
            (
                found.total_return,
                found.sharpe * np.sqrt(MINUTES_PER_YEAR),
                -found.max_drawdown,
                # A fill opens or closes: those left over by the closed trades opened the last.
                found.fills - found.trades,
            )
        )

    run(open_[:1000], close[:1000], pairs[:25])
    laps, rows = timed(run, args.repeats)
    np.save(args.outcomes / "W3.ours.npy", rows)
    outcome = {
        "pairs": len(rows),
        "sum_trades": int(rows[:, 3].sum()),
        "sum_return": round(float(rows[:, 0].sum()), 6),
        "sum_sharpe": round(float(rows[:, 1].sum()), 3),
        "sum_drawdown": round(float(rows[:, 2].sum()), 6),
    }
    work = len(pairs) * len(close)
    report("W3", "seawall", "seawall", laps, work, "bars*pairs/s", outcome)


if __name__ == "__main__":
    main()
