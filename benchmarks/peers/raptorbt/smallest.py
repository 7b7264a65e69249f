# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with raptorbt: its Strategy class over 100 bars."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import raptorbt
from w1_hooks import EmaCross

from smallest_bars import columns

result = raptorbt.run_strategy_backtest(
    EmaCross(),
    *columns().values(),
    config=raptorbt.BacktestConfig(fees=0.001, fill_timing="next_bar_open"),
)
print(len(result.trades()))
