# SPDX-License-Identifier: MIT
"""What a run achieved and what it cost, in figures with units.

Reads an :class:`~seawall.engine.outcome.Outcome`; knows nothing of intervals
(:mod:`seawall.research.statistics`) or pages (:mod:`seawall.research.report`).
Returns are measured on bars of one stated length, because a ratio over irregular
samples has no meaning.  A figure that is undefined is NaN with a reason, never 0 or
infinity.  Called by the report, by sweeps and by tests.
"""

from seawall.research.metrics._bars import EquityBars, choose_bar, to_bars
from seawall.research.metrics._metrics import Metrics
from seawall.research.metrics._performance import Benchmark, equity_bars, performance
from seawall.research.metrics._series import SeriesFigures, series_figures, tail_risk
from seawall.research.metrics._trades import TRADE, round_trips, trades_frame

__all__ = [
    "TRADE",
    "Benchmark",
    "EquityBars",
    "Metrics",
    "SeriesFigures",
    "choose_bar",
    "equity_bars",
    "performance",
    "round_trips",
    "series_figures",
    "tail_risk",
    "to_bars",
    "trades_frame",
]
