# SPDX-License-Identifier: MIT
"""fills-scaling with this engine: the cost of a fill among 100,000, over that among 1,000.

Each bar sends one market order, buying and selling in turn, so fills and bars grow together. The
cost is of processor time.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from terms import bar_market, bar_settings

from arrays import load_bars
from contract import Lap, arguments, report, timed
from seawall.engine.strategy import Bar, Strategy
from seawall.research.backtest import run_once

FEW, MANY = 1_000, 100_000


class EveryBar(Strategy):
    """A market order on every bar, its side alternating."""

    def on_start(self) -> None:
        self.buying = True

    def on_bar(self, bar: Bar) -> None:
        if self.buying:
            self.buy(1.0)
        else:
            self.sell(1.0)
        self.buying = not self.buying


def cost_per_fill(bars, fills: int, repeats: int) -> tuple[float, int]:
    """Processor seconds a fill over that many bars, the least of the repeats, and the fills."""
    market, settings = bar_market({name: v[:fills] for name, v in bars.items()}), bar_settings()
    best, made = float("inf"), 0
    for _ in range(repeats):
        laps, outcome = timed(lambda: run_once(EveryBar(), market, settings), 1)
        made = len(outcome.fills)
        best = min(best, laps[0].cpu_seconds / made)
    return best, made


def main() -> None:
    args = arguments()
    bars = load_bars(args.inputs / "W1")
    many = min(MANY, len(bars["close"]))
    cost_per_fill(bars, FEW, 1)
    few_cost, few_made = cost_per_fill(bars, FEW, 5)
    many_cost, many_made = cost_per_fill(bars, many, 1)
    outcome = {
        "fills": [few_made, many_made],
        "us_per_fill": [round(few_cost * 1e6, 3), round(many_cost * 1e6, 3)],
        "growth": round(many_cost / few_cost, 4),
    }
    laps = [Lap(many_cost * many_made, many_cost * many_made)]
    report("fills-scaling", "seawall", "seawall", laps, many_made, "fills/s", outcome)


if __name__ == "__main__":
    main()
