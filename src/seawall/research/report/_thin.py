# SPDX-License-Identifier: MIT
"""Fewer points for the eye, without losing a spike."""

from __future__ import annotations

import numpy as np

from seawall.research.metrics._kernel import Floats, Ints

POINTS = 4_000


def thin(values: Floats, points: int = POINTS) -> Ints:
    """Rows that keep the first, last, least and greatest value of equal stretches.

    Parameters
    ----------
    values : float64 array, shape (n,)
        A series; values that are not finite are passed over when others exist.
    points : int
        Roughly how many rows to keep; a series that is no longer is kept whole.

    Returns
    -------
    int64 array
        Ascending row numbers; the first and last row are always among them.
    """
    n = values.shape[0]
    if n <= points:
        return np.arange(n, dtype=np.int64)
    stretches = max(1, points // 4)
    width = -(-n // stretches)
    padded = np.full(stretches * width, np.nan)
    padded[:n] = values
    grid = padded.reshape(stretches, width)
    start = np.arange(stretches, dtype=np.int64) * width
    usable = start < n
    low = np.argmin(np.where(np.isnan(grid), np.inf, grid), axis=1)
    high = np.argmax(np.where(np.isnan(grid), -np.inf, grid), axis=1)
    rows = np.concatenate([start, start + low, start + high, start + width - 1])
    rows = rows[np.tile(usable, 4)]
    return np.unique(np.concatenate([np.minimum(rows, n - 1), [0, n - 1]]))
