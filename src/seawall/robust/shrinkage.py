# SPDX-License-Identifier: MIT
"""Shrinkage of the sample covariance: a baseline, not a defence."""

from __future__ import annotations

import numpy as np

from seawall.robust.base import Estimator, Floats, require
from seawall.robust.distance import Scatter


class LedoitWolf(Scatter, Estimator):
    """Sample covariance shrunk towards a multiple of the identity.

    Formula: ``(1 - s) S + s (tr S / d) I``, S with divisor n; s minimises the expected
    squared error (``"lw"``) or that under a Gaussian (``"oas"``).  Assumption: clean rows
    with finite fourth moments.  Breakdown: one row.  Cost: O(n d^2).  Source: Ledoit and
    Wolf (2004); Chen, Wiesel, Eldar and Hero (2010).

    Parameters
    ----------
    method : str
        ``"lw"`` or ``"oas"``.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_, covariance_ : float64 arrays, shape (d,) and (d, d)
        Mean, shrunk covariance.
    shrinkage_ : float
        s, between 0 and 1.
    """

    rows_min = 2

    def __init__(self, method: str = "lw", window: int = 1000) -> None:
        self.method = method
        self.window = window

    def _estimate(self, X: Floats) -> None:
        require(self.method in ("lw", "oas"), f"no method {self.method!r}", "take lw or oas")
        n, d = X.shape
        self.location_ = np.asarray(X.mean(axis=0))
        away = X - self.location_
        S = away.T @ away / n
        require(bool(np.trace(S) > 0.0), "all rows are the same", "give rows that differ")
        size = float(np.trace(S)) / d
        square = float(np.square(S).sum())
        distance = square / d - size * size
        if d == 1:
            shrinkage = 0.0
        elif self.method == "lw":
            noise = (float(np.square(np.square(away).sum(axis=1)).sum()) / n - square) / (n * d)
            shrinkage = min(noise, distance) / distance if distance > 0.0 else 1.0
        else:
            mean_square = square / (d * d)
            below = (n + 1.0) * (mean_square - size * size / d)
            shrinkage = min((mean_square + size * size) / below, 1.0) if below > 0.0 else 1.0
        self.shrinkage_ = max(shrinkage, 0.0)
        self.covariance_ = (1.0 - self.shrinkage_) * S
        self.covariance_.flat[:: d + 1] += self.shrinkage_ * size
