# SPDX-License-Identifier: MIT
"""Prices of a whole surface in Heston's model with their derivatives by its parameters.

The formulas are those of ``heston_price``; the derivatives follow from them by the chain
rule: with x one of kappa, sigma, rho, d_x = (b b_x + [x = sigma] sigma q)/d, E_x = -T d_x E,
m_x = b_x (1 - E) + d_x (1 + E) + (d - b) E_x.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Array, Table, entry, step

TILT = 0.3
REACH = 37.0
NOTHING = 45.0
LOG2E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
TWO_OVER_PI = 2.0 / math.pi
PI_A, PI_B, PI_C = 1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21
MAGIC = 6755399441055744.0
ROOT_HALF = math.sqrt(0.5)
TERMS = 12  # real and imaginary part of the value and of five derivatives


@step
def over(z: complex) -> complex:
    """1 / z without the care for huge numbers, which costs more than the rest."""
    square = 1.0 / (z.real * z.real + z.imag * z.imag)
    return complex(z.real * square, -z.imag * square)


@step
def transform(
    p: Array, years: float, variance: float, side: float, n: int, node: Table, value: Table
) -> None:
    """Nodes, and the weighted transform with its derivatives by v0, kappa, theta, sigma, rho."""
    v0, kappa, theta, sigma, rho = p[0], p[1], p[2], p[3], p[4]
    fade = math.sqrt(1.0 - rho * rho) * (v0 + kappa * theta * years) / sigma
    base = 1.0 / math.sqrt(variance)
    reach = max(math.sqrt(2.0 * REACH / variance), REACH / (math.cos(TILT) * fade))
    width = math.asinh(reach / base) / n
    sin_tilt, cos_tilt = side * math.sin(TILT), math.cos(TILT)
    factor, grow = math.exp(width), 1.0
    speed, scale = kappa * theta, -2.0 / (sigma * sigma)
    for j in range(n):
        shrunk = 1.0 / grow
        rise, run = 0.5 * (grow - shrunk), 0.5 * (grow + shrunk)
        grow *= factor
        u = base * complex(cos_tilt * rise, sin_tilt * (run - 1.0))
        weight = base * width * complex(cos_tilt * run, sin_tilt * rise)
        if j == 0:
            weight *= 0.5
        q = u * u + 0.25
        z = 0.5 + 1j * u
        b = kappa - rho * sigma * z
        d = cmath.sqrt(b * b + sigma * sigma * q)
        # Exponentials below the last digit are not taken: most of them for large u.
        e = cmath.exp(-d * years) if d.real * years < NOTHING else 0.0j
        m = b * (1.0 - e) + d * (1.0 + e)
        over_m, over_d, over_a = over(m), over(d), over(b + d)
        first = -q * (1.0 - e) * over_m
        log = cmath.log(0.5 * m * over_d)
        second = scale * log - q * years * over_a
        weight *= over(q)
        phi = weight * cmath.exp(first * v0 + speed * second)
        plain = phi
        if (0.5 * variance * q).real < NOTHING:
            plain -= weight * cmath.exp(-0.5 * variance * q)
        node[0, j], node[1, j] = u.real, u.imag
        value[0, j], value[1, j] = plain.real, plain.imag
        by = phi * first
        value[2, j], value[3, j] = by.real, by.imag
        by = phi * kappa * second
        value[6, j], value[7, j] = by.real, by.imag
        for x in range(3):
            b_x = complex(1.0, 0.0) if x == 0 else (-rho * z if x == 1 else -sigma * z)
            d_x = b * b_x
            if x == 1:
                d_x += sigma * q
            d_x *= over_d
            e_x = -years * d_x * e
            m_x = (b_x * (1.0 - e) + d_x * (1.0 + e) + (d - b) * e_x) * over_m
            first_x = q * e_x * over_m - first * m_x
            second_x = q * years * (b_x + d_x) * over_a * over_a + scale * (m_x - d_x * over_d)
            by = v0 * first_x + speed * second_x
            if x == 0:
                by += theta * second
            if x == 1:
                by -= speed * scale * 2.0 / sigma * log
            by *= phi
            row = 4 if x == 0 else (8 if x == 1 else 10)
            value[row, j], value[row + 1, j] = by.real, by.imag


@step
def integrate(k: float, n: int, node: Table, value: Table, cos: Array, sin: Array) -> None:
    """Put e^{iuk} of every node into ``cos`` and ``sin``; loops without a branch."""
    for j in range(n):
        x = min(max(-k * node[1, j], -700.0), 700.0)
        whole = (x * LOG2E + MAGIC) - MAGIC
        r = (x - whole * LN2_HIGH) - whole * LN2_LOW
        p = 1.0 / 6227020800.0
        p = p * r + 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        bits = np.int64((np.int64(whole) + np.int64(1023)) << np.int64(52))
        size = (p * r * r + r + 1.0) * bits.view(np.float64)
        angle = k * node[0, j]
        whole = (angle * TWO_OVER_PI + MAGIC) - MAGIC
        r = ((angle - whole * PI_A) - whole * PI_B) - whole * PI_C
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
        turn = np.int64(whole)
        odd = (turn & 1) == 1
        c = sine if odd else cosine
        s = cosine if odd else sine
        cos[j] = size * (-c if ((turn + 1) & 2) == 2 else c)
        sin[j] = size * (-s if (turn & 2) == 2 else s)


@step
def black(forward: float, strike: float, variance: float, call: float) -> float:
    """Undiscounted price under a lognormal law of this total variance."""
    s = math.sqrt(variance)
    d = math.log(forward / strike) / s
    up = 0.5 * math.erfc(-call * (d + 0.5 * s) * ROOT_HALF)
    down = 0.5 * math.erfc(-call * (d - 0.5 * s) * ROOT_HALF)
    return call * (forward * up - strike * down)


@entry
def prices(
    p: Array, n: int, starts: npt.NDArray[np.int64],
    forward: Array, strike: Array, years: Array, call: Array, price: Array, slope: Table,
) -> None:  # fmt: skip
    """Prices and their derivatives (options by v0, kappa, theta, sigma, rho) of a surface.

    Expiry i is made of the rows from ``starts[i]`` to ``starts[i + 1]``.
    """
    node, value = np.empty((4, n)), np.empty((2 * TERMS, n))
    cos, sin = np.empty(n), np.empty(n)
    total, part = np.empty(6), np.empty(4)
    for i in range(starts.size - 1):
        begin, end = starts[i], starts[i + 1]
        t = years[begin]
        variance = p[2] * t - (p[0] - p[2]) * math.expm1(-p[1] * t) / p[1]
        border = p[4] * (p[0] + p[1] * p[2] * t) / p[3]
        have_up, have_down = False, False
        for row in range(begin, end):
            k = math.log(forward[row] / strike[row])
            if k >= border:
                at, wave = node[:2], value[:TERMS]
                if not have_up:
                    transform(p, t, variance, 1.0, n, at, wave)
                    have_up = True
            else:
                at, wave = node[2:], value[TERMS:]
                if not have_down:
                    transform(p, t, variance, -1.0, n, at, wave)
                    have_down = True
            integrate(k, n, at, wave, cos, sin)
            for term in range(6):
                real, imag = wave[2 * term], wave[2 * term + 1]
                part[:] = 0.0
                for j in range(0, n, 4):
                    for lane in range(4):  # four sums do not wait for one another
                        x = j + lane
                        part[lane] += cos[x] * real[x] - sin[x] * imag[x]
                total[term] = (part[0] + part[1]) + (part[2] + part[3])
            root = -math.sqrt(forward[row]) * math.sqrt(strike[row]) / math.pi
            price[row] = black(forward[row], strike[row], variance, call[row]) + root * total[0]
            for x in range(5):
                slope[row, x] = root * total[x + 1]
