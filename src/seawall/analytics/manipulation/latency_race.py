# SPDX-License-Identifier: MIT
"""Evidence of latency arbitrage: takers who hit a quote that another market has left behind.

Formula: a *window* opens when the leader's mid (``mid``) moves by more than ``jump`` basis
points within ``look`` seconds and closes after ``race`` seconds; a print in it on the side of
the move is a *snipe*.  O: snipes by volume, faded over ``memory`` seconds; p: share of time
in windows, times one half for the side; share = O / all volume; score = clip((share - p) /
(``full`` - p), 0, 1), 0 while fewer than ten prints are remembered.
markout: mid of the own book ``race`` seconds after a snipe against its price, faded mean.
Unit: score, share, expected 0 to 1; markout basis points, what the quoting side lost.
Assumption: both feeds on one clock: an error of the clocks larger than ``race`` makes or
hides snipes.  Who sent the orders is in no public feed, and who lost the race is not either:
it is the share of flow that comes at once after the leader moved, not an accusation.
Cost: O(1), 18 numbers of state and a short ring.
Source: Aquilina, Budish and O'Neill (2022), Quarterly Journal of Economics 137(1), for races;
their measure needs failed messages, which public feeds lack, so this one is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
(
    STARTED, ORIGIN, NOW, LEAD, LEAD_OLD, LEAD_SINCE, WAY, UNTIL, VOLUME, SNIPED, IN_TIME,
    ALL_TIME, PRINTS, MARKOUT, MARKED, HEAD,
) = range(16)  # fmt: skip
KEPT = 16
RING = 16


@step
def clip(value: float) -> float:
    """Bound to 0 and 1."""
    return min(max(value, 0.0), 1.0)


@step
def fade(state: Array, now: float, memory: float) -> None:
    """Let the sums of the past fade up to a time."""
    gap = max(now - state[NOW], 0.0)
    keep = math.exp(-gap / memory)
    inside = min(max(state[UNTIL] - state[NOW], 0.0), gap) if state[WAY] != 0.0 else 0.0
    for k in (VOLUME, SNIPED, IN_TIME, ALL_TIME, PRINTS, MARKOUT, MARKED):
        state[k] *= keep
    state[IN_TIME] += inside
    state[ALL_TIME] += gap
    state[NOW] = max(now, state[NOW])
    if now > state[UNTIL]:
        state[WAY] = 0.0


@step
def lead(state: Array, mid: float, params: Array) -> None:
    """Take the leader's mid."""
    if state[NOW] - state[LEAD_SINCE] > params[1] or state[LEAD_OLD] == 0.0:
        # What it was at the start of the present look.
        state[LEAD_OLD] = state[LEAD] if state[LEAD] > 0.0 else mid
        state[LEAD_SINCE] = state[NOW]
    moved = (mid / state[LEAD_OLD] - 1.0) * 1e4
    if abs(moved) > params[0]:
        state[WAY] = 1.0 if moved > 0.0 else -1.0
        state[UNTIL] = state[NOW] + params[2]
        state[LEAD_OLD], state[LEAD_SINCE] = mid, state[NOW]
    state[LEAD] = mid


@step
def mark(state: Array, own: float, race: float) -> None:
    """Mark the snipes whose time has come against the own mid."""
    for k in range(KEPT):
        at = RING + 3 * k
        if state[at] != 0.0 and state[NOW] - state[at + 2] >= race:
            state[MARKOUT] += state[at] * (own / state[at + 1] - 1.0) * 1e4
            state[MARKED] += 1.0
            state[at] = 0.0


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, mid: Array, bid_px: Array, ask_px: Array,
    price: Array, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop over rows of the follower, each with the leader's last mid."""
    for i in range(ts.size):
        out[i] = NAN
        fine = 0.0 < bid_px[i] < 1e300 and 0.0 < ask_px[i] < 1e300 and 0.0 < mid[i] < 1e300
        if not (fine and 0.0 < price[i] < 1e300 and 0.0 <= qty[i] < 1e300 and abs(side[i]) <= 1.0):
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        fade(state, (ts[i] - state[ORIGIN]) * 1e-9, params[3])
        if mid[i] != state[LEAD]:
            lead(state, mid[i], params)
        mark(state, 0.5 * (bid_px[i] + ask_px[i]), params[2])
        if qty[i] > 0.0 and side[i] != 0.0:
            state[VOLUME] += qty[i]
            state[PRINTS] += 1.0
            if state[WAY] == side[i]:
                state[SNIPED] += qty[i]
                at = RING + 3 * int(state[HEAD])
                state[at], state[at + 1], state[at + 2] = side[i], price[i], state[NOW]
                state[HEAD] = (state[HEAD] + 1.0) % KEPT
        share = min(state[SNIPED] / state[VOLUME], 1.0) if state[VOLUME] > 0.0 else 0.0
        expected = 0.5 * min(state[IN_TIME] / state[ALL_TIME], 1.0) if state[ALL_TIME] > 0 else 0.0
        room = max(params[4] - expected, 0.05)
        out[i, 0] = clip((share - expected) / room) if state[PRINTS] >= 10.0 else 0.0
        out[i, 1], out[i, 2] = share, expected
        out[i, 3] = state[MARKOUT] / state[MARKED] if state[MARKED] > 1e-9 else 0.0


ANALYTIC = Analytic(
    name="latency_race", group="manipulation", doc=__doc__,
    inputs=("ts", "mid", "bid_px", "ask_px", "price", "qty", "side"),
    outputs=("score", "share", "expected", "markout"), batch=batch,
    state_size=lambda params, levels: RING + 3 * KEPT,
    params=(
        Param("jump", 0.5, "move of the leader that starts a race, basis points", 0.0, 1e4),
        Param("look", 0.1, "seconds within which the leader must move", 1e-6, 3600.0),
        Param("race", 0.1, "seconds that a race lasts", 1e-6, 3600.0),
        Param("memory", 60.0, "sums fade over this many seconds", 0.1, 1e6),
        Param("full", 0.6, "share of the volume that is full evidence", 0.1, 1.0),
    ),
)  # fmt: skip
