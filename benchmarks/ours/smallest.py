# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with this engine: the EMA cross over 100 bars."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from terms import bar_market, bar_settings
from w1_hooks import EmaCross

from seawall.research.backtest import run_once
from smallest_bars import columns

outcome = run_once(EmaCross(), bar_market(columns()), bar_settings())
print(len(outcome.fills), outcome.equity["equity"][-1])
