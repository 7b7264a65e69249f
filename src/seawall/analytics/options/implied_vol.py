# SPDX-License-Identifier: MIT
"""Implied volatility of options on a forward (Black 1976), also of those that settle in coin.

Formula: the sigma at which Black's undiscounted price equals the premium.  With x = ln(F/K)
and s = sigma sqrt(T) the price of the option that is out of the money is
exp(|x|/2) sqrt(FK) [Phi(-|x|/s + s/2) e^{-|x|} - Phi(-|x|/s - s/2)] in its own units; s is
found by three of Householder's steps of the fourth order, on 1/ln(price) below the price's
inflection point s^2 = 2 |x| and on the price above it, for many options at once; the one in
a hundred that has not settled by then by Halley's iteration within brackets.
Unit: 1.00 is 100 % a year; years of 365 days.
Assumption: the premium is undiscounted; with ``coin`` 1 it is in coin and worth premium
times forward.  An option in the money loses digits to its intrinsic value.  Not-a-number
below intrinsic value, above the forward (calls) or the strike (puts), or at expiry.
Cost: O(1), three evaluations of the scaled error function; no state.
Source: Black (1976), Journal of Financial Economics 3; the transformation after Jaeckel
(2015), Let's be rational, section on the lower branch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seawall.analytics.elementary import quick_exp, quick_log, used_by
from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

used_by(__file__)

NAN = float("nan")
ROOT_HALF = math.sqrt(0.5)
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
BLOCK, STEPS, SETTLED = 256, 3, 5e-5
X, PRICE, HALF, LOG, S, CENTER, ONE, TWO, THREE, MOVE, ROWS = range(11)
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
def total_vol(x: float, price: float) -> Any:
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
def scaled_erfc(y: float) -> float:
    """exp(y^2) erfc(y) for y not below 0: a polynomial in (y - 3.75)/(y + 3.75) over 1 + 2 y."""
    w = (y - 3.75) / (y + 3.75)
    p = 1.7312209083118933e-08
    p = p * w + 8.512559451761331e-09
    p = p * w + -2.1321360409864602e-07
    p = p * w + -2.7685663849700945e-08
    p = p * w + 1.6939254478276176e-06
    p = p * w + -1.0084713725546233e-06
    p = p * w + -1.1397625287921655e-05
    p = p * w + 2.241015775977701e-05
    p = p * w + 5.162479200942778e-05
    p = p * w + -0.00029016639136143893
    p = p * w + 0.0002937218341919264
    p = p * w + 0.0017556295487634313
    p = p * w + -0.009746581262494456
    p = p * w + 0.02836227674782648
    p = p * w + -0.05869339838397541
    p = p * w + 0.09230432122771155
    p = p * w + -0.10880393015433062
    p = p * w + 0.08227673848704045
    p = p * w + 0.0035854154857627857
    p = p * w + -0.14024059858550575
    p = p * w + 1.2375126308378264
    return p / (1.0 + 2.0 * y)


@step
def guess(w: Table, n: int) -> None:
    """Total volatility from the leading terms on either side of the inflection point.

    Each loop holds one call at most: so they are vectorised.
    """
    x, price, half, log_price, s = w[X], w[PRICE], w[HALF], w[LOG], w[S]
    center, a, b, c = w[CENTER], w[ONE], w[TWO], w[THREE]
    for j in range(n):
        center[j] = 0.5 * half[j] * (1.0 - scaled_erfc(math.sqrt(-x[j])))
        log_price[j] = quick_log(price[j])
    for j in range(n):
        # Below: x^2/s^2 = -2 ln(price) + 6 ln(s) + what fits the inflection point.
        a[j] = max(2.0 * (quick_log(center[j]) - log_price[j]) - 0.5 * x[j], 1e-300)
    for j in range(n):
        b[j] = quick_log(min(-x[j] / math.sqrt(a[j]), math.sqrt(-2.0 * x[j])))
    for j in range(n):
        c[j] = quick_log(-2.0 * x[j])
    for j in range(n):
        level = max(a[j] + 6.0 * (b[j] - 0.5 * c[j]), 0.3 * a[j])
        s[j] = min(-x[j] / math.sqrt(level), math.sqrt(-2.0 * x[j]))
    for j in range(n):
        c[j] = quick_log(max((half[j] - price[j]) / (half[j] - center[j]), 1e-300))
    for j in range(n):
        # Above: what is missing to the limit falls like the tail of the normal law.
        width = math.sqrt(-2.0 * x[j]) * ROOT_TWO_PI * (half[j] - center[j]) / half[j]
        high = math.sqrt(max(-2.0 * x[j] - 2.0 * width * c[j], 1e-300))
        s[j] = s[j] if price[j] < center[j] else high


@step
def improve(w: Table, n: int) -> None:
    """Take one step of the fourth order towards the total volatility of every price."""
    x, price, half, log_price, s = w[X], w[PRICE], w[HALF], w[LOG], w[S]
    center, bell, one, two, move = w[CENTER], w[THREE], w[ONE], w[TWO], w[MOVE]
    for j in range(n):
        h, t = -x[j] / s[j], 0.5 * s[j]
        bell[j] = quick_exp(-0.5 * (h * h + t * t))
    for j in range(n):
        one[j] = scaled_erfc(abs(-x[j] / s[j] - 0.5 * s[j]) * ROOT_HALF)
    for j in range(n):
        two[j] = scaled_erfc((-x[j] / s[j] + 0.5 * s[j]) * ROOT_HALF)
    for j in range(n):
        upper = bell[j] * one[j]
        upper = 2.0 * half[j] - upper if -2.0 * x[j] < s[j] * s[j] else upper
        one[j] = max(0.5 * (upper - bell[j] * two[j]), 1e-305)
    for j in range(n):
        two[j] = quick_log(one[j])
    for j in range(n):
        at, h = s[j], -x[j] / s[j]
        slope = max(bell[j] / ROOT_TWO_PI, 1e-305)
        rate, over = slope / one[j], 1.0 / two[j]
        second = h * h / at - 0.25 * at
        third = second * second - 3.0 * h * h / (at * at) - 0.25
        low = price[j] < center[j]
        newton = (log_price[j] - two[j]) * two[j] / (log_price[j] * rate)
        newton = newton if low else (price[j] - one[j]) / slope
        lean = rate * (1.0 + 2.0 * over)
        bend = third + 2.0 * rate * rate * (1.0 + 3.0 * over * (1.0 + over)) - 3.0 * second * lean
        second = second - lean if low else second
        third = bend if low else third
        change = newton * (1.0 + 0.5 * second * newton)
        change /= 1.0 + newton * (second + third * newton / 6.0)
        change = max(change, -0.5 * at)
        move[j] = change
        s[j] = at + change


@step
def prepare(
    coin: float, premium: float, forward: float, strike: float, years: float, call: float
) -> tuple[float, float, float]:
    """Log-moneyness, price and largest price of the option's side, both normalised.

    The price is 0 where no volatility explains it.  The option of the other side has the
    same volatility and no intrinsic value, so that all are looked at out of the money.
    """
    value = premium * forward if coin == 1.0 else premium
    sound = forward > 0.0 and strike > 0.0 and years > 0.0 and abs(call) == 1.0
    if not (sound and value > 0.0 and max(max(forward, strike), max(years, value)) < 1e300):
        return -1.0, 0.0, 0.5
    time_value = value - max(call * (forward - strike), 0.0)
    if not time_value < min(forward, strike):
        return -1.0, 0.0, 0.5
    half = math.sqrt(min(forward, strike) / max(forward, strike))
    price = time_value / (math.sqrt(forward) * math.sqrt(strike))
    if not 0.0 < price < half:
        return -1.0, 0.0, 0.5
    return -abs(math.log(forward / strike)), price, half


@entry
def batch(
    state: Array, params: Array, out: Table,
    premium: Array, forward: Array, strike: Array, years: Array, call: Array,
) -> None:  # fmt: skip
    """Implied volatilities, block by block; there is no state."""
    size = min(premium.size, BLOCK)
    w, plain = np.empty((ROWS, size)), np.empty((2, size))
    for begin in range(0, premium.size, BLOCK):
        n = min(BLOCK, premium.size - begin)
        for j in range(n):
            i = begin + j
            x, price, half = prepare(
                params[0], premium[i], forward[i], strike[i], years[i], call[i]
            )
            plain[0, j], plain[1, j] = x, price
            fit = price >= 1e-290 and x <= -1e-9  # others get a harmless question
            w[X, j], w[PRICE, j], w[HALF, j] = (x, price, half) if fit else (-1.0, 0.1, 0.6)
        guess(w, n)
        for _ in range(STEPS):
            improve(w, n)
        for j in range(n):
            i, x, price = begin + j, plain[0, j], plain[1, j]
            if price == 0.0:
                out[i, 0] = NAN
                continue
            total = w[S, j]
            fit = price >= 1e-290 and x <= -1e-9
            if not (fit and abs(w[MOVE, j]) < SETTLED * total and total < 1e3):
                total = total_vol(x, price)
            out[i, 0] = total / math.sqrt(years[i])


ANALYTIC = Analytic(
    name="implied_vol", group="options",
    inputs=("option_price", "forward", "strike", "years", "call"), doc=__doc__,
    outputs=("vol",), batch=batch,
    params=(Param("coin", 0.0, "1: the premium is in coin (inverse options)", 0.0, 1.0, True),),
)  # fmt: skip
