# SPDX-License-Identifier: MIT
"""Amihud's illiquidity: absolute return per money traded, averaged over bars.

Formula: mean over the last ``window`` bars of |c / c' - 1| / turnover.
Unit: 1 / quote currency.
Assumption: a ranking of markets or days, no cost model.  Bars without turnover are left out.
Cost: O(1); 5 + window numbers of state.
Source: Amihud (2002), Journal of Financial Markets 5(1).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, CLOSE, COUNT, HEAD, SUM = range(5)
RING = 5


@step
def update(state: Array, window: int, close: float, turnover: float) -> float:
    """Mean illiquidity so far in the window."""
    if not (math.isfinite(close) and math.isfinite(turnover) and close > 0.0):
        state[HAS] = 0.0
        return NAN
    if state[HAS] == 1.0 and turnover > 0.0:
        value = abs(close / state[CLOSE] - 1.0) / turnover
        head = int(state[HEAD])
        if state[COUNT] == window:
            state[SUM] -= state[RING + head]
        else:
            state[COUNT] += 1.0
        state[RING + head] = value
        state[SUM] += value
        state[HEAD] = head + 1
        if head + 1 == window:  # sum anew, so that rounding does not pile up
            state[HEAD], state[SUM] = 0.0, 0.0
            for k in range(window):
                state[SUM] += state[RING + k]
    state[HAS], state[CLOSE] = 1.0, close
    return state[SUM] / state[COUNT] if state[COUNT] > 0.0 else NAN


@entry
def batch(state: Array, params: Array, out: Table, close: Array, turnover: Array) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(close.size):
        out[i, 0] = update(state, window, close[i], turnover[i])


ANALYTIC = Analytic(
    name="amihud", group="flow", inputs=("close", "turnover"), doc=__doc__,
    outputs=("illiquidity",), batch=batch,
    state_size=lambda params, levels: RING + int(params[0]),
    params=(Param("window", 1_440, "bars that are averaged", 1, 1e7, whole=True),),
)  # fmt: skip
