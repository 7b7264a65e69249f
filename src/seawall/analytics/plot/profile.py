# SPDX-License-Identifier: MIT
"""Volume profile beside the price: how much was bought and sold at each price."""

from __future__ import annotations

from typing import Any

from seawall.analytics.flow import volume_profile
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import (
    ASK,
    BID,
    FLOOR,
    PRICE,
    Picture,
    file_title,
    finish,
    thin,
    when,
)


def draw(tables: Tables) -> Any:
    """Draw the price and, to its right on the same axis, the profile with its value area."""
    from plotly.subplots import make_subplots

    columns = tables.columns("trades", volume_profile.ANALYTIC)
    found = volume_profile.fit(*volume_profile.ANALYTIC.columns(columns))
    ts, price = tables.ts("trades"), columns["price"]
    at = thin(ts.size)
    figure = make_subplots(rows=1, cols=2, shared_yaxes=True, column_widths=[0.62, 0.38],
                           horizontal_spacing=0.02,
                           subplot_titles=("price of trades", "volume at each price"))  # fmt: skip
    figure.add_scatter(x=when(ts[at]), y=price[at], mode="lines", name="price",
                       line={"color": PRICE, "width": 1}, row=1, col=1)  # fmt: skip
    for name, values, color in (("takers bought", found.bought, BID),
                                ("takers sold", found.sold, ASK)):  # fmt: skip
        figure.add_bar(y=found.prices, x=values, orientation="h", name=name, marker_color=color,
                       marker_line_width=0, width=0.9 * found.size, row=1, col=2)  # fmt: skip
    for col in (1, 2):
        figure.add_hrect(y0=found.area_low, y1=found.area_high, fillcolor="#85929e", opacity=0.12,
                         line_width=0, row=1, col=col)  # fmt: skip
        figure.add_hline(y=found.poc, line={"color": FLOOR, "width": 1.6}, row=1, col=col)
        figure.add_hline(y=found.vwap, line={"color": PRICE, "dash": "dot"}, row=1, col=col)
    figure.update_layout(barmode="stack", bargap=0)
    figure.update_xaxes(title="time, UTC", row=1, col=1)
    figure.update_xaxes(title="volume, base currency", row=1, col=2)
    figure.update_yaxes(title="price, quote currency", tickformat=",.6~g", row=1, col=1)
    return finish(
        figure, f"Volume profile: {file_title(tables.names['trades'])}",
        f"orange: point of control {found.poc:,.6g}; shaded: value area {found.area_low:,.6g} to "
        f"{found.area_high:,.6g}, {found.area_share:.0%} of {found.volume:,.5g}; dotted: volume-"
        f"weighted mean {found.vwap:,.6g}",
    )  # fmt: skip


PICTURE = Picture("profile", "volume profile beside the price", ("trades",), draw)
