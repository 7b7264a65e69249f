# SPDX-License-Identifier: MIT
"""Point of control and value area of the session so far.

Formula: as in ``volume_profile``, over the trades since the session began; ``place`` is
-1 below the value area, 0 in it, +1 above, for the price of the row.
Unit: quote currency.
Assumption: sessions as in ``vwap``.  Buckets of ``size`` lie in a ring of ``buckets``, so the
prices of a session may span no more than that: volume further away than the ring is wide
from the newest price is forgotten.  The area is found anew every ``every`` trades.
Cost: O(1) per trade, O(buckets) every ``every`` trades; 10 + buckets numbers of state.
Source: Steidlmayer's market profile (1984), with volume in place of time.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
SESSION, LEFT, LOW, HIGH, POC, TOTAL, AREA_LOW, AREA_HIGH, MOST, STARTED = range(10)
RING = 10


@step
def fresh(state: Array, buckets: int, session: float) -> None:
    """Start a session."""
    for k in range(RING + buckets):
        state[k] = 0.0
    state[SESSION] = session


@step
def drop(state: Array, buckets: int, at: int) -> None:
    """Forget the volume of a bucket."""
    state[TOTAL] -= state[RING + at % buckets]
    state[RING + at % buckets] = 0.0


@step
def reach(state: Array, buckets: int, at: int) -> None:
    """Move the ring so that it holds bucket ``at``."""
    low, high = int(state[LOW]), int(state[HIGH])
    if state[STARTED] == 0.0 or at - high >= 2 * buckets or low - at >= 2 * buckets:
        for k in range(buckets):
            state[RING + k] = 0.0
        state[LOW], state[HIGH], state[POC], state[TOTAL] = at, at, at, 0.0
        state[MOST], state[STARTED] = 0.0, 1.0
        return
    while high < at:
        high += 1
        if high - low >= buckets:
            drop(state, buckets, low)
            low += 1
    while low > at:
        low -= 1
        if high - low >= buckets:
            drop(state, buckets, high)
            high -= 1
    state[LOW], state[HIGH] = low, high
    if not low <= state[POC] <= high:
        best = low
        for k in range(low, high + 1):
            if state[RING + k % buckets] > state[RING + best % buckets]:
                best = k
        state[POC], state[MOST] = best, state[RING + best % buckets]


@step
def grow(state: Array, buckets: int, share: float) -> None:
    """Find the value area."""
    low = high = int(state[POC])
    held = state[RING + low % buckets]
    wanted = share * state[TOTAL] * (1.0 - 1e-12)
    while held < wanted and (low > state[LOW] or high < state[HIGH]):
        below = state[RING + (low - 1) % buckets] if low > state[LOW] else -1.0
        above = state[RING + (high + 1) % buckets] if high < state[HIGH] else -1.0
        if above >= below:
            high += 1
            held += above
        else:
            low -= 1
            held += below
    state[AREA_LOW], state[AREA_HIGH] = low, high + 1.0


@step
def update(
    state: Array, size: float, share: float, every: float, buckets: int, price: float, qty: float
) -> None:
    """Take one sound trade of the session."""
    at = math.floor(price / size + 1e-9)
    if state[STARTED] == 0.0 or at < state[LOW] or at > state[HIGH]:
        reach(state, buckets, at)
    here = RING + at % buckets
    held = state[here] + qty
    state[here] = held
    state[TOTAL] += qty
    if held > state[MOST] or (held == state[MOST] and at < state[POC]):
        state[POC], state[MOST] = at, held
    if state[LEFT] <= 0.0:
        grow(state, buckets, share)
        state[LEFT] = every
    state[LEFT] -= 1.0


@entry
def batch(state: Array, params: Array, out: Table, ts: Times, price: Array, qty: Array) -> None:
    """Loop of :func:`update`."""
    session_ns, size = int(params[4] * 1e9), params[0]
    share, every, buckets = params[1], params[2], int(params[3])
    for i in range(ts.size):
        sound = (price[i] > 0.0) & (price[i] < 1e300) & (qty[i] >= 0.0) & (qty[i] < 1e300)
        if sound:
            session = float(ts[i] // session_ns + 1) if session_ns > 0 else 1.0
            if session != state[SESSION]:
                fresh(state, buckets, session)
            update(state, size, share, every, buckets, price[i], qty[i])
            low, high = state[AREA_LOW] * size, state[AREA_HIGH] * size
            out[i, 0], out[i, 1], out[i, 2] = (state[POC] + 0.5) * size, low, high
            out[i, 3] = 1.0 if price[i] > high else (-1.0 if price[i] < low else 0.0)
        else:
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = NAN, NAN, NAN, NAN


ANALYTIC = Analytic(
    name="value_area", group="flow", inputs=("ts", "price", "qty"), doc=__doc__,
    outputs=("poc", "low", "high", "place"), batch=batch,
    state_size=lambda params, levels: RING + int(params[3]),
    params=(
        Param("size", 1.0, "width of a price bucket, quote currency", 1e-12),
        Param("share", 0.7, "share of the volume in the value area", 0.0, 1.0),
        Param("every", 64, "trades after which the area is found anew", 1, 1e6, True),
        Param("buckets", 4_096, "buckets in the ring", 2, 1e7, True),
        Param("session", 86_400.0, "length of a session, s; 0: one for ever", 0.0, 1e9),
    ),
)  # fmt: skip
