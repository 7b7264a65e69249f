# SPDX-License-Identifier: MIT
"""Pictures of regimes: the price coloured by the regime that was known at each moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError

COLORS = ("#2e86c1", "#27ae60", "#e67e22", "#c0392b")
NAMES = ("calm", "normal", "high", "crisis")
MOST_POINTS = 1_500
"""Of a line; more than two per pixel make the probabilities a bar code."""


def regime_ribbon(
    ts: npt.ArrayLike, price: npt.ArrayLike, filtered: npt.ArrayLike, vol: npt.ArrayLike
) -> Any:
    """Price, the probabilities of the regimes below it, and the volatility of the next row.

    Parameters
    ----------
    ts : array
        Times, ns UTC.
    price : array
        Prices of the same rows.
    filtered : array of shape (rows, states)
        Probabilities given the rows so far, from the calmest state on.
    vol : array
        Volatility that the filter expects of the next row.

    Raises
    ------
    ResearchError
        When the lengths differ or there are more than four states.
    """
    from plotly.subplots import make_subplots

    t, p, v = np.asarray(ts), np.asarray(price, dtype=float), np.asarray(vol, dtype=float)
    probability = np.asarray(filtered, dtype=np.float64)
    if not t.size == p.size == v.size == probability.shape[0] or probability.shape[1] > len(COLORS):
        raise ResearchError(
            f"{t.size} times, {p.size} prices, probabilities {probability.shape} do not fit",
            mend="give rows of one length and four states or fewer",
        )
    every = max(1, t.size // MOST_POINTS)  # a page of millions of points cannot be read
    keep = slice(0, t.size // every * every)
    when = t[keep].reshape(-1, every)[:, -1].astype("datetime64[ns]")
    shown = p[keep].reshape(-1, every)[:, -1]
    mean = np.nanmean(probability[keep].reshape(-1, every, probability.shape[1]), axis=1)
    regime = np.argmax(mean, axis=1)

    def of_each(what: str) -> str:
        return f"{what} of each {every} rows" if every > 1 else ""

    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, row_heights=[0.55, 0.25, 0.2], vertical_spacing=0.04,
        subplot_titles=("price, coloured by the likeliest regime",
                        f"probability of each regime{of_each(', mean')}",
                        f"volatility expected of the next row{of_each(', largest')}"),
    )  # fmt: skip
    names = (
        NAMES
        if probability.shape[1] == len(NAMES)
        else tuple(f"state {j + 1}" for j in range(probability.shape[1]))
    )
    for j, name in enumerate(names):
        mine = regime == j
        mine[1:] |= mine[:-1] & (regime[1:] != j)  # joins a piece to the one that follows
        figure.add_scatter(
            x=when, y=np.where(mine, shown, np.nan), mode="lines", name=name, legendgroup=name,
            line={"color": COLORS[j], "width": 1.4}, row=1, col=1,
        )  # fmt: skip
        figure.add_scatter(
            x=when, y=mean[:, j], mode="lines", stackgroup="p", name=name, legendgroup=name,
            showlegend=False, line={"width": 0, "color": COLORS[j]}, fillcolor=COLORS[j],
            row=2, col=1,
        )  # fmt: skip
    largest = np.nanmax(v[keep].reshape(-1, every), axis=1)
    figure.add_scatter(x=when, y=largest, mode="lines", showlegend=False,
                         line={"color": "#555555", "width": 1}, row=3, col=1)  # fmt: skip
    figure.update_yaxes(type="log", row=1, col=1)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", row=2, col=1)
    figure.update_layout(template="plotly_white", width=1200, height=760,
                         title="Regimes as they were known at the time",
                         legend={"orientation": "h", "y": 1.1, "x": 0.66})  # fmt: skip
    return figure
