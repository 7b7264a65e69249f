# SPDX-License-Identifier: MIT
"""VPIN above its noise floor, under the price: only the part above the floor says anything."""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.flow import vpin
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import (
    FLOOR,
    FLOW,
    PRICE,
    Picture,
    file_title,
    finish,
    thin,
    when,
)
from seawall.analytics.spec import run

BUCKETS, WINDOW = 400, 50


def draw(tables: Tables) -> Any:
    """Draw it with buckets of 1/400 of the volume."""
    from plotly.subplots import make_subplots

    columns = tables.columns("trades", vpin.ANALYTIC)
    ts, price = tables.ts("trades"), tables["trades"]["price"].to_numpy()
    bucket = float(np.nansum(columns["qty"])) / BUCKETS
    found = run(vpin.ANALYTIC, columns, {"bucket": bucket, "window": WINDOW})
    known = np.flatnonzero(np.diff(found["buckets"], prepend=0.0) > 0)
    rows = known[np.isfinite(found["vpin"][known])]
    at, shown = when(ts[rows]), thin(ts.size)
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, row_heights=[0.4, 0.35, 0.25], vertical_spacing=0.06,
        subplot_titles=("price of trades", "VPIN, and what coin-flip signs would give",
                        "rank of VPIN in its own past"),
    )  # fmt: skip
    figure.add_scatter(x=when(ts[shown]), y=price[shown], mode="lines", name="price",
                       line={"color": PRICE, "width": 1}, row=1, col=1)  # fmt: skip
    figure.add_scatter(x=at, y=found["floor"][rows], mode="lines", name="noise floor",
                       line={"color": FLOOR, "dash": "dash"}, row=2, col=1)  # fmt: skip
    figure.add_scatter(x=at, y=found["vpin"][rows], mode="lines", name="VPIN", fill="tonexty",
                       line_color=FLOW, fillcolor="rgba(46,134,193,0.25)",
                       row=2, col=1)  # fmt: skip
    figure.add_scatter(x=at, y=found["rank"][rows], mode="lines", name="rank",
                       line={"color": PRICE, "width": 1}, row=3, col=1)  # fmt: skip
    figure.add_hline(y=0.9, line={"color": FLOOR, "dash": "dot"}, row=3, col=1,
                     annotation_text="0.9", annotation_position="top left")  # fmt: skip
    figure.update_yaxes(title="quote currency", tickformat=",.6~g", row=1, col=1)
    figure.update_yaxes(title="share, 0 to 1", rangemode="tozero", row=2, col=1)
    figure.update_yaxes(title="0 to 1", range=[0, 1.05], row=3, col=1)
    figure.update_xaxes(title="time, UTC", row=3, col=1)
    return finish(
        figure, f"VPIN and its noise floor: {file_title(tables.names['trades'])}",
        f"buckets of {float(f'{bucket:.4g}'):,.10g} base currency, {WINDOW} of them; the shaded "
        "part alone is imbalance beyond chance",
    )  # fmt: skip


PICTURE = Picture("vpin", "VPIN with its noise floor, under the price", ("trades",), draw)
