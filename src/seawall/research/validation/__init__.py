# SPDX-License-Identifier: MIT
"""Tests that a result has to pass beyond its own backtest.

Splitters cut time with purge and embargo (:class:`WalkForward`, :class:`PurgedKFold`,
:class:`CombinatorialPurged`); :func:`walk_forward` chooses in sample and judges out of
sample with a :class:`~seawall.research.sweep.Sweep`, :func:`combinatorial_sweep` over all
cuts of the history; :func:`monte_carlo_market` runs a
strategy over resampled markets and :func:`monte_carlo_returns` resamples what it earned.
Does not make backtests and draws no charts.  Called by commands, reports and scripts.
"""

from seawall.research.validation.combinatorial import (
    Combinatorial,
    combinatorial_fit,
    combinatorial_matrix,
    combinatorial_sweep,
)
from seawall.research.validation.montecarlo import (
    MonteCarlo,
    monte_carlo_market,
    monte_carlo_returns,
)
from seawall.research.validation.splits import (
    CombinatorialPurged,
    Fold,
    PurgedKFold,
    Splitter,
    WalkForward,
)
from seawall.research.validation.walk import FoldResult, WalkForwardResult, walk_forward

__all__ = [
    "Combinatorial",
    "CombinatorialPurged",
    "Fold",
    "FoldResult",
    "MonteCarlo",
    "PurgedKFold",
    "Splitter",
    "WalkForward",
    "WalkForwardResult",
    "combinatorial_fit",
    "combinatorial_matrix",
    "combinatorial_sweep",
    "monte_carlo_market",
    "monte_carlo_returns",
    "walk_forward",
]
