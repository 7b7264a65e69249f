# SPDX-License-Identifier: MIT
"""A signal: one statement about one instrument at one moment."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from seawall.model.errors import ResearchError

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Signal:
    """What one rule said.

    Parameters
    ----------
    instrument : str
        ``VENUE SYMBOL``.
    ts_ns : int
        Moment up to which everything that was used had been received, ns UTC.
    name : str
        Kind of signal, as in :data:`seawall.signals.registry.KINDS`.
    direction : int
        1 up, -1 down, 0 no direction: a large move either way.
    strength : float
        How far beyond its threshold, 0 to 1, comparable within one kind only.
    confidence : float
        Calibrated probability that the statement comes true, 0 to 1.
    horizon_ns : int
        Time within which it is to come true, ns.
    reason : str
        Why, with the numbers.
    inputs_hash : str
        sha256 of every input row up to and with this one.

    Raises
    ------
    ResearchError
        When a field is outside its range.
    """

    instrument: str
    ts_ns: int
    name: str
    direction: int
    strength: float
    confidence: float
    horizon_ns: int
    reason: str
    inputs_hash: str

    def __post_init__(self) -> None:
        faults = {
            "direction": self.direction not in (-1, 0, 1),
            "strength": not 0.0 <= self.strength <= 1.0,
            "confidence": not (math.isfinite(self.confidence) and 0.0 <= self.confidence <= 1.0),
            "horizon_ns": self.horizon_ns <= 0,
            "inputs_hash": not _SHA256.match(self.inputs_hash),
            "reason": not self.reason,
        }
        for name, wrong in faults.items():
            if wrong:
                raise ResearchError(
                    f"{name} of a signal is {getattr(self, name)!r}",
                    where=f"{self.name} of {self.instrument} at {self.ts_ns}",
                    mend="directions are -1, 0, 1; strength and confidence 0 to 1; "
                    "a horizon is positive; a hash is a sha256",
                )
