# SPDX-License-Identifier: MIT
"""Intensity of a Hawkes process with one exponential kernel, at each event.

Formula: lambda(t) = mu + n beta sum over t_i < t of exp(-beta (t - t_i)); residual = the
compensator since the event before, which is exponential with mean 1 under the model.
Unit: events per second; residual none.
Assumption: constant mu; n the branching ratio (mean number of direct children of an event).
The value is the one just before the event; events of the same time do not see each other
before it and count together after it.  Times do not decrease.
Cost: O(1), four numbers of state.
Source: Hawkes (1971), Biometrika 58(1); Ozaki (1979) for the recursion.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def update(
    state: Array, mu: float, branching: float, beta: float, time: float
) -> tuple[float, float]:
    """Left limit and residual; state: has an event, its time, excitation after and before."""
    if not math.isfinite(time) or (state[0] == 1.0 and time < state[1]):
        return NAN, NAN
    if state[0] == 0.0:  # the time before the first event is not known: no residual
        state[0], state[1], state[2], state[3] = 1.0, time, 1.0, 0.0
        return mu, NAN
    gap = time - state[1]
    if gap == 0.0:
        state[2] += 1.0
        return mu + branching * beta * state[3], 0.0
    decay = math.exp(-beta * gap)
    residual = mu * gap - branching * state[2] * math.expm1(-beta * gap)
    left = state[2] * decay
    state[1], state[2], state[3] = time, left + 1.0, left
    return mu + branching * beta * left, residual


@entry
def batch(state: Array, params: Array, out: Table, time: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(time.size):
        out[i, 0], out[i, 1] = update(state, params[0], params[1], params[2], time[i])


ANALYTIC = Analytic(
    name="hawkes_intensity", group="hawkes", inputs=("time",), doc=__doc__,
    outputs=("intensity", "residual"), batch=batch, state_size=lambda params, levels: 4,
    params=(
        Param("mu", 0.5, "rate of events without cause, per second", 0.0),
        Param("branching", 0.5, "mean number of direct children of an event", 0.0),
        Param("beta", 1.0, "decay, per second", 0.0),
    ),
)  # fmt: skip
