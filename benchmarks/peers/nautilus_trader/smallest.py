# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with nautilus_trader: one strategy over 100 bars."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from venue import bars_of, engine_with, instrument_of
from w1_hooks import EmaCross

from smallest_bars import columns

instrument = instrument_of(2, 3, "0.001")
bars = {name: np.array(values) for name, values in columns().items()}
engine = engine_with(instrument)
engine.add_data(bars_of(bars, instrument))
engine.add_strategy(EmaCross())
engine.run()
print(len(engine.cache.orders()))
