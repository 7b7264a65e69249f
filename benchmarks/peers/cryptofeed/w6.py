# SPDX-License-Identifier: MIT
"""W6 with cryptofeed: import, and peak memory; it has no backtest."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from startup import measure

if __name__ == "__main__":
    measure("cryptofeed", "cryptofeed", "import cryptofeed", None)
