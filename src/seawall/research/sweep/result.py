# SPDX-License-Identifier: MIT
"""What a sweep found: a sorted table, the best, and how lonely the best stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seawall.model.errors import ResearchError
from seawall.research.sweep.honesty import Honesty
from seawall.research.sweep.objective import canonical
from seawall.research.sweep.space import Choice, Params, Space, Value
from seawall.research.trials import Trial

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Results one step away from the best, along each axis.

    Parameters
    ----------
    best, median, worst : float
        The metric at the best configuration and over its evaluated neighbours; NaN when
        none was evaluated.
    count : int
        Neighbours evaluated.
    same_sign : float
        Share of the neighbours on the same side of zero as the best.
    """

    best: float
    median: float
    worst: float
    count: int
    same_sign: float


@dataclass(frozen=True, slots=True)
class SweepResult:
    """Everything one sweep evaluated, and what the study knows about its best.

    Parameters
    ----------
    sweep : str
        Identity of the sweep.
    space : Space
        What was searched.
    metric : str
        What was searched for.
    maximize : bool
        Whether more of it is better.
    trials : tuple of Trial
        In the order asked for, each configuration once.
    honesty : Honesty or None
        None when every trial failed.
    evaluated, reused : int
        Trials run now, and taken from the log.
    """

    sweep: str
    space: Space
    metric: str
    maximize: bool
    trials: tuple[Trial, ...]
    honesty: Honesty | None
    evaluated: int
    reused: int

    @property
    def best(self) -> Trial:
        """Best trial.

        Raises
        ------
        ResearchError
            When no trial gave the metric; the first reason is quoted.
        """
        return best_of(self.trials, self.metric, maximize=self.maximize)

    @property
    def failed(self) -> int:
        """Number of trials without a result."""
        return sum(bool(trial.error) for trial in self.trials)

    def value(self, trial: Trial) -> float:
        """Metric of a trial; NaN when it failed."""
        return trial.metrics.get(self.metric, math.nan)

    def table(self) -> pl.DataFrame:
        """Trials from best to worst, failed ones last: parameters, metrics, error."""
        import polars as pl

        rows = [
            {**t.params, **{k: v for k, v in t.metrics.items() if k not in t.params}}
            | {"error": t.error}
            for t in self.ranked()
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def ranked(self) -> list[Trial]:
        """Trials from best to worst, failed ones last."""
        sign = -1.0 if self.maximize else 1.0

        def place(trial: Trial) -> tuple[bool, float]:
            value = self.value(trial)
            return (math.isnan(value), 0.0 if math.isnan(value) else sign * value)

        return sorted(self.trials, key=place)

    def neighbourhood(self) -> Neighbourhood:
        """Compare the best with its neighbours in the grid of the space.

        A neighbour differs on one axis, by one grid step up or down; on a list of words
        every other word is a neighbour.  A best that falls off steeply is luck or noise.
        """
        found = {canonical(t.params): self.value(t) for t in self.trials}
        best = self.best
        values = [found.get(canonical(p), math.nan) for p in neighbours(self.space, best.params)]
        known = sorted(v for v in values if not math.isnan(v))
        top = self.value(best)
        if not known:
            return Neighbourhood(top, math.nan, math.nan, 0, math.nan)
        middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2.0
        worst = known[0] if self.maximize else known[-1]
        same = sum((v > 0) == (top > 0) for v in known) / len(known)
        return Neighbourhood(top, middle, worst, len(known), same)


def best_of(trials: Sequence[Trial], metric: str, *, maximize: bool) -> Trial:
    """Best trial by a metric, the earliest of equals.

    Raises
    ------
    ResearchError
        When no trial gave the metric.
    """
    known = [t for t in trials if not math.isnan(t.metrics.get(metric, math.nan))]
    if known:
        sign = 1.0 if maximize else -1.0
        return max(known, key=lambda t: sign * t.metrics[metric])
    reason = next((t.error for t in trials if t.error), "")
    names = sorted({name for t in trials for name in t.metrics})
    raise ResearchError(
        f"no trial gave the metric {metric!r}" + (f": {reason}" if reason else ""),
        where=f"{len(trials)} trials",
        mend=f"use one of {', '.join(names)}" if names else "mend the objective and run again",
    )


def neighbours(space: Space, params: Params) -> list[dict[str, Value]]:
    """Grid points that differ from ``params`` by one step on one axis."""
    at = dict(params)
    out: list[dict[str, Value]] = []
    for name, axis in space.axes.items():
        grid = list(axis.grid())
        if at[name] not in grid:
            continue  # drawn from a continuous range: no grid to stand on
        place = grid.index(at[name])
        words = isinstance(axis, Choice) and any(isinstance(v, str) for v in grid)
        near = range(len(grid)) if words else (place - 1, place + 1)
        out.extend({**at, name: grid[i]} for i in near if 0 <= i < len(grid) and i != place)
    return out
