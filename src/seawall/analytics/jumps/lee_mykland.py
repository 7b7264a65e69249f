# SPDX-License-Identifier: MIT
"""Which return is a jump: each one against the bipower variation of those before it.

Formula: L = r / sigma, sigma^2 = mean of |r_j||r_(j-1)| over the K - 2 products that end
before the return; limit = C_n + S_n beta with c = sqrt(2/pi), C_n = sqrt(2 ln n) / c -
(ln pi + ln ln n) / (2 c sqrt(2 ln n)), S_n = 1 / (c sqrt(2 ln n)), beta = -ln(-ln(1 - alpha)).
Jump = sign of the return where |L| exceeds the limit.
Unit: L and limit in deviations; jump -1, 0 or +1.
Assumption: prices at equal steps of a minute or more, of a mid; K about the root of the
returns of a year.  Divide out the time of day first, or scheduled hours become jumps.
Not-a-number until K returns are known, and where the past did not move.
Cost: O(1), 5 + K numbers of state.
Source: Lee and Mykland (2008), Review of Financial Studies 21(6).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
COUNT, LAST, BEFORE, SUM, HEAD = range(5)
RING = 5


@step
def limit_of(n: float, alpha: float) -> float:
    """Level that the largest of n statistics exceeds with probability alpha."""
    c, root = math.sqrt(2.0 / math.pi), math.sqrt(2.0 * math.log(n))
    center = root / c - (math.log(math.pi) + math.log(math.log(n))) / (2.0 * c * root)
    return center - math.log(-math.log(1.0 - alpha)) / (c * root)


@step
def update(state: Array, window: int, price: float) -> float:
    """Statistic of the return to this price; not-a-number while unknown.

    State: prices seen, last ln price, last |r|, sum of products, head of their ring.
    """
    if not (price > 0.0 and price < 1e300):
        return NAN
    log = math.log(price)
    state[COUNT] += 1.0
    if state[COUNT] == 1.0:
        state[LAST] = log
        return NAN
    r = log - state[LAST]
    state[LAST] = log
    statistic = NAN
    if state[COUNT] > window + 1.0 and state[SUM] > 1e-300:
        statistic = r / math.sqrt(state[SUM] / (window - 2.0))
    if state[COUNT] > 2.0:
        head = int(state[HEAD])
        product = abs(r) * state[BEFORE]
        state[SUM] += product - state[RING + head]
        state[RING + head] = product
        head += 1
        if head == window - 2:  # sums that add and subtract drift: count anew once a round
            head = 0
            state[SUM] = 0.0
            for k in range(window - 2):
                state[SUM] += state[RING + k]
        state[HEAD] = head
    state[BEFORE] = abs(r)
    return statistic


@entry
def batch(state: Array, params: Array, out: Table, close: Array) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    limit = limit_of(params[1], params[2])
    for i in range(close.size):
        found = update(state, window, close[i])
        out[i, 0], out[i, 1], out[i, 2] = found, limit, NAN
        if math.isnan(found):
            out[i, 1] = NAN
        else:
            out[i, 2] = 0.0
            if abs(found) > limit:
                out[i, 2] = 1.0 if found > 0.0 else -1.0


ANALYTIC = Analytic(
    name="lee_mykland", group="jumps", inputs=("close",), doc=__doc__,
    outputs=("statistic", "limit", "jump"), batch=batch,
    state_size=lambda params, levels: RING + int(params[0]) - 2,
    params=(
        Param("window", 725, "K: returns that set the scale (725 for minutes)", 4, 1e6, whole=True),
        Param("n", 1440, "returns among which a false jump has probability alpha", 3, 1e12),
        Param("alpha", 0.01, "that probability", 1e-12, 0.5),
    ),
    need=Need(bars=2_880, bar_s=60.0),
)  # fmt: skip
