# SPDX-License-Identifier: MIT
"""Kyle's lambda: price change per signed volume, by rolling least squares.

Formula: dp_k = c + lambda x_k + e_k over the last ``window`` bars, dp = mid less the mid
before, x = bought less sold volume; t = lambda / se, classical standard error.
Unit: quote currency per base currency.
Assumption: flow moves price and not the reverse; the classical error ignores that the
residuals are correlated.  An estimate within the same bar is no cost of a large order.
Cost: O(1); 8 + 2 window numbers of state.
Source: Kyle (1985), Econometrica 53(6); estimated as in Hasbrouck (2009).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
HAS, PRICE, COUNT, HEAD, SX, SY, SXX, SXY, SYY = range(9)
RING = 9


@step
def refresh(state: Array, window: int, n: int) -> None:
    """Sum anew what is in the ring, so that rounding does not pile up."""
    sx, sy, sxx, sxy, syy = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(n):
        x, y = state[RING + k], state[RING + window + k]
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
        syy += y * y
    state[SX], state[SY], state[SXX], state[SXY], state[SYY] = sx, sy, sxx, sxy, syy


@step
def push(state: Array, window: int, x: float, y: float) -> None:
    """Let a pair into the ring, and the oldest out when it is full."""
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
    if head + 1 == window:
        state[HEAD] = 0.0
        refresh(state, window, window)


@step
def update(
    state: Array, window: int, mid: float, signed_volume: float
) -> tuple[float, float, float]:
    """Lambda, its t value and R squared."""
    if not (math.isfinite(mid) and math.isfinite(signed_volume)):
        state[HAS] = 0.0
        return NAN, NAN, NAN
    if state[HAS] == 1.0:
        push(state, window, signed_volume, mid - state[PRICE])
    state[HAS], state[PRICE] = 1.0, mid
    n = state[COUNT]
    if n < 3.0:
        return NAN, NAN, NAN
    sxx = state[SXX] - state[SX] * state[SX] / n
    sxy = state[SXY] - state[SX] * state[SY] / n
    syy = state[SYY] - state[SY] * state[SY] / n
    if not sxx > 1e-14 * state[SXX]:
        return NAN, NAN, NAN
    slope = sxy / sxx
    rest = syy - slope * sxy
    if not (rest > 1e-14 * syy and syy > 0.0):  # an exact line, or a price that stands
        return slope, NAN, (1.0 if syy > 0.0 else NAN)
    return slope, slope / math.sqrt(rest / (n - 2.0) / sxx), 1.0 - rest / syy


@entry
def batch(state: Array, params: Array, out: Table, mid: Array, signed_volume: Array) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(mid.size):
        out[i, 0], out[i, 1], out[i, 2] = update(state, window, mid[i], signed_volume[i])


ANALYTIC = Analytic(
    name="kyle_lambda", group="flow", inputs=("mid", "signed_volume"), doc=__doc__,
    outputs=("lambda", "t", "r2"), batch=batch,
    state_size=lambda params, levels: RING + 2 * int(params[0]),
    params=(Param("window", 1_440, "bars in the regression", 3, 1e7, whole=True),),
)  # fmt: skip
