# SPDX-License-Identifier: MIT
"""A-indicators-live with TA-Lib's streams, which look at the last 500 bars anew."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from talib import stream

from rows import Columns, Task, run_row

BARS, BEFORE, WINDOW, FEW = 2_000, 5_000, 500, 200


def make(x: Columns) -> Task:
    columns = [x[name] for name in ("close", "high", "low", "volume")]

    def run() -> tuple[float, ...]:
        for end in range(BEFORE + BARS - FEW + 1, BEFORE + BARS + 1):
            c, h, w, v = (column[end - WINDOW : end] for column in columns)
            got = (
                stream.SMA(c, 20), stream.EMA(c, 20), stream.RSI(c, 14),
                *stream.MACD(c, 12, 26, 9), *stream.BBANDS(c, 20, 2.0, 2.0),
                stream.ATR(h, w, c, 14), stream.ADX(h, w, c, 14), stream.PLUS_DI(h, w, c, 14),
                stream.MINUS_DI(h, w, c, 14), *stream.STOCH(h, w, c, 5, 3, 0, 3, 0),
                stream.OBV(c, v), stream.CCI(h, w, c, 20),
            )  # fmt: skip
        return got

    return Task(
        run, FEW, "bars/s", values=lambda got: np.delete(got, 15),
        note=f"{FEW} bars, {WINDOW} looked at for each; its OBV knows no more, so it is left out",
    )  # fmt: skip


if __name__ == "__main__":
    run_row("A-indicators-live", "TA-Lib", "TA-Lib", make, input="A-indicators")
