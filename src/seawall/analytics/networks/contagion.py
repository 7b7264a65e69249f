# SPDX-License-Identifier: MIT
"""Contagion: does a correlation rise in a crisis by more than volatility explains.

Formula: rows before ``split`` are calm, the others the crisis; d = variance of the source in
the crisis over that in the calm, less 1; the crisis correlation rho becomes rho / sqrt(1 +
d (1 - rho^2)); z = (atanh of it - atanh of the calm one) / sqrt(1 / (n1 - 3) + 1 / (n2 - 3)),
p one-sided; ``adjusted_p`` by Holm over all targets.
Unit: none.
Assumption: the shock starts in the source and no third thing moves both; then a higher
correlation in wild times is arithmetic, not contagion.  Heavy tails and clusters of
volatility make p too small.  A result without contagion is called interdependence.
Cost: O(T N).
Source: Forbes and Rigobon (2002), Journal of Finance 57(5); Holm (1979), Scandinavian
Journal of Statistics 6(2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.networks.panel import sound_rows
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contagion:
    """Correlations with a source, before and in a crisis.

    Parameters
    ----------
    source : int
        Column of the source.
    variance_ratio : float
        Variance of the source in the crisis over that in the calm.
    rises : int
        Targets whose correlation rose.
    found : int
        Targets with contagion: ``adjusted_p`` below 5 %.
    found_plain : int
        The same if the volatility were not taken into account.
    calm_rows, crisis_rows : int
        Rows on each side.
    calm, crisis, adjusted, z, p_values, adjusted_p : Vector
        By instrument; not-a-number at the source.
    """

    source: int
    variance_ratio: float
    rises: int
    found: int
    found_plain: int
    calm_rows: int
    crisis_rows: int
    calm: Vector
    crisis: Vector
    adjusted: Vector
    z: Vector
    p_values: Vector
    adjusted_p: Vector


def adjust(rho: Vector, increase: float) -> Vector:
    """Correlation that the calm variance would have given; ``increase`` is the ratio less 1."""
    return np.asarray(rho / np.sqrt(1.0 + increase * (1.0 - rho**2)))


def with_source(x: Vector, source: int) -> Vector:
    """Correlation of every column with one of them."""
    d = x - x.mean(axis=0)
    scale = np.sqrt((d * d).sum(axis=0))
    return np.asarray(np.clip(d.T @ d[:, source] / (scale * scale[source]), -1.0, 1.0))


def holm(p: Vector) -> Vector:
    """P-values adjusted for their number, step by step; not-a-number stays."""
    out = p.copy()
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known])]
    out[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(order.size, 0, -1)), 1.0)
    return out


def _tests(calm: Vector, crisis: Vector, n1: int, n2: int) -> tuple[Vector, Vector]:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (np.arctanh(crisis) - np.arctanh(calm)) / math.sqrt(1.0 / (n1 - 3) + 1.0 / (n2 - 3))
    from scipy.special import ndtr

    return z, np.asarray(ndtr(-z))


def fit(returns: npt.ArrayLike, *, split: float = 0.5, source: float = 0) -> Contagion:
    """Test for contagion from one instrument to all others.

    Raises
    ------
    ResearchError
        With fewer than two instruments, fewer than ten complete rows on a side, when one
        never moves, or when there is no such column.
    """
    x = sound_rows(returns, 20, "contagion")
    rows, n = x.shape
    at = int(split) if split >= 1.0 else int(split * rows)
    column = int(source)
    if not (10 <= at <= rows - 10 and column < n):
        raise ResearchError(
            f"row {at} of {rows} and column {column} of {n} leave nothing to compare",
            mend="give ten rows on each side of the split, and a column that is there",
        )
    before = sound_rows(x[:at], 10, "contagion, calm")
    after = sound_rows(x[at:], 10, "contagion, crisis")
    ratio = float(after[:, column].var(ddof=1) / before[:, column].var(ddof=1))
    calm, crisis = with_source(before, column), with_source(after, column)
    calm[column] = crisis[column] = np.nan
    adjusted = adjust(crisis, ratio - 1.0)
    z, p = _tests(calm, adjusted, at, rows - at)
    plain = holm(_tests(calm, crisis, at, rows - at)[1])
    many = holm(p)
    return Contagion(
        column, ratio, int(np.sum(crisis > calm)), int(np.sum(many < 0.05)),
        int(np.sum(plain < 0.05)), at, rows - at, calm, crisis, adjusted, z, p, many,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="contagion", group="networks", inputs=("returns",), doc=__doc__, fit=fit,
    params=(
        Param("split", 0.5, "first row of the crisis; below 1: share of the rows", 0.0),
        Param("source", 0, "column of the source", 0, 1e6, whole=True),
    ),
    need=Need(bars=1_000),
)  # fmt: skip
