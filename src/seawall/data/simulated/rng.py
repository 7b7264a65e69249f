# SPDX-License-Identifier: MIT
"""Random numbers and elementary functions that give the same bits on every machine.

The generator is xoshiro256++ (Blackman and Vigna, 2018) on integers.  Logarithm and
exponential are built from additions, multiplications and divisions only, because the
last bit of a C library's ``log`` differs between platforms and one such bit is enough
to change which of two orders comes first.
"""

from __future__ import annotations

import math

import numpy as np

from seawall.data.simulated.compiled import compiled, entry
from seawall.data.simulated.layout import Array, World

_M64 = (1 << 64) - 1
_LN2 = 0.6931471805599453


def seed_streams(seed: int, n: int) -> Array:
    """Spread one root seed over ``n`` child streams with splitmix64.

    Returns
    -------
    ndarray of uint64, shape (n, 4)
        State per stream; never all zero.
    """
    state = seed & _M64
    out = np.empty((n, 4), dtype=np.uint64)
    for i in range(n):
        for j in range(4):
            state = (state + 0x9E3779B97F4A7C15) & _M64
            z = state
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _M64
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _M64
            out[i, j] = z ^ (z >> 31)
    return out


@compiled
def next_u64(w: World, g: int) -> np.uint64:
    """Next 64 bits of stream ``g``."""
    s0, s1, s2, s3 = w.rng[g, 0], w.rng[g, 1], w.rng[g, 2], w.rng[g, 3]
    t = s0 + s3
    result = ((t << np.uint64(23)) | (t >> np.uint64(41))) + s0
    t = s1 << np.uint64(17)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
    w.rng[g, 0], w.rng[g, 1], w.rng[g, 2], w.rng[g, 3] = s0, s1, s2, s3
    return result


@compiled
def uniform(w: World, g: int) -> float:
    """Uniform in (0, 1), 53 bits, never 0."""
    return (float(np.int64(next_u64(w, g) >> np.uint64(11))) + 0.5) * (1.0 / 9007199254740992.0)


@compiled
def below(w: World, g: int, n: int) -> int:
    """Uniform integer in [0, n); n small against 2**31, so the bias is below 2**-32."""
    return (int(next_u64(w, g) >> np.uint64(33)) * n) >> 31


@compiled
def ln(x: float) -> float:
    """Natural logarithm of x > 0, error below 1e-12, from the atanh series."""
    k = 0.0
    while x > 1.4142135623730951:
        x *= 0.5
        k += 1.0
    while x < 0.7071067811865476:
        x *= 2.0
        k -= 1.0
    s = (x - 1.0) / (x + 1.0)
    q = s * s
    p = 1.0 / 11.0 + q * (1.0 / 13.0)
    p = 1.0 / 7.0 + q * (1.0 / 9.0 + q * p)
    p = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * p))
    return k * _LN2 + 2.0 * s * p


@compiled
def exp(x: float) -> float:
    """Exponential, relative error below 1e-12 for abs(x) < 700."""
    if x < -700.0:
        return 0.0
    k = float(math.floor(x / _LN2 + 0.5))
    r = x - k * _LN2
    p = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * (1.0 / 3628800.0 + r * (1.0 / 39916800.0)))
    p = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0 + r * p)))
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * p)))
    while k > 0.0:
        p *= 2.0
        k -= 1.0
    while k < 0.0:
        p *= 0.5
        k += 1.0
    return p


@compiled
def exponential(w: World, g: int) -> float:
    """Exponential with mean 1."""
    return -ln(uniform(w, g))


@compiled
def normal(w: World, g: int) -> float:
    """Standard normal by Marsaglia's polar method (one of the pair is dropped)."""
    while True:
        u = 2.0 * uniform(w, g) - 1.0
        v = 2.0 * uniform(w, g) - 1.0
        s = u * u + v * v
        if 0.0 < s < 1.0:
            return u * math.sqrt(-2.0 * ln(s) / s)


@entry
def draw(w: World, g: int, kind: int) -> float:
    """Draw one number: kind 0 uniform, 1 exponential, 2 normal (for tests)."""
    if kind == 0:
        return uniform(w, g)
    if kind == 1:
        return exponential(w, g)
    return normal(w, g)


@entry
def elementary(kind: int, x: float) -> float:
    """Logarithm (kind 0) or exponential (kind 1) as the kernel computes it (for tests)."""
    return ln(x) if kind == 0 else exp(x)
