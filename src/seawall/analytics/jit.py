# SPDX-License-Identifier: MIT
"""How analytics are compiled.

``step`` is the update of one event: only compiled code calls it, and it is part of every
``entry``.  Numba's cache looks at the file of the entry alone, so an analytic calls no
compiled function of another file: what two of them share is written in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]
"""One-dimensional, contiguous."""

Table = npt.NDArray[np.float64]
"""Two-dimensional, contiguous: rows by levels, or rows by outputs."""

Times = npt.NDArray[np.int64]
"""Receive times, ns UTC."""


def step(function: Callable[..., Any]) -> Any:
    """Compile the update of one event, as a part of the entries that call it."""
    make = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
    return make(function)


def entry(function: Callable[..., Any]) -> Any:
    """Compile what Python calls, when it is first called; cached on disk."""
    return njit(cache=True, error_model="numpy", nogil=True)(function)
