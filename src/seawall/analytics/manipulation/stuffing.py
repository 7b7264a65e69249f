# SPDX-License-Identifier: MIT
"""Evidence of quote stuffing: messages far faster than usual, and few prints beside them.

Formula: m, n = changes of the book and prints, each faded over ``memory`` seconds;
x = ln(1 + m), r = ln(1 + m) - ln(1 + n).  Their usual means and standard deviations are
exponential over ``slow`` seconds and hardly learn from what is judged.
burst = clip((z_r - ``low``) / (``high`` - ``low``), 0, 1) with z_r = (r - mean) /
max(sd, ``spread``); faster = clip((x - mean) / ln 2, 0, 1): 1 from twice the usual rate on;
score = burst faster.
Unit: score and parts 0 to 1, evidence and no verdict; rate: changes per second.
Assumption: messages of one stream, counted as the venue sends them; a feed that conflates
hides most of a burst.  News bring many messages too, but with trades.
Cost: O(1), 10 numbers of state.
Source: Egginton, Van Ness and Van Ness (2016), Financial Management 45(3), for the idea of
message bursts beyond the usual by many deviations; the measure is our own.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
(
    STARTED, ORIGIN, NOW, MESSAGES, PRINTS, MEAN, MEAN_R, SQUARE_R, WEIGHT, ASIDE,
) = range(10)  # fmt: skip


@step
def clip(value: float) -> float:
    """Bound to 0 and 1."""
    return min(max(value, 0.0), 1.0)


@step
def learn(state: Array, gap: float, slow: float) -> None:
    """Move the usual values over a time that passed, slower while a burst is judged."""
    w = (1.0 - math.exp(-gap / slow)) * (1.0 - 0.95 * state[ASIDE])
    state[WEIGHT] += (1.0 - state[WEIGHT]) * w
    a = w / state[WEIGHT] if state[WEIGHT] > 0.0 else 0.0
    x = math.log1p(state[MESSAGES])
    r = x - math.log1p(state[PRINTS])
    state[MEAN] += a * (x - state[MEAN])
    state[MEAN_R] += a * (r - state[MEAN_R])
    state[SQUARE_R] += a * (r * r - state[SQUARE_R])


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, changes: Array, qty: Array
) -> None:  # fmt: skip
    """Loop over rows; a row with a size is a print, any other carries changes of the book."""
    memory, slow, warm, spread, low, high = (
        params[0], params[1], params[2], params[3], params[4], params[5],
    )  # fmt: skip
    for i in range(ts.size):
        out[i] = NAN
        if not (changes[i] >= 0.0 and changes[i] < 1e300 and qty[i] >= 0.0 and qty[i] < 1e300):
            continue
        if state[STARTED] == 0.0:
            state[STARTED], state[ORIGIN] = 1.0, ts[i]
        now = max((ts[i] - state[ORIGIN]) * 1e-9, state[NOW])
        gap = now - state[NOW]
        learn(state, gap, slow)
        keep = math.exp(-gap / memory)
        state[MESSAGES] = state[MESSAGES] * keep + changes[i]
        state[PRINTS] = state[PRINTS] * keep + (1.0 if qty[i] > 0.0 else 0.0)
        state[NOW] = now
        if now < warm:
            continue
        x = math.log1p(state[MESSAGES])
        r = x - math.log1p(state[PRINTS])
        sd = math.sqrt(max(state[SQUARE_R] - state[MEAN_R] ** 2, 0.0))
        burst = clip(((r - state[MEAN_R]) / max(sd, spread) - low) / (high - low))
        faster = clip((x - state[MEAN]) / math.log(2.0))
        state[ASIDE] = burst * faster
        out[i, 0], out[i, 1], out[i, 2] = burst * faster, burst, faster
        out[i, 3] = state[MESSAGES] / memory


ANALYTIC = Analytic(
    name="quote_stuffing", group="manipulation", doc=__doc__,
    inputs=("ts", "changes", "qty"), outputs=("score", "burst", "faster", "rate"), batch=batch,
    state_size=lambda params, levels: 10,
    params=(
        Param("memory", 5.0, "counts fade over this many seconds", 0.001, 3600.0),
        Param("slow", 120.0, "the usual fades over this many seconds", 1.0, 1e6),
        Param("warm", 20.0, "seconds before the first score", 0.0, 3600.0),
        Param("spread", 0.2, "least standard deviation of r", 1e-3, 10.0),
        Param("low", 2.0, "deviations at which evidence begins", 0.0, 100.0),
        Param("high", 4.0, "deviations that are full evidence", 0.1, 100.0),
    ),
)  # fmt: skip
