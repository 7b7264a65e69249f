# SPDX-License-Identifier: MIT
"""Random numbers for compiled loops: SplitMix64, the same on every machine and version."""

from __future__ import annotations

import numpy as np

from seawall.research.metrics._kernel import kernel


@kernel
def next_state(state: np.uint64) -> np.uint64:
    """Advance the counter."""
    return state + np.uint64(0x9E3779B97F4A7C15)


@kernel
def scramble(state: np.uint64) -> np.uint64:
    """Turn a counter into 64 random bits (Steele, Lea and Flood 2014)."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def split(bits: np.uint64, n: int) -> tuple[np.int64, np.float64]:
    """Whole number below ``n`` and a uniform in (0, 1) from 64 random bits.

    The upper half gives the number (``n`` up to 2^32), the lower half the uniform,
    which is never 0, so that its logarithm exists.
    """
    high = bits >> np.uint64(32)
    low = bits & np.uint64(0xFFFFFFFF)
    at = np.int64((high * np.uint64(n)) >> np.uint64(32))
    return at, (np.float64(low) + 0.5) * (1.0 / 4294967296.0)
