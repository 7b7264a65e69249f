# SPDX-License-Identifier: MIT
"""Expected time to the next event, and how surprising the last one was.

Formula: psi = omega + alpha x + beta psi after each duration x; surprise = x / psi with the
psi that was expected before x.
Unit: seconds; surprise none, of mean 1 under the model.
Assumption: the parameters of an ``acd_fit``; events of one time are one event; time does not
go back (such a row is left out).  The first expectation is the unconditional mean.
Cost: O(1), three numbers of state.
Source: Engle and Russell (1998), Econometrica 66(5).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def update(
    state: Array, omega: float, alpha: float, beta: float, time: float
) -> tuple[float, float]:
    """Expectation of the next duration and surprise; state: has an event, its time, psi."""
    if not math.isfinite(time) or (state[0] == 1.0 and time < state[1]):
        return NAN, NAN
    if state[0] == 0.0:
        rest = 1.0 - alpha - beta
        state[0], state[1] = 1.0, time
        state[2] = omega / rest if rest > 1e-12 else omega
        return state[2], NAN
    x = time - state[1]
    if x == 0.0:
        return state[2], NAN
    surprise = x / state[2]
    state[1], state[2] = time, omega + alpha * x + beta * state[2]
    return state[2], surprise


@entry
def batch(state: Array, params: Array, out: Table, time: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(time.size):
        out[i, 0], out[i, 1] = update(state, params[0], params[1], params[2], time[i])


ANALYTIC = Analytic(
    name="acd", group="durations", inputs=("time",), doc=__doc__,
    outputs=("expected", "surprise"), batch=batch, state_size=lambda params, levels: 3,
    params=(
        Param("omega", 0.1, "constant, s", 1e-12),
        Param("alpha", 0.1, "weight of the last duration", 0.0, 1.0),
        Param("beta", 0.8, "weight of the last expectation", 0.0, 1.0),
    ),
)  # fmt: skip
