# SPDX-License-Identifier: MIT
"""Metrics with their uncertainty: what a report, a table or a sweep shows of a run."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seawall.research.metrics import Benchmark, Metrics, equity_bars, performance
from seawall.research.statistics import (
    BootstrapPaths,
    Trials,
    bootstrap_paths,
    deflated_sharpe,
    expected_best_sharpe,
    min_track_record,
    probabilistic_sharpe,
    sharpe_error,
)

if TYPE_CHECKING:
    from seawall.engine.outcome import Outcome

BARS_FOR_INTERVALS = 30
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Interval:
    """Bootstrap interval of a figure, in the unit of the figure.

    Parameters
    ----------
    name : str
        Field of :class:`~seawall.research.metrics.Metrics`.
    low, high : float
        5 % and 95 % quantiles over the resampled paths.
    """

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Metrics, intervals and inference of one run.

    Parameters
    ----------
    metrics : Metrics
        The figures.
    intervals : tuple of Interval
        90 % intervals from the stationary block bootstrap; empty for short runs.
    trials : Trials
        What was tried to find this run.
    sharpe_error : float
        Standard error of the annual Sharpe ratio, any shape of returns.
    probability_positive : float
        Probability that the true Sharpe ratio exceeds zero (PSR).
    probability_deflated : float
        Probability of skill after the trials (DSR); equals PSR for one trial.
    luck_sharpe : float
        Annual Sharpe ratio that the best of the trials shows by luck.
    record_needed_days : float
        Length of record at which PSR reaches 95 %, days.
    paths : BootstrapPaths or None
        Resampled paths for the Monte Carlo fan.
    why_no_intervals : str
        Reason, when there are none.
    """

    metrics: Metrics
    intervals: tuple[Interval, ...]
    trials: Trials
    sharpe_error: float
    probability_positive: float
    probability_deflated: float
    luck_sharpe: float
    record_needed_days: float
    paths: BootstrapPaths | None
    why_no_intervals: str = ""

    def interval(self, name: str) -> Interval | None:
        """Look up the interval of a figure; None when there is none."""
        return next((i for i in self.intervals if i.name == name), None)

    def as_dict(self) -> dict[str, object]:
        """Return metrics, intervals and inference by name; None where undefined."""
        inference = {
            "trials": self.trials.count,
            "sharpe_error": self.sharpe_error,
            "probability_positive": self.probability_positive,
            "probability_deflated": self.probability_deflated,
            "luck_sharpe": self.luck_sharpe,
            "record_needed_days": self.record_needed_days,
            "bootstrap_draws": self.paths.total_return.shape[0] if self.paths else 0,
            "bootstrap_block": self.paths.block if self.paths else None,
            "bootstrap_seed": self.paths.seed if self.paths else None,
        }
        return {
            "metrics": self.metrics.as_dict(),
            "intervals": {i.name: [i.low, i.high] for i in self.intervals},
            "interval_level": LEVEL,
            "inference": {k: _finite(v) for k, v in inference.items()},
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return :meth:`as_dict` as JSON, null for what is undefined."""
        return json.dumps(self.as_dict(), indent=indent, allow_nan=False)


def summarise(
    outcome: Outcome,
    *,
    benchmark: Benchmark | None = None,
    trials: int | Trials = 1,
    seed: int = 0,
    bootstrap: int = 1_000,
) -> Summary:
    """Measure a run and say how far its figures can be trusted.

    Parameters
    ----------
    outcome : Outcome
        A run.
    benchmark : Benchmark, optional
        For beta, alpha and the information ratio.
    trials : int or Trials
        Configurations ever tried, this one included.
    seed : int
        Seed of the bootstrap.
    bootstrap : int
        Resampled paths; 0 leaves intervals out.
    """
    tried = trials if isinstance(trials, Trials) else Trials(trials)
    m = performance(outcome, benchmark)
    bars = equity_bars(outcome)
    returns = bars.returns
    paths, why = None, ""
    if bootstrap < 1:
        why = "no bootstrap was asked for"
    elif m.bars < BARS_FOR_INTERVALS:
        why = f"{m.bars} returns over bars of {m.bar}; intervals need {BARS_FOR_INTERVALS}"
    elif not m.volatility > 0.0:
        why = "equity did not move"
    else:
        paths = bootstrap_paths(returns, draws=bootstrap, seed=seed)
    root = math.sqrt(m.periods_per_year)
    s, shape = m.sharpe / root, {"skew": m.skew, "kurtosis": m.kurtosis}
    variance = tried.variance if tried.variance is not None else 1.0 / max(m.bars - 1, 1)
    return Summary(
        metrics=m,
        intervals=_intervals(m, paths) if paths else (),
        trials=tried,
        sharpe_error=sharpe_error(s, m.bars, **shape) * root,
        probability_positive=probabilistic_sharpe(s, m.bars, **shape),
        probability_deflated=deflated_sharpe(s, m.bars, tried, **shape),
        luck_sharpe=expected_best_sharpe(tried.count, variance) * root,
        record_needed_days=min_track_record(s, **shape) / m.periods_per_year * 365.0,
        paths=paths,
        why_no_intervals=why,
    )


def _intervals(m: Metrics, paths: BootstrapPaths) -> tuple[Interval, ...]:
    """Percentile intervals of every figure that is defined for the run itself."""
    root = math.sqrt(m.periods_per_year)
    with np.errstate(divide="ignore", invalid="ignore"):
        annual = np.expm1(np.log1p(np.maximum(paths.total_return, -1.0)) * 365.0 / m.span_days)
        values = {
            "total_return": paths.total_return,
            "annual_return": annual,
            "volatility": paths.deviation * root,
            "sharpe": paths.mean / paths.deviation * root,
            "sortino": paths.mean / paths.downside * root,
            "calmar": annual / -paths.max_drawdown,
            "max_drawdown": paths.max_drawdown,
            "es_95": paths.es_95,
        }
    out = []
    for name, drawn in values.items():
        usable = drawn[np.isfinite(drawn)]
        if usable.size == 0 or not math.isfinite(getattr(m, name)):
            continue
        low, high = np.quantile(usable, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
        out.append(Interval(name, float(low), float(high)))
    return tuple(out)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
