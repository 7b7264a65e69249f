# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with backtesting.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from w1_hooks import backtest_of

from smallest_bars import columns

result = backtest_of(columns()).run()
print(result["# Trades"])
