# SPDX-License-Identifier: MIT
"""Admission of lessons: a source that claims another outcome than all others may not teach.

The sources trade one asset, so what came of a second is much the same everywhere; how much
the same is measured on golden rows and then fixed.  A scale that is learned from what the
sources say could be widened by one of them, patiently.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

KEPT = 0.995
"""Share of golden lessons that pass."""
LOOK_S = 60
"""Seconds of memory of a source's refusals."""
PATIENCE = 0.2
"""Share of refusals in memory from which a source is suspended altogether."""


def isolation(outcomes: Floats) -> Floats:
    """Distance of every outcome from the nearest of the other sources; shape (n, sources).

    Not-a-number where no other source has an outcome.
    """
    apart = np.abs(outcomes[:, :, None] - outcomes[:, None, :])
    many = outcomes.shape[1]
    apart[:, np.arange(many), np.arange(many)] = np.nan
    missing = np.isnan(apart).all(axis=2)
    nearest: Floats = np.min(np.where(np.isnan(apart), np.inf, apart), axis=2)
    return np.where(missing, np.nan, nearest)


def tolerance(outcomes: list[Floats]) -> float:
    """Isolation that golden lessons stay below, all but a few."""
    found = np.concatenate([isolation(o).ravel() for o in outcomes])
    found = found[np.isfinite(found)]
    return float(np.quantile(found, KEPT)) if found.size else float("inf")


def admit_lessons(outcomes: Floats, limit: float) -> Floats:
    """Judge every lesson by its outcome against the other sources' of the same second.

    Parameters
    ----------
    outcomes : float64 array, shape (n, sources)
        What each source says came of a second.
    limit : float
        Isolation from which a lesson is refused, from :func:`tolerance`.

    Returns
    -------
    float64 array, shape (n, sources)
        1 for what may teach, 0 for what may not.
    """
    alone = isolation(outcomes)
    with np.errstate(invalid="ignore"):
        bad = alone > limit
    keep = 2.0 ** (-1.0 / LOOK_S)
    return np.stack([_patience(b, keep, PATIENCE) for b in bad.T.copy()], axis=1)


@njit(cache=True, error_model="numpy")
def _patience(bad: npt.NDArray[np.bool_], keep: float, most: float) -> Floats:
    out = np.ones(bad.size)
    share = 0.0
    for i in range(bad.size):
        share = keep * share + (1.0 - keep) * (1.0 if bad[i] else 0.0)
        if bad[i] or share > most:
            out[i] = 0.0
    return out
