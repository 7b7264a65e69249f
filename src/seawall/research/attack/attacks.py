# SPDX-License-Identifier: MIT
"""The attacks that the lab runs: on the market, on a feed, and on what is taught."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.data.attacks import KINDS, AttackSpec, Labels, attacked, inject
from seawall.data.simulated import SimConfig
from seawall.model.errors import SettingsError
from seawall.model.market import Market
from seawall.research.attack.settings import SYMBOL, LabSettings
from seawall.research.attack.teaching import Teaching

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabAttack:
    """One attack as the lab names it.

    Parameters
    ----------
    name : str
        On the command line and in reports.
    acts_on : str
        ``market``, ``feed`` or ``lessons``.
    summary : str
        What the attacker does.
    unit : str
        Of the intensity.
    intensity : float
        Default.
    duration_s : float
        Default, seconds.
    kind : str
        Of :data:`seawall.data.attacks.KINDS`; empty for attacks on lessons.
    """

    name: str
    acts_on: str
    summary: str
    unit: str
    intensity: float
    duration_s: float
    kind: str = ""


POISONED_S = 1_000.0


def _known() -> dict[str, LabAttack]:
    out = {
        "data_poisoning": LabAttack(
            "data_poisoning", "lessons",
            "Lessons of one source are forged: features up, outcome down, for 1,000 samples.",
            "sd", 2.0, POISONED_S,
        ),
        "slow_drift": LabAttack(
            "slow_drift", "lessons",
            "The same, but growing from nothing: too slowly to see.",
            "sd", 2.0, POISONED_S,
        ),
    }  # fmt: skip
    for kind in KINDS.values():
        name = {"data_poisoning": "forged_prices", "slow_drift": "drifting_prices"}.get(
            kind.name, kind.name
        )
        length = kind.default_duration_s if kind.default_duration_s < 1e8 else POISONED_S
        out[name] = LabAttack(
            name, kind.acts_on, kind.summary, kind.unit, kind.default_intensity,
            max(length, 30.0) if kind.name == "single_source_wick" else length, kind.name,
        )  # fmt: skip
    return out


ATTACKS = _known()
"""All attacks of the lab by name."""


def attack_of(name: str) -> LabAttack:
    """Return an attack.

    Raises
    ------
    SettingsError
        When there is none of that name.
    """
    if name not in ATTACKS:
        raise SettingsError(f"no attack {name!r}", mend=f"choose one of {', '.join(ATTACKS)}")
    return ATTACKS[name]


@dataclass(frozen=True, slots=True)
class Dose:
    """An attack with its strength.

    Parameters
    ----------
    attack : str
        Name.
    intensity, duration_s : float
        0 takes the attack's default.
    """

    attack: str
    intensity: float = 0.0
    duration_s: float = 0.0

    @property
    def strength(self) -> float:
        """Intensity, the default filled in."""
        return self.intensity or attack_of(self.attack).intensity

    @property
    def length_s(self) -> float:
        """Duration, the default filled in."""
        return self.duration_s or attack_of(self.attack).duration_s


@dataclass(frozen=True, eq=False)
class Staged:
    """A market with an attack in it.

    Parameters
    ----------
    market : Market
        What the venue does: the engine trades in it.
    told : Market
        What the feeds tell.
    labels : Labels or None
        Ground truth of events; none for attacks on lessons.
    forged : float64 array, shape (n, sources, d + 1), or None
        What is added to lessons; made by :func:`forge_lessons` when the rows are known.
    """

    market: Market
    told: Market
    labels: Labels | None


def stage(config: SimConfig, clean: Market, dose: Dose, settings: LabSettings) -> Staged:
    """Bring an attack into a simulated market.

    Attacks on the market strike the traded listing, where they are nearest to us; attacks on
    a feed forge the second source, whose word is heard but where we do not trade.
    """
    attack = attack_of(dose.attack)
    if attack.acts_on == "lessons":
        return Staged(clean, clean, None)
    books = [k for k, i in enumerate(clean.instruments) if i.symbol == SYMBOL]
    spec = AttackSpec(
        attack.kind, start_s=settings.start_s, duration_s=dose.length_s,
        intensity=dose.strength, book=books[0] if attack.acts_on == "market" else books[1],
    )  # fmt: skip
    if attack.acts_on == "feed":
        told, labels = inject(clean, spec, config.seed)
        return Staged(clean, told, labels)
    market, labels = attacked(config, spec)
    return Staged(market, market, labels)


def forge_lessons(
    dose: Dose, shape: tuple[int, ...], settings: LabSettings, teaching: Teaching,
    direction: Floats | None = None,
) -> Floats | None:  # fmt: skip
    """What an attacker adds to the lessons of the second source; none for other attacks.

    Parameters
    ----------
    dose : Dose
        Attack and strength, standard deviations of each golden column.
    shape : tuple of int
        (n, sources, d + 1).
    settings : LabSettings
        Begin of the attack.
    teaching : Teaching
        Whose standard deviations are meant.
    direction : float64 array, shape (d + 1,), optional
        Shift in standard deviations per unit of intensity.  When it is not given, all that
        speaks for a rise goes up by one (the volume-weighted price, which speaks for a fall
        when it is above the mid, goes down) and the outcome down by one: the lesson that
        costs most, that pressure to buy comes before a fall.
    """
    if attack_of(dose.attack).acts_on != "lessons":
        return None
    scale = np.sqrt(np.diag(teaching.reference.covariance))
    push = np.ones(shape[2]) if direction is None else direction.copy()
    if direction is None:
        push[[2, 5]] = -1.0  # a price above its mid speaks for a fall: it goes the other way
        push[4] = 1.0
    first = settings.terms.rows(settings.start_s)
    last = min(first + settings.terms.rows(dose.length_s), shape[0])
    grow = np.linspace(0.0, 1.0, last - first) if dose.attack == "slow_drift" else 1.0
    out = np.zeros(shape)
    size = dose.strength * np.multiply.outer(np.broadcast_to(grow, last - first), push * scale)
    out[first:last, min(1, shape[1] - 1)] = size
    return out
