# SPDX-License-Identifier: MIT
"""Volume-weighted average price since the start of the session, and the distance from it.

Formula: vwap = sum p v / sum v; sd^2 = sum v (p - vwap)^2 / sum v; z = (p - vwap) / sd.
Unit: quote currency; z none.
Assumption: sessions are ``session`` seconds long and counted from 1970-01-01 UTC (86,400:
days of UTC); 0: one session for ever.  Wash trades count like others.
Cost: O(1), four numbers of state.
Source: definition, with the weighted form of Welford's update (West 1979).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def update(
    state: Array, session_ns: int, ts: int, price: float, qty: float
) -> tuple[float, float, float]:
    """Average, deviation and z; state: session, weight, average, squares."""
    if not (math.isfinite(price) and math.isfinite(qty) and qty >= 0.0):
        return NAN, NAN, NAN
    if session_ns > 0:
        session = float(ts // session_ns + 1)
        if session != state[0]:
            state[0], state[1], state[2], state[3] = session, 0.0, 0.0, 0.0
    if qty > 0.0:
        state[1] += qty
        off = price - state[2]
        state[2] += off * (qty / state[1])
        state[3] += qty * off * (price - state[2])
    if state[1] == 0.0:
        return NAN, NAN, NAN
    sd = math.sqrt(max(state[3], 0.0) / state[1])
    return state[2], sd, ((price - state[2]) / sd if sd > 0.0 else NAN)


@entry
def batch(state: Array, params: Array, out: Table, ts: Times, price: Array, qty: Array) -> None:
    """Loop of :func:`update`."""
    session_ns = int(params[0] * 1e9)
    for i in range(ts.size):
        out[i, 0], out[i, 1], out[i, 2] = update(state, session_ns, ts[i], price[i], qty[i])


ANALYTIC = Analytic(
    name="vwap", group="flow", inputs=("ts", "price", "qty"), doc=__doc__,
    outputs=("vwap", "sd", "z"), batch=batch, state_size=lambda params, levels: 4,
    params=(Param("session", 86_400.0, "length of a session, s; 0: one for ever", 0.0, 1e9),),
)  # fmt: skip
