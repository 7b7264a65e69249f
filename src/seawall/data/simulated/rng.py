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
from numba import njit

from seawall.data.simulated.layout import Array

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


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def next_u64(rng: Array, g: int) -> np.uint64:
    """Next 64 bits of stream ``g``."""
    s0, s1, s2, s3 = rng[g, 0], rng[g, 1], rng[g, 2], rng[g, 3]
    t = s0 + s3
    result = ((t << np.uint64(23)) | (t >> np.uint64(41))) + s0
    t = s1 << np.uint64(17)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
    rng[g, 0], rng[g, 1], rng[g, 2], rng[g, 3] = s0, s1, s2, s3
    return result


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def uniform(rng: Array, g: int) -> float:
    """Uniform in (0, 1), 53 bits, never 0."""
    return (float(np.int64(next_u64(rng, g) >> np.uint64(11))) + 0.5) * (1.0 / 9007199254740992.0)


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def below(rng: Array, g: int, n: int) -> int:
    """Uniform integer in [0, n); n small against 2**31, so the bias is below 2**-32."""
    return (np.int64(next_u64(rng, g) >> np.uint64(33)) * n) >> 31


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
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
    p = 1.0 / 13.0
    for d in (11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        p = p * q + 1.0 / d
    return k * _LN2 + 2.0 * s * p


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def exp(x: float) -> float:
    """Exponential, relative error below 1e-12 for abs(x) < 700."""
    if x < -700.0:
        return 0.0
    k = math.floor(x / _LN2 + 0.5)
    r = x - k * _LN2
    p = 1.0
    for d in range(13, 0, -1):
        p = 1.0 + p * r / d
    while k > 0.0:
        p *= 2.0
        k -= 1.0
    while k < 0.0:
        p *= 0.5
        k += 1.0
    return p


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def exponential(rng: Array, g: int) -> float:
    """Exponential with mean 1."""
    return -ln(uniform(rng, g))


@njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
def normal(rng: Array, g: int) -> float:
    """Standard normal by Marsaglia's polar method (one of the pair is dropped)."""
    while True:
        u = 2.0 * uniform(rng, g) - 1.0
        v = 2.0 * uniform(rng, g) - 1.0
        s = u * u + v * v
        if 0.0 < s < 1.0:
            return u * math.sqrt(-2.0 * ln(s) / s)


@njit(cache=True)
def sample(rng: Array, g: int, kind: int, n: int) -> Array:
    """Draw ``n`` numbers: kind 0 uniform, 1 exponential, 2 normal (for tests)."""
    out = np.empty(n)
    for i in range(n):
        if kind == 0:
            out[i] = uniform(rng, g)
        elif kind == 1:
            out[i] = exponential(rng, g)
        else:
            out[i] = normal(rng, g)
    return out
