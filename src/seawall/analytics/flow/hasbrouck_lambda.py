# SPDX-License-Identifier: MIT
"""Hasbrouck's lambda: return per root of signed money, by rolling least squares.

Formula: r_k = lambda s_k + e_k over the last ``window`` trades, s = q sqrt(price size),
r = mid before the next trade over the mid before this one, less 1; t = lambda / se,
classical standard error.  ``intercept`` = 1 adds a constant.
Unit: 1 / root of the quote currency: the return that one root of money makes.
Assumption: flow moves price and not the reverse; the root fits trades of different sizes
better than ``kyle_lambda``'s line.  A trade counts from the next row on: then its return is
known.
Cost: O(1); 10 + 2 window numbers of state.
Source: Hasbrouck (2009), Journal of Finance 64(3); Goyenko, Holden and Trzcinka (2009).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, PRICE, COUNT, HEAD, SX, SY, SXX, SXY, SYY, ROOT = range(10)
RING = 10


@step
def push(state: Array, window: int, x: float, y: float) -> None:
    """Let a pair into the ring and the oldest out; sum anew once a round."""
    head = int(state[HEAD])
    if state[COUNT] == window:
        u, v = state[RING + head], state[RING + window + head]
        state[SX] -= u
        state[SY] -= v
        state[SXX] -= u * u
        state[SXY] -= u * v
        state[SYY] -= v * v
    else:
        state[COUNT] += 1.0
    state[RING + head], state[RING + window + head] = x, y
    state[SX] += x
    state[SY] += y
    state[SXX] += x * x
    state[SXY] += x * y
    state[SYY] += y * y
    state[HEAD] = head + 1
    if head + 1 < window:
        return
    for k in (HEAD, SX, SY, SXX, SXY, SYY):
        state[k] = 0.0
    for k in range(window):
        x, y = state[RING + k], state[RING + window + k]
        state[SX] += x
        state[SY] += y
        state[SXX] += x * x
        state[SXY] += x * y
        state[SYY] += y * y


@step
def update(
    state: Array, window: int, centre: float, mid: float, price: float, qty: float, side: float
) -> tuple[float, float, float]:
    """Lambda, its t value and R squared."""
    money = price * qty
    if not (mid > 0.0 and mid < 1e300 and price > 0.0 and qty >= 0.0 and money < 1e300):
        state[HAS] = 0.0
        return NAN, NAN, NAN
    if not abs(side) <= 1.0:
        state[HAS] = 0.0
        return NAN, NAN, NAN
    if state[HAS] == 1.0:
        push(state, window, state[ROOT], mid / state[PRICE] - 1.0)
    state[HAS], state[PRICE], state[ROOT] = 1.0, mid, side * math.sqrt(money)
    n = state[COUNT]
    if n < 3.0:
        return NAN, NAN, NAN
    sxx = state[SXX] - centre * state[SX] * state[SX] / n
    sxy = state[SXY] - centre * state[SX] * state[SY] / n
    syy = state[SYY] - centre * state[SY] * state[SY] / n
    if not sxx > 1e-14 * state[SXX]:
        return NAN, NAN, NAN
    slope = sxy / sxx
    rest = syy - slope * sxy
    if not (rest > 1e-14 * syy and syy > 0.0):
        return slope, NAN, (1.0 if syy > 0.0 else NAN)
    error = math.sqrt(rest / (n - 1.0 - centre) / sxx)
    return slope, slope / error, 1.0 - rest / syy


@entry
def batch(
    state: Array, params: Array, out: Table, mid: Array, price: Array, qty: Array, side: Array
) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(mid.size):
        out[i, 0], out[i, 1], out[i, 2] = update(
            state, window, params[1], mid[i], price[i], qty[i], side[i]
        )


ANALYTIC = Analytic(
    name="hasbrouck_lambda", group="flow", inputs=("mid", "price", "qty", "side"), doc=__doc__,
    outputs=("lambda", "t", "r2"), batch=batch,
    state_size=lambda params, levels: RING + 2 * int(params[0]),
    params=(
        Param("window", 1_440, "trades in the regression", 3, 1e7, whole=True),
        Param("intercept", 0, "1: with a constant; 0: through the origin", 0, 1, whole=True),
    ),
)  # fmt: skip
