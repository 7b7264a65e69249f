# SPDX-License-Identifier: MIT
"""How often profiles alarm on a model without drift, side by side on the same paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate import _kernels as at
from seawall.robust.gate.check import Limits
from seawall.robust.gate.learner import MakesModel
from seawall.robust.gate.nulls import (
    Advance,
    World,
    bootstrap,
    lengths_for,
    null_paths,
    parametric,
)
from seawall.robust.gate.profile import GateProfile
from seawall.robust.gate.reference import Reference


@dataclass(frozen=True, slots=True)
class NullRate:
    """Shares of checks beyond limits while nothing drifts.

    Parameters
    ----------
    profile, null : str
        Names.
    checks : int
        Checks simulated.
    act, warn : float
        Shares beyond the acting and the warning limits.
    """

    profile: str
    null: str
    checks: int
    act: float
    warn: float


def null_rates(
    reference: Reference,
    profiles: Sequence[GateProfile],
    learner: MakesModel,
    *,
    every: int,
    paths: int = 100,
    seed: int = 2,
    advance: Advance = lambda amount: None,
) -> tuple[NullRate, ...]:
    """Measure profiles on paths without drift, other ones than those of a calibration.

    Parameters
    ----------
    reference : Reference
        Fitted to the golden set.
    profiles : sequence of GateProfile
        To be compared.
    learner : MakesModel
        How the model learns.
    every : int
        Rows between checks.
    paths : int
        Per null.
    seed : int
        Of the draws; that of a calibration would judge it on its own paths.
    """
    lengths = lengths_for(learner.halflife, every)
    out = []
    worlds: tuple[tuple[str, tuple[World, ...]], ...] = (
        ("parametric", parametric(reference, seed)),
        ("bootstrap", bootstrap(reference)),
    )
    for null, made in worlds:
        found = null_paths(made, learner, lengths, paths, seed, advance=advance)
        flat = found.reshape(-1, at.MEASURES)
        out += [
            NullRate(p.name, null, flat.shape[0], beyond(flat, p.act), beyond(flat, p.warn))
            for p in profiles
        ]
    return tuple(out)


def beyond(measures: Floats, limits: Limits) -> float:
    """Share of checks, shape (n, measures), beyond any limit on distances."""
    low = limits.spectrum_min
    bad = (
        (measures[:, at.DISTANCE] > limits.mahalanobis)
        | (measures[:, at.LOG_HIGH] > np.log(limits.spectrum_max))
        | (measures[:, at.LOG_LOW] > (-np.log(low) if low > 0.0 else np.inf))
        | (measures[:, at.KL] > limits.kl)
        | (measures[:, at.KL_REVERSE] > limits.kl_reverse)
        | (measures[:, at.ANCHOR] > limits.anchor_share)
    )
    return float(bad.mean())
