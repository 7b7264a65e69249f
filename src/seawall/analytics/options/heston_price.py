# SPDX-License-Identifier: MIT
"""Price of a European option in Heston's model of stochastic variance.

Formula: dF = sqrt(v) F dW, dv = kappa (theta - v) dt + sigma sqrt(v) dZ, corr rho.  Lewis'
integral over a hyperbola in the complex plane, Black's price with the expected variance w
as control variate: C = B(w) - sqrt(FK)/pi Re int e^{iuk} (phi(u - i/2) - e^{-w q/2}) / q du
with q = u^2 + 1/4, k = ln(F/K).  phi is in the form whose logarithm keeps its branch:
b = kappa - rho sigma (1/2 + iu), d = sqrt(b^2 + sigma^2 q), E = e^{-dT},
m = b (1 - E) + d (1 + E),
ln phi = -q v0 (1 - E)/m - kappa theta (q T/(b + d) + 2/sigma^2 ln(m/(2d))).
Unit: that of the forward, undiscounted; years of 365 days.
Assumption: no jumps: short crypto smiles are steeper than the model's.  The contour
u = b0 sinh(iw + y) turns oscillation into decay, so that the trapezoid rule with 64 nodes is
within 1e-12 of the forward; the side is that of k - rho (v0 + kappa theta T)/sigma.
Cost: O(nodes) per row; the transform is kept while rows share their expiry.
Source: Heston (1993), Review of Financial Studies 6(2); Albrecher, Mayer, Schoutens and
Tistaert (2007), Wilmott; Lewis (2001); Boyarchenko and Levendorskii (2012), Journal of
Computational Finance 16(2), for the contour.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from seawall.analytics.elementary import MAGIC, quick_exp, used_by
from seawall.analytics.jit import Array, Table, entry, step
from seawall.analytics.spec import Analytic, Param

used_by(__file__)

NAN = float("nan")
TILT = 0.3
REACH = 37.0  # e^-37 is below the last digit
NOTHING = 45.0
YEARS, UP, DOWN, VARIANCE, HEAD = 0, 1, 2, 3, 4
V0, KAPPA, THETA, SIGMA, RHO, NODES = range(6)
TWO_OVER_PI = 2.0 / math.pi
PI_A, PI_B, PI_C = 1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21
ROOT_HALF = math.sqrt(0.5)


@step
def wave(angle: float, real: float, imag: float) -> float:
    """Real part of e^{i angle} (real + i imag), without a branch; |angle| < 1e6."""
    n = (angle * TWO_OVER_PI + MAGIC) - MAGIC
    r = ((angle - n * PI_A) - n * PI_B) - n * PI_C
    z = r * r
    sine = 1.60590438368216146e-10
    sine = sine * z - 2.50521083854417188e-8
    sine = sine * z + 2.75573192239858907e-6
    sine = sine * z - 1.98412698412698413e-4
    sine = sine * z + 8.33333333333333333e-3
    sine = sine * z - 1.66666666666666667e-1
    sine = sine * z * r + r
    cosine = -1.14707455977297247e-11
    cosine = cosine * z + 2.08767569878680990e-9
    cosine = cosine * z - 2.75573192239858907e-7
    cosine = cosine * z + 2.48015873015873016e-5
    cosine = cosine * z - 1.38888888888888889e-3
    cosine = cosine * z + 4.16666666666666667e-2
    cosine = cosine * z * z - 0.5 * z + 1.0
    turn = np.int64(n)
    odd = (turn & 1) == 1
    c = sine if odd else cosine
    s = cosine if odd else sine
    c = -c if ((turn + 1) & 2) == 2 else c
    s = -s if (turn & 2) == 2 else s
    return c * real - s * imag


@step
def over(z: complex) -> complex:
    """1 / z without the care for huge numbers, which costs more than the rest."""
    square = 1.0 / (z.real * z.real + z.imag * z.imag)
    return complex(z.real * square, -z.imag * square)


@step
def transform(p: Array, years: float, side: float, out: Array, at: int) -> None:
    """Contour and weighted transform of one expiry into four runs of ``out`` from ``at``."""
    n = int(p[NODES])
    v0, kappa, theta, sigma, rho = p[V0], p[KAPPA], p[THETA], p[SIGMA], p[RHO]
    variance = out[VARIANCE]
    fade = math.sqrt(1.0 - rho * rho) * (v0 + kappa * theta * years) / sigma
    base = 1.0 / math.sqrt(variance)
    reach = max(math.sqrt(2.0 * REACH / variance), REACH / (math.cos(TILT) * fade))
    width = math.asinh(reach / base) / n
    sin_tilt, cos_tilt = side * math.sin(TILT), math.cos(TILT)
    factor, grow = math.exp(width), 1.0
    slope = -0.5 * variance
    speed, scale = kappa * theta, -2.0 / (sigma * sigma)
    for j in range(n):
        shrunk = 1.0 / grow
        rise, run = 0.5 * (grow - shrunk), 0.5 * (grow + shrunk)
        grow *= factor
        u = base * complex(cos_tilt * rise, sin_tilt * (run - 1.0))
        weight = base * width * complex(cos_tilt * run, sin_tilt * rise)
        q = u * u + 0.25
        b = kappa - rho * sigma * (0.5 + 1j * u)
        d = cmath.sqrt(b * b + sigma * sigma * q)
        # Exponentials below the last digit are not taken: most of them for large u.
        decay = cmath.exp(-d * years) if d.real * years < NOTHING else 0.0j
        m = b * (1.0 - decay) + d * (1.0 + decay)
        log_phi = -q * v0 * (1.0 - decay) * over(m) + speed * (
            scale * cmath.log(0.5 * m * over(d)) - q * years * over(b + d)
        )
        value = cmath.exp(log_phi) if log_phi.real > -NOTHING else 0.0j
        if (slope * q).real > -NOTHING:
            value -= cmath.exp(slope * q)
        value *= weight * over(q)
        if j == 0:
            value *= 0.5
        out[at + j], out[at + n + j] = u.real, u.imag
        out[at + 2 * n + j], out[at + 3 * n + j] = value.real, value.imag


@step
def black(forward: float, strike: float, variance: float, call: float) -> float:
    """Undiscounted price under a lognormal law of this total variance."""
    s = math.sqrt(variance)
    d = math.log(forward / strike) / s
    up = 0.5 * math.erfc(-call * (d + 0.5 * s) * ROOT_HALF)
    down = 0.5 * math.erfc(-call * (d - 0.5 * s) * ROOT_HALF)
    return call * (forward * up - strike * down)


@step
def update(
    state: Array, p: Array, terms: Array, forward: float, strike: float, years: float, call: float
) -> Any:
    """Price of one option; the state keeps the transform of its expiry."""
    sound = 0.0 < forward < 1e150 and 0.0 < strike < 1e150 and 0.0 < years < 1e3
    if not (sound and abs(call) == 1.0):
        return NAN
    n = int(p[NODES])
    if years != state[YEARS]:
        state[YEARS], state[UP], state[DOWN] = years, 0.0, 0.0
        shrink = -math.expm1(-p[KAPPA] * years) / p[KAPPA]
        state[VARIANCE] = p[THETA] * years + (p[V0] - p[THETA]) * shrink
    k = math.log(forward / strike)
    up = k >= p[RHO] * (p[V0] + p[KAPPA] * p[THETA] * years) / p[SIGMA]
    at = HEAD if up else HEAD + 4 * n
    if state[UP if up else DOWN] == 0.0:
        transform(p, years, 1.0 if up else -1.0, state, at)
        state[UP if up else DOWN] = 1.0
    for j in range(n):
        size = quick_exp(min(-k * state[at + n + j], 700.0))
        terms[j] = size * wave(k * state[at + j], state[at + 2 * n + j], state[at + 3 * n + j])
    total = 0.0
    for j in range(n):
        total += terms[j]
    root = math.sqrt(forward) * math.sqrt(strike)
    price = black(forward, strike, state[VARIANCE], call) - root / math.pi * total
    return max(price, call * (forward - strike), 0.0)


@entry
def batch(
    state: Array, params: Array, out: Table,
    forward: Array, strike: Array, years: Array, call: Array,
) -> None:  # fmt: skip
    """Loop of :func:`update`."""
    terms = np.empty(int(params[NODES]))
    for i in range(forward.size):
        out[i, 0] = update(state, params, terms, forward[i], strike[i], years[i], call[i])


ANALYTIC = Analytic(
    name="heston_price", group="options", inputs=("forward", "strike", "years", "call"),
    doc=__doc__, outputs=("price",), batch=batch,
    state_size=lambda params, levels: HEAD + 8 * int(params[NODES]),
    params=(
        Param("v0", 0.36, "variance now, per year", 1e-6, 100.0),
        Param("kappa", 3.0, "speed of return to the mean, per year", 1e-6, 1e3),
        Param("theta", 0.49, "long-run variance, per year", 1e-6, 100.0),
        Param("sigma", 2.0, "volatility of variance", 1e-3, 100.0),
        Param("rho", -0.2, "correlation of price and variance", -0.9999, 0.9999),
        Param("nodes", 64, "nodes of the integral", 8, 512, whole=True),
    ),
)  # fmt: skip
