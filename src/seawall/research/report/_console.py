# SPDX-License-Identifier: MIT
"""Metrics as a table for the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seawall.research.metrics import Metrics
from seawall.research.report._figures import BLANK, BY_NAME, GROUPS, note_of, show, show_figure
from seawall.research.report._summary import Interval, Summary

if TYPE_CHECKING:
    from rich.table import Table

SHORT = (
    "total_return", "annual_return", "sharpe", "sortino", "volatility", "max_drawdown",
    "es_95", "trades", "win_rate", "profit_factor", "fees", "slippage", "funding", "exposure",
)  # fmt: skip


def metrics_table(
    metrics: Metrics, intervals: Sequence[Interval] = (), *, title: str = "", full: bool = False
) -> Table:
    """Build a table of figures with their 90 % intervals and definitions.

    Parameters
    ----------
    metrics : Metrics
        The figures.
    intervals : sequence of Interval
        From :func:`~seawall.research.report.summarise`.
    title : str
        Shown above.
    full : bool
        All figures instead of the main ones.
    """
    from rich.table import Table

    known = {i.name: i for i in intervals}
    table = Table(title=title or None, title_justify="left", header_style="bold", pad_edge=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("90 % interval", justify="right")
    table.add_column("note", style="dim")
    for _, group in GROUPS:
        for figure in group:
            if not full and figure.name not in SHORT:
                continue
            i = known.get(figure.name)
            spread = f"{show(figure.kind, i.low)} … {show(figure.kind, i.high)}" if i else ""
            text = show_figure(figure, metrics)
            table.add_row(figure.label, text, spread, note_of(figure, metrics))
    return table


def comparison_table(runs: Sequence[tuple[str, Summary]], *, title: str = "") -> Table:
    """Build a table with one column per run."""
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold", pad_edge=False)
    table.add_column("figure")
    for name, _ in runs:
        table.add_column(name, justify="right")
    for name in SHORT:
        figure = BY_NAME[name]
        cells = [show_figure(figure, s.metrics) for _, s in runs]
        if any(cell != BLANK for cell in cells):
            table.add_row(figure.label, *cells)
    chance = [s.probability_deflated for _, s in runs]
    table.add_row(
        "Deflated Sharpe probability",
        *(BLANK if math.isnan(p) else show("percent", p) for p in chance),
    )
    return table
