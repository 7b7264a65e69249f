# SPDX-License-Identifier: MIT
"""The whole machine run over rows without drift: rollbacks that it would make in truth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate.events import GateEventKind
from seawall.robust.gate.judge import Gate
from seawall.robust.gate.learner import MakesModel
from seawall.robust.gate.model import GatedModel
from seawall.robust.gate.nulls import Lengths
from seawall.robust.gate.profile import GateProfile
from seawall.robust.gate.reference import Reference
from seawall.robust.gate.settings import GateSettings
from seawall.robust.gate.standard import identity

NEVER = 2**31
SEEN = 5
"""Fewest rollbacks that say anything about their rate."""


def rollback_rate(
    stages: Iterable[tuple[Reference, Floats]],
    learner: MakesModel,
    profile: GateProfile,
    lengths: Lengths,
) -> float:
    """Rollbacks per check of gated models on rows without drift, after the start-up.

    A model that was rolled back stands near the limit it passed, and the season that led it
    there goes on: one excursion makes several rollbacks.  Learning does not pause here.

    Parameters
    ----------
    stages : iterable of (Reference, float64 array)
        References, and standardised rows for each.
    learner : MakesModel
        How models learn.
    profile : GateProfile
        Limits.
    lengths : Lengths
        Cadence and start-up.

    Returns
    -------
    float
        0 when fewer than five were seen: too few to say.
    """
    settings = GateSettings(every=lengths.every, rollbacks_per_day=NEVER, pause_checks=0)
    start = lengths.start * lengths.every
    rollbacks = checks = 0
    for reference, rows in stages:
        plain = replace(reference, standard=identity(reference.names))
        model = GatedModel(Gate(plain, profile), learner=learner, settings=settings)
        events = model.observe_many(np.arange(rows.shape[0]), rows)
        rollbacks += sum(e.kind is GateEventKind.ROLLBACK and e.rows > start for e in events)
        checks += max(0, rows.shape[0] // lengths.every - lengths.start)
    return rollbacks / checks if rollbacks >= SEEN else 0.0
