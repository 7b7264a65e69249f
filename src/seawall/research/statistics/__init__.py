# SPDX-License-Identifier: MIT
"""How far a backtest's figures can be trusted.

The stationary block bootstrap with automatic block length, the error of a Sharpe
ratio, probabilistic and deflated Sharpe ratios, the length of record they need, and
the probability of backtest overfitting.  Works on arrays of returns and knows nothing
of outcomes or pages.  Called by the report and by sweeps.
"""

from seawall.research.statistics._block import block_length
from seawall.research.statistics._bootstrap import (
    BootstrapPaths,
    bootstrap_paths,
    stationary_indices,
)
from seawall.research.statistics._overfit import Overfit, overfit_probability
from seawall.research.statistics._sharpe import (
    Trials,
    annual_factor,
    deflated_sharpe,
    expected_best_sharpe,
    min_backtest_years,
    min_track_record,
    probabilistic_sharpe,
    sharpe_error,
)

__all__ = [
    "BootstrapPaths",
    "Overfit",
    "Trials",
    "annual_factor",
    "block_length",
    "bootstrap_paths",
    "deflated_sharpe",
    "expected_best_sharpe",
    "min_backtest_years",
    "min_track_record",
    "overfit_probability",
    "probabilistic_sharpe",
    "sharpe_error",
    "stationary_indices",
]
