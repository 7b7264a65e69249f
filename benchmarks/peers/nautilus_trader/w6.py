# SPDX-License-Identifier: MIT
"""W6 with nautilus_trader: import, the smallest backtest, peak memory."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from startup import measure

if __name__ == "__main__":
    measure(
        "nautilus_trader",
        "nautilus_trader",
        "import nautilus_trader.backtest.engine",
        Path(__file__).with_name("smallest.py"),
    )
