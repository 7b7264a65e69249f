# SPDX-License-Identifier: MIT
"""W6 with raptorbt: import, the smallest backtest, peak memory."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from startup import measure

if __name__ == "__main__":
    measure("raptorbt", "raptorbt", "import raptorbt", Path(__file__).with_name("smallest.py"))
