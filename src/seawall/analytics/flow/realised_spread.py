# SPDX-License-Identifier: MIT
"""Realised spread and price impact: what is left to makers after a while.

Formula: realised = 2 q ln(p / m_later), impact = 2 q ln(m_later / m), so that effective =
realised + impact; m_later is the last mid at or before ``tau`` after the trade.  Means
weighted with p times size, over the trades that are that old.
Unit: fraction of the price.
Assumption: rows in order of time, every change of the mid is a row (``qty`` 0 for a quote);
a trade counts from the first row later than its time plus tau: nothing is known before.
Cost: O(1) amortised; 7 + 5 capacity numbers of state.  When more trades wait than
``capacity`` the oldest is dropped and counted.
Source: Huang and Stoll (1996), Journal of Financial Economics 41(3).
"""

from __future__ import annotations

import math

import numpy as np

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
WAITING, OLDEST, REALISED, IMPACT, WEIGHT, DROPPED, MID = range(7)
RING = 7


@step
def forward(state: Array, capacity: int) -> None:
    """Let the next trade be the oldest."""
    state[OLDEST] += 1.0
    if state[OLDEST] >= capacity:
        state[OLDEST] = 0.0


@step
def settle(state: Array, capacity: int) -> None:
    """Value the oldest waiting trade at the mid before this row."""
    at = RING + 5 * int(state[OLDEST])
    price, mid, weight, side = state[at + 1], state[at + 2], state[at + 3], state[at + 4]
    later = state[MID]
    state[REALISED] += weight * 2.0 * side * math.log(price / later)
    state[IMPACT] += weight * 2.0 * side * math.log(later / mid)
    state[WEIGHT] += weight
    forward(state, capacity)
    state[WAITING] -= 1.0


@step
def update(
    state: Array, times: Times, tau_ns: int, capacity: int,
    ts: int, mid: float, price: float, qty: float, side: float,
) -> bool:  # fmt: skip
    """Take one row; says whether it was sound."""
    if not (mid > 0.0 and mid < 1e300 and qty >= 0.0):
        return False
    while state[WAITING] > 0.0:
        if times[RING + 5 * int(state[OLDEST])] + tau_ns >= ts:
            break
        settle(state, capacity)
    state[MID] = mid
    if qty == 0.0:
        return True
    if not (price > 0.0 and price < 1e300 and qty < 1e300 and abs(side) == 1.0):
        return False
    if state[WAITING] == capacity:
        forward(state, capacity)
        state[WAITING] -= 1.0
        state[DROPPED] += 1.0
    place = int(state[OLDEST] + state[WAITING])
    at = RING + 5 * (place - capacity if place >= capacity else place)
    times[at] = ts
    state[at + 1], state[at + 2], state[at + 3], state[at + 4] = price, mid, price * qty, side
    state[WAITING] += 1.0
    return True


@entry
def batch(
    state: Array, params: Array, out: Table,
    ts: Times, mid: Array, price: Array, qty: Array, side: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    # Times are kept in the same state, bit by bit: nanoseconds do not fit a double.
    times = state.view(np.int64)
    tau_ns, capacity = int(params[0] * 1e9), int(params[1])
    for i in range(ts.size):
        sound = update(state, times, tau_ns, capacity, ts[i], mid[i], price[i], qty[i], side[i])
        if not sound:
            out[i, :] = NAN
            continue
        if state[WEIGHT] > 0.0:
            out[i, 0] = state[REALISED] / state[WEIGHT]
            out[i, 1] = state[IMPACT] / state[WEIGHT]
        else:
            out[i, 0], out[i, 1] = NAN, NAN
        out[i, 2], out[i, 3] = state[WAITING], state[DROPPED]


ANALYTIC = Analytic(
    name="realised_spread", group="flow", inputs=("ts", "mid", "price", "qty", "side"),
    doc=__doc__, outputs=("realised", "impact", "waiting", "dropped"), batch=batch,
    state_size=lambda params, levels: RING + 5 * int(params[1]),
    params=(
        Param("tau", 5.0, "seconds after the trade", 0.0, 1e6),
        Param("capacity", 4_096, "trades that may wait", 1, 1e7, whole=True),
    ),
)  # fmt: skip
