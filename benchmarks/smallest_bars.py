# SPDX-License-Identifier: MIT
"""The 100 bars of W6's smallest backtest, the same for everyone: a wave of two periods."""

from __future__ import annotations

import math

N_BARS = 100
START_NS = 1_577_836_800_000_000_000
MINUTE_NS = 60_000_000_000


def columns() -> dict[str, list[float]]:
    """Column lists: ts_ns, open, high, low, close, volume."""
    close = [round(1_000 + 20 * math.sin(i / 8), 2) for i in range(N_BARS)]
    open_ = [close[0], *close[:-1]]
    return {
        "ts_ns": [START_NS + i * MINUTE_NS for i in range(N_BARS)],
        "open": open_,
        "high": [max(pair) + 1 for pair in zip(open_, close, strict=True)],
        "low": [min(pair) - 1 for pair in zip(open_, close, strict=True)],
        "close": close,
        "volume": [100.0] * N_BARS,
    }
