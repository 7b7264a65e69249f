# SPDX-License-Identifier: MIT
"""What a campaign says: damage with and without defences, and what each defence is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.research.attack.intervals import Interval, cost_of, of_mean, plain, removed
from seawall.research.attack.settings import DEFENCES
from seawall.research.attack.trial import CLEAN, Record

Floats = npt.NDArray[np.float64]
DoseKey = tuple[str, float, float]
NOTHING = 0.05
"""Displacement below which a model counts as not moved: that of a few forged rows."""
TARGETS = {
    "wash_trading": 0.95, "spoofing": 0.95, "flash_crash": 0.85, "data_poisoning": 0.95,
}  # fmt: skip
"""Share of the impact that the defences are asked to remove."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one defence is worth against one attack.

    Parameters
    ----------
    saved_pnl : float
        Mean result with it less without it, all other defences up, quote currency.
    interval : (float, float)
        95 % of the mean.
    """

    saved_pnl: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class AttackRow:
    """One attack.

    Parameters
    ----------
    attack : str
        Name; ``clean`` for the market without one.
    intensity, duration_s : float
        In the attack's unit; seconds.
    seeds : int
        Pairs of markets.
    impact_removed : float
        Share of the impact on the naive variant that the defended one does not suffer: of
        the change of its result where that is measurable, else of the change of its model.
    interval : (float, float)
        95 % of it.
    impact_measure : str
        ``pnl`` or ``model``; ``none`` where the attack changes neither, so that there is
        nothing to remove.
    naive_pnl, defended_pnl : float
        Mean results under attack, quote currency.
    naive_clean_pnl, defended_clean_pnl : float
        Mean results of the same seeds without it.
    naive_change, defended_change : float
        Mean paired changes; negative is damage.
    naive_change_interval, defended_change_interval : (float, float)
        95 % of them.
    clean_cost : float
        What the defences cost in all clean markets of the campaign, share of the naive result.
    clean_cost_interval : (float, float)
        95 % of it.
    naive_displacement, defended_displacement : float
        Of the served model when the attack ends, from the same variant's clean run.
    naive_floor, defended_floor : float
        The same in a market that one harmless order has parted from the clean one.
    displacement_removed : float
        Share of the naive one, beyond its floor, that the defended model does not suffer.
    displacement_interval : (float, float)
        95 % of it.
    alarm_recall, alarm_precision, alarm_latency_s : float
        Share of attacks with an alarm that the clean twin lacks; share of alarm seconds that
        lie in an attack; median seconds to the alarm.
    recovery_s : float
        Median seconds until a quarter of the naive displacement is left.
    rollbacks : float
        Of the defended variant, mean per market.
    target : float or None
        Share asked for.
    ablation : dict of str to Worth
        By defence.
    """

    attack: str
    intensity: float
    duration_s: float
    seeds: int
    impact_removed: float
    interval: Interval
    impact_measure: str
    naive_pnl: float
    defended_pnl: float
    naive_clean_pnl: float
    defended_clean_pnl: float
    naive_change: float
    naive_change_interval: Interval
    defended_change: float
    defended_change_interval: Interval
    clean_cost: float
    clean_cost_interval: Interval
    naive_displacement: float
    defended_displacement: float
    naive_floor: float
    defended_floor: float
    displacement_removed: float
    displacement_interval: Interval
    alarm_recall: float
    alarm_precision: float
    alarm_latency_s: float
    recovery_s: float
    rollbacks: float
    target: float | None = None
    ablation: dict[str, Worth] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON object; what is not defined is null."""
        out: dict[str, Any] = plain(asdict(self))
        return out


def dose_of(record: Record) -> DoseKey:
    """What was done to the market: attack, intensity, duration."""
    return record.attack, record.intensity, record.duration_s


class Table:
    """Records by seed, attack and variant.

    Parameters
    ----------
    records : sequence of Record
        Of one campaign.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self.by = {(dose_of(r), r.variant, r.seed): r for r in records}
        self.clean = {(r.variant, r.seed): r for r in records if r.attack == CLEAN}
        self.doses = list(dict.fromkeys(dose_of(r) for r in records if r.attack != CLEAN))

    def seeds(self, dose: DoseKey, variant: str) -> list[int]:
        """Seeds on which a variant met an attack and has its clean twin."""
        return sorted(
            s for d, v, s in self.by
            if (d, v) == (dose, variant) and (variant, s) in self.clean
        )  # fmt: skip

    def paired(self, dose: DoseKey, *variants: str) -> list[int]:
        """Seeds on which all of these variants met an attack and have their clean twins."""
        return sorted(set.intersection(*(set(self.seeds(dose, v)) for v in variants)))

    def column(self, dose: DoseKey, variant: str, seeds: list[int], name: str) -> Floats:
        """One number of every seed."""
        return np.array([getattr(self.by[(dose, variant, s)], name) for s in seeds])

    def always(self, *variants: str) -> list[int]:
        """Seeds on which all of these variants met the clean market."""
        return sorted(
            set.intersection(*({s for v, s in self.clean if v == name} for name in variants))
        )

    def quiet(self, variant: str, seeds: list[int]) -> Floats:
        """Clean results of every seed."""
        return np.array([self.clean[variant, s].pnl for s in seeds])


def summarise(records: Sequence[Record]) -> list[AttackRow]:
    """Make one row per attack and intensity, in the order in which they were run.

    An attack that no seed met with both variants has no row.
    """
    table = Table(records)
    doses = [d for d in table.doses if table.paired(d, "naive", "defended")]
    cost = clean_cost(table) if doses else (float("nan"), (float("nan"), float("nan")))
    return [_row(table, d, cost) for d in doses]


def _row(table: Table, dose: DoseKey, clean: tuple[float, Interval]) -> AttackRow:
    seeds = table.paired(dose, "naive", "defended")
    pnl = {v: table.column(dose, v, seeds, "pnl") for v in ("naive", "defended")}
    quiet = {v: table.quiet(v, seeds) for v in ("naive", "defended")}
    change = {v: pnl[v] - quiet[v] for v in pnl}
    moved = {v: table.column(dose, v, seeds, "displacement") for v in pnl}
    floor = {v: table.column(dose, v, seeds, "floor") for v in pnl}
    beyond = {v: moved[v] - floor[v] for v in pnl}
    spans = {v: of_mean(change[v]) for v in change}
    model, model_span = removed(beyond["naive"], beyond["defended"])
    measurable = spans["naive"][0] > 0.0 or spans["naive"][1] < 0.0
    share, span = model, model_span
    if measurable:
        share, span = removed(change["naive"], change["defended"])
    elif beyond["naive"].mean() < NOTHING or not of_mean(beyond["naive"])[0] > 0.0:
        share, span = float("nan"), (float("nan"), float("nan"))
    measure = "pnl" if measurable else "model" if np.isfinite(share) else "none"
    cost, cost_span = clean
    told = {
        name: table.column(dose, "defended", seeds, name)
        for name in ("alarm_recall", "alarm_precision", "alarm_latency_s", "rollbacks")
    }
    recovery = table.column(dose, "naive", seeds, "recovery_s")
    return AttackRow(
        *dose, len(seeds), share, span, measure,
        float(pnl["naive"].mean()), float(pnl["defended"].mean()),
        float(quiet["naive"].mean()), float(quiet["defended"].mean()),
        float(change["naive"].mean()), spans["naive"],
        float(change["defended"].mean()), spans["defended"], cost, cost_span,
        float(moved["naive"].mean()), float(moved["defended"].mean()),
        float(floor["naive"].mean()), float(floor["defended"].mean()), model, model_span,
        float(told["alarm_recall"].mean()), _mean(told["alarm_precision"]),
        _median(told["alarm_latency_s"]), _median(recovery), float(told["rollbacks"].mean()),
        TARGETS.get(dose[0]), _ablation(table, dose),
    )  # fmt: skip


def clean_cost(table: Table) -> tuple[float, Interval]:
    """Cost of the defences in every clean market of a campaign, with and without an attack."""
    seeds = table.always("naive", "defended")
    return cost_of(table.quiet("naive", seeds), table.quiet("defended", seeds))


def _mean(values: Floats) -> float:
    good = values[np.isfinite(values)]
    return float(good.mean()) if good.size else float("nan")


def _median(values: Floats) -> float:
    good = values[np.isfinite(values)]
    return float(np.median(good)) if good.size else float("nan")


def _ablation(table: Table, dose: DoseKey) -> dict[str, Worth]:
    out = {}
    for name in DEFENCES:
        seeds = table.paired(dose, "defended", f"without {name}")
        if seeds:
            saved = table.column(dose, "defended", seeds, "pnl") - table.column(
                dose, f"without {name}", seeds, "pnl"
            )
            out[name] = Worth(float(saved.mean()), of_mean(saved))
    return out
