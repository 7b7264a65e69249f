"""W6 with vectorbt: import, the smallest backtest, peak memory."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from startup import measure

if __name__ == "__main__":
    measure("vectorbt", "vectorbt", "import vectorbt", HERE / "smallest.py")
