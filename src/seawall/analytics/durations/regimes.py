# SPDX-License-Identifier: MIT
"""Probability that arrivals are in their fast regime, event by event.

Formula: Hamilton's filter over two states with log-normal durations and constant transitions:
fast = P(fast regime | durations up to now); ahead = the same for the next duration; expected =
the mean of the next duration.
Unit: none, 0 to 1; expected in seconds.
Assumption: the parameters of a ``regime_durations_fit`` with factors=0; events of one time are
one event; filtered, never smoothed.  It starts from the stationary law.
Cost: O(1), three numbers of state.
Source: Hamilton (1989), Econometrica 57(2); Li, Chen and Xing (2023), Economic Modelling 118.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def _normal(log: float, mean: float, deviation: float) -> float:
    score = (log - mean) / deviation
    return math.exp(-0.5 * score * score) / deviation


@step
def update(state: Array, params: Array, out: Array, time: float) -> None:
    """Take one event; state: has an event, its time, probability of fast ahead."""
    to_fast, stay_fast = 1.0 - params[4], params[5]
    if not math.isfinite(time) or (state[0] == 1.0 and time < state[1]):
        out[0], out[1], out[2] = NAN, NAN, NAN
        return
    if state[0] == 0.0:
        leave = to_fast + 1.0 - stay_fast
        state[0], state[1] = 1.0, time
        state[2] = to_fast / leave if leave > 0.0 else 0.5
        p = state[2]
    else:
        x = time - state[1]
        p = state[2]
        if x > 0.0:
            log = math.log(x)
            slow = (1.0 - p) * _normal(log, params[0], params[1])
            fast = p * _normal(log, params[2], params[3])
            if slow + fast > 0.0:
                p = fast / (slow + fast)
            state[1] = time
            state[2] = (1.0 - p) * to_fast + p * stay_fast
    out[0], out[1] = p, state[2]
    of_slow = math.exp(params[0] + 0.5 * params[1] * params[1])
    of_fast = math.exp(params[2] + 0.5 * params[3] * params[3])
    out[2] = (1.0 - state[2]) * of_slow + state[2] * of_fast


@entry
def batch(state: Array, params: Array, out: Table, time: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(time.size):
        update(state, params, out[i], time[i])


ANALYTIC = Analytic(
    name="regime_durations", group="durations", inputs=("time",), doc=__doc__,
    outputs=("fast", "ahead", "expected"), batch=batch, state_size=lambda params, levels: 3,
    params=(
        Param("slow_mean", 0.0, "mean of ln seconds, slow regime", -50.0, 50.0),
        Param("slow_deviation", 1.0, "deviation of ln seconds, slow regime", 1e-6, 50.0),
        Param("fast_mean", -4.0, "mean of ln seconds, fast regime", -50.0, 50.0),
        Param("fast_deviation", 1.0, "deviation of ln seconds, fast regime", 1e-6, 50.0),
        Param("stay_slow", 0.9, "probability to stay slow", 0.0, 1.0),
        Param("stay_fast", 0.9, "probability to stay fast", 0.0, 1.0),
    ),
)  # fmt: skip
