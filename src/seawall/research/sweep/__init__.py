# SPDX-License-Identifier: MIT
"""Search a space of parameters and keep count of everything that was tried.

A :class:`Sweep` evaluates a picklable objective over a :class:`Space` by grid, at random
or led by Optuna, in a pool of processes or on Ray, and appends every finished trial to the
study's log (:mod:`seawall.research.trials`).  Its :class:`SweepResult` never shows a best
figure without the number of configurations ever tried, the deflated Sharpe ratio and the
probability of overfitting.  ``fused`` holds a compiled pass for sweeps of signals; it is
imported on use, because it imports Numba.  Knows nothing of how a backtest is made.
Called by ``seawall sweep``, by walk-forward validation and by scripts.
"""

from seawall.research.sweep.honesty import Honesty, effective_trials, judge
from seawall.research.sweep.objective import (
    BatchObjective,
    Objective,
    TrialResult,
    objective_id,
    sharpe_per_period,
)
from seawall.research.sweep.result import Neighbourhood, SweepResult, neighbours
from seawall.research.sweep.shared import SharedArrays, share_arrays
from seawall.research.sweep.space import Choice, FloatRange, IntRange, Params, Space, parse_space
from seawall.research.sweep.sweep import Sweep

__all__ = [
    "BatchObjective",
    "Choice",
    "FloatRange",
    "Honesty",
    "IntRange",
    "Neighbourhood",
    "Objective",
    "Params",
    "SharedArrays",
    "Space",
    "Sweep",
    "SweepResult",
    "TrialResult",
    "effective_trials",
    "judge",
    "neighbours",
    "objective_id",
    "parse_space",
    "share_arrays",
    "sharpe_per_period",
]
