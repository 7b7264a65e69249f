# SPDX-License-Identifier: MIT
"""Black's price and greeks of an option on a forward, also of one that settles in coin.

Formula: D = e^{-r T}, d1 = ln(F/K)/s + s/2, d2 = d1 - s, s = sigma sqrt(T);
price = D cp (F N(cp d1) - K N(cp d2)), delta = D cp N(cp d1), gamma = D n(d1)/(F s),
vega = D F n(d1) sqrt(T), theta = r price - vega sigma/(2T), rho = -T price,
vanna = -D n(d1) d2/sigma, volga = vega d1 d2/sigma.  With ``coin`` 1 the premium is in
coin: price/F, and its greeks follow: delta/F - price/F^2 per quote unit, gamma likewise
the second derivative; ``net_delta`` = F d(price in coin)/dF, coins of forward to sell.
Unit: price, gamma per quote unit, vega and volga per 1.00 of volatility, theta per year of
365 days; with ``coin`` 1 in coin.
Assumption: volatility stays at the strike while the forward moves; for a smile that moves
with the forward see ``surface.greeks``.
Cost: O(1), two evaluations of the normal law; no state.
Source: Black (1976), Journal of Financial Economics 3.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
ROOT_HALF = math.sqrt(0.5)
LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
OUTPUTS = ("price", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga", "net_delta")


@step
def greeks(
    forward: float, strike: float, years: float, vol: float, call: float, rate: float
) -> tuple[float, float, float, float, float, float, float, float]:
    """Price and greeks in the quote currency."""
    root = math.sqrt(years)
    s = vol * root
    d1 = math.log(forward / strike) / s + 0.5 * s
    d2 = d1 - s
    discount = math.exp(-rate * years)
    up = 0.5 * math.erfc(-call * d1 * ROOT_HALF)
    down = 0.5 * math.erfc(-call * d2 * ROOT_HALF)
    bell = discount * math.exp(-0.5 * d1 * d1 - LOG_ROOT_TWO_PI)
    price = discount * call * (forward * up - strike * down)
    vega = forward * bell * root
    return (
        price, discount * call * up, bell / (forward * s), vega,
        rate * price - 0.5 * vega * vol / years, -years * price, -bell * d2 / vol,
        vega * d1 * d2 / vol,
    )  # fmt: skip


@entry
def batch(
    state: Array, params: Array, out: Table,
    forward: Array, strike: Array, years: Array, call: Array, vol: Array,
) -> None:  # fmt: skip
    """Price and greeks row by row; there is no state."""
    rate, coin = params[0], params[1] == 1.0
    for i in range(forward.size):
        f, k, t, sigma = forward[i], strike[i], years[i], vol[i]
        sound = 0.0 < f < 1e150 and 0.0 < k < 1e150 and 0.0 < t < 1e3 and 0.0 < sigma < 1e3
        if not (sound and abs(call[i]) == 1.0):
            out[i, :] = NAN
            continue
        price, delta, gamma, vega, theta, rho, vanna, volga = greeks(f, k, t, sigma, call[i], rate)
        net = delta - price / f
        if coin:
            price, vega, theta = price / f, vega / f, theta / f
            rho, vanna, volga = rho / f, (vanna - vega) / f, volga / f
            delta = net / f
            gamma = (gamma - 2.0 * delta) / f
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = price, delta, gamma, vega
        out[i, 4], out[i, 5], out[i, 6], out[i, 7] = theta, rho, vanna, volga
        out[i, 8] = net


ANALYTIC = Analytic(
    name="black_greeks", group="options",
    inputs=("forward", "strike", "years", "call", "vol"), doc=__doc__, outputs=OUTPUTS,
    batch=batch,
    params=(
        Param("rate", 0.0, "interest rate, continuous, per year", -10.0, 10.0),
        Param("coin", 0.0, "1: premium and greeks in coin (inverse options)", 0.0, 1.0, True),
    ),
)  # fmt: skip
