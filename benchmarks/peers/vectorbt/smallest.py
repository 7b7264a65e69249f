# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with vectorbt: from_signals over 100 bars."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pandas as pd
from ema_signals import averages, next_bar_signals, simulate

from contract import FAST_SPAN, SLOW_SPAN
from smallest_bars import columns

bars = pd.DataFrame(columns())
table = averages(bars["close"], [FAST_SPAN, SLOW_SPAN])
entries, exits = next_bar_signals(table[:, :1], table[:, 1:], np.array([SLOW_SPAN]))
portfolio = simulate(bars["close"], bars["open"], entries[:, 0], exits[:, 0])
print(portfolio.orders.count(), portfolio.final_value())
