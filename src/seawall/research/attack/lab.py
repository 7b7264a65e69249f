# SPDX-License-Identifier: MIT
"""The whole report: every attack, doses, the adaptive attacker, and recordings."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from seawall.research.attack.adaptive import WorstFound, search
from seawall.research.attack.attacks import ATTACKS, Dose, attack_of
from seawall.research.attack.campaign import FIRST_SEED, Advance, run_campaign
from seawall.research.attack.quiet import Quiet, clean_ablation, quiet_times
from seawall.research.attack.settings import VARIANTS, LabSettings
from seawall.research.attack.summary import AttackRow, Worth, summarise
from seawall.research.attack.teaching import Teaching, teach
from seawall.research.attack.trial import Plan, Record

DOSES: dict[str, tuple[float, ...]] = {
    "wash_trading": (0.05, 0.2, 0.5, 0.8),
    "spoofing": (5.0, 10.0, 30.0, 100.0),
    "flash_crash": (0.01, 0.02, 0.05),
    "data_poisoning": (0.5, 1.0, 2.0, 4.0),
}
"""Intensities of the dose-response curves, in the unit of each attack."""


@dataclass(frozen=True)
class LabReport:
    """What a report holds.

    Parameters
    ----------
    rows : list of AttackRow
        Every attack at its default intensity.
    doses : list of AttackRow
        Dose-response rows.
    quiet : Quiet
        What the defences cost and do without an attack.
    clean : dict of str to Worth
        What each defence earns or costs without an attack.
    adaptive : WorstFound or None
        The worst that the adaptive attacker found.
    recorded : list of AttackRow
        The same attacks written into recordings.
    settings : LabSettings
        The lab.
    command : str
        What makes the report again.
    """

    rows: list[AttackRow]
    doses: list[AttackRow]
    quiet: Quiet
    clean: dict[str, Worth]
    adaptive: WorstFound | None
    settings: LabSettings
    command: str
    recorded: list[AttackRow] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of ``--json``."""
        return {
            "rows": [r.as_dict() for r in self.rows],
            "recorded": [r.as_dict() for r in self.recorded],
            "quiet": self.quiet.as_dict(),
            "doses": [r.as_dict() for r in self.doses],
            "clean": {k: {"saved_pnl": w.saved_pnl, "interval": w.interval}
                      for k, w in self.clean.items()},
            "adaptive": self.adaptive.as_dict() if self.adaptive else None,
            "command": self.command,
        }  # fmt: skip


def run_attacks(
    doses: Sequence[Dose], seeds: int, folder: Path, settings: LabSettings | None = None, *,
    teaching: Callable[[], Teaching] | None = None, ablation_seeds: int = 0, workers: int = 0,
    first_seed: int = FIRST_SEED, advance: Advance = lambda amount: None,
) -> list[Record]:  # fmt: skip
    """Run attacks on simulated markets with the naive and the defended variant.

    Parameters
    ----------
    doses : sequence of Dose
        Attacks; an unknown one is refused before anything runs.
    seeds : int
        Pairs of markets.
    folder : Path
        Where records are kept; a campaign that was stopped goes on from there.
    settings : LabSettings, optional
        The lab.
    teaching : callable, optional
        Gives the golden set, when it is needed.
    ablation_seeds : int
        Seeds on which each defence is taken away in turn.
    workers : int
        Processes; 0 is one per core.
    first_seed : int
        First market.
    """
    for dose in doses:
        attack_of(dose.attack)
    plan = Plan(tuple(doses), tuple(VARIANTS), settings or LabSettings())
    return run_campaign(
        plan, range(first_seed, first_seed + seeds), folder, teaching=teaching,
        ablation_seeds=ablation_seeds, workers=workers, advance=advance,
    )  # fmt: skip


def default_doses(names: Sequence[str] = ()) -> list[Dose]:
    """Every attack (or those named) at its default intensity."""
    return [Dose(name, attack_of(name).intensity) for name in names or ATTACKS]


def dose_response(names: Sequence[str] = ()) -> list[Dose]:
    """Intensities of the dose-response curves, of all or of the attacks named."""
    return [Dose(n, x) for n, xs in DOSES.items() if not names or n in names for x in xs]


def make_report(
    seeds: int, folder: Path, *, attacks: Sequence[str] = (), clean_seeds: int = 0,
    ablation_seeds: int = 30, dose_seeds: int = 30, trials: int = 80, workers: int = 0,
    command: str = "", settings: LabSettings | None = None,
    advance: Advance = lambda amount: None, say: Callable[[str], None] = lambda text: None,
) -> LabReport:  # fmt: skip
    """Run everything on simulated markets and summarise it.

    Parameters
    ----------
    seeds : int
        Pairs of markets per attack.
    folder : Path
        Records and the page.
    attacks : sequence of str
        Attacks; all when empty.
    clean_seeds : int
        Further markets without an attack, for what the defences cost.
    ablation_seeds, dose_seeds : int
        Seeds of the ablation and of the dose-response curves, at most ``seeds``.
    trials : int
        Of the adaptive attacker; 0 leaves it out.
    workers : int
        Processes; 0 is one per core.
    command : str
        What makes the report again.
    """
    used = settings or LabSettings()

    @cache
    def teaching() -> Teaching:
        say(f"golden set: {len(used.golden_seeds)} clean markets, then the limits of the gate")
        return teach(used)

    records = run_attacks(
        default_doses(attacks), seeds, folder / "records", used, teaching=teaching,
        ablation_seeds=min(ablation_seeds, seeds), workers=workers, advance=advance,
    )  # fmt: skip
    quiet = run_attacks(
        (), clean_seeds, folder / "clean", used, teaching=teaching, workers=workers,
        first_seed=FIRST_SEED + seeds, advance=advance,
    )  # fmt: skip
    curves = dose_response(attacks)
    dosed = run_attacks(
        curves, min(dose_seeds, seeds), folder / "doses", used, teaching=teaching,
        workers=workers, advance=advance,
    ) if curves and dose_seeds else []  # fmt: skip
    worst = None
    if trials:
        say(f"the adaptive attacker tries {trials} poisons")
        worst = search(teaching(), used, trials=trials)
    return LabReport(
        summarise([*records, *quiet]),
        summarise(dosed),
        quiet_times([*records, *quiet], used.duration_s),
        clean_ablation(records),
        worst,
        used,
        command,
    )


def save_report(report: LabReport, folder: Path) -> Path:
    """Write the figures as JSON; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "attack.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(report.as_dict(), indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    return path
