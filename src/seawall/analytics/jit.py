# SPDX-License-Identifier: MIT
"""How analytics are compiled: the decorators, and the arrays that they are given.

Numba's cache looks at the file of an ``entry`` alone, so an analytic calls no compiled
function of another file: what two of them share is written in both.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seawall.model.jit import entry, prefetch, step

__all__ = ["Array", "Table", "Times", "entry", "prefetch", "step"]

Array = npt.NDArray[np.float64]
"""One-dimensional, contiguous."""

Table = npt.NDArray[np.float64]
"""Two-dimensional, contiguous: rows by levels, or rows by outputs."""

Times = npt.NDArray[np.int64]
"""Receive times, ns UTC."""
