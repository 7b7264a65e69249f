# SPDX-License-Identifier: MIT
"""The judgement of one check: distances against the corridor, in some tens of microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate import _kernels as at
from seawall.robust.gate.check import (
    Check,
    Level,
    Limits,
    breaches,
    compare,
    from_measures,
    measure,
)
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.profile import GateProfile
from seawall.robust.gate.reference import Reference

COMBINE = ("nearest", "strictest")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate says of a model.

    Parameters
    ----------
    level : Level
        Fine, to be warned of, or to be acted on.
    check : Check
        Distances from the reference that decided.
    beyond : tuple of str
        Limits that were passed, of the level.
    place : int
        Number of that reference.
    """

    level: Level
    check: Check
    beyond: tuple[str, ...]
    place: int = 0


class Gate:
    """Judges models against one reference, or one per regime; keeps no state.

    Parameters
    ----------
    references : Reference or sequence of Reference
        Corridors' middles; all of the same features.
    profiles : GateProfile or sequence of GateProfile
        One for all, or one per reference.
    combine : str
        With several references: ``"nearest"`` lets a model be like any one regime, so that
        its drift is bounded by the union of their corridors; ``"strictest"`` wants it within
        all.
    """

    __slots__ = ("_combine", "_out", "profiles", "references")

    def __init__(
        self,
        references: Reference | Sequence[Reference],
        profiles: GateProfile | Sequence[GateProfile],
        combine: str = "nearest",
    ) -> None:
        self.references = (references,) if isinstance(references, Reference) else tuple(references)
        if isinstance(profiles, GateProfile):
            self.profiles = (profiles,) * len(self.references)
        else:
            self.profiles = tuple(profiles)
        if not self.references or len(self.profiles) != len(self.references):
            raise GateError(
                f"{len(self.profiles)} profiles for {len(self.references)} references",
                mend="give at least one reference, and one profile for each or for all",
            )
        if combine not in COMBINE:
            raise GateError(f"combine {combine!r}", mend=f"choose {' or '.join(COMBINE)}")
        if len({r.names for r in self.references}) != 1:
            raise GateError("references of different features", mend="fit all to one golden set")
        self._combine = combine
        self._out = np.empty(at.MEASURES)

    def judge(self, location: Floats, covariance: Floats) -> Verdict:
        """Compare a model with the references; what cannot be compared is acted on."""
        first = self.references[0]
        if location.shape != first.location.shape or covariance.shape != first.factor.shape:
            compare(location, covariance, first)  # raises with its reason
        best: Verdict | None = None
        for place, (reference, profile) in enumerate(
            zip(self.references, self.profiles, strict=True)
        ):
            verdict = self._one(location, covariance, reference, profile, place)
            if best is None or self._before(verdict, best):
                best = verdict
        assert best is not None
        return best

    def _before(self, new: Verdict, old: Verdict) -> bool:
        mine, yours = (new.level, new.check.kl), (old.level, old.check.kl)
        return mine < yours if self._combine == "nearest" else mine > yours

    def _one(
        self, location: Floats, covariance: Floats, reference: Reference, profile: GateProfile,
        place: int,
    ) -> Verdict:  # fmt: skip
        good = measure(location, covariance, reference, profile.anchor_distance, self._out)
        if not good:
            check = compare(location, covariance, reference, profile.anchor_distance)
            return Verdict(Level.ACT, check, ("singular",), place)
        check = from_measures(self._out, reference.name)
        for level, limits in ((Level.ACT, profile.act), (Level.WARN, profile.warn)):
            beyond = breaches(check, limits)
            if beyond:
                return Verdict(level, check, beyond, place)
        return Verdict(Level.FINE, check, (), place)


def value_of(check: Check, name: str) -> float:
    """Value of a named measure of a check."""
    return float(getattr(check, name)) if hasattr(check, name) else float("inf")


def limit_of(limits: Limits, name: str) -> float:
    """Limit of a named measure; infinite for what has none."""
    return float(getattr(limits, name, float("inf")))
