# SPDX-License-Identifier: MIT
"""Pictures of a surface: smiles over the quotes they were fitted to, the map, the densities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from seawall.analytics.surface.chain import Chain
from seawall.analytics.surface.surface import VolSurface

COLUMNS = 3
SHOWN = (20.0, 220.0)
"""Prices at expiry that the densities show, percent of the forward."""

MARKET, FITTED, BEYOND = "#1f6fb2", "#c0392b", "#e8a79f"


def days(years: float) -> str:
    """Time to expiry in words."""
    left = years * 365.0
    return f"{left:.1f} days" if left < 10 else f"{left:.0f} days"


def smiles(surface: VolSurface, chain: Chain) -> Any:
    """One small chart per expiry: quotes from bid to ask, marks, and the fitted smile.

    The smile is drawn pale beyond the outer strikes, where no quote holds it.
    """
    from plotly.subplots import make_subplots

    n = len(surface.years)
    titles = [f"{days(t)}, forward {f:,.0f}" for t, f in zip(surface.years, surface.forwards,
                                                           strict=True)]  # fmt: skip
    rows = math.ceil(n / COLUMNS)
    figure = make_subplots(rows=rows, cols=COLUMNS, subplot_titles=titles,
                           vertical_spacing=0.35 / rows, horizontal_spacing=0.06)  # fmt: skip
    for i, years in enumerate(surface.years):
        place = {"row": i // COLUMNS + 1, "col": i % COLUMNS + 1}
        one = chain.take(np.isclose(chain.years, years, rtol=1e-9))
        low, high = surface.reach[i]
        wide = 0.15 * (high - low)
        for first, last, color in ((low - wide, low, BEYOND), (high, high + wide, BEYOND),
                                   (low, high, FITTED)):  # fmt: skip
            k = np.linspace(first, last, 60)
            strike = surface.forwards[i] * np.exp(k)
            figure.add_scatter(
                x=strike, y=100.0 * surface.vol(strike, years), mode="lines", name="SVI",
                legendgroup="fit", showlegend=i == 0 and color == FITTED,
                line={"color": color, "width": 2}, **place,
            )  # fmt: skip
        up, down = one.ask_vol - one.vol, one.vol - one.bid_vol
        figure.add_scatter(
            x=one.strike, y=100.0 * one.vol, mode="markers", name="mark, bid to ask",
            legendgroup="market", showlegend=i == 0, marker={"color": MARKET, "size": 5},
            error_y={"type": "data", "symmetric": False, "width": 0, "thickness": 1,
                     "array": 100.0 * np.nan_to_num(np.maximum(up, 0.0)),
                     "arrayminus": 100.0 * np.nan_to_num(np.maximum(down, 0.0))},
            **place,
        )  # fmt: skip
    figure.update_yaxes(ticksuffix=" %")
    figure.update_xaxes(tickformat="~s", nticks=6)
    figure.update_layout(
        height=260 * rows + 80, width=1200, template="plotly_white",
        title=f"Smiles by expiry: error {100 * surface.rmse:.2f} vol points over"
              f" {surface.rows} options, worst {100 * surface.worst:.2f}",
        legend={"orientation": "h", "y": -0.05},
    )  # fmt: skip
    return figure


def surface_map(surface: VolSurface) -> Any:
    """Volatility by standard deviations from the forward and time to expiry.

    A deviation is that of the volatility at the money over the same time, so that short and
    long expiries can be compared; only what lies between quoted strikes is drawn.
    """
    import plotly.graph_objects as go

    times = np.geomspace(surface.years[0], surface.years[-1], 120)
    money = np.array([math.sqrt(float(surface.variance(0.0, t))) for t in times])
    log_years = np.log(surface.years)
    left, right = (
        np.interp(np.log(times), log_years, [r[side] for r in surface.reach]) / money
        for side in (0, 1)
    )
    x = np.linspace(left.min(), right.max(), 241)
    grid = np.full((times.size, x.size), np.nan)
    for i, t in enumerate(times):
        inside = (x >= left[i]) & (x <= right[i])
        grid[i, inside] = 100.0 * np.sqrt(surface.variance(x[inside] * money[i], float(t)) / t)
    figure = go.Figure(
        go.Contour(x=x, y=365.0 * times, z=grid, colorscale="RdYlBu_r",
                   contours={"showlabels": True, "labelfont": {"color": "black", "size": 11}},
                   line={"width": 0.6}, ncontours=18, colorbar={"title": "vol, %"},
                   hovertemplate="%{x:.2f} deviations<br>%{y:.1f} days<br>"
                                 "%{z:.1f} %<extra></extra>")
    )  # fmt: skip
    for years in surface.years:
        figure.add_hline(y=365.0 * years, line={"color": "black", "width": 0.4, "dash": "dot"})
    figure.update_xaxes(title="strike, standard deviations from the forward", zeroline=True)
    figure.update_yaxes(title="days to expiry (dotted: quoted)", type="log",
                        tickvals=[1, 2, 5, 10, 30, 90, 180, 365])  # fmt: skip
    figure.update_layout(template="plotly_white", width=1000, height=600,
                         title="Implied volatility between the quoted strikes")  # fmt: skip
    return figure


def densities(surface: VolSurface) -> Any:
    """Risk-neutral density of every expiry over its forward, scaled to the same height."""
    import plotly.graph_objects as go

    figure = go.Figure()
    n = len(surface.years)
    for i, years in enumerate(surface.years):
        spread = 4.0 * math.sqrt(float(surface.variance(0.0, years)))
        low = max(-spread, math.log(SHOWN[0] / 100.0))
        high = min(spread, math.log(SHOWN[1] / 100.0))
        strike = surface.forwards[i] * np.exp(np.linspace(low, high, 400))
        pdf = surface.density(strike, years)
        hue = 210 + 120 * i // n
        x, height = 100.0 * strike / surface.forwards[i], i + 1.6 * pdf / pdf.max()
        figure.add_scatter(
            x=[x[0], *x, x[-1]], y=[i, *height, i], mode="lines",  # the fill ends on its own line
            name=days(years), line={"color": f"hsl({hue}, 60%, 45%)", "width": 1.8,
                                    "simplify": False},
            showlegend=False, fill="toself", fillcolor=f"hsla({hue}, 60%, 45%, 0.12)",
        )  # fmt: skip
    figure.add_vline(x=100.0, line={"color": "#888888", "dash": "dot", "width": 1})
    figure.update_xaxes(title="price at expiry, % of forward", range=list(SHOWN))
    figure.update_yaxes(
        tickvals=list(range(n)), ticktext=[days(t) for t in surface.years], title="",
        showgrid=False,
    )  # fmt: skip
    figure.update_layout(template="plotly_white", width=900, height=110 + 55 * n,
                         title="Risk-neutral densities, each to its own height")  # fmt: skip
    return figure
