# SPDX-License-Identifier: MIT
"""Evidence of momentum ignition: a one-sided burst of takers that the price takes back.

Formula: v, s = traded and signed volume faded over ``burst`` seconds; a burst opens when
v > ``times`` its usual (exponential mean over ``slow`` seconds) with |s| > ``lean`` v and
the price has moved that way by more than ``moves`` usual deviations.  Within ``life`` seconds
of its start, back = (peak - price) / (peak - start): the share of the move, at its widest,
that is gone.  score = min(1, back / ``whole``) x one-sidedness of the burst, fading over
``memory`` seconds afterwards.
Unit: score and parts 0 to 1, evidence and no verdict; move: fraction of the price.
Assumption: only the takers are seen; who sold passively into the burst is not.  An order
that pays its own impact reverts as well: half of a move coming back is usual, all is not.
Cost: O(1) per print, 16 numbers of state.
Source: definition of momentum ignition in ESMA/2015/1464, technical advice on market abuse;
the thresholds are our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
(
    STARTED, ORIGIN, NOW, VOLUME, SIGNED, USUAL, WEIGHT, SLOW_PX, MOVE_VAR, WAY, SINCE, START_PX,
    PEAK_PX, LEAN, SCORE, MOVE,
) = range(16)  # fmt: skip


@step
def follow(state: Array, now: float, px: float, params: Array) -> None:
    """Move faded sums and usual values up to a time."""
    gap = max(now - state[NOW], 0.0)
    keep = math.exp(-gap / params[0])
    log_px = math.log(px)
    if state[WEIGHT] == 0.0:
        state[SLOW_PX] = log_px
    w = 1.0 - math.exp(-gap / params[2])
    state[WEIGHT] = max(state[WEIGHT] + (1.0 - state[WEIGHT]) * w, 1e-12)
    a = w / state[WEIGHT]
    state[USUAL] += a * (state[VOLUME] - state[USUAL])
    state[MOVE_VAR] += a * ((log_px - state[SLOW_PX]) ** 2 - state[MOVE_VAR])
    state[SLOW_PX] += (1.0 - keep) * (log_px - state[SLOW_PX])
    state[VOLUME] *= keep
    state[SIGNED] *= keep
    state[SCORE] *= math.exp(-gap / params[1])
    state[NOW] = max(now, state[NOW])


@step
def burst(state: Array, log_px: float, params: Array) -> None:
    """Open a burst, or see how much of its move came back."""
    if state[WAY] == 0.0:
        lean = state[SIGNED] / state[VOLUME] if state[VOLUME] > 0.0 else 0.0
        way = 1.0 if lean > 0.0 else -1.0
        moved = (log_px - state[SLOW_PX]) * way
        if (
            state[VOLUME] > params[4] * state[USUAL] and abs(lean) > params[5]
            and moved > params[6] * math.sqrt(state[MOVE_VAR])
        ):  # fmt: skip
            state[WAY], state[SINCE], state[LEAN] = way, state[NOW], abs(lean)
            state[START_PX], state[PEAK_PX] = state[SLOW_PX], log_px
        return
    way = state[WAY]
    if (log_px - state[PEAK_PX]) * way > 0.0:
        state[PEAK_PX] = log_px
    width = (state[PEAK_PX] - state[START_PX]) * way
    back = (state[PEAK_PX] - log_px) * way / width if width > 0.0 else 0.0
    state[SCORE] = max(state[SCORE], min(max(back, 0.0) / params[8], 1.0) * state[LEAN])
    state[MOVE] = width * way
    if state[NOW] - state[SINCE] > params[7] or back >= 1.0:
        state[WAY] = 0.0


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, price: Array, qty: Array, side: Array
) -> None:  # fmt: skip
    """Loop over rows; only those with a size and a side are prints."""
    for i in range(ts.size):
        out[i] = NAN
        if not (price[i] > 0.0 and price[i] < 1e300 and qty[i] >= 0.0 and qty[i] < 1e300):
            continue
        if not abs(side[i]) <= 1.0:
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        follow(state, (ts[i] - state[ORIGIN]) * 1e-9, price[i], params)
        if qty[i] > 0.0 and side[i] != 0.0:
            state[VOLUME] += qty[i]
            state[SIGNED] += side[i] * qty[i]
            if state[NOW] >= params[3]:
                burst(state, math.log(price[i]), params)
        if state[NOW] < params[3]:
            continue
        out[i, 0], out[i, 1] = state[SCORE], 1.0 if state[WAY] != 0.0 else 0.0
        out[i, 2], out[i, 3] = state[LEAN], state[MOVE]


ANALYTIC = Analytic(
    name="momentum_ignition", group="manipulation", doc=__doc__,
    inputs=("ts", "price", "qty", "side"), outputs=("score", "open", "lean", "move"),
    batch=batch, state_size=lambda params, levels: 16,
    params=(
        Param("burst", 3.0, "volumes fade over this many seconds", 0.001, 3600.0),
        Param("memory", 20.0, "the score fades over this many seconds", 0.1, 1e5),
        Param("slow", 300.0, "the usual fades over this many seconds", 1.0, 1e6),
        Param("warm", 20.0, "seconds before the first score", 0.0, 1e5),
        Param("times", 8.0, "volume of a burst in multiples of the usual", 1.0, 1e3),
        Param("lean", 0.7, "least one-sidedness of a burst", 0.0, 1.0),
        Param("moves", 5.0, "least move of a burst in usual deviations", 0.0, 100.0),
        Param("life", 60.0, "seconds in which the move must come back", 0.1, 1e5),
        Param("whole", 1.0, "share of the move that is full evidence", 0.1, 2.0),
    ),
)  # fmt: skip
