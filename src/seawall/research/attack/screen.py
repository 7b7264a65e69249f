# SPDX-License-Identifier: MIT
"""Admission of lessons: a source that teaches otherwise than all others may not teach.

The sources trade one asset.  What came of a second is much the same everywhere, and over a
minute their features, and how features and outcomes go together, are much the same too; how
much the same is measured on golden rows and then fixed.  A scale that is learned from what
the sources say could be widened by one of them, patiently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

KEPT = 0.995
"""Share of golden lessons whose outcome passes."""
AGREED = 0.9995
"""Share of golden rows whose running moments pass, column by column, before widening."""
LOOK_S = 60
"""Seconds of memory of a source's refusals and of its moments."""
PATIENCE = 0.2
"""Share of refusals in memory from which a source is suspended altogether."""
UNSEEN = 3.0
"""A golden set of n independent stretches widens its limits by 1 + UNSEEN / sqrt(n)."""
REACH_SD = 5.0
"""Standard deviations up to which one row counts in the running moments."""


@dataclass(frozen=True, eq=False)
class Screen:
    """What lessons are held against.

    Parameters
    ----------
    tolerance : float
        Distance of an outcome from the nearest other source's, from which it is refused.
    centre, scale : float64 array, shape (d + 1,)
        Usual row and its standard deviations, the outcome last.
    apart : float64 array, shape (2 d + 1,)
        Distance of a source's running moments from the median source's, from which the
        source is suspended; columns as :func:`moments` orders them.
    """

    tolerance: float
    centre: Floats
    scale: Floats
    apart: Floats

    def admit(self, rows: Floats) -> Floats:
        """Judge every lesson.

        Parameters
        ----------
        rows : float64 array, shape (n, sources, d + 1)
            Features and outcome as the sources tell them.

        Returns
        -------
        float64 array, shape (n, sources)
            1 for what may teach, 0 for what may not.
        """
        fine = admit_outcomes(rows[:, :, -1], self.tolerance)
        far = drift(moments(rows, self.centre, self.scale))
        return np.where((far > self.apart).any(axis=2), 0.0, fine)


def fit_screen(golden: Sequence[Floats], centre: Floats, scale: Floats) -> Screen:
    """Measure on golden lessons how far apart honest sources are.

    Parameters
    ----------
    golden : sequence of float64 array, shape (n, sources, d + 1)
        One array per golden market.
    centre, scale : float64 array, shape (d + 1,)
        Usual row and its standard deviations.
    """
    far = np.concatenate([drift(moments(rows, centre, scale)) for rows in golden])
    # Running moments say something new about every two memories; a short golden set has seen
    # little of how far honest sources can be apart.
    stretches = max(1.0, len(far) / (2.0 * LOOK_S))
    wide = 1.0 + UNSEEN / np.sqrt(stretches)
    apart = wide * np.quantile(far.max(axis=1), AGREED, axis=0)
    return Screen(tolerance([rows[:, :, -1] for rows in golden]), centre, scale, apart)


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


def tolerance(outcomes: Sequence[Floats]) -> float:
    """Isolation that golden lessons stay below, all but a few."""
    found = np.concatenate([isolation(o).ravel() for o in outcomes])
    found = found[np.isfinite(found)]
    return float(np.quantile(found, KEPT)) if found.size else float("inf")


def admit_outcomes(outcomes: Floats, limit: float) -> Floats:
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


def moments(rows: Floats, centre: Floats, scale: Floats) -> Floats:
    """Running means of what each source teaches; shape (n, sources, 2 d + 1).

    Of every feature, of the outcome, and of every feature times the outcome, in standard
    deviations: a source that shifts a feature, or only its sign with the outcome, moves one.
    A missing row leaves them as they are.
    """
    z = np.clip((rows - centre) / scale, -REACH_SD, REACH_SD)
    each = np.concatenate([z, z[:, :, :-1] * z[:, :, -1:]], axis=2)
    out = _followed(each.reshape(len(each), -1), 2.0 ** (-1.0 / LOOK_S))
    found: Floats = out.reshape(each.shape)
    return found


def drift(followed: Floats) -> Floats:
    """Distance of each source's running moments from the median source's, column by column."""
    out: Floats = np.abs(followed - np.median(followed, axis=1, keepdims=True))
    return out


@njit(cache=True, error_model="numpy")
def _followed(values: Floats, keep: float) -> Floats:
    out = np.empty(values.shape)
    now = np.zeros(values.shape[1])
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            if np.isfinite(values[i, j]):
                now[j] = keep * now[j] + (1.0 - keep) * values[i, j]
            out[i, j] = now[j]
    return out


@njit(cache=True, error_model="numpy")
def _patience(bad: npt.NDArray[np.bool_], keep: float, most: float) -> Floats:
    out = np.ones(bad.size)
    share = 0.0
    for i in range(bad.size):
        share = keep * share + (1.0 - keep) * (1.0 if bad[i] else 0.0)
        if bad[i] or share > most:
            out[i] = 0.0
    return out
