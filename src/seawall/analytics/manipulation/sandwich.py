# SPDX-License-Identifier: MIT
"""Evidence of front-running: a taker steps in before a large order and out right after it.

Formula: orders are prints of one side with one time of the venue.  A sandwich is three: A buys
(sells) q; V, on the same side and at least ``large`` times the usual size, follows within
``before`` seconds; A' on the other side, of q within ``near``, follows V within ``after``
seconds at a better price than A paid.  O, E: sandwiches, and the same pattern with A' on the
wrong side, faded over ``memory`` seconds; L = max(E, the stream's own slow mean, ``floor``);
score = min(1, (O ln(O / L) - O + L) / (ln 10 ``decades``)).
Unit: score 0 to 1, evidence and no verdict; gain: of the last sandwich, basis points.
Assumption: nobody's name is known, so three strangers look the same: only how often it
happens, against the mirrored pattern, says anything.  On a chain, where senders are known,
the test is another one.
Cost: O(32) per order, 150 numbers of state.
Source: Torres, Camino and State (2021), USENIX Security, for insertion before and after a
victim; the rule for books without names is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
(
    STARTED, ORIGIN, NOW, SIDE, QTY, FIRST_PX, SENT, USUAL, SEEN, HEAD, FOUND, MIRRORED, SLOW,
    SPAN, GAIN,
) = range(15)  # fmt: skip
KEPT = 32
RING = 16
TOGETHER = 2e-6


@step
def fade(state: Array, now: float, memory: float, slow: float) -> None:
    """Let the sums of the past fade up to a time."""
    gap = max(now - state[NOW], 0.0)
    keep, old = math.exp(-gap / memory), math.exp(-gap / slow)
    state[FOUND] *= keep
    state[MIRRORED] *= keep
    state[SLOW] *= old
    state[SPAN] = state[SPAN] * old + gap
    state[NOW] = max(now, state[NOW])


@step
def between(state: Array, side: float, since: float, until: float, large: float) -> bool:
    """Whether a large order of a side lies between two times."""
    for k in range(KEPT):
        at = RING + 4 * k
        if state[at] == side and since < state[at + 3] < until and state[at + 1] >= large:
            return True
    return False


@step
def closed(state: Array, params: Array) -> None:
    """Judge an order as the last of three, then remember it."""
    side, qty, px, sent = state[SIDE], state[QTY], state[FIRST_PX], state[SENT]
    large = params[2] * state[USUAL]
    span = params[0] + params[1]
    for k in range(KEPT):
        at = RING + 4 * k
        fits = state[at] != 0.0 and abs(state[at + 1] - qty) <= params[3] * qty
        if not fits or sent - state[at + 3] > span or state[SEEN] < 30.0 or qty >= large:
            continue
        if not between(state, state[at], state[at + 3], sent, large):
            continue
        if state[at] != side:
            gain = (px / state[at + 2] - 1.0) * state[at] * 1e4
            if gain > 0.0:
                state[FOUND] += 1.0
                state[SLOW] += 1.0
                state[GAIN] = gain
                break
        else:
            state[MIRRORED] += 1.0
            break
    at = RING + 4 * int(state[HEAD])
    state[at], state[at + 1], state[at + 2], state[at + 3] = side, qty, px, sent
    state[HEAD] = (state[HEAD] + 1.0) % KEPT
    state[SEEN] = min(state[SEEN] + 1.0, 1e9)
    state[USUAL] += (qty - state[USUAL]) / min(state[SEEN], 200.0)


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, sent: Times, price: Array, qty: Array,
    side: Array,
) -> None:  # fmt: skip
    """Loop over rows; only those with a size and a side are prints."""
    for i in range(ts.size):
        out[i] = NAN
        if not (0.0 < price[i] < 1e300 and 0.0 <= qty[i] < 1e300 and abs(side[i]) <= 1.0):
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        fade(state, (ts[i] - state[ORIGIN]) * 1e-9, params[4], params[5])
        if qty[i] > 0.0 and side[i] != 0.0:
            when = (ts[i] - state[ORIGIN] - (ts[i] - sent[i])) * 1e-9
            if state[QTY] > 0.0 and state[SIDE] == side[i] and abs(when - state[SENT]) < TOGETHER:
                state[QTY] += qty[i]
            else:
                if state[QTY] > 0.0:
                    closed(state, params)
                state[SIDE], state[QTY], state[FIRST_PX] = side[i], qty[i], price[i]
                state[SENT] = when
        found = state[FOUND]
        usual = state[SLOW] / max(state[SPAN], params[5]) * params[4]
        level = max(max(state[MIRRORED], usual), params[6])
        score = 0.0
        if found > level:
            decades = (found * math.log(found / level) - found + level) / math.log(10.0)
            score = min(decades / params[7], 1.0)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = score, found, state[MIRRORED], state[GAIN]


ANALYTIC = Analytic(
    name="sandwich", group="manipulation", doc=__doc__,
    inputs=("ts", "sent", "price", "qty", "side"),
    outputs=("score", "found", "mirrored", "gain"), batch=batch,
    state_size=lambda params, levels: RING + 4 * KEPT,
    params=(
        Param("before", 1.0, "seconds between the first and the large order", 1e-3, 3600.0),
        Param("after", 1.0, "seconds between the large and the last order", 1e-3, 3600.0),
        Param("large", 3.0, "size of the large order in usual ones", 1.0, 1e6),
        Param("near", 0.02, "how equal the two sizes must be, fraction", 0.0, 1.0),
        Param("memory", 60.0, "counts fade over this many seconds", 0.1, 1e6),
        Param("slow", 600.0, "the stream's own mean fades over this many seconds", 1.0, 1e6),
        Param("floor", 0.5, "least count that is expected", 1e-3, 1e3),
        Param("decades", 3.0, "surprise that is full evidence, decades", 0.1, 100.0),
    ),
)  # fmt: skip
