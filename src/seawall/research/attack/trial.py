# SPDX-License-Identifier: MIT
"""One seed of a campaign: a clean market, its attacked twins, every variant in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.model.errors import DataError
from seawall.research.attack.attacks import Dose, forge_lessons, stage
from seawall.research.attack.guard import Breaker
from seawall.research.attack.runs import Run, displacement, run_variant
from seawall.research.attack.settings import VARIANTS, LabSettings, lab_config, sources_of
from seawall.research.attack.sight import Sight, sight_of
from seawall.research.attack.teaching import Teaching, side_by_side

Bools = npt.NDArray[np.bool_]
CLEAN = "clean"
RECOVERED = 0.25
"""Share of the displacement at the end of an attack at which a model counts as recovered."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one variant made of one market.

    Parameters
    ----------
    seed : int
        Of the market.
    attack, variant : str
        Names; the attack is ``clean`` for the market without one.
    intensity, duration_s : float
        Of the attack.
    pnl : float
        Quote currency, after fees.
    fills, aside_s, rollbacks : int
        Fills, seconds aside, rollbacks of the gate.
    skill : float
        Correlation of forecast and outcome.
    displacement : float
        Of the served model from the same variant's clean run, when the attack ends.
    floor : float
        Of the same in a market that one order of a moment has parted from the clean one: what
        paths differ by when agents react to anything.  0 where the attack left the book as it
        was.
    recovery_s : float
        Until a quarter of it is left; not-a-number when that did not come.
    alarm_recall, alarm_precision, alarm_latency_s : float
        Of the seconds in which any defence raised its voice, against the truth; of the
        attacked market, not of a variant.
    """

    seed: int
    attack: str
    variant: str
    intensity: float
    duration_s: float
    pnl: float
    fills: int
    aside_s: int
    rollbacks: int
    skill: float
    displacement: float = 0.0
    floor: float = 0.0
    recovery_s: float = float("nan")
    alarm_recall: float = float("nan")
    alarm_precision: float = float("nan")
    alarm_latency_s: float = float("nan")

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """What to run on every seed.

    Parameters
    ----------
    doses : tuple of Dose
        Attacks.
    variants : tuple of str
        Names of :data:`VARIANTS`.
    settings : LabSettings
        The lab.
    """

    doses: tuple[Dose, ...]
    variants: tuple[str, ...]
    settings: LabSettings


def run_seed(seed: int, plan: Plan, teaching: Teaching) -> Iterator[Record]:
    """Run one seed; attacks that a market cannot carry are left out of it.

    Parameters
    ----------
    seed : int
        Of the market.
    plan : Plan
        Attacks and variants.
    teaching : Teaching
        Golden set and gate.
    """
    from seawall.data.simulated import simulate

    settings = plan.settings
    config = lab_config(seed, settings)
    clean = simulate(config).to_market()
    sight = sight_of(clean, sources_of(clean))
    runs: dict[str, Run] = {}
    for name in plan.variants:
        runs[name] = run_variant(sight, VARIANTS[name], teaching, settings)
        yield record_of(seed, Dose(CLEAN), name, runs[name])
    placebo = Placebo(seed, plan, teaching, sight, runs)
    quiet = alarms(sight, teaching, settings)
    for dose in plan.doses:
        try:
            staged = stage(config, clean, dose, settings)
        except DataError:  # for example no print of the forged source within the window
            continue
        same = staged.told is clean
        seen = sight if same else sight_of(staged.market, sources_of(staged.market), staged.told)
        shape = (*seen.raw.features.shape[:2], seen.raw.features.shape[2] + 1)
        forged = forge_lessons(dose, shape, settings, teaching)
        loud = alarms(seen, teaching, settings, forged)
        told = alarm_quality(loud, quiet, settings, dose)
        parted = not np.array_equal(seen.raw.mid, sight.raw.mid, equal_nan=True)
        for name in plan.variants:
            run = run_variant(seen, VARIANTS[name], teaching, settings, forged)
            moved, recovery = moved_by(run, runs[name], teaching, settings, dose)
            floor = placebo.displacement(name, dose) if parted else 0.0
            yield record_of(seed, dose, name, run, moved, floor, recovery, *told)


class Placebo:
    """The market with an attack of nothing: one order that stands for a moment.

    Made when first asked for.

    Parameters
    ----------
    seed : int
        Of the market.
    plan : Plan
        Settings.
    teaching : Teaching
        Golden set and gate.
    clean : Sight
        The market without it.
    runs : dict of str to Run
        Clean runs of all variants.
    """

    def __init__(
        self, seed: int, plan: Plan, teaching: Teaching, clean: Sight, runs: dict[str, Run]
    ) -> None:
        self.config = lab_config(seed, plan.settings)
        self.settings, self.teaching, self.clean, self.runs = plan.settings, teaching, clean, runs
        self._sight: Sight | None = None
        self._hit: dict[str, Run] = {}

    def displacement(self, variant: str, dose: Dose) -> float:
        """How far a variant's model is from the clean one where an attack would end."""
        if variant not in self._hit:
            self._hit[variant] = run_variant(
                self._seen(), VARIANTS[variant], self.teaching, self.settings
            )
        pair = self._hit[variant], self.runs[variant]
        return moved_by(*pair, self.teaching, self.settings, dose)[0]

    def _seen(self) -> Sight:
        if self._sight is None:
            nothing = Dose("quote_stuffing", intensity=1e-3, duration_s=60.0)
            market = stage(self.config, self.clean.market, nothing, self.settings).market
            self._sight = sight_of(market, sources_of(market))
        return self._sight


def record_of(seed: int, dose: Dose, variant: str, run: Run, *rest: float) -> Record:
    """Make the record of a run; ``rest`` are the fields from the displacement on."""
    clean = dose.attack == CLEAN
    return Record(
        seed, dose.attack, variant, 0.0 if clean else dose.strength,
        0.0 if clean else dose.length_s, run.pnl, run.fills, run.aside_s, run.rollbacks,
        run.skill, *rest,
    )  # fmt: skip


def moved_by(
    run: Run, clean: Run, teaching: Teaching, settings: LabSettings, dose: Dose
) -> tuple[float, float]:
    """Displacement when the attack ends, and seconds until a quarter of it is left."""
    end = settings.terms.rows(settings.start_s + dose.length_s)
    rows = [row for row, _, _ in run.path if row >= end]
    if not rows:
        rows = [run.path[-1][0]]
    moved = displacement(run, clean, teaching.reference, rows[0])
    for row in rows[1:]:
        if displacement(run, clean, teaching.reference, row) <= RECOVERED * moved:
            return moved, float(row - rows[0]) * settings.terms.step_ms / 1_000
    return moved, float("nan")


def alarms(
    sight: Sight, teaching: Teaching, settings: LabSettings, forged: npt.NDArray[Any] | None = None
) -> Bools:
    """Seconds in which evidence, breaker or the admission of lessons raised its voice."""
    rows = side_by_side(sight.raw, settings.terms)
    if forged is not None:
        rows = rows + forged
    bad = teaching.screen.admit(rows)[:, :2] == 0.0
    tripped = Breaker(sight.admitted, sight.halt).open
    loud: Bools = sight.doubt[:, 0].any(axis=1) | tripped
    # A single refused lesson is nothing; half of a source's lessons within ten seconds are.
    many = np.apply_along_axis(
        lambda b: np.convolve(b, np.ones(10) / 10.0)[: b.size], 0, bad.astype(np.float64)
    )
    return loud | (many >= 0.5).any(axis=1)


def alarm_quality(
    loud: Bools, quiet: Bools, settings: LabSettings, dose: Dose
) -> tuple[float, float, float]:
    """Recall (1 or 0), precision of alarm seconds, and latency in seconds.

    An alarm that the clean market raised in the same second is no merit of the defences:
    recall and latency count only seconds that are loud here and quiet there.
    """
    rows = settings.terms.rows
    first, last = rows(settings.start_s), rows(settings.start_s + dose.length_s)
    last = min(last, loud.size)
    n = min(loud.size, quiet.size)
    new = np.zeros(loud.size, np.bool_)
    new[:n] = loud[:n] & ~quiet[:n]
    inside = np.flatnonzero(new[first : last + rows(30.0)])
    after_warmup = loud[settings.terms.warmup :]
    held = loud[first : last + rows(60.0)].sum()
    precision = float(held / after_warmup.sum()) if after_warmup.any() else float("nan")
    if not inside.size:
        return 0.0, precision, float("nan")
    return 1.0, precision, float(inside[0]) * settings.terms.step_ms / 1_000


def seeds_of(first: int, count: int) -> Sequence[int]:
    """Seeds of a campaign; those of the golden set are never among them."""
    return range(first, first + count)
