# SPDX-License-Identifier: MIT
"""What the defences cost and do where there is no attack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seawall.research.attack.intervals import Interval, cost_of, of_mean, plain
from seawall.research.attack.settings import DEFENCES
from seawall.research.attack.summary import Table, Worth
from seawall.research.attack.trial import Record


@dataclass(frozen=True, slots=True)
class Quiet:
    """What the defences do where there is no attack.

    Parameters
    ----------
    markets : int
        Clean markets of the campaign.
    days : float
        Their length together.
    naive_pnl, defended_pnl : float
        Mean results, quote currency.
    cost : float
        Share of the naive result that the defences cost.
    cost_interval : (float, float)
        95 % of it.
    rollbacks : int
        Rollbacks and freezes of the defended variant; each is false.
    rollbacks_per_day : float
        The same by time.
    rollbacks_per_day_interval : (float, float)
        95 % of it, of a Poisson count.
    """

    markets: int
    days: float
    naive_pnl: float
    defended_pnl: float
    cost: float
    cost_interval: Interval
    rollbacks: int
    rollbacks_per_day: float
    rollbacks_per_day_interval: Interval

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON object; what is not defined is null."""
        out: dict[str, Any] = plain(asdict(self))
        return out

    def sentence(self) -> str:
        """In words."""
        low, high = self.cost_interval
        return (
            f"In {self.markets} clean markets ({self.days:.1f} days) the naive variant made "
            f"{self.naive_pnl:.2f} and the defended one {self.defended_pnl:.2f} each: a cost of "
            f"{self.cost:.1%} (95 %: {low:.1%} to {high:.1%}). {self.rollbacks} false rollbacks, "
            f"{self.rollbacks_per_day:.2f} a day (at most "
            f"{self.rollbacks_per_day_interval[1]:.2f}, 95 %)."
        )


def quiet_times(records: Sequence[Record], duration_s: float) -> Quiet:
    """Sum up the clean markets of a campaign, each ``duration_s`` long."""
    from scipy.stats import chi2

    table = Table(records)
    seeds = table.always("naive", "defended")
    naive, defended = table.quiet("naive", seeds), table.quiet("defended", seeds)
    days = len(seeds) * duration_s / 86_400.0
    count = sum(table.clean["defended", s].rollbacks for s in seeds)
    low = float(chi2.ppf(0.025, 2 * count) / 2 / days) if count else 0.0
    high = float(chi2.ppf(0.975, 2 * count + 2) / 2 / days)
    return Quiet(
        len(seeds), days, float(naive.mean()), float(defended.mean()), *cost_of(naive, defended),
        count, count / days, (low, high),
    )  # fmt: skip


def clean_ablation(records: Sequence[Record]) -> dict[str, Worth]:
    """What each defence earns or costs in clean markets."""
    table = Table(records)
    out = {}
    for name in DEFENCES:
        both = ("defended", f"without {name}")
        seeds = table.always(*both)
        if seeds:
            saved = table.quiet("defended", seeds) - table.quiet(f"without {name}", seeds)
            out[name] = Worth(float(saved.mean()), of_mean(saved))
    return out
