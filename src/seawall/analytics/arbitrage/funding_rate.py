# SPDX-License-Identifier: MIT
"""Funding rate that a perpetual will settle, from its premium, with the clamp's dead zone.

Formula: premium P = F / S - 1, averaged over the interval so far (time-weighted, what was
seen last holds); rate f = A + clamp(I - A, -delta, delta), A the average, bounded by +-cap.
So f = I while A is within delta of I, A - delta above and A + delta below.
Unit: fraction per interval; longs pay shorts when positive.  annual: f times intervals per
year.
Assumption: Binance's form; its premium comes from impact bid and ask against the index, not
from a last price, and it weighs later samples more on some contracts: other venues differ.
Cost: O(1), 7 numbers of state.
Source: Binance, "Introduction to Binance futures funding rates" (interest 0.01 % per 8 hours,
clamp 0.05 %); Dai, Li and Yang (2025), SSRN 5262988, for the dead zone.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, Times, entry
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
STARTED, STAMP, SINCE, SUM, WEIGHT, LAST, SEEN = range(7)
YEAR_S = 365.0 * 86_400.0


@entry
def batch(
    state: Array, params: Array, out: Table, ts: Times, perp_px: Array, spot_px: Array
) -> None:  # fmt: skip
    """Loop over rows; an average begins anew at each settlement."""
    interest, delta, cap, hours = params[0], params[1], params[2], params[3]
    interval = int(hours * 3_600e9)
    for i in range(ts.size):
        out[i] = NAN
        premium = perp_px[i] / spot_px[i] - 1.0 if 0.0 < spot_px[i] < 1e300 else NAN
        if not (math.isfinite(premium) and perp_px[i] > 0.0):
            continue
        # int64 nanoseconds do not fit a float: only the number of the interval and the
        # seconds within it are kept.
        number = float(ts[i] // interval)
        now = (ts[i] % interval) * 1e-9
        if state[STARTED] == 0.0 or number != state[STAMP]:
            state[STARTED], state[STAMP], state[SINCE] = 1.0, number, now
            state[SUM] = state[WEIGHT] = 0.0
        gap = max(now - state[SINCE], 0.0)
        if state[SEEN] > 0.0:
            state[SUM] += gap * state[LAST]
            state[WEIGHT] += gap
        state[SINCE], state[LAST], state[SEEN] = now, premium, 1.0
        average = state[SUM] / state[WEIGHT] if state[WEIGHT] > 0.0 else premium
        pull = min(max(interest - average, -delta), delta)
        rate = min(max(average + pull, -cap), cap)
        out[i, 0], out[i, 1], out[i, 2] = premium, average, rate
        out[i, 3] = rate * YEAR_S / (interval * 1e-9)


ANALYTIC = Analytic(
    name="funding_rate", group="arbitrage", doc=__doc__,
    inputs=("ts", "perp_px", "spot_px"), outputs=("premium", "average", "rate", "annual"),
    batch=batch, state_size=lambda params, levels: 7,
    params=(
        Param("interest", 0.0001, "interest per interval, fraction", -0.1, 0.1),
        Param("delta", 0.0005, "half width of the clamp, fraction", 0.0, 0.1),
        Param("cap", 0.0075, "bound of the rate, fraction", 0.0, 1.0),
        Param("hours", 8.0, "interval between settlements", 0.25, 24.0),
    ),
)  # fmt: skip
