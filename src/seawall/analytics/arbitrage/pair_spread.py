# SPDX-License-Identifier: MIT
"""Spread of two instruments: hedge ratio, how far it is out, and how fast it comes back.

Formula: beta, a by exponentially weighted least squares of ln left on ln right; spread
x_t = ln left - a - beta ln right with the coefficients *before* the row; z = x / s with s the
weighted standard deviation of x; phi of x_t = phi x_{t-1} by weighted least squares,
half_life = ln 2 / -ln phi.
Unit: beta none; spread log price; z standard deviations; half_life rows (not-a-number unless
0 < phi < 1).
Assumption: rows of equal distance.  phi is biased towards coming back when the memory is
short (by about (1 + 3 phi) / n): a random walk shows a half-life of about a third of the
memory, so test for cointegration first.
Cost: O(1), 10 numbers of state.
Source: Uhlenbeck and Ornstein (1930) discretised; Kendall (1954), Biometrika 41, for the bias.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
WEIGHT, MEAN_X, MEAN_Y, VAR_X, COV, VAR_SPREAD, SEEN, LAST, TOP, BOTTOM = range(10)


@entry
def batch(state: Array, params: Array, out: Table, left_px: Array, right_px: Array) -> None:
    """Loop over rows."""
    keep, warm = 1.0 - 1.0 / params[0], params[1]
    for i in range(left_px.size):
        out[i] = NAN
        fine = left_px[i] > 0.0 and left_px[i] < 1e300 and right_px[i] > 0.0
        if not (fine and right_px[i] < 1e300):
            state[LAST] = NAN
            continue
        y, x = math.log(left_px[i]), math.log(right_px[i])
        spread = NAN
        if state[SEEN] >= 2.0 and state[VAR_X] > 0.0:
            beta = state[COV] / state[VAR_X]
            spread = y - state[MEAN_Y] - beta * (x - state[MEAN_X])
            w = state[WEIGHT]
            state[VAR_SPREAD] += (spread * spread - state[VAR_SPREAD]) / (keep * w + 1.0)
            if math.isfinite(state[LAST]) and state[SEEN] > 3.0:
                state[TOP] = keep * state[TOP] + spread * state[LAST]
                state[BOTTOM] = keep * state[BOTTOM] + state[LAST] * state[LAST]
            if state[SEEN] >= warm:
                sd = math.sqrt(state[VAR_SPREAD])
                out[i, 0], out[i, 1] = beta, spread
                out[i, 2] = spread / sd if sd > 0.0 else 0.0
                phi = state[TOP] / state[BOTTOM] if state[BOTTOM] > 0.0 else NAN
                if phi > 0.0 and phi < 1.0:
                    out[i, 3] = -math.log(2.0) / math.log(phi)
        state[LAST] = spread
        # West's update of weighted means and moments.
        state[WEIGHT] = keep * state[WEIGHT] + 1.0
        share = 1.0 / state[WEIGHT]
        dx, dy = x - state[MEAN_X], y - state[MEAN_Y]
        state[MEAN_X] += share * dx
        state[MEAN_Y] += share * dy
        state[VAR_X] += share * (dx * (x - state[MEAN_X]) - state[VAR_X])
        state[COV] += share * (dx * (y - state[MEAN_Y]) - state[COV])
        state[SEEN] = min(state[SEEN] + 1.0, 1e12)


ANALYTIC = Analytic(
    name="pair_spread", group="arbitrage", doc=__doc__, inputs=("left_px", "right_px"),
    outputs=("beta", "spread", "z", "half_life"), batch=batch,
    state_size=lambda params, levels: 10,
    params=(
        Param("memory", 500.0, "rows over which the past fades", 2.0, 1e9),
        Param("warm", 50.0, "rows before the first value", 3.0, 1e9, whole=True),
    ),
)  # fmt: skip
