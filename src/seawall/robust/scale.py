# SPDX-License-Identifier: MIT
"""Robust spread of a column: MAD, Qn, Sn and the tau scale."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.robust._kernels import pair_statistic
from seawall.robust.base import Estimator, Floats, as_rows, require

MAD_CONSTANT = 1.4826
"""Makes the MAD of a Gaussian its standard deviation (1 / 0.6745)."""

QN_CONSTANT = 2.21914
SN_CONSTANT = 1.1926
_QN_SMALL = (
    0.399356, 0.99365, 0.51321, 0.84401, 0.61220, 0.85877, 0.66993, 0.87344, 0.72014,
    0.88906, 0.75743,
)  # fmt: skip
_SN_SMALL = (0.743, 1.851, 0.954, 1.351, 0.993, 1.198, 1.005, 1.131)
_TAU_MEAN, _TAU_SQUARE = 4.5, 3.0


def mad(X: npt.ArrayLike) -> Floats:
    """Median absolute deviation per column: ``1.4826 med |x - med x|``.

    Breakdown 50 %, Gaussian efficiency 37 %, O(n).  Source: Hampel (1974).

    Parameters
    ----------
    X : array_like, shape (n, d) or (n,)
        Observations.

    Returns
    -------
    float64 array, shape (d,)
        In the unit of the column; 0 when more than half of a column is one value.
    """
    rows = as_rows(X)
    return np.asarray(MAD_CONSTANT * np.median(np.abs(rows - np.median(rows, axis=0)), axis=0))


def qn(X: npt.ArrayLike) -> Floats:
    """Qn per column: about the first quartile of all distances of two observations.

    ``2.21914 c_n {|x_i - x_j|; i < j}_(k)`` with ``k = C(n//2 + 1, 2)``, needs no
    centre and no symmetry.  Breakdown 50 %, Gaussian efficiency 82 %, O(n log n).
    Source: Rousseeuw and Croux (1993); small-sample factors of Croux and Rousseeuw
    (1992).

    Parameters
    ----------
    X : array_like, shape (n, d) or (n,)
        At least two observations.

    Returns
    -------
    float64 array, shape (d,)
        In the unit of the column; 0 when more than half of a column is one value.
    """
    rows = as_rows(X, rows_min=2)
    return qn_columns(rows)


def qn_columns(rows: Floats) -> Floats:
    """Qn of columns that are known to be finite."""
    n = rows.shape[0]
    out = np.empty(rows.shape[1])
    ordered = np.ascontiguousarray(rows.T)
    pair_statistic(np.sort(ordered, axis=1), out)
    return out * (QN_CONSTANT * qn_factor(n))


def qn_factor(n: int) -> float:
    """Small-sample correction of Qn."""
    if n <= 12:
        return _QN_SMALL[n - 2]
    if n % 2:
        return 1.0 / (1.0 + (1.60188 + (-2.1284 - 5.172 / n) / n) / n)
    return 1.0 / (1.0 + (3.67561 + (1.9654 + (6.987 - 77.0 / n) / n) / n) / n)


def sn(X: npt.ArrayLike) -> Floats:
    """Sn per column: ``1.1926 c_n lomed_i himed_j |x_i - x_j|``.

    Needs no centre and no symmetry.  Breakdown 50 %, Gaussian efficiency 58 %, O(n^2)
    here.  Source: Rousseeuw and Croux (1993).

    Parameters
    ----------
    X : array_like, shape (n, d) or (n,)
        At least two observations.

    Returns
    -------
    float64 array, shape (d,)
        In the unit of the column.
    """
    rows = as_rows(X, rows_min=2)
    n, d = rows.shape
    factor = _SN_SMALL[n - 2] if n <= 9 else (n / (n - 0.9) if n % 2 else 1.0)
    high, low = n // 2, (n + 1) // 2 - 1
    out = np.empty(d)
    for c in range(d):
        inner = np.empty(n)
        for first in range(0, n, 256):
            part = rows[first : first + 256, c]
            gaps = np.abs(part[:, None] - rows[None, :, c])
            inner[first : first + 256] = np.partition(gaps, high, axis=1)[:, high]
        out[c] = np.partition(inner, low)[low]
    return out * (SN_CONSTANT * factor)


def tau(X: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Tau location and scale per column, as OGK uses them.

    Location is a mean with weights ``(1 - (u / 4.5)^2)_+^2``, ``u = (x - med) / med|x -
    med|``; squared scale is the mean of ``min(u^2, 9)`` about it, made consistent at the
    Gaussian.  Breakdown 50 %, O(n).  Source: Maronna and Zamar (2002).

    Parameters
    ----------
    X : array_like, shape (n, d) or (n,)
        Observations; no column may be more than half one value.

    Returns
    -------
    location, scale : float64 arrays, shape (d,)
        In the unit of the column.
    """
    rows = as_rows(X, rows_min=2)
    median = np.median(rows, axis=0)
    deviation = np.abs(rows - median)
    spread = np.median(deviation, axis=0)
    stuck = np.flatnonzero(spread <= 0.0)
    require(
        stuck.size == 0,
        f"more than half of column {int(stuck[0]) if stuck.size else -1} is one value",
        "leave such features out",
    )
    weight = np.square(np.maximum(1.0 - np.square(deviation / (_TAU_MEAN * spread)), 0.0))
    location = (weight * rows).sum(axis=0) / weight.sum(axis=0)
    bounded = np.minimum(np.square((rows - location) / spread), _TAU_SQUARE**2)
    return location, spread * np.sqrt(bounded.mean(axis=0) / _tau_consistency())


def _tau_consistency() -> float:
    """Mean of ``min(u^2, 9)`` for a Gaussian, u in units of its median deviation."""
    b = _TAU_SQUARE * 0.6744897501960817
    cdf = 0.5 * math.erfc(-b / math.sqrt(2.0))
    density = math.exp(-0.5 * b * b) / math.sqrt(2.0 * math.pi)
    return 2.0 * ((1.0 - b * b) * cdf - b * density + b * b) - 1.0


class RobustScale(Estimator):
    """Median and robust spread of each column.

    Formula: ``scale_`` is :func:`qn`, :func:`mad`, :func:`sn` or the scale of
    :func:`tau`.  Assumption: fewer than half of the rows are bad; columns are judged one
    by one.  Breakdown: 50 %.  Cost: O(d n log n) (Sn O(d n^2)).  Source: as named there.

    Parameters
    ----------
    method : str
        ``"qn"``, ``"mad"``, ``"sn"`` or ``"tau"``.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_, scale_ : float64 arrays, shape (d,)
        Median (for tau its own location) and spread.
    """

    rows_min = 2
    location_: Floats
    scale_: Floats

    def __init__(self, method: str = "qn", window: int = 1000) -> None:
        self.method = method
        self.window = window

    def _estimate(self, X: Floats) -> None:
        known = {"qn": qn, "mad": mad, "sn": sn}
        if self.method == "tau":
            self.location_, self.scale_ = tau(X)
            return
        require(self.method in known, f"no scale {self.method!r}", "take qn, mad, sn or tau")
        self.location_ = np.asarray(np.median(X, axis=0))
        self.scale_ = known[self.method](X)
