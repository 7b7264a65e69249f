# SPDX-License-Identifier: MIT
"""W1-hooks with this engine: Strategy.on_bar once per bar."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bars_row import run_row

from contract import FAST_SPAN, SLOW_SPAN
from seawall.engine.strategy import Bar, Strategy

FAST_ALPHA = 2.0 / (FAST_SPAN + 1)
SLOW_ALPHA = 2.0 / (SLOW_SPAN + 1)


class EmaCross(Strategy):
    """Long one unit while the fast average is above the slow one, else flat."""

    def on_start(self) -> None:
        self.seen = 0
        self.long = False

    def on_bar(self, bar: Bar) -> None:
        close = bar.close
        if self.seen == 0:
            self.fast = self.slow = close
        else:
            self.fast += FAST_ALPHA * (close - self.fast)
            self.slow += SLOW_ALPHA * (close - self.slow)
        self.seen += 1
        if self.seen <= SLOW_SPAN:
            return
        wants_long = self.fast > self.slow
        if wants_long != self.long:
            self.target_quantity(1.0 if wants_long else 0.0)
            self.long = wants_long


if __name__ == "__main__":
    run_row("W1-hooks", EmaCross())
