# SPDX-License-Identifier: MIT
"""Early warning of a flash crash: the best quotes widen and thin out.

Formula: time-weighted exponential means of the relative spread and of ln(bid size x ask size)
over ``fast`` and over ``slow`` seconds of half-life; wide = fast / slow spread, thin = exp of
half the fall of the logarithm; alert = wide or thin above its level, 1 at the first row, 0
otherwise and for ``rest`` seconds after.
Unit: none.
Assumption: best quotes without gaps in the feed; a tick that binds keeps the spread from
widening, so that only sizes tell.  Levels are to be chosen on a past sample.  Not-a-number
until ``slow`` seconds have gone by.
Cost: O(1), 10 numbers of state.
Source: Kirilenko, Kyle, Samadi and Tuzun (2017), Journal of Finance 72(3), for makers that
leave; the rule is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
LN2 = math.log(2.0)
HAS, BEGAN, LAST, SPREAD, SIZE, FAST_SPREAD, SLOW_SPREAD, FAST_SIZE, SLOW_SIZE, QUIET = range(10)


@step
def update(
    state: Array, params: Array, out: Array, ts: int, bid_px: float, bid_qty: float,
    ask_px: float, ask_qty: float,
) -> None:  # fmt: skip
    """Take one row of best quotes; means weigh what stood until now."""
    out[:] = NAN
    sound = 0.0 < bid_px <= ask_px < 1e300 and 0.0 < bid_qty < 1e300 and 0.0 < ask_qty < 1e300
    if not sound:
        return
    time = ts * 1e-9
    spread, size = (ask_px - bid_px) / (0.5 * (ask_px + bid_px)), math.log(bid_qty * ask_qty)
    if state[HAS] == 0.0:
        state[HAS], state[BEGAN], state[LAST], state[QUIET] = 1.0, time, time, time
        state[SPREAD], state[SIZE] = spread, size
        state[FAST_SPREAD], state[SLOW_SPREAD] = spread, spread
        state[FAST_SIZE], state[SLOW_SIZE] = size, size
    if time < state[LAST]:
        return
    gap = time - state[LAST]
    short, long = math.exp(-LN2 * gap / params[0]), math.exp(-LN2 * gap / params[1])
    state[FAST_SPREAD] += (1.0 - short) * (state[SPREAD] - state[FAST_SPREAD])
    state[SLOW_SPREAD] += (1.0 - long) * (state[SPREAD] - state[SLOW_SPREAD])
    state[FAST_SIZE] += (1.0 - short) * (state[SIZE] - state[FAST_SIZE])
    state[SLOW_SIZE] += (1.0 - long) * (state[SIZE] - state[SLOW_SIZE])
    state[LAST], state[SPREAD], state[SIZE] = time, spread, size
    if time - state[BEGAN] < params[1] or state[SLOW_SPREAD] <= 0.0:
        return
    wide = state[FAST_SPREAD] / state[SLOW_SPREAD]
    thin = math.exp(0.5 * (state[SLOW_SIZE] - state[FAST_SIZE]))
    out[0], out[1], out[2] = wide, thin, 0.0
    if (wide > params[2] or thin > params[3]) and time >= state[QUIET]:
        out[2] = 1.0
        state[QUIET] = time + params[4]


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, bid_px: Array, bid_qty: Array,
    ask_px: Array, ask_qty: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(ts.size):
        update(state, params, out[i], ts[i], bid_px[i], bid_qty[i], ask_px[i], ask_qty[i])


ANALYTIC = Analytic(
    name="liquidity_alert", group="jumps", inputs=("ts", "bid_px", "bid_qty", "ask_px", "ask_qty"),
    doc=__doc__, outputs=("wide", "thin", "alert"), batch=batch,
    state_size=lambda params, levels: 10,
    params=(
        Param("fast", 5.0, "half-life of the fast means, s", 1e-6),
        Param("slow", 600.0, "half-life of the slow means, s", 1e-6),
        Param("wide", 8.0, "level of the spread's ratio", 0.0),
        Param("thin", 3.0, "level of the sizes' ratio", 0.0),
        Param("rest", 60.0, "seconds without a second alert", 0.0),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
