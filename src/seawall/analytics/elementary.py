# SPDX-License-Identifier: MIT
"""Exponential and logarithm without a branch or a call, so that loops of them are vectorised.

Numba's cache looks at the file of the cached function alone, so a file that calls these says so
(:func:`used_by`), and its cache is dropped when they have changed.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from seawall.analytics.jit import step
from seawall.model.compiled import drop_stale

LOG2E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
MAGIC = 6755399441055744.0  # adding and taking it away rounds to a whole number
HALF_ROOT_BITS = int(np.float64(math.sqrt(0.5)).view(np.int64))


def used_by(file: str, *more: str) -> bool:
    """Drop the cached machine code of a file when it was made from another version of this one.

    Parameters
    ----------
    file : str
        ``__file__`` of the caller, at its import.
    more : str
        Further files whose compiled functions it calls.

    Returns
    -------
    bool
        Whether what is cached of it is up to date.
    """
    caller = Path(file)
    room = f"{caller.stem}-elementary"
    return drop_stale(
        caller.parent / "__pycache__", room, [Path(__file__), *map(Path, more)], f"{caller.stem}.*"
    )


@step
def quick_exp(x: float) -> float:
    """Exponential of a number not above 700; what lies below -700 counts as -700."""
    x = max(x, -700.0)
    n = (x * LOG2E + MAGIC) - MAGIC
    r = (x - n * LN2_HIGH) - n * LN2_LOW
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
    bits = np.int64((np.int64(n) + np.int64(1023)) << np.int64(52))
    return (p * r * r + r + 1.0) * bits.view(np.float64)


@step
def quick_log(x: float) -> float:
    """Logarithm of a normal positive number."""
    bits = np.float64(x).view(np.int64)
    power = (bits - HALF_ROOT_BITS) >> np.int64(52)
    rest = np.int64(bits - (power << np.int64(52)))  # between sqrt(1/2) and sqrt(2)
    f = rest.view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 1.0 / 21.0
    p = p * z + 1.0 / 19.0
    p = p * z + 1.0 / 17.0
    p = p * z + 1.0 / 15.0
    p = p * z + 1.0 / 13.0
    p = p * z + 1.0 / 11.0
    p = p * z + 1.0 / 9.0
    p = p * z + 1.0 / 7.0
    p = p * z + 1.0 / 5.0
    p = p * z + 1.0 / 3.0
    n = float(power)
    return n * LN2_HIGH + (2.0 * s + (2.0 * s * z * p + n * LN2_LOW))
