# SPDX-License-Identifier: MIT
"""What learns: a gated model, or the same without its defences, and the forecast it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.research.attack.settings import Defences
from seawall.robust.gate import Gate, GatedModel, GateProfile, GateSettings, Learner, Reference

Floats = npt.NDArray[np.float64]
RIDGE = 0.01
"""Added to the variance of every feature, as a share of it: collinear features stay tame."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What reaches the learner.

    Parameters
    ----------
    rows : float64 array, shape (n, venues, d + 1)
        Features and outcome, by second and venue.
    weights : float64 array, shape (n, venues)
        How much a row may teach; 0 for what was not admitted.
    """

    rows: Floats
    weights: Floats


class ModelLearner:
    """Joint Gaussian of features and outcome, followed online; forecasts by regression on it.

    Both variants begin with what the golden rows say, and learn from the same rows with the
    same memory.

    Parameters
    ----------
    reference : Reference
        Fitted to the golden rows.
    profile : GateProfile
        Limits of the gate.
    defences : Defences
        ``clipping`` and ``gate`` are read here.
    halflife : float
        Memory, rows.
    check_every : int
        Rows between two checks.
    lessons : Lessons
        What it learns from.
    venues : tuple of str
        Names of the sources.
    """

    def __init__(
        self, reference: Reference, profile: GateProfile, defences: Defences, halflife: float,
        check_every: int, lessons: Lessons, venues: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.model = GatedModel(
            Gate(reference, profile),
            learner=Learner(halflife, clip=defences.clipping),
            settings=GateSettings(every=check_every),
            judging=defences.gate,
        )
        self.lessons = lessons
        self.venues = venues
        self.path: list[tuple[int, Floats, Floats]] = []
        self._beta: Floats | None = None

    def learn(self, row: int, ts: int) -> None:
        """Take in what all venues taught in one second."""
        rows, weights = self.lessons.rows[row], self.lessons.weights[row]
        good = (weights > 0.0) & np.isfinite(rows).all(axis=1)
        if good.any():
            named = [v for v, take in zip(self.venues, good, strict=True) if take]
            times = np.full(len(named), ts, np.int64)
            self.model.observe_many(times, rows[good], weights[good], named)
            self._beta = None
        if row % 30 == 0:
            self.path.append((row, self.model.location.copy(), self.model.covariance.copy()))

    def forecast(self, features: Floats) -> float:
        """Return expected from features, in volatilities of the horizon."""
        mean, cov = self.model.location, self.model.covariance
        if self._beta is None:
            own = cov[:-1, :-1] + RIDGE * np.diag(np.diag(cov)[:-1])
            self._beta = np.asarray(np.linalg.solve(own, cov[:-1, -1]), dtype=np.float64)
        beta: Floats = self._beta
        return float(mean[-1] + beta @ (features - mean[:-1]))
