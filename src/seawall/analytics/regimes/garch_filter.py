# SPDX-License-Identifier: MIT
"""Conditional volatility of a GARCH or GJR model, one return at a time.

Formula: s2_t = omega + (alpha + gamma [r_{t-1} < 0]) r_{t-1}^2 + beta s2_{t-1}; the first one
is omega + (alpha + gamma/2 + beta) b with b the backcast, or the unconditional variance
omega/(1 - alpha - gamma/2 - beta) where none is given.  ``vol`` is known before the return of
its row, ``next_vol`` after it; z = r/vol; ``forecast`` is the mean variance of the next
``horizon`` rows, as its square root.
Unit: vol in that of the returns, per row.
Assumption: parameters come from a fit on earlier rows (``garch_fit``); the mean is zero.
Cost: O(1), no allocation; 2 numbers of state.
Source: Bollerslev (1986), Journal of Econometrics 31; Glosten, Jagannathan and Runkle
(1993), Journal of Finance 48(5).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
SEEN, NEXT = range(2)
OMEGA, ALPHA, GAMMA, BETA, BACKCAST, HORIZON = range(6)


@step
def update(state: Array, p: Array, row: Array, r: float) -> bool:
    """Take one return; says whether it was one."""
    if not abs(r) < 1e150:
        return False
    stay = p[ALPHA] + 0.5 * p[GAMMA] + p[BETA]
    level = p[OMEGA] / (1.0 - stay) if stay < 1.0 else NAN
    if state[SEEN] == 0.0:
        known = p[BACKCAST] if p[BACKCAST] > 0.0 else level
        if stay >= 1.0 and p[BACKCAST] == 0.0:
            known = r * r  # no unconditional variance: begin at the first square
        state[NEXT] = p[OMEGA] + stay * known
    now = state[NEXT]
    news = p[ALPHA] + (p[GAMMA] if r < 0.0 else 0.0)
    after = p[OMEGA] + news * r * r + p[BETA] * now
    state[NEXT], state[SEEN] = after, state[SEEN] + 1.0
    row[0], row[1], row[2] = math.sqrt(now), r / math.sqrt(now), math.sqrt(after)
    h = p[HORIZON]
    if stay < 1.0:
        share = (1.0 - stay**h) / (h * (1.0 - stay))
        row[3] = math.sqrt(level + (after - level) * share)
    else:
        row[3] = math.sqrt(after)
    return True


@entry
def batch(state: Array, params: Array, out: Table, value: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(value.size):
        if not update(state, params, out[i], value[i]):
            out[i, :] = NAN


ANALYTIC = Analytic(
    name="garch_filter", group="regimes", inputs=("value",), doc=__doc__,
    outputs=("vol", "z", "next_vol", "forecast"), batch=batch,
    state_size=lambda params, levels: 2,
    params=(
        Param("omega", 0.02, "constant of the variance", 1e-300),
        Param("alpha", 0.08, "weight of the last square", 0.0, 10.0),
        Param("gamma", 0.0, "more weight of the square of a fall", -10.0, 10.0),
        Param("beta", 0.9, "weight of the last variance", 0.0, 10.0),
        Param("backcast", 0.0, "square before the first row; 0: the unconditional one", 0.0),
        Param("horizon", 20, "rows of the forecast", 1, 1e6, whole=True),
    ),
)  # fmt: skip
