# SPDX-License-Identifier: MIT
"""Liquidity heat map: size at each price and time, with the best quotes and the trades on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.book import heat_map
from seawall.analytics.flow import ofi
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, file_title, finish, when
from seawall.analytics.spec import Analytic, run
from seawall.analytics.tables import columns_of

LARGEST_TRADES = 300
COLUMNS, ROWS = 400.0, 200.0


def draw(tables: Tables) -> Any:
    """Paint the map; colours are a logarithm, so that small walls are seen beside large ones."""
    from plotly.subplots import make_subplots

    columns = tables.columns("book", heat_map.ANALYTIC)
    bids, asks = columns["bid_pxs"], columns["ask_pxs"]
    reach = 1e4 * float(np.nanmedian((asks[:, -1] - bids[:, -1]) / (asks[:, 0] + bids[:, 0])))
    arrays = heat_map.ANALYTIC.columns(columns)
    found = heat_map.fit(*arrays, columns=COLUMNS, rows=ROWS, bps=max(1.5 * reach, 1e-3))
    size = found.bid + found.ask
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = np.log10(np.where(size > 0.0, size, np.nan)).T
    low, high = np.nanquantile(shown, (0.02, 0.998))
    ticks = np.arange(np.floor(low), np.ceil(high) + 1)
    at = when((found.times[1:] + found.times[:-1]) // 2)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.78, 0.22],
                           vertical_spacing=0.04)  # fmt: skip
    figure.add_heatmap(
        x=at, y=0.5 * (found.prices[1:] + found.prices[:-1]), z=shown, zmin=low, zmax=high,
        colorscale="Viridis", row=1, col=1, hovertemplate="%{x}<br>price %{y:.2f}<extra></extra>",
        colorbar={"title": "size shown,<br>base currency", "tickvals": ticks, "len": 0.75,
                  "y": 1.0, "yanchor": "top", "ticktext": [f"{10.0**t:g}" for t in ticks]},
    )  # fmt: skip
    for name, line, color in (("best bid", found.best_bid, "#58d68d"),
                              ("best ask", found.best_ask, "#ff7f6e")):  # fmt: skip
        figure.add_scatter(x=at, y=line, mode="lines", name=name,
                           line={"color": color, "width": 1.5}, row=1, col=1)  # fmt: skip
    if "trades" in tables:
        _trades(figure, tables, int(found.times[0]), int(found.times[-1]))
    _flow(figure, tables, found.times)
    figure.update_yaxes(title="price, quote currency", tickformat=",.6~g", showgrid=False,
                        range=[found.prices[0], found.prices[-1]], row=1, col=1)  # fmt: skip
    figure.update_xaxes(range=[str(at[0]), str(at[-1])], showgrid=False)
    figure.update_xaxes(title="time, UTC", row=2, col=1)
    figure.update_layout(plot_bgcolor="#2b2b33")
    return finish(
        figure, f"Liquidity shown in the book: {file_title(tables.names['book'])}",
        f"mean size per cell, on a logarithm; dark: no level shown there; circles: the "
        f"{LARGEST_TRADES} largest trades, by area",
    )  # fmt: skip


def _flow(figure: Any, tables: Tables, times: npt.NDArray[np.int64]) -> None:
    """Order flow imbalance of the best quotes in bars, each over four columns of the map."""
    flow = np.nan_to_num(run(ofi.ANALYTIC, tables.columns("book", ofi.ANALYTIC))["e"])
    edges = times[::4]
    sums, _ = np.histogram(tables.ts("book"), bins=edges, weights=flow)
    figure.add_bar(
        x=when((edges[1:] + edges[:-1]) // 2), y=sums, name="OFI: above 0 buying pressure",
        marker={"color": np.where(sums >= 0.0, "#2ecc71", "#ff4d4d").tolist(), "line_width": 0},
        row=2, col=1,
    )  # fmt: skip
    figure.update_yaxes(title="OFI, base", gridcolor="#4a4a55", zerolinecolor="#aaaaaa",
                        row=2, col=1)  # fmt: skip


def _trades(figure: Any, tables: Tables, start: int, end: int) -> None:
    wanted = Analytic("trades", "plot", ("price", "qty", "side"), "")
    columns = columns_of(wanted, tables["trades"])
    ts = tables.ts("trades")
    inside = np.flatnonzero((ts >= start) & (ts <= end))
    if not inside.size:
        return
    top = inside[np.argsort(columns["qty"][inside])[-LARGEST_TRADES:]]
    most = float(columns["qty"][top].max())
    for name, side, color in (("taker bought", 1.0, "#2ecc71"), ("taker sold", -1.0, "#ff4d4d")):
        mine = top[columns["side"][top] == side]
        figure.add_scatter(
            x=when(ts[mine]), y=columns["price"][mine], mode="markers", name=name,
            marker={"color": color, "size": 4.0 + 18.0 * np.sqrt(columns["qty"][mine] / most),
                    "line": {"color": "white", "width": 0.8}, "opacity": 0.85},
            customdata=columns["qty"][mine],
            hovertemplate="%{x}<br>price %{y:.2f}<br>size %{customdata:g}<extra></extra>",
            row=1, col=1,
        )  # fmt: skip


PICTURE = Picture(
    "liquidity", "liquidity heat map with price, order flow and the trades", ("book",), draw,
    also=("trades",),
)  # fmt: skip
