# SPDX-License-Identifier: MIT
"""Early warning of a flash crash: arrivals spike while they feed on each other.

Formula: spike = exponentially weighted rate of events over ``fast`` seconds / the same over
``slow``; branching = 1 - sqrt(mean / variance) of the counts in windows of ``window`` seconds,
both weighted over ``slow``; imbalance = weighted mean of the sides over ``fast``; alert = the
spike and the branching ratio above their levels and the imbalance beyond its own, 1 or -1 by
its sign at the first event, 0 otherwise and for ``rest`` seconds after an alert.
Unit: none.
Assumption: the window is much longer than the kernel.  Any rate that moves raises this
branching ratio, so it is an alarm and no estimate: ``hawkes_pq_fit`` says afterwards what
moved.  Levels are to be chosen on a past sample and judged on another (``crash_score``).
Not-a-number until ``slow`` seconds have gone by.
Cost: O(1), 12 numbers of state.
Source: Hardiman and Bouchaud (2014), Physical Review E 90, for the ratio of counts; the rule is
our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
LN2 = math.log(2.0)
HAS, BEGAN, LAST, FAST, SLOW, SIDE, COUNT, CLOSES, MEAN, SQUARE, QUIET, WEIGHT = range(12)


@step
def close_windows(state: Array, window: float, share: float, time: float) -> None:
    """Take the counts of the windows that ended by now, the empty ones at once."""
    if time < state[CLOSES]:
        return
    ended = math.floor((time - state[CLOSES]) / window)
    keep = 1.0 - share
    state[MEAN] = keep * state[MEAN] + share * state[COUNT]
    state[SQUARE] = keep * state[SQUARE] + share * state[COUNT] * state[COUNT]
    state[WEIGHT] = keep * state[WEIGHT] + share
    empty = keep**ended
    state[MEAN] *= empty
    state[SQUARE] *= empty
    state[WEIGHT] = 1.0 - (1.0 - state[WEIGHT]) * empty
    state[COUNT] = 0.0
    state[CLOSES] += (ended + 1.0) * window


@step
def branching_of(state: Array) -> float:
    """One less the root of mean over variance of the counts; 0 where they vary less."""
    if state[WEIGHT] <= 0.0:
        return NAN
    mean = state[MEAN] / state[WEIGHT]
    variance = state[SQUARE] / state[WEIGHT] - mean * mean
    if not variance > mean:
        return 0.0
    return 1.0 - math.sqrt(mean / variance)


@step
def update(state: Array, params: Array, out: Array, time: float, side: float) -> None:
    """Take one event."""
    out[:] = NAN
    fast, slow, window = params[0], params[1], params[2]
    if not math.isfinite(time) or not abs(side) <= 1.0:
        return
    if state[HAS] == 0.0:
        state[HAS], state[BEGAN], state[LAST], state[CLOSES] = 1.0, time, time, time + window
        state[QUIET] = time
    if time < state[LAST]:
        return
    gap = time - state[LAST]
    state[LAST] = time
    close_windows(state, window, 1.0 - math.exp(-LN2 * window / slow), time)
    state[COUNT] += 1.0
    short, long = math.exp(-LN2 * gap / fast), math.exp(-LN2 * gap / slow)
    state[FAST] = short * state[FAST] + 1.0
    state[SLOW] = long * state[SLOW] + 1.0
    state[SIDE] = short * state[SIDE] + side
    elapsed = time - state[BEGAN]
    if elapsed < slow:
        return
    known = 1.0 - math.exp(-LN2 * elapsed / slow)
    spike = (state[FAST] / fast) / (state[SLOW] / (slow * known))
    branching, imbalance = branching_of(state), state[SIDE] / state[FAST]
    out[0], out[1], out[2], out[3] = spike, branching, imbalance, 0.0
    loud = spike > params[3] and branching > params[4] and abs(imbalance) >= params[5]
    if loud and time >= state[QUIET]:
        out[3] = 1.0 if imbalance > 0.0 else -1.0
        state[QUIET] = time + params[6]


@entry
def batch(state: Array, params: Array, out: Table, time: Array, side: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(time.size):
        update(state, params, out[i], time[i], side[i])


ANALYTIC = Analytic(
    name="crash_alert", group="hawkes", inputs=("time", "side"), doc=__doc__,
    outputs=("spike", "branching", "imbalance", "alert"), batch=batch,
    state_size=lambda params, levels: 12,
    params=(
        Param("fast", 10.0, "half-life of the fast rate, s", 1e-6),
        Param("slow", 1_800.0, "half-life of the slow rate and of the counts, s", 1e-6),
        Param("window", 30.0, "window of a count, s", 1e-6),
        Param("spike", 8.0, "level of the spike", 0.0),
        Param("branching", 0.8, "level of the branching ratio", 0.0, 1.0),
        Param("imbalance", 0.0, "least absolute imbalance", 0.0, 1.0),
        Param("rest", 300.0, "seconds without a second alert", 0.0),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip
