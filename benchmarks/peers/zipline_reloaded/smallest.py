# SPDX-License-Identifier: MIT
"""The smallest backtest of W6 with zipline: its own store written, then 100 minutes run."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from w1_hooks import algorithm_of, simulation_of

from smallest_bars import N_BARS, columns

bars = {name: np.array(values) for name, values in columns().items()}
with tempfile.TemporaryDirectory() as folder:
    performance = algorithm_of(simulation_of(bars, folder), N_BARS).run()
print(len(performance))
