# SPDX-License-Identifier: MIT
"""W1-vectorised with this engine: wanted positions from whole arrays."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from bars_row import run_row
from numba import njit

from contract import FAST_SPAN, SLOW_SPAN
from seawall.engine.strategy import TargetStrategy


@njit
def ema_cross(close, fast_span, slow_span):
    """One unit while the fast average leads, 0 otherwise, NaN before the slow span."""
    fast_alpha, slow_alpha = 2.0 / (fast_span + 1), 2.0 / (slow_span + 1)
    fast = slow = close[0]
    wanted = np.empty(len(close))
    for i in range(len(close)):
        fast += fast_alpha * (close[i] - fast)
        slow += slow_alpha * (close[i] - slow)
        wanted[i] = 1.0 if fast > slow else 0.0
    wanted[:slow_span] = np.nan
    return wanted


def rule(bars: dict[str, np.ndarray]) -> np.ndarray:
    """The targets of the EMA cross."""
    return ema_cross(bars["close"], FAST_SPAN, SLOW_SPAN)


if __name__ == "__main__":
    run_row("W1-vectorised", TargetStrategy(rule))
