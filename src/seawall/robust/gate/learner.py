# SPDX-License-Identifier: MIT
"""Adaptive models: what the gate lets learn, and what it compares with the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seawall.robust.base import Floats, require
from seawall.robust.gate._kernels import push
from seawall.robust.gate.errors import CheckpointError
from seawall.robust.gate.reference import Reference


class AdaptiveModel(Protocol):
    """What a gated model can own: a Gaussian that follows rows, and can be put back.

    ``location`` and ``covariance`` are arrays that stay the same objects while rows come.
    """

    @property
    def location(self) -> Floats:
        """Present location, shape (d,)."""

    @property
    def covariance(self) -> Floats:
        """Present covariance, shape (d, d)."""

    @property
    def n_eff(self) -> float:
        """Effective number of rows behind the estimate."""

    def push(self, rows: Floats, weights: Floats) -> int:
        """Take standardised rows; returns how many were pulled in."""

    def entered(self, rows: Floats) -> Floats:
        """Return rows as they entered: after clipping, if there is any."""

    def gains(self, weights: Floats) -> Floats:
        """Return the share of the estimate that each row of such weights took."""

    def export(self) -> dict[str, Floats]:
        """Return the whole state as named arrays."""

    def restore(self, state: Mapping[str, Floats]) -> None:
        """Put a state back; refuses what does not fit before anything is changed."""


class MakesModel(Protocol):
    """Makes an adaptive model that begins at a reference."""

    @property
    def halflife(self) -> float:
        """Memory of the model, in rows."""

    def make(self, reference: Reference) -> AdaptiveModel:
        """Return a new model that equals the reference."""


@dataclass(frozen=True, slots=True)
class Learner:
    """How the adaptive model learns.

    Parameters
    ----------
    halflife : float
        Rows after which a weight has halved.
    clip : bool
        Rows are clipped at the reference, so that none moves the mean by more than
        ``gain * radius``; without it this is the plain weighted mean and covariance, for
        comparisons.
    """

    halflife: float = 500.0
    clip: bool = True

    def make(self, reference: Reference) -> EwModel:
        """Return a new model that equals the reference."""
        return EwModel(reference, self.halflife, clip=self.clip)


class EwModel:
    """Exponentially weighted mean and covariance of weighted rows, from a reference.

    A row of weight w counts as w rows: its gain is ``g = 1 - 2^(-w / halflife)``; then ``m
    += g (z - m)`` and ``C = (1 - g) (C + g (z - m)(z - m)' / c)``, z the row pulled to the
    clip radius of the reference and c what clipping leaves of a Gaussian's variance.  The
    rows of :class:`~seawall.robust.EwRobust`, but with weights, and from a golden reference
    in place of a warm-up that a stream could poison.  Cost: O(d^2) per row.

    Parameters
    ----------
    reference : Reference
        Where it begins and where rows are clipped.
    halflife : float
        Rows.
    clip : bool
        Whether rows are clipped.
    """

    __slots__ = ("_correction", "_covariance", "_decay", "_location", "_mass", "_radius",
                 "_reference")  # fmt: skip

    def __init__(self, reference: Reference, halflife: float, *, clip: bool = True) -> None:
        require(halflife > 0.0, f"halflife {halflife}", "give more than 0")
        self._reference = reference
        self._decay = 0.5 ** (1.0 / halflife)
        self._radius = reference.radius if clip else 0.0
        self._correction = reference.consistency if clip else 1.0
        self._location = reference.location.copy()
        self._covariance = reference.covariance.copy()
        self._mass = np.zeros(2)

    @property
    def location(self) -> Floats:
        """Present location, shape (d,)."""
        return self._location

    @property
    def covariance(self) -> Floats:
        """Present covariance, shape (d, d)."""
        return self._covariance

    @property
    def n_eff(self) -> float:
        """``(sum w)^2 / sum w^2`` of the rows so far; 0 before the first."""
        first, second = self._mass
        return float(first * first / second) if second > 0.0 else 0.0

    def push(self, rows: Floats, weights: Floats) -> int:
        """Take standardised rows, shape (n, d), with weights in (0, 1]."""
        r = self._reference
        return int(
            push(rows, weights, self._location, self._covariance, r.clip_centre, r.clip_factor,
                 self._decay, self._radius, self._correction, self._mass)
        )  # fmt: skip

    def entered(self, rows: Floats) -> Floats:
        """Return rows as they entered the estimate."""
        if self._radius <= 0.0:
            return rows
        from scipy.linalg import solve_triangular

        r = self._reference
        away = rows - r.clip_centre
        far = np.sqrt(np.square(solve_triangular(r.clip_factor, away.T, lower=True)).sum(axis=0))
        shrink = np.minimum(1.0, self._radius / np.maximum(far, 1e-300))
        return np.asarray(r.clip_centre + away * shrink[:, None])

    def gains(self, weights: Floats) -> Floats:
        """Return ``1 - 2^(-w / halflife)``."""
        return np.asarray(1.0 - self._decay**weights)

    def export(self) -> dict[str, Floats]:
        """Return the whole state as named arrays."""
        return {
            "location": self._location.copy(),
            "covariance": self._covariance.copy(),
            "mass": self._mass.copy(),
        }

    def restore(self, state: Mapping[str, Floats]) -> None:
        """Put a state back.

        Raises
        ------
        CheckpointError
            An array is missing or has another shape; nothing was changed.
        """
        own = (("location", self._location), ("covariance", self._covariance),
               ("mass", self._mass))  # fmt: skip
        for name, array in own:
            if name not in state or state[name].shape != array.shape:
                raise CheckpointError(
                    f"the checkpoint's {name} does not fit this model",
                    mend="restore checkpoints of the same features and learner",
                )
        for name, array in own:
            array[...] = state[name]
