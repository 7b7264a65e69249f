# SPDX-License-Identifier: MIT
"""Bulk volume classification: the share of a bar's volume that bought.

Formula: share = Phi((c - c') / sigma); bought = volume * share.  sigma is the standard
deviation (n - 1) of the price changes up to and with this bar, or the parameter ``sigma``.
With ``df`` > 0 the distribution function of Student's t stands in the place of Phi.
Unit: share none; bought in base currency.
Assumption: price changes of bars are near normal and of one scale.  For feeds without the
taker's side only: with a true flag it adds nothing.  No share before the second change.
The authors' later code takes df = 0.25, which calls all but the smallest changes one-sided.
Cost: O(1), five numbers of state; with ``df`` a continued fraction of some 10 to 50 terms.
Source: Easley, Lopez de Prado and O'Hara (2012), Review of Financial Studies 25(5).
"""

from __future__ import annotations

import math

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def fraction(a: float, b: float, x: float) -> float:
    """Continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / d
    value = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / (1.0 + even * d)
        c = 1.0 + even / c
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1.0 / (1.0 + odd * d)
        c = 1.0 + odd / c
        value *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return value


@step
def student(t: float, df: float) -> float:
    """Distribution function of Student's t."""
    x, y = df / (df + t * t), t * t / (df + t * t)
    a, b = 0.5 * df, 0.5
    if x <= 0.0:
        tail = 0.0
    elif y <= 0.0:
        tail = 0.5
    else:
        front = math.exp(
            math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
            - a * math.log1p(t * t / df) + b * math.log(y)
        )  # fmt: skip
        if x < (a + 1.0) / (a + b + 2.0):
            tail = 0.5 * front * fraction(a, b, x) / a
        else:
            tail = 0.5 * (1.0 - front * fraction(b, a, y) / b)
    return 1.0 - tail if t > 0.0 else tail


@step
def update(
    state: Array, sigma: float, df: float, close: float, volume: float
) -> tuple[float, float]:
    """Share and bought volume; state: has a close, it, changes, their mean, squares."""
    if not (math.isfinite(close) and math.isfinite(volume)):
        state[0] = 0.0  # no change of price is taken across a gap
        return NAN, NAN
    if state[0] == 0.0:
        state[0], state[1] = 1.0, close
        return NAN, NAN
    change = close - state[1]
    state[1] = close
    state[2] += 1.0
    off = change - state[3]
    state[3] += off / state[2]
    state[4] += off * (change - state[3])
    if sigma <= 0.0:
        if state[2] < 2.0:
            return NAN, NAN
        sigma = math.sqrt(state[4] / (state[2] - 1.0))
        if sigma == 0.0:
            return 0.5, 0.5 * volume  # no price has moved: nothing is known
    if df > 0.0:
        share = student(change / sigma, df)
    else:
        share = 0.5 * math.erfc(-change / (sigma * math.sqrt(2.0)))
    return share, share * volume


@entry
def batch(state: Array, params: Array, out: Table, close: Array, volume: Array) -> None:
    """Loop of :func:`update`."""
    for i in range(close.size):
        out[i, 0], out[i, 1] = update(state, params[0], params[1], close[i], volume[i])


ANALYTIC = Analytic(
    name="bvc", group="flow", inputs=("close", "volume"), doc=__doc__,
    outputs=("share", "bought"), batch=batch, state_size=lambda params, levels: 5,
    params=(
        Param("sigma", 0.0, "scale of price changes; 0: from the bars so far", 0.0),
        Param("df", 0.0, "degrees of freedom of Student's t; 0: the normal law", 0.0, 1e4),
    ),
)  # fmt: skip
