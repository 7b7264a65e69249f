# SPDX-License-Identifier: MIT
"""What attack, how strong, when, and on whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seawall.data.attacks.kinds import AttackKind, kind_of
from seawall.model.errors import SettingsError


@dataclass(frozen=True, slots=True)
class AttackSpec:
    """One attack.

    Parameters
    ----------
    kind : str
        Name in :data:`seawall.data.attacks.KINDS`.
    start_s : float
        Begin, seconds after the start of the feeds or of the recording.
    duration_s : float
        Length; 0 takes the default of the kind.  It ends with the market at the latest.
    intensity : float
        In the unit of the kind; 0 takes its default.
    book : int
        Instrument that is attacked; for attacks on a feed, whose feed is forged.
    params : tuple of (str, float)
        Further settings that the kind knows.

    Raises
    ------
    SettingsError
        When the kind or a parameter is unknown, or a number makes no sense.
    """

    kind: str
    start_s: float = 0.0
    duration_s: float = 0.0
    intensity: float = 0.0
    book: int = 0
    params: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        kind = kind_of(self.kind)
        numbers = {
            "start_s": self.start_s,
            "duration_s": self.duration_s,
            "intensity": self.intensity,
            "book": self.book,
        }
        for name, value in numbers.items():
            if not math.isfinite(value) or value < 0:
                raise SettingsError(
                    f"{name} of {self.kind} is {value}",
                    where=f"AttackSpec.{name}",
                    mend="give a finite number from zero on; zero takes the kind's default",
                )
        if kind.unit in ("share", "fraction") and self.intensity >= 1.0 and self.limited:
            raise SettingsError(
                f"intensity {self.intensity} of {self.kind} is a {kind.unit}",
                where="AttackSpec.intensity",
                mend=f"give less than one; the default is {kind.default_intensity}",
            )
        self._check_params(kind)

    def _check_params(self, kind: AttackKind) -> None:
        known = [p.name for p in kind.params]
        for name, value in self.params:
            if name not in known:
                raise SettingsError(
                    f"{self.kind} has no parameter {name!r}",
                    where="AttackSpec.params",
                    mend=f"it knows {', '.join(known) or 'none'}",
                )
            if not math.isfinite(value):
                raise SettingsError(
                    f"{name} of {self.kind} is {value}", where="AttackSpec.params",
                    mend="give a finite number",
                )  # fmt: skip

    @property
    def limited(self) -> bool:
        """Whether an intensity of one or more makes no sense."""
        return self.kind != "pump_and_dump"

    @property
    def strength(self) -> float:
        """Intensity, the kind's default filled in."""
        return self.intensity or kind_of(self.kind).default_intensity

    @property
    def length_s(self) -> float:
        """Duration, the kind's default filled in."""
        return self.duration_s or kind_of(self.kind).default_duration_s

    def param(self, name: str) -> float:
        """Value of a further setting, the kind's default filled in."""
        known = {p.name: p.default for p in kind_of(self.kind).params} | dict(self.params)
        return known[name]
