# SPDX-License-Identifier: MIT
"""Price of options when the underlying also jumps.

Formula: sum over n of Poisson(n; lam T) Black(F_n, K, s_n), F_n = F exp(-lam k T + n (mean +
deviation^2 / 2)), k = exp(mean + deviation^2 / 2) - 1, s_n^2 = vol^2 T + n deviation^2;
undiscounted.
Unit: quote currency per unit of the underlying.
Assumption: jumps of normal logarithm, independent of each other and of the price; constant
volatility.  The sum stops where its weights are below 1e-17.
Cost: O(terms), some 20 to 50.
Source: Merton (1976), Journal of Financial Economics 3.
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")
TERMS = 400


@step
def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@step
def _black(forward: float, strike: float, s: float, call: float) -> float:
    """Undiscounted, s the total deviation."""
    if s <= 0.0:
        return max(call * (forward - strike), 0.0)
    d = math.log(forward / strike) / s
    one = forward * _normal(call * (d + 0.5 * s))
    return float(call * (one - strike * _normal(call * (d - 0.5 * s))))


@step
def update(
    vol: float, lam: float, mean: float, deviation: float, forward: float, strike: float,
    years: float, call: float,
) -> float:  # fmt: skip
    """One option."""
    sound = forward > 0.0 and strike > 0.0 and years >= 0.0 and abs(call) == 1.0
    if not sound or not forward < 1e300 or not strike < 1e300 or not years < 1e6:
        return NAN
    k = math.exp(mean + 0.5 * deviation * deviation) - 1.0
    rate = lam * years
    log_weight, total, seen = -rate, 0.0, 0.0
    for n in range(TERMS):
        if n > 0:
            log_weight += math.log(rate / n)
        weight = math.exp(log_weight)
        seen += weight
        at = forward * math.exp(-lam * k * years + n * (mean + 0.5 * deviation * deviation))
        s = math.sqrt(vol * vol * years + n * deviation * deviation)
        part = weight * _black(at, strike, s, call)
        total += part
        if rate <= 0.0 or (n > rate and weight < 1e-17 and part < 1e-17 * strike):
            break
    return total


@entry
def batch(
    state: Array, params: Array, out: Table, forward: Array, strike: Array, years: Array,
    call: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    for i in range(forward.size):
        out[i, 0] = update(
            params[0], params[1], params[2], params[3], forward[i], strike[i], years[i], call[i]
        )


ANALYTIC = Analytic(
    name="merton_price", group="jumps", inputs=("forward", "strike", "years", "call"),
    doc=__doc__, outputs=("price",), batch=batch,
    params=(
        Param("vol", 0.5, "volatility between jumps, per root of a year", 0.0, 50.0),
        Param("lam", 10.0, "jumps per year", 0.0, 1e5),
        Param("mean", -0.05, "mean of the logarithm of a jump", -5.0, 5.0),
        Param("deviation", 0.1, "deviation of the logarithm of a jump", 0.0, 5.0),
    ),
)  # fmt: skip
