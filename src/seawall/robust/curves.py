# SPDX-License-Identifier: MIT
"""Influence and breakdown of the estimators, measured.

Influence: how far one row at x moves the estimate, times n.  Bias: how far a share of
rows, all at one far place, moves it.  Both on the quantiles of a Gaussian, so that no
draw of random numbers is in the curves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seawall.robust.base import Estimator, Floats
from seawall.robust.catoni import CatoniMean
from seawall.robust.clipping import InfluenceClipper
from seawall.robust.errors import EstimationError
from seawall.robust.location import HuberMean, MedianOfMeans, TrimmedMean
from seawall.robust.mrcd import MRCD
from seawall.robust.ogk import OGK
from seawall.robust.scale import RobustScale
from seawall.robust.shrinkage import LedoitWolf

ROWS = 200
FAR = 1e6
BROKEN = 100.0
"""An estimate this many deviations off has broken down."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What bad rows do to one estimator.

    Parameters
    ----------
    name : str
        Estimator, and what of it.
    at : float64 array
        Where one row was put, deviations from the centre.
    influence : float64 array
        n times the change of the estimate.
    share : float64 array
        Shares of rows put far away (10^6 deviations).
    bias : float64 array
        Distance from the estimate on clean rows; infinite where it is refused.
    """

    name: str
    at: Floats
    influence: Floats
    share: Floats
    bias: Floats

    @property
    def influence_max(self) -> float:
        """Largest influence of one row within the range measured."""
        return float(np.abs(self.influence).max())

    @property
    def breakdown(self) -> float:
        """Smallest share measured at which the estimate was off by 100 deviations."""
        broken = np.flatnonzero(self.bias > BROKEN)
        return float(self.share[broken[0]]) if broken.size else 0.5

    def as_dict(self) -> dict[str, object]:
        """Row of the table."""
        return {
            "estimator": self.name,
            "influence_max": self.influence_max,
            "bias_at_10_percent": float(np.interp(0.1, self.share, self.bias)),
            "breakdown": self.breakdown,
        }


Read = Callable[[Estimator, Floats], float]


def _location(estimator: Estimator, rows: Floats) -> float:
    return float(estimator.clone().fit(rows).location_[0])


def _log_scale(estimator: Estimator, rows: Floats) -> float:
    return float(np.log(estimator.clone().fit(rows).scale_[0]))


def _log_variance(estimator: Estimator, rows: Floats) -> float:
    covariance = estimator.clone().fit(rows).covariance_
    return 0.5 * float(np.log(np.linalg.eigvalsh(covariance)[-1]))


SUBJECTS: tuple[tuple[str, Estimator, Read, int], ...] = (
    ("mean (trimmed by 0)", TrimmedMean(0.0), _location, 1),
    ("Catoni wide", CatoniMean(influence="wide"), _location, 1),
    ("Catoni narrow", CatoniMean(), _location, 1),
    ("Huber 1.5", HuberMean(), _location, 1),
    ("trimmed 25 %", TrimmedMean(), _location, 1),
    ("median of 11 means", MedianOfMeans(blocks=11), _location, 1),
    ("median of means, chosen blocks", MedianOfMeans(), _location, 1),
    ("log MAD", RobustScale("mad"), _log_scale, 1),
    ("log Qn", RobustScale("qn"), _log_scale, 1),
    ("log Sn", RobustScale("sn"), _log_scale, 1),
    ("MRCD location", MRCD(), _location, 3),
    ("MRCD log spread", MRCD(), _log_variance, 3),
    ("OGK log spread", OGK(), _log_variance, 3),
    ("clipped log spread", InfluenceClipper(), _log_variance, 3),
    ("Ledoit-Wolf log spread", LedoitWolf(), _log_variance, 3),
)


def clean_rows(columns: int, rows: int = ROWS) -> Floats:
    """Gaussian quantiles, each column in an order of its own."""
    from scipy.special import ndtri

    grid = ndtri((np.arange(rows) + 0.5) / rows)
    order = np.random.default_rng(0)
    return np.column_stack([order.permutation(grid) for _ in range(columns)])


def curves(
    at: Floats | None = None,
    share: Floats | None = None,
    advance: Callable[[float], None] = lambda amount: None,
) -> tuple[Curve, ...]:
    """Measure every subject.

    Parameters
    ----------
    at : float64 array, optional
        Places of the one row; from -10 to 10 otherwise.
    share : float64 array, optional
        Shares of far rows; 0 to 0.49 otherwise.
    advance : callable
        Called with 1.0 after each subject.

    Returns
    -------
    tuple of Curve
        In the order of the table.
    """
    places = np.linspace(-10.0, 10.0, 41) if at is None else at
    shares = np.arange(0.0, 0.5, 0.02) if share is None else share
    found = []
    for name, estimator, read, columns in SUBJECTS:
        rows = clean_rows(columns)
        base = read(estimator, rows)
        influence = np.array([_influence(estimator, read, rows, x, base) for x in places])
        bias = np.array([_bias(estimator, read, rows, s, base) for s in shares])
        found.append(Curve(name, places, influence, shares, bias))
        advance(1.0)
    return tuple(found)


def _influence(estimator: Estimator, read: Read, rows: Floats, x: float, base: float) -> float:
    point = np.zeros((1, rows.shape[1]))
    point[0, 0] = x
    return float(rows.shape[0] + 1) * (read(estimator, np.concatenate((rows, point))) - base)


def _bias(estimator: Estimator, read: Read, rows: Floats, share: float, base: float) -> float:
    bad = round(share * rows.shape[0])
    if bad == 0:
        return 0.0
    poisoned = rows.copy()
    poisoned[:bad] = FAR + 0.01 * rows[:bad]
    try:
        off = abs(read(estimator, poisoned) - base)
    except EstimationError:
        return float("inf")
    # Spreads are compared by their logarithm; a factor counts like a distance.
    return float(np.expm1(min(off, 700.0))) if read is not _location else off
