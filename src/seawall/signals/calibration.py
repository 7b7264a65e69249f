# SPDX-License-Identifier: MIT
"""Calibration: from the strength of a signal to the probability that it comes true.

Isotonic regression by pooling adjacent violators: the probability never falls as the
strength rises.  Blocks with few outcomes are drawn towards the base rate, so that one lucky
signal is not certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.signals.grid import Floats

PRIOR: Final = 20.0
"""Outcomes at the base rate that every block is taken to have seen beforehand."""


def pool(x: Floats, y: Floats, weight: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """Isotonic least squares of y on x.

    Returns
    -------
    upper : array
        Largest x of each block, ascending.
    level : array
        Mean of each block, ascending.
    mass : array
        Weight of each block.
    """
    order = np.argsort(x, kind="stable")
    w = np.ones(x.size) if weight is None else weight[order]
    tops: list[float] = []
    sums: list[float] = []
    mass: list[float] = []
    for xi, yi, wi in zip(x[order].tolist(), y[order].tolist(), w.tolist(), strict=True):
        if tops and tops[-1] == xi:  # equal strengths share one probability
            sums[-1] += wi * yi
            mass[-1] += wi
        else:
            tops.append(xi)
            sums.append(wi * yi)
            mass.append(wi)
    stop = 0
    for k in range(len(tops)):  # the blocks lie in front of ``stop``
        tops[stop], sums[stop], mass[stop] = tops[k], sums[k], mass[k]
        while stop > 0 and sums[stop - 1] * mass[stop] >= sums[stop] * mass[stop - 1]:
            tops[stop - 1] = tops[stop]
            sums[stop - 1] += sums[stop]
            mass[stop - 1] += mass[stop]
            stop -= 1
        stop += 1
    m = np.array(mass[:stop])
    return np.array(tops[:stop]), np.array(sums[:stop]) / m if stop else m, m


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted calibration.

    Parameters
    ----------
    upper : array
        Largest strength of each block, ascending.
    level : array
        Probability of each block, ascending.
    base : float
        Share that came true in training.
    outcomes : int
        Outcomes that it was fitted on.
    """

    upper: Floats
    level: Floats
    base: float
    outcomes: int

    def __call__(self, strength: npt.ArrayLike) -> Floats:
        """Probability of each strength; beyond the last block, that of the last block."""
        x = np.asarray(strength, dtype=np.float64)
        at = np.minimum(np.searchsorted(self.upper, x, side="left"), self.upper.size - 1)
        return np.asarray(self.level[at])


def calibrate(strength: npt.ArrayLike, came_true: npt.ArrayLike) -> Calibration:
    """Fit a calibration.

    Parameters
    ----------
    strength : array
        Strengths of past signals.
    came_true : array of bool
        Whether each came true.

    Raises
    ------
    ResearchError
        When there is no outcome, or the lengths differ.
    """
    x, y = np.asarray(strength, dtype=np.float64), np.asarray(came_true, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or not x.size or not np.isfinite(x).all():
        raise ResearchError(
            f"strengths of shape {x.shape} and outcomes of shape {y.shape} cannot be calibrated",
            mend="give at least one finite strength, and one outcome for each",
        )
    base = float(y.mean())
    upper, level, mass = pool(x, y)
    shrunk = (level * mass + PRIOR * base) / (mass + PRIOR)
    # Shrinking by different weights may break the order; pooling once more mends it.
    top, now, _ = pool(upper, shrunk, mass)
    return Calibration(top, now, base, int(x.size))


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reliability curve on outcomes that the calibration has not seen.

    Parameters
    ----------
    confidence, frequency : tuple of float
        Mean confidence, and share that came true, of each bin.
    counts : tuple of int
        Signals in each bin.
    brier, brier_base : float
        Mean squared error of the confidence, and of the base rate of the training part.
    """

    confidence: tuple[float, ...]
    frequency: tuple[float, ...]
    counts: tuple[int, ...]
    brier: float
    brier_base: float


def reliability(
    calibration: Calibration, strength: Floats, came_true: npt.NDArray[np.bool_], bins: int = 5
) -> Reliability:
    """Compare confidence with what came true, in bins of equal counts."""
    if not strength.size:
        return Reliability((), (), (), float("nan"), float("nan"))
    c, y = calibration(strength), came_true.astype(np.float64)
    parts = np.array_split(np.argsort(c, kind="stable"), min(bins, c.size))
    return Reliability(
        tuple(float(c[p].mean()) for p in parts),
        tuple(float(y[p].mean()) for p in parts),
        tuple(int(p.size) for p in parts),
        float(np.mean((c - y) ** 2)),
        float(np.mean((calibration.base - y) ** 2)),
    )
