# SPDX-License-Identifier: MIT
"""A-indicators with TA-Lib, whole columns at once."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import talib

from rows import Columns, Task, run_row


def make(x: Columns) -> Task:
    c, h, w, v = (x[name] for name in ("close", "high", "low", "volume"))

    def run() -> tuple[np.ndarray, ...]:
        return (
            talib.SMA(c, 20), talib.EMA(c, 20), talib.RSI(c, 14), *talib.MACD(c, 12, 26, 9),
            *talib.BBANDS(c, 20, 2.0, 2.0), talib.ATR(h, w, c, 14), talib.ADX(h, w, c, 14),
            talib.PLUS_DI(h, w, c, 14), talib.MINUS_DI(h, w, c, 14),
            *talib.STOCH(h, w, c, 5, 3, 0, 3, 0), talib.OBV(c, v), talib.CCI(h, w, c, 20),
        )  # fmt: skip

    return Task(
        run, c.size, "bars/s", values=lambda got: np.column_stack([one[-1_000:] for one in got])
    )


if __name__ == "__main__":
    run_row("A-indicators", "TA-Lib", "TA-Lib", make)
