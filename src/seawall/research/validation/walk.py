# SPDX-License-Identifier: MIT
"""Walk-forward: choose in sample, judge out of sample, join what was judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.sweep import (
    Objective,
    Params,
    Sweep,
    SweepResult,
    objective_id,
    sharpe_per_period,
)
from seawall.research.sweep.executor import Executor
from seawall.research.trials import Trial, TrialLog, evaluation_key
from seawall.research.validation.splits import Fold, WalkForward


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One fold.

    Parameters
    ----------
    fold : Fold
        The cut.
    params : mapping
        What was chosen in sample.
    inside, outside : float
        The metric in sample and out of sample.
    inside_sharpe, outside_sharpe : float
        Sharpe ratios per period.
    returns : float64, shape (n,)
        Out-of-sample returns.
    """

    fold: Fold
    params: Params
    inside: float
    outside: float
    inside_sharpe: float
    outside_sharpe: float
    returns: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WalkForwardResult:
    """All folds and the record that somebody who re-fitted like this would have had.

    Parameters
    ----------
    metric : str
        What was searched for in sample.
    folds : tuple of FoldResult
        In time.
    n_trials : int
        Configurations ever tried in the study.
    probability : float
        Probability that the true Sharpe ratio of the joined record is positive.  There is
        one record out of sample, so the number of trials does not enter; it would if the
        walk were repeated with other windows until one looked good.
    """

    metric: str
    folds: tuple[FoldResult, ...]
    n_trials: int
    probability: float

    @property
    def returns(self) -> npt.NDArray[np.float64]:
        """Out-of-sample returns joined in time."""
        return np.concatenate([fold.returns for fold in self.folds])

    @property
    def equity(self) -> npt.NDArray[np.float64]:
        """Growth of 1 out of sample, starting at 1."""
        return np.concatenate([[1.0], np.cumprod(1.0 + self.returns)])

    @property
    def degradation(self) -> float:
        """Share of the in-sample Sharpe ratio that is lost out of sample, over all folds.

        ``1 - mean(outside) / mean(inside)``; NaN when the in-sample mean is not positive.
        """
        inside = float(np.mean([fold.inside_sharpe for fold in self.folds]))
        outside = float(np.mean([fold.outside_sharpe for fold in self.folds]))
        return 1.0 - outside / inside if inside > 0.0 else math.nan

    @property
    def rank_correlation(self) -> float:
        """Spearman correlation over folds of in-sample and out-of-sample metric."""
        if len(self.folds) < 3:
            return math.nan
        ranks = [
            np.argsort(np.argsort([getattr(fold, side) for fold in self.folds]))
            for side in ("inside", "outside")
        ]
        return float(np.corrcoef(ranks[0], ranks[1])[0, 1])

    @property
    def share_positive(self) -> float:
        """Share of folds that end out of sample above where they began."""
        return float(np.mean([np.prod(1.0 + fold.returns) > 1.0 for fold in self.folds]))

    @property
    def distinct_choices(self) -> int:
        """Number of different configurations chosen; many mean an unstable choice."""
        return len({tuple(sorted(fold.params.items())) for fold in self.folds})


def walk_forward(sweep: Sweep, splitter: WalkForward, periods: int) -> WalkForwardResult:
    """Run a sweep in every training window and judge its best in the test that follows.

    Parameters
    ----------
    sweep : Sweep
        Its window is replaced fold by fold; its log keeps every trial, so a stopped walk
        goes on where it stopped.
    splitter : WalkForward
        How time is cut.
    periods : int
        Length of the data, in the units of the objective's window.

    Raises
    ------
    ResearchError
        When there are too few periods, or a fold has no result.
    """
    cuts = list(splitter.split(periods))
    executor = sweep.start()
    try:
        folds = [_one_fold(sweep, fold, executor) for fold in cuts]
    finally:
        executor.close()
    returns = np.concatenate([fold.returns for fold in folds])
    log = TrialLog(sweep.out_dir)
    return WalkForwardResult(sweep.metric, tuple(folds), log.tried(), _probability(returns))


def _one_fold(sweep: Sweep, fold: Fold, executor: Executor) -> FoldResult:
    found: SweepResult = replace(sweep, window=fold.train_window).run(executor)
    best = found.best
    outside = evaluate_logged(
        sweep.objective, best.params, fold.test_window, sweep.out_dir, data=sweep.data
    )
    log = TrialLog(sweep.out_dir)
    if outside.error:
        raise ResearchError(
            f"the choice of fold {fold.number} failed out of sample: {outside.error}",
            where=" ".join(f"{k}={v}" for k, v in best.params.items()),
            mend="mend the objective, or give it longer tests",
        )
    returns = log.returns(outside)
    return FoldResult(
        fold, best.params, found.value(best), outside.metrics.get(sweep.metric, math.nan),
        sharpe_per_period(log.returns(best)), sharpe_per_period(returns), returns,
    )  # fmt: skip


def evaluate_logged(
    objective: Objective, params: Params, window: slice, out_dir: Path | str, *, data: str
) -> Trial:
    """Evaluate one configuration in this process, or take it from the study's log."""
    log, identity = TrialLog(out_dir), objective_id(objective)
    bounds = (int(window.start), int(window.stop))
    key = evaluation_key(identity, data, params, bounds)
    known = next((trial for trial in log if trial.key == key), None)
    if known is not None:
        return known
    result = objective(params, window)
    trial = Trial(
        identity, data, dict(params), bounds, "walk-forward",
        {k: float(v) for k, v in result.metrics.items()}, fingerprint=result.fingerprint,
    )  # fmt: skip
    return log.append(trial, result.returns)


def _probability(returns: npt.NDArray[np.float64]) -> float:
    from seawall.research.statistics import probabilistic_sharpe

    if returns.size < 3 or not returns.std() > 0:
        return math.nan
    z = (returns - returns.mean()) / returns.std()
    return probabilistic_sharpe(
        sharpe_per_period(returns), returns.size,
        skew=float((z**3).mean()), kurtosis=float((z**4).mean()),
    )  # fmt: skip
