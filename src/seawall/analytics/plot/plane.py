# SPDX-License-Identifier: MIT
"""Plane of temperature and entropy of a book, and whether its quarters differ in what follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.econophysics import temperature_entropy
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, file_title, finish, log_ticks, when

COLORS = ("#5dade2", "#1f618d", "#f5b041", "#c0392b")
POINTS = 300


def draw(tables: Tables) -> Any:
    """Draw the plane beside the mid price in the same colours."""
    from plotly.subplots import make_subplots

    columns = tables.columns("book", temperature_entropy.ANALYTIC)
    arrays = temperature_entropy.ANALYTIC.columns(columns)
    ts = arrays[0]
    window = max(float(ts[-1] - ts[0]) / 1e9 / POINTS, 0.5)
    found = temperature_entropy.fit(*arrays, window=window)
    figure = make_subplots(
        rows=1, cols=2, column_widths=[0.52, 0.48], horizontal_spacing=0.1,
        subplot_titles=("the plane: one point per window", "mid price at the end of each window"),
    )  # fmt: skip
    heat = np.where(found.temperature > 0.0, found.temperature, np.nan)
    at = when(found.ts)
    for k, name in enumerate(temperature_entropy.QUARTERS):
        mine = found.quarter == k
        mark = {"color": COLORS[k], "size": 7, "line": {"color": "white", "width": 0.5}}
        label = f"{name} ({int(found.counts[k])}, next move x {found.moves[k]:.2f})"
        figure.add_scatter(x=found.entropy[mine], y=heat[mine], mode="markers", name=label,
                           legendgroup=name, marker=mark, row=1, col=1)  # fmt: skip
        figure.add_scatter(x=at[mine], y=found.mid[mine], mode="markers", name=name,
                           legendgroup=name, showlegend=False, marker=mark,
                           row=1, col=2)  # fmt: skip
    early = found.quarter < 0
    figure.add_scatter(x=found.entropy[early], y=heat[early], mode="markers", name="no past yet",
                       marker={"color": "#d5d8dc", "size": 5}, row=1, col=1)  # fmt: skip
    figure.update_xaxes(title="entropy of the book, 0 one price to 1 even", row=1, col=1)
    figure.update_yaxes(title="temperature, base currency x (bps/s)²", type="log",
                        **log_ticks(heat), row=1, col=1)  # fmt: skip
    figure.update_xaxes(title="time, UTC", row=1, col=2)
    figure.update_yaxes(title="quote currency", tickformat=",.6~g", row=1, col=2)
    figure.add_scatter(x=at, y=found.mid, mode="lines", showlegend=False, hoverinfo="skip",
                       line={"color": "#aab7b8", "width": 0.8}, row=1, col=2)  # fmt: skip
    return finish(
        figure, f"Temperature and entropy: {file_title(tables.names['book'])}",
        f"windows of {window:.1f} s, in brackets their number and the size of the move "
        f"after them over the mean<br>chance that the quarters differ by luck alone: size of the "
        f"next move p = {found.p_moves:.2f}, its direction p = {found.p_continued:.2f}",
        height=700,
    )  # fmt: skip


PICTURE = Picture("temperature", "plane of temperature and entropy", ("book",), draw)
