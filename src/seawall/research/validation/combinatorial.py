# SPDX-License-Identifier: MIT
"""Choosing on some of the history and judging on the rest, over all ways to cut it.

Walking forward gives one record out of sample, and one record can be lucky.  Here every
choice of k of n groups of time is tested by what was chosen on the others, and the tests
are joined into C(n - 1, k - 1) whole histories (Lopez de Prado 2018, chapter 12).  The
paths share periods and choices: their spread shows how much hangs on the cut, and is no
standard error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.sweep import Sweep, sharpe_per_period
from seawall.research.sweep.watch import watched
from seawall.research.trials import TrialLog
from seawall.research.validation.splits import CombinatorialPurged, Fold, Index

F64 = npt.NDArray[np.float64]
LEVELS = (0.05, 0.5, 0.95)

FitAndTest = Callable[[Index, Index], npt.ArrayLike]
"""Trains on the first periods; gives simple returns on each of the second."""


@dataclass(frozen=True, slots=True)
class Combinatorial:
    """What every fold chose and what the joined paths earned.

    Parameters
    ----------
    splitter : CombinatorialPurged
        How time was cut.
    paths : float64, shape (paths, periods)
        Out-of-sample simple returns, each path the whole history.
    outside : float64, shape (folds,)
        Sharpe ratio per period of each fold's test.
    inside : float64, shape (folds,)
        The same of the choice in its training; NaN where a model was trained.
    ranks : float64, shape (folds,)
        Relative rank of the choice among all configurations out of sample, in (0, 1);
        NaN where a model was trained.
    choices : tuple of str
        Configuration of each fold; empty where a model was trained.
    n_trials : int
        Configurations ever tried, at least those of this run.
    """

    splitter: CombinatorialPurged
    paths: F64
    outside: F64
    inside: F64
    ranks: F64
    choices: tuple[str, ...]
    n_trials: int

    @property
    def path_sharpes(self) -> F64:
        """Sharpe ratio per period of each path."""
        return np.array([sharpe_per_period(path) for path in self.paths])

    @property
    def path_total_returns(self) -> F64:
        """Total return of each path, a fraction."""
        return np.asarray(np.prod(1.0 + self.paths, axis=1) - 1.0)

    def quantiles(self) -> tuple[float, float, float]:
        """5, 50 and 95 % of the Sharpe ratios of the paths, per period."""
        low, middle, high = (float(q) for q in np.quantile(self.path_sharpes, LEVELS))
        return low, middle, high

    @property
    def share_negative(self) -> float:
        """Share of paths with a Sharpe ratio below zero."""
        return float(np.mean(self.path_sharpes < 0.0))

    @property
    def pbo(self) -> float:
        """Share of folds whose choice is at or below the median out of sample.

        The probability of backtest overfitting of Bailey and others (2017) over these cuts;
        with k = n / 2 and nothing purged it is theirs.  NaN where a model was trained.
        """
        if not np.isfinite(self.ranks).all():
            return math.nan
        return float(np.mean(self.ranks <= 0.5 + 1e-12))

    @property
    def degradation(self) -> float:
        """Share of the mean in-sample Sharpe ratio that is lost out of sample."""
        inside = float(np.mean(self.inside))
        return 1.0 - float(np.mean(self.outside)) / inside if inside > 0.0 else math.nan

    @property
    def distinct_choices(self) -> int:
        """Number of different configurations chosen."""
        return len(set(self.choices))


def combinatorial_sweep(sweep: Sweep, splitter: CombinatorialPurged) -> Combinatorial:
    """Judge a sweep over all cuts of its history.

    Each configuration is run once, over all of the history; a fold chooses the best Sharpe
    ratio of the training periods and is judged on the test periods.  A rule that learns
    from what it is given must be trained fold by fold: :func:`combinatorial_fit`.

    Parameters
    ----------
    sweep : Sweep
        Without a window.  Its log keeps and counts every trial.
    splitter : CombinatorialPurged
        In periods of the objective's returns.

    Raises
    ------
    ResearchError
        When the sweep has a window, or fewer than two configurations have the same periods.
    """
    if sweep.window is not None:
        raise ResearchError("the sweep has a window", mend="give it all of the history")
    found = sweep.run()
    log = TrialLog(sweep.out_dir)
    good = [t for t in found.trials if not t.error and t.count]
    periods = max((t.count for t in good), default=0)
    same = [t for t in good if t.count == periods]
    names = [" ".join(f"{k}={v}" for k, v in sorted(t.params.items())) for t in same]
    if len(same) < 2:
        reason = next((t.error for t in found.trials if t.error), "returns differ in length")
        raise ResearchError(
            f"{len(same)} of {len(found.trials)} configurations can be compared: {reason}",
            mend="give a range of at least two values that the strategy accepts",
        )
    matrix = np.column_stack([log.returns(t) for t in same])
    return combinatorial_matrix(matrix, splitter, names, n_trials=log.tried())


def combinatorial_matrix(
    returns: npt.ArrayLike,
    splitter: CombinatorialPurged,
    names: Sequence[str] = (),
    *,
    n_trials: int = 0,
) -> Combinatorial:
    """Judge configurations whose returns are known.

    Parameters
    ----------
    returns : array_like, shape (periods, configurations)
        Simple returns of each over the whole history.
    splitter : CombinatorialPurged
        How time is cut.
    names : sequence of str
        Of the configurations; numbers by default.
    n_trials : int
        Configurations ever tried, when these are not all.

    Raises
    ------
    ResearchError
        With fewer than two configurations, too few periods, or a return that is no number.
    """
    m = np.asarray(returns, dtype=np.float64)
    if m.ndim != 2 or m.shape[1] < 2:
        raise ResearchError(
            f"nothing is chosen from an array of shape {m.shape}",
            mend="give (periods, 2 or more configurations)",
        )
    _check(m)
    called = list(names) or [str(i) for i in range(m.shape[1])]
    tests, inside, ranks, choices = [], [], [], []
    for fold in splitter.split(m.shape[0]):
        before, after = _sharpes(m[fold.train]), _sharpes(m[fold.test])
        best = int(np.argmax(before))
        below = np.count_nonzero(after < after[best])
        level = np.count_nonzero(after <= after[best])
        ranks.append((below + level + 1.0) / 2.0 / (m.shape[1] + 1.0))
        inside.append(before[best])
        choices.append(called[best])
        tests.append((fold, m[fold.test, best]))
    return Combinatorial(
        splitter, _join(splitter, m.shape[0], tests),
        np.array([sharpe_per_period(r) for _, r in tests]), np.array(inside), np.array(ranks),
        tuple(choices), max(n_trials, m.shape[1]),
    )  # fmt: skip


def combinatorial_fit(
    fit_and_test: FitAndTest,
    periods: int,
    splitter: CombinatorialPurged,
    *,
    n_trials: int = 1,
    show: bool = True,
) -> Combinatorial:
    """Train a model anew for every cut and judge it on what it has not seen.

    Parameters
    ----------
    fit_and_test : callable
        ``(train, test) -> returns``, periods as ascending numbers; one simple return per
        test period.
    periods : int
        Length of the history.
    splitter : CombinatorialPurged
        How time is cut.
    n_trials : int
        Models tried to arrive at this one, this included.
    show : bool
        Show a progress bar when standard error is a terminal.

    Raises
    ------
    ResearchError
        When it does not give one finite return per test period.
    """
    tests: list[tuple[Fold, F64]] = []
    with watched("combinatorial folds", splitter.count(periods), show=show) as watch:
        for fold in splitter.split(periods):
            found = np.asarray(fit_and_test(fold.train, fold.test), dtype=np.float64)
            if found.shape != fold.test.shape:
                raise ResearchError(
                    f"fold {fold.number} gave returns of shape {found.shape}",
                    mend=f"give one per test period, {fold.test.size}",
                )
            _check(found)
            tests.append((fold, found))
            watch(1, "")
    none = np.full(len(tests), math.nan)
    return Combinatorial(
        splitter, _join(splitter, periods, tests),
        np.array([sharpe_per_period(r) for _, r in tests]), none, none, (), n_trials,
    )  # fmt: skip


def _join(splitter: CombinatorialPurged, periods: int, tests: Sequence[tuple[Fold, F64]]) -> F64:
    """Put the tests of the folds together into paths that cover all periods once."""
    bounds = splitter.group_bounds(periods)
    out = np.empty((splitter.paths, periods))
    for row, members in enumerate(splitter.path_members()):
        for number, group in members:
            fold, found = tests[number]
            first, last = bounds[group]
            at = int(np.searchsorted(fold.test, first))
            out[row, first:last] = found[at : at + last - first]
    return out


def _sharpes(m: F64) -> F64:
    """Sharpe ratio per period of each column; 0 for a flat one."""
    if m.shape[0] < 2:
        return np.zeros(m.shape[1])
    mean, spread = m.mean(axis=0), m.std(axis=0, ddof=1)
    flat = spread <= 1e-14 * np.maximum(1.0, np.abs(mean))
    return np.where(flat, 0.0, mean / np.where(flat, 1.0, spread))


def _check(returns: F64) -> None:
    if not np.isfinite(returns).all():
        raise ResearchError("a return is not a number", mend="mend the strategy's equity")
