# SPDX-License-Identifier: MIT
"""W1-compiled with this engine: a compiled callback per bar."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bars_row import run_row

from contract import FAST_SPAN, SLOW_SPAN
from seawall.engine.kernel.actions import send_target
from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.layout import I_LAST, O_INST, O_USER, WAKE_BAR
from seawall.engine.strategy import CompiledStrategy, compiled_strategy

FAST_ALPHA = 2.0 / (FAST_SPAN + 1)
SLOW_ALPHA = 2.0 / (SLOW_SPAN + 1)
TICKS_PER_UNIT = 100.0
LOTS = 1_000

# The strategy's own words.
SEEN, FAST, SLOW, LONG = range(4)


@compiled_strategy
def ema_cross(w, reason):
    """Long one unit while the fast average is above the slow one, else flat."""
    if reason != WAKE_BAR:
        return
    own = w[O_USER]
    close = w[w[O_INST] + I_LAST] / TICKS_PER_UNIT
    fast, slow = as_float(w[own + FAST]), as_float(w[own + SLOW])
    if w[own + SEEN] == 0:
        fast = slow = close
    else:
        fast += FAST_ALPHA * (close - fast)
        slow += SLOW_ALPHA * (close - slow)
    w[own + SEEN] += 1
    w[own + FAST], w[own + SLOW] = as_bits(fast), as_bits(slow)
    if w[own + SEEN] <= SLOW_SPAN:
        return
    wants_long = 1 if fast > slow else 0
    if wants_long != w[own + LONG]:
        w[own + LONG] = wants_long
        send_target(w, 0, LOTS * wants_long)


if __name__ == "__main__":
    strategy = CompiledStrategy(ema_cross, frozenset({"bar"}), state=(0, 0, 0, 0))
    run_row("W1-compiled", strategy)
