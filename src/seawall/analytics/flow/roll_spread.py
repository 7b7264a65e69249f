# SPDX-License-Identifier: MIT
"""Roll's spread from the bounce of trade prices.

Formula: S = 2 sqrt(-c), c = sample covariance (n - 1) of dp_t and dp_{t-1} over the last
``window`` pairs.
Unit: quote currency.
Assumption: signs of trades are independent and the fair price a random walk.  Where c >= 0
the estimate does not exist: not-a-number, not 0.  Trade prices only: on mids it is void.
Cost: O(1); 9 + 2 window numbers of state.
Source: Roll (1984), Journal of Finance 39(4).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
SEEN, PRICE, CHANGE, COUNT, HEAD, SX, SY, SXY = range(8)
RING = 8


@step
def push(state: Array, window: int, x: float, y: float) -> None:
    """Let a pair into the ring, and the oldest out when it is full."""
    head = int(state[HEAD])
    if state[COUNT] == window:
        u, v = state[RING + head], state[RING + window + head]
        state[SX] -= u
        state[SY] -= v
        state[SXY] -= u * v
    else:
        state[COUNT] += 1.0
    state[RING + head], state[RING + window + head] = x, y
    state[SX] += x
    state[SY] += y
    state[SXY] += x * y
    state[HEAD] = head + 1
    if head + 1 == window:  # sum anew, so that rounding does not pile up
        state[HEAD], state[SX], state[SY], state[SXY] = 0.0, 0.0, 0.0, 0.0
        for k in range(window):
            state[SX] += state[RING + k]
            state[SY] += state[RING + window + k]
            state[SXY] += state[RING + k] * state[RING + window + k]


@step
def update(state: Array, window: int, price: float) -> tuple[float, float]:
    """Spread and covariance."""
    if not math.isfinite(price):
        state[SEEN] = 0.0
        return NAN, NAN
    change = price - state[PRICE]
    if state[SEEN] == 2.0:
        push(state, window, change, state[CHANGE])
    state[SEEN] = min(state[SEEN] + 1.0, 2.0)
    state[PRICE], state[CHANGE] = price, change
    n = state[COUNT]
    if n < 2.0:
        return NAN, NAN
    covariance = (state[SXY] - state[SX] * state[SY] / n) / (n - 1.0)
    return (2.0 * math.sqrt(-covariance) if covariance < 0.0 else NAN), covariance


@entry
def batch(state: Array, params: Array, out: Table, price: Array) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(price.size):
        out[i, 0], out[i, 1] = update(state, window, price[i])


ANALYTIC = Analytic(
    name="roll_spread", group="flow", inputs=("price",), doc=__doc__,
    outputs=("spread", "covariance"), batch=batch,
    state_size=lambda params, levels: RING + 2 * int(params[0]),
    params=(Param("window", 1_000, "pairs of price changes", 2, 1e7, whole=True),),
)  # fmt: skip
