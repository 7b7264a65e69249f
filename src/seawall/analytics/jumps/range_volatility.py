# SPDX-License-Identifier: MIT
"""Volatility from open, high, low and close, over a rolling window of bars.

Formula: per bar, with logarithms: Parkinson (h - l)^2 / (4 ln 2); Garman-Klass (h - l)^2 / 2 -
(2 ln 2 - 1)(c - o)^2; Rogers-Satchell (h - c)(h - o) + (l - c)(l - o); Yang-Zhang: variance of
the jumps o_t - c_(t-1) + k times that of c - o + (1 - k) Rogers-Satchell, k = .34 / (1.34 +
(n + 1) / (n - 1)).  Close: sum of squared close-to-close returns.  Values are roots of means
over the window; Yang-Zhang takes variances over its n bars.
Unit: standard deviation of the log price per bar.
Assumption: no drift for the first two; a range observed in few trades is too small, and one
outlier print makes all but close-to-close wrong: clean before.  Not-a-number until the window
is full.
Cost: O(window) per bar for Yang-Zhang's variances; 2 + 6 x window numbers of state.
Source: Parkinson (1980); Garman and Klass (1980); Rogers and Satchell (1991); Yang and Zhang
(2000), Journal of Business 73(3).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
COUNT, LAST, RING = 0, 1, 2
FIELDS = 6
LN2 = math.log(2.0)


@step
def _mean(state: Array, field: int, window: int) -> float:
    total, first = 0.0, RING + field * window
    for k in range(window):
        total += state[first + k]
    return total / window


@step
def _variance(state: Array, field: int, window: int) -> float:
    mean, total, first = _mean(state, field, window), 0.0, RING + field * window
    for k in range(window):
        total += (state[first + k] - mean) ** 2
    return total / (window - 1.0)


@step
def update(
    state: Array, window: int, out: Array, open_: float, high: float, low: float, close: float
) -> None:
    """Take one bar."""
    out[:] = NAN
    sound = low > 0.0 and math.isfinite(open_) and math.isfinite(close) and high < 1e300
    if not sound or open_ < low or open_ > high or close < low or close > high:
        return
    o, h, d, c = math.log(open_), math.log(high), math.log(low), math.log(close)
    if state[COUNT] > 0.0:
        at = int(state[COUNT] - 1.0) % window
        values = (
            (h - d) ** 2 / (4.0 * LN2),
            0.5 * (h - d) ** 2 - (2.0 * LN2 - 1.0) * (c - o) ** 2,
            (h - c) * (h - o) + (d - c) * (d - o),
            o - state[LAST],
            c - o,
            (c - state[LAST]) ** 2,
        )
        for k in range(FIELDS):
            state[RING + k * window + at] = values[k]
    state[COUNT] += 1.0
    state[LAST] = c
    if state[COUNT] <= window:
        return
    n = float(window)
    for k in range(3):
        out[k] = math.sqrt(max(_mean(state, k, window), 0.0))
    share = 0.34 / (1.34 + (n + 1.0) / (n - 1.0))
    jump, body = _variance(state, 3, window), _variance(state, 4, window)
    out[3] = math.sqrt(max(jump + share * body + (1.0 - share) * out[2] * out[2], 0.0))
    out[4] = math.sqrt(_mean(state, 5, window))


@entry
def batch(
    state: Array, params: Array, out: Table, open_: Array, high: Array, low: Array, close: Array
) -> None:
    """Loop of :func:`update`."""
    window = int(params[0])
    for i in range(close.size):
        update(state, window, out[i], open_[i], high[i], low[i], close[i])


ANALYTIC = Analytic(
    name="range_volatility", group="jumps", inputs=("open", "high", "low", "close"), doc=__doc__,
    outputs=("parkinson", "garman_klass", "rogers_satchell", "yang_zhang", "close"), batch=batch,
    state_size=lambda params, levels: RING + FIELDS * int(params[0]),
    params=(Param("window", 30, "bars that are averaged", 2, 1e6, whole=True),),
)  # fmt: skip
