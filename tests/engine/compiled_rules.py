# SPDX-License-Identifier: MIT
"""Compiled strategies used by tests; a module of its own so that Numba can cache them."""

import numpy as np

from seawall.engine.kernel.actions import send_target
from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.layout import I_LAST, O_INST, O_USER, WAKE_BAR
from seawall.engine.strategy import compiled_strategy


@compiled_strategy
def ema_cross(w, reason):
    """Long one unit (1,000 lots) while the 20-bar average is above the 50-bar one."""
    if reason != WAKE_BAR:
        return
    u = w[O_USER]
    tick = 100.0  # ticks per unit of price, so that floats equal those of the hooks
    close = w[w[O_INST] + I_LAST] / tick
    n = w[u]
    fast = as_float(w[u + 1])
    slow = as_float(w[u + 2])
    if n == 0:
        fast = close
        slow = close
    else:
        fast += (close - fast) * (2 / 21)
        slow += (close - slow) * (2 / 51)
    w[u] = n + 1
    w[u + 1] = as_bits(fast)
    w[u + 2] = as_bits(slow)
    if n >= 50:
        long = 1 if fast > slow else 0
        if long != w[u + 3]:
            w[u + 3] = long
            send_target(w, 0, np.int64(1000 * long))
