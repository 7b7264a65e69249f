# SPDX-License-Identifier: MIT
"""W6 with this engine: import, the smallest backtest, peak memory."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from startup import measure

# What a script has imported before its first backtest, its engine included.
IMPORTS = "import seawall; seawall.Backtest, seawall.Strategy; import seawall.engine.run"

if __name__ == "__main__":
    measure("seawall", "seawall", IMPORTS, Path(__file__).with_name("smallest.py"))
