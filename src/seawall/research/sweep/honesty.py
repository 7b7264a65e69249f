# SPDX-License-Identifier: MIT
"""What a best result is worth after the search that found it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.research.sweep.objective import sharpe_per_period
from seawall.research.trials import Trial, TrialLog

PBO_BLOCKS = (16, 14, 12, 10, 8, 6, 4)
PBO_ROWS_MIN = 5


@dataclass(frozen=True, slots=True)
class Honesty:
    """The best trial judged against everything that was tried.

    Parameters
    ----------
    n_trials : int
        Different configurations ever evaluated in this study, failed ones included.
    n_effective : float
        Independent configurations that the correlations of their returns leave, by the
        participation ratio of the eigenvalues; NaN without returns.
    sharpe : float
        Sharpe ratio of the best trial, per period.
    expected_best : float
        Ratio per period that the best of ``n_trials`` trials without skill would show.
    probabilistic, deflated : float
        Probability that the true ratio is positive, and that it exceeds
        ``expected_best``; NaN when the returns do not allow it.
    pbo : float
        Probability of backtest overfitting of this sweep; NaN when it cannot be judged.
    pbo_blocks : int
        Blocks of rows that it used; 0 when it cannot be judged.
    """

    n_trials: int
    n_effective: float
    sharpe: float
    expected_best: float
    probabilistic: float
    deflated: float
    pbo: float
    pbo_blocks: int

    def sentence(self) -> str:
        """One line for people, to stand beside every best result."""
        deflated = "n/a" if math.isnan(self.deflated) else f"{self.deflated:.3f}"
        pbo = "n/a" if math.isnan(self.pbo) else f"{self.pbo:.2f}"
        return (
            f"best of {self.n_trials} configurations ever tried in this study; "
            f"deflated Sharpe probability {deflated}, probability of overfitting {pbo}"
        )


def judge(log: TrialLog, best: Trial, sweep: Sequence[Trial]) -> Honesty:
    """Judge a best trial.

    Parameters
    ----------
    log : TrialLog
        The study.
    best : Trial
        The chosen trial.
    sweep : sequence of Trial
        Trials of the sweep that chose it, for the probability of overfitting.
    """
    from seawall.research.statistics import (
        Trials,
        deflated_sharpe,
        expected_best_sharpe,
        probabilistic_sharpe,
    )

    everything = list(log)
    count = max(1, len({trial.config for trial in everything}))
    returns = log.returns(best)
    sharpe, n = sharpe_per_period(returns), returns.size
    variance = _variance_of_sharpes(log, everything, best)
    matrix = returns_matrix(log, sweep, n)
    pbo, blocks = _pbo(matrix)
    skew, kurtosis = _shape(returns)
    enough = n >= 3
    if variance is None:
        variance = 1.0 / (n - 1) if enough else math.nan
    return Honesty(
        n_trials=count,
        n_effective=effective_trials(matrix),
        sharpe=sharpe,
        expected_best=expected_best_sharpe(count, variance) if enough else math.nan,
        probabilistic=(
            probabilistic_sharpe(sharpe, n, skew=skew, kurtosis=kurtosis) if enough else math.nan
        ),
        deflated=(
            deflated_sharpe(sharpe, n, Trials(count, variance), skew=skew, kurtosis=kurtosis)
            if enough
            else math.nan
        ),
        pbo=pbo,
        pbo_blocks=blocks,
    )


def returns_matrix(log: TrialLog, trials: Sequence[Trial], periods: int) -> npt.NDArray[np.float64]:
    """Stack the returns of the trials with ``periods`` of them, shape (periods, trials)."""
    same = [t for t in trials if not t.error and t.count == periods and periods > 0]
    if not same:
        return np.empty((periods, 0))
    return np.column_stack([log.returns(trial) for trial in same])


def effective_trials(matrix: npt.NDArray[np.float64]) -> float:
    """Count independent columns: ``(sum of eigenvalues)^2 / sum of their squares``.

    From the correlation matrix R of the columns that vary: ``k^2 / |R|_F^2``, between 1
    and k.  With fewer rows than columns it cannot exceed the rows.
    """
    if matrix.shape[0] < 3 or matrix.shape[1] == 0:
        return math.nan
    centred = matrix - matrix.mean(axis=0)
    scale = np.sqrt((centred**2).sum(axis=0))
    unit = centred[:, scale > 1e-12] / scale[scale > 1e-12]
    k = unit.shape[1]
    if k == 0:
        return math.nan
    # The smaller of the two Gram matrices has the same sum of squared eigenvalues.
    gram = unit.T @ unit if k <= unit.shape[0] else unit @ unit.T
    return float(k * k / (gram**2).sum())


def _variance_of_sharpes(log: TrialLog, trials: Sequence[Trial], best: Trial) -> float | None:
    """Variance over configurations of the Sharpe ratios, same window as the best one."""
    one = {t.config: t for t in trials if not t.error and t.count > 2 and t.window == best.window}
    if len(one) < 2:
        return None
    return float(np.var([sharpe_per_period(log.returns(t)) for t in one.values()], ddof=1))


def _pbo(matrix: npt.NDArray[np.float64]) -> tuple[float, int]:
    from seawall.research.statistics import overfit_probability

    rows, columns = matrix.shape
    blocks = next((b for b in PBO_BLOCKS if rows >= PBO_ROWS_MIN * b), 0)
    if columns < 2 or blocks == 0 or not np.isfinite(matrix).all():
        return math.nan, 0
    return overfit_probability(matrix, blocks=blocks).pbo, blocks


def _shape(returns: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Skewness and kurtosis (3 for a normal), divisor n."""
    centred = returns - returns.mean() if returns.size else returns
    second = float((centred**2).mean()) if returns.size else 0.0
    if second <= 0.0:
        return 0.0, 3.0
    skew = float((centred**3).mean()) / second**1.5
    return skew, float((centred**4).mean()) / second**2
