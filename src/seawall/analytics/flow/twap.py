# SPDX-License-Identifier: MIT
"""Time-weighted average price since the start of the session.

Formula: integral of the last price over time, divided by the time since the first price of
the session; the price of a row counts from that row on.
Unit: quote currency.
Assumption: sessions as in ``vwap``; a price holds until the next one.  Rows in order of
time; at the very first moment it is the price itself.
Cost: O(1), five numbers of state.
Source: definition.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param


@step
def update(state: Array, times: Times, session_ns: int, ts: int, price: float) -> float:
    """Average; state: has a price, session, time of the last row, average, price, span."""
    if not math.isfinite(price):
        return float("nan")
    session = ts // session_ns if session_ns > 0 else 0
    if state[0] == 0.0 or session != times[1]:
        state[0], state[3], state[4], state[5] = 1.0, price, price, 0.0
        times[1], times[2] = session, ts
        return price
    gap = float(ts - times[2])
    if gap > 0.0:
        state[5] += gap
        # A mean that moves keeps its digits; a growing integral would lose them.
        state[3] += (state[4] - state[3]) * (gap / state[5])
        times[2] = ts
    state[4] = price
    return state[3] if state[5] > 0.0 else price


@entry
def batch(state: Array, params: Array, out: Table, ts: Times, price: Array) -> None:
    """Loop of :func:`update`."""
    times = state.view(np.int64)
    session_ns = int(params[0] * 1e9)
    for i in range(ts.size):
        out[i, 0] = update(state, times, session_ns, ts[i], price[i])


ANALYTIC = Analytic(
    name="twap", group="flow", inputs=("ts", "price"), doc=__doc__, outputs=("twap",),
    batch=batch, state_size=lambda params, levels: 6,
    params=(Param("session", 86_400.0, "length of a session, s; 0: one for ever", 0.0, 1e9),),
)  # fmt: skip
