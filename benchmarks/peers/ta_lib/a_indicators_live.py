# SPDX-License-Identifier: MIT
"""A-indicators-live with TA-Lib's streams, which keep their states."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from talib import stream

from rows import Columns, Task, run_row

BARS, BEFORE = 2_000, 5_000


def make(x: Columns) -> Task:
    c, h, w, v = (x[name][:BEFORE] for name in ("close", "high", "low", "volume"))
    columns = [x[k][BEFORE : BEFORE + BARS].tolist() for k in ("high", "low", "close", "volume")]
    rows = list(zip(*columns, strict=True))
    begun = (
        stream.SMA(c, 20), stream.EMA(c, 20), stream.RSI(c, 14), stream.MACD(c, 12, 26, 9),
        stream.BBANDS(c, 20, 2.0, 2.0), stream.ATR(h, w, c, 14), stream.ADX(h, w, c, 14),
        stream.PLUS_DI(h, w, c, 14), stream.MINUS_DI(h, w, c, 14),
        stream.STOCH(h, w, c, 5, 3, 0, 3, 0), stream.OBV(c, v), stream.CCI(h, w, c, 20),
    )  # fmt: skip

    def run() -> np.ndarray:
        sma, ema, rsi, macd, bands, atr, adx, plus, minus, stoch, obv, cci = (
            one.copy() for one in begun
        )
        for high, low, close, volume in rows:
            got = (
                sma.update(close), ema.update(close), rsi.update(close), macd.update(close),
                bands.update(close), atr.update(high, low, close), adx.update(high, low, close),
                plus.update(high, low, close), minus.update(high, low, close),
                stoch.update(high, low, close), obv.update(close, volume),
                cci.update(high, low, close),
            )  # fmt: skip
        return np.hstack(got)

    return Task(run, BARS, "bars/s", values=lambda got: got)


if __name__ == "__main__":
    run_row("A-indicators-live", "TA-Lib", "TA-Lib", make, input="A-indicators")
