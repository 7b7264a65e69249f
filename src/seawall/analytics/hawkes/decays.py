# SPDX-License-Identifier: MIT
"""Decays of a block of gaps, shared by the passes over events of one type and of several.

Their caches are dropped when this file changes (:func:`seawall.analytics.elementary.used_by`).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from seawall.analytics.elementary import LN2_HIGH, LN2_LOW, LOG2E
from seawall.analytics.jit import Array

SHIFTER = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to a whole number in the low bits

plain = njit(
    no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy", fastmath={"contract"}
)
"""Decorator of parts whose sums keep their order."""

loose = njit(
    no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy",
    fastmath={"contract", "reassoc", "arcp", "nsz"},
)  # fmt: skip
"""Decorator of parts whose sums may be taken in lanes."""


@plain
def decays(gap: Array, beta: float, size: int, out: Array, work: Array) -> None:
    """Fill ``out`` with exp(-beta gap): Cody and Waite's reduction, then a Taylor sum."""
    bits = work.view(np.int64)
    for k in range(size):
        x = max(-beta * gap[k], -700.0)
        shifted = x * LOG2E + SHIFTER
        whole = shifted - SHIFTER
        r = (x - whole * LN2_HIGH) - whole * LN2_LOW
        p = 1.0 / 479001600.0
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
        out[k] = (p * r + 1.0) * r + 1.0
        work[k] = shifted
    for k in range(size):  # two to the power of the whole number, by its bits
        bits[k] = (bits[k] + 1023) << 52
    for k in range(size):
        out[k] *= work[k]
