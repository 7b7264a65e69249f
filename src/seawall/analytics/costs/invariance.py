# SPDX-License-Identifier: MIT
"""Market microstructure invariance: trading activity, bets a day, and the cost of an order.

Formula: W = sigma V P, W* = 0.02 x 40 x 10^6; bets a day = 85 (W / W*)^(2/3); cost of an
order of a share x of the day's volume: linear sigma / 0.02 (8.21e-4 w^(-1/3) + 2.50e-4
w^(1/3) x / 0.01), square root sigma / 0.02 (2.08e-4 w^(-1/3) + 12.08e-4 sqrt(x / 0.01)),
w = W / W*.
Unit: W in quote currency per day (read as dollars); costs in basis points of the price.
Assumption: calibrated on orders of US stocks of 2001 to 2005; far outside that range, as
for bitcoin, the linear form is an extrapolation.  A hypothesis of scale, no fitted cost:
test it with ``invariance_fit``.
Cost: O(1), no state.
Source: Kyle and Obizhaeva (2016), Econometrica 84(4).
"""

from __future__ import annotations

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Need, Param

NAN = float("nan")
BENCHMARK = 0.02 * 40.0 * 1e6


@step
def update(share: float, daily_vol: float, turnover: float) -> tuple[float, float, float, float]:
    """Activity, bets a day, linear and square-root cost; no state."""
    activity = daily_vol * turnover
    if not (daily_vol > 0.0 and turnover > 0.0 and activity < 1e300):
        return NAN, NAN, NAN, NAN
    cube = (activity / BENCHMARK) ** (1.0 / 3.0)
    scale, size = 1e4 * daily_vol / 0.02, share / 0.01
    linear = scale * (8.21e-4 / cube + 2.50e-4 * cube * size)
    root = scale * (2.08e-4 / cube + 12.08e-4 * size**0.5)
    return activity, 85.0 * cube * cube, linear, root


@entry
def batch(state: Array, params: Array, out: Table, daily_vol: Array, turnover: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(daily_vol.size):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = update(params[0], daily_vol[i], turnover[i])


ANALYTIC = Analytic(
    name="invariance", group="costs", inputs=("daily_vol", "turnover"), doc=__doc__,
    outputs=("activity", "bets", "cost_linear_bps", "cost_root_bps"), batch=batch,
    params=(Param("share", 0.01, "size of the order over the volume of a day", 0.0, 10.0),),
    need=Need(bars=250, bar_s=86_400.0),
)  # fmt: skip
