# SPDX-License-Identifier: MIT
"""A backtest that tells how much memory its process holds; importable by workers."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass, replace
from pathlib import Path

from seawall.engine.strategy import Bar, Strategy
from seawall.research.sweep import TrialResult
from seawall.research.sweep.market import SharedMarket
from seawall.research.sweep.strategy import StrategyObjective

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_bytes() -> int:
    """Memory of this process that lies in RAM, after the garbage is gone."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


class Cross(Strategy):
    """Two averages; trades often."""

    def __init__(self, fast: int, slow: int) -> None:
        self.weights = 2 / (fast + 1), 2 / (slow + 1)
        self.fast = self.slow = 0.0

    def on_bar(self, bar: Bar) -> None:
        close = bar.close
        if not self.fast:
            self.fast = self.slow = close
        self.fast += (close - self.fast) * self.weights[0]
        self.slow += (close - self.slow) * self.weights[1]
        self.target_quantity(0.01 if self.fast > self.slow else 0.0)


@dataclass(frozen=True)
class Watched:
    """A strategy's backtest, with the memory and the number of its process as metrics."""

    market: SharedMarket

    def __call__(self, params: dict[str, int], window: slice | None = None) -> TrialResult:
        found = StrategyObjective(f"{__file__}:Cross", self.market)(params, window)
        own = {"rss": float(resident_bytes()), "pid": float(os.getpid())}
        return replace(found, metrics={**found.metrics, **own})
