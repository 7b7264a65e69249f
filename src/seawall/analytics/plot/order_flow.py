# SPDX-License-Identifier: MIT
"""Order flow imbalance under the price: the running total, and what each interval brought."""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.flow import ofi
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import ASK, BID, FLOW, PRICE, Picture, file_title, finish, when
from seawall.analytics.spec import run

INTERVALS = 240


def draw(tables: Tables) -> Any:
    """Draw the mid, the flow per interval as bars, and its total; the correlation in the note."""
    from plotly.subplots import make_subplots

    columns = tables.columns("quotes", ofi.ANALYTIC)
    ts = tables.ts("quotes")
    flow = np.nan_to_num(run(ofi.ANALYTIC, columns)["e"])
    mid = 0.5 * (columns["bid_px"] + columns["ask_px"])
    step = max(int(ts[-1] - ts[0]) // INTERVALS, 1)
    starts = np.unique(np.searchsorted(ts, np.arange(ts[0], ts[-1], step)))
    sums = np.add.reduceat(flow, starts)
    ends = np.append(starts[1:], ts.size) - 1
    moves = np.diff(mid[ends], prepend=mid[0])
    at, close = when(ts[ends]), mid[ends]
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, row_heights=[0.4, 0.3, 0.3], vertical_spacing=0.06,
        subplot_titles=("mid price", f"order flow imbalance of each {step / 1e9:.1f} s",
                        "its running total"),
    )  # fmt: skip
    figure.add_scatter(x=at, y=close, mode="lines", name="mid", line_color=PRICE, row=1, col=1)
    colors = np.where(sums >= 0.0, BID, ASK)
    figure.add_bar(x=at, y=sums, name="OFI: green buying, red selling pressure", row=2, col=1,
                   marker={"color": colors.tolist(), "line_width": 0})  # fmt: skip
    figure.add_scatter(x=at, y=np.cumsum(sums), mode="lines", name="total OFI", line_color=FLOW,
                       row=3, col=1)  # fmt: skip
    figure.update_yaxes(title="quote currency", tickformat=",.6~g", row=1, col=1)
    figure.update_yaxes(title="base currency", row=2, col=1)
    figure.update_yaxes(title="base currency", row=3, col=1)
    figure.update_xaxes(title="time, UTC", row=3, col=1)
    both = np.corrcoef(sums, moves)[0, 1] if np.ptp(sums) > 0 and np.ptp(moves) > 0 else np.nan
    ahead = np.corrcoef(sums[:-1], moves[1:])[0, 1] if np.isfinite(both) else np.nan
    return finish(
        figure, f"Order flow and price: {file_title(tables.names['quotes'])}",
        f"correlation with the move of the same interval {both:+.2f}, of the next {ahead:+.2f}",
    )  # fmt: skip


PICTURE = Picture("ofi", "order flow imbalance under the price", ("quotes",), draw)
