# SPDX-License-Identifier: MIT
"""Implied volatility of options on a forward (Black 1976), also of those that settle in coin.

Formula: the sigma at which Black's undiscounted price equals the premium.  With x = ln(F/K)
and s = sigma sqrt(T) the price of the option that is out of the money is
exp(|x|/2) sqrt(FK) [Phi(-|x|/s + s/2) e^{-|x|} - Phi(-|x|/s - s/2)] in its own units; s is
found by Halley's iteration on 1/ln(price) below the price's inflection point s^2 = 2 |x| and
on the price above it, within brackets that only shrink.
Unit: 1.00 is 100 % a year; years of 365 days.
Assumption: the premium is undiscounted; with ``coin`` 1 it is in coin and worth premium
times forward.  An option in the money loses digits to its intrinsic value.  Not-a-number
below intrinsic value, above the forward (calls) or the strike (puts), or at expiry.
Cost: O(1), about 4 evaluations of the normal law; no state.
Source: Black (1976), Journal of Financial Economics 3; the transformation after Jaeckel
(2015), Let's be rational, section on the lower branch.
"""

from __future__ import annotations

import math
from typing import Any

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
ROOT_HALF = math.sqrt(0.5)
LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@step
def normalised(x: float, s: float) -> float:
    """Price of the call with x <= 0 in units of sqrt(F K)."""
    h, t = x / s, 0.5 * s
    if x == 0.0:
        return math.erf(t * ROOT_HALF)
    upper = 0.5 * math.exp(0.5 * x) * math.erfc(-(h + t) * ROOT_HALF)
    lower = 0.5 * math.exp(-0.5 * x) * math.erfc(-(h - t) * ROOT_HALF)
    return upper - lower


@step
def total_vol(x: float, price: float) -> float:
    """Total volatility s of a normalised price, x <= 0 < price < exp(x / 2)."""
    low, high = 0.0, 1e3
    if x == 0.0:
        s = price * math.sqrt(2.0 * math.pi)
        lower = False
    else:
        s = math.sqrt(-2.0 * x)
        lower = price < normalised(x, s)
        if lower:
            high = s
            # exp(-x^2 / 2 s^2) leads for small s; its root is where the search starts.
            guess = -x / math.sqrt(max(-2.0 * (math.log(price) + 0.5 * x), 1e-300))
            s = min(max(guess, 0.05 * s), 0.999 * s)
        else:
            low = s
    target = math.log(price)
    for _ in range(60):
        value = normalised(x, s)
        if value > price:
            high = min(high, s)
        else:
            low = max(low, s)
        h, t = x / s, 0.5 * s
        slope = math.exp(-0.5 * (h * h + t * t) - LOG_ROOT_TWO_PI)
        bend = h * h / s - 0.25 * s  # second derivative over the first
        move = 0.0
        if lower and value > 0.0 and slope > 0.0:
            log_value = math.log(value)
            rate = slope / value
            # f = 1/ln(price) - 1/ln(target); f'/f and f''/f' give Halley's step.
            newton = (log_value - target) * log_value / (target * rate)
            curve = bend - rate - 2.0 * rate / log_value
            factor = 1.0 + 0.5 * newton * curve
            move = -newton / factor if factor > 0.5 else -newton
        elif slope > 0.0:
            newton = (value - price) / slope
            factor = 1.0 - 0.5 * newton * bend
            move = -newton / factor if factor > 0.5 else -newton
        if abs(move) <= 1e-6 * s and slope > 0.0:
            return s + move  # the error of the next step is of the third order
        after = s + move
        if not low < after < high or slope == 0.0:
            after = 0.5 * (low + min(high, 2.0 * s + 1.0))
        if after == s:
            break
        s = after
    return s


@step
def update(
    coin: float, premium: float, forward: float, strike: float, years: float, call: float
) -> Any:
    """Implied volatility of one option; no state."""
    value = premium * forward if coin == 1.0 else premium
    sound = forward > 0.0 and strike > 0.0 and years > 0.0 and abs(call) == 1.0
    if not (sound and value > 0.0 and max(forward, strike, years, value) < 1e300):
        return NAN
    intrinsic = max(call * (forward - strike), 0.0)
    time_value = value - intrinsic
    if not 0.0 < time_value < min(forward, strike):
        return NAN
    root = math.sqrt(forward) * math.sqrt(strike)
    # The option of the other side has the same volatility and no intrinsic value.
    x = -abs(math.log(forward / strike))
    price = time_value / root
    if not 0.0 < price < math.exp(0.5 * x):
        return NAN
    s = total_vol(x, price)
    return s / math.sqrt(years)


@entry
def batch(
    state: Array, params: Array, out: Table,
    premium: Array, forward: Array, strike: Array, years: Array, call: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(premium.size):
        out[i, 0] = update(params[0], premium[i], forward[i], strike[i], years[i], call[i])


ANALYTIC = Analytic(
    name="implied_vol", group="options",
    inputs=("option_price", "forward", "strike", "years", "call"), doc=__doc__,
    outputs=("vol",), batch=batch,
    params=(Param("coin", 0.0, "1: the premium is in coin (inverse options)", 0.0, 1.0, True),),
)  # fmt: skip
