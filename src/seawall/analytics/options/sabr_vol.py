# SPDX-License-Identifier: MIT
"""Lognormal volatility of the SABR model in Hagan's expansion.

Formula: with b = beta, A = (F K)^((1-b)/2), L = ln(F/K), z = (nu/alpha) A L and
X(z) = ln((sqrt(1 - 2 rho z + z^2) + z - rho) / (1 - rho)),
sigma = alpha / (A [1 + (1-b)^2 L^2/24 + (1-b)^4 L^4/1920]) (z / X)
(1 + [(1-b)^2 alpha^2/(24 A^2) + rho b nu alpha/(4 A) + (2 - 3 rho^2) nu^2/24] T).
Unit: 1.00 is 100 % a year.
Assumption: nu^2 T is small; low strikes can have a negative density.  Near the money L and X
are taken through log1p, where plain logarithms lose half of the digits.
Cost: O(1), no state.
Source: Hagan, Kumar, Lesniewski and Woodward (2002), Wilmott, eq. (2.17a).
"""

from __future__ import annotations

import math
from typing import Any

from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

NAN = float("nan")


@step
def log_ratio(forward: float, strike: float) -> float:
    """ln(F / K) with all its digits near the money."""
    off = (forward - strike) / strike
    return math.log1p(off) if abs(off) < 0.5 else math.log(forward / strike)


@step
def stretch(z: float, rho: float) -> float:
    """Z / X(z)."""
    if abs(z) < 1e-9:
        return 1.0 - 0.5 * rho * z
    root = math.sqrt(1.0 - 2.0 * rho * z + z * z)
    less_one = (z * z - 2.0 * rho * z) / (root + 1.0)  # root - 1 without cancellation
    if z > 0.0:
        return z / math.log1p((less_one + z) / (1.0 - rho))
    return -z / math.log1p((less_one - z) / (1.0 + rho))


@step
def update(
    alpha: float, beta: float, rho: float, nu: float, forward: float, strike: float, years: float
) -> Any:
    """Volatility at one strike; no state."""
    if not (0.0 < forward < 1e300 and 0.0 < strike < 1e300 and 0.0 <= years < 1e300):
        return NAN
    rest = 1.0 - beta
    size = math.exp(0.5 * rest * (math.log(forward) + math.log(strike)))
    log = log_ratio(forward, strike)
    square = rest * rest * log * log
    level = alpha / (size * (1.0 + square / 24.0 + square * square / 1920.0))
    drift = (
        rest * rest * alpha * alpha / (24.0 * size * size)
        + 0.25 * rho * beta * nu * alpha / size
        + (2.0 - 3.0 * rho * rho) * nu * nu / 24.0
    )
    return level * stretch(nu / alpha * size * log, rho) * (1.0 + drift * years)


@entry
def batch(
    state: Array, params: Array, out: Table, forward: Array, strike: Array, years: Array
) -> None:
    """Loop of :func:`update`."""
    a, b, r, n = params[0], params[1], params[2], params[3]
    for i in range(forward.size):
        out[i, 0] = update(a, b, r, n, forward[i], strike[i], years[i])


ANALYTIC = Analytic(
    name="sabr_vol", group="options", inputs=("forward", "strike", "years"), doc=__doc__,
    outputs=("vol",), batch=batch,
    params=(
        Param("alpha", 0.6, "volatility level, in units of forward^(1 - beta)", 1e-12),
        Param("beta", 1.0, "backbone", 0.0, 1.0),
        Param("rho", 0.0, "correlation of forward and volatility", -0.9999, 0.9999),
        Param("nu", 1.0, "volatility of volatility", 0.0),
    ),
)  # fmt: skip
