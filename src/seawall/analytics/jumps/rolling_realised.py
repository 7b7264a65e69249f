# SPDX-License-Identifier: MIT
"""Realised variance, bipower and semivariances over a rolling window of prices.

Formula: with the last n log returns: rv = sum r^2; bipower = (pi/2) sum |r_i||r_(i-1)|; minrv =
pi/(pi-2) sum min(|r_i|, |r_(i-1)|)^2, both with the return before the window; upside and
downside = sums of squares of gains and of losses; jump = the share of rv above bipower, not
below 0.
Unit: variance of log price over the window, not annualised; jump none.
Assumption: prices at equal steps; see ``realised`` for what noise, zeros and bounces do to
them.  A bad price is left out: the next return spans it.  Not-a-number until the window is
full.
Cost: O(1), 9 + 5 x window numbers of state.
Source: Barndorff-Nielsen and Shephard (2004); Barndorff-Nielsen, Kinnebrock and Shephard
(2010) for semivariances; Andersen, Dobrev and Schaumburg (2012).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
COUNT, LAST, BEFORE, HEAD, SUMS = 0, 1, 2, 3, 4
FIELDS = 5  # r^2, |r||r before|, min^2, gain^2, loss^2
RING = SUMS + FIELDS
HALF_PI, LEAST = 0.5 * math.pi, math.pi / (math.pi - 2.0)


@step
def update(state: Array, window: int, out: Array, price: float) -> None:
    """Take one price.  State: prices seen, last ln price, |r| before, head, sums, rings."""
    out[:] = NAN
    if not (price > 0.0 and price < 1e300):
        return
    log = math.log(price)
    state[COUNT] += 1.0
    if state[COUNT] == 1.0:
        state[LAST] = log
        return
    r = log - state[LAST]
    state[LAST] = log
    size, least = abs(r), min(abs(r), state[BEFORE])
    values = (r * r, size * state[BEFORE], least * least, r * max(r, 0.0), r * min(r, 0.0))
    state[BEFORE] = size
    head = int(state[HEAD])
    for k in range(FIELDS):
        at = RING + k * window + head
        state[SUMS + k] += values[k] - state[at]
        state[at] = values[k]
    head += 1
    if head == window:  # sums that add and subtract drift: count anew once a round
        head = 0
        for k in range(FIELDS):
            state[SUMS + k] = 0.0
            for j in range(window):
                state[SUMS + k] += state[RING + k * window + j]
    state[HEAD] = head
    if state[COUNT] <= window + 1.0:
        return
    rv = max(state[SUMS], 0.0)
    bipower = HALF_PI * max(state[SUMS + 1], 0.0)
    out[0], out[1], out[2] = rv, bipower, LEAST * max(state[SUMS + 2], 0.0)
    out[3], out[4] = max(state[SUMS + 3], 0.0), max(state[SUMS + 4], 0.0)
    out[5] = max(1.0 - bipower / rv, 0.0) if rv > 1e-300 else 0.0


@entry
def batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(close.size):
        update(state, window, out[i], close[i])


ANALYTIC = Analytic(
    name="rolling_realised", group="jumps", inputs=("close",), doc=__doc__,
    outputs=("rv", "bipower", "minrv", "upside", "downside", "jump"), batch=batch,
    state_size=lambda params, levels: RING + FIELDS * int(params[0]),
    params=(Param("window", 60, "returns of the window", 2, 1e6, whole=True),),
    need=Need(seconds=300.0),
)  # fmt: skip
