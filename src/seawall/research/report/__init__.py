# SPDX-License-Identifier: MIT
"""A run as a page, a table or files, with uncertainty and assumptions beside figures.

Reads outcomes; computes nothing that :mod:`seawall.research.metrics` and
:mod:`seawall.research.statistics` do not.  The page is one file that loads nothing
from anywhere, and says what was simulated rather than what will be earned.  Called by
the backtest command and by programs.
"""

from seawall.research.report._chart import NamedOutcome, PriceSeries
from seawall.research.report._console import comparison_table, metrics_table
from seawall.research.report._figures import SHARPE_DAYS_MIN, figure_text, show
from seawall.research.report._files import equity_frame, write_files
from seawall.research.report._page import write_html
from seawall.research.report._section import TableSection
from seawall.research.report._summary import Interval, Summary, summarise

__all__ = [
    "SHARPE_DAYS_MIN",
    "Interval",
    "NamedOutcome",
    "PriceSeries",
    "Summary",
    "TableSection",
    "comparison_table",
    "equity_frame",
    "figure_text",
    "metrics_table",
    "show",
    "summarise",
    "write_files",
    "write_html",
]
