# SPDX-License-Identifier: MIT
"""Minimum spanning trees of a market before a crisis and in it, drawn to one scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from seawall.analytics.networks.crisis import BeforeAndIn, before_and_in
from seawall.analytics.networks.mst import Tree
from seawall.analytics.networks.panel import Panel, panel_of
from seawall.analytics.plot.files import Tables
from seawall.analytics.plot.picture import Picture, finish
from seawall.model.errors import ResearchError

CRISIS_ROWS, CALM_ROWS = 168, 720
"""A week of hours that is compared with the month before it."""

HUBS, ALL = 8, 40
"""Instruments that are named in large letters, and up to how many all the others are too."""


def worst_week(panel: Panel) -> tuple[tuple[str, str], tuple[str, str]]:
    """Spans of the rows whose mean return over a week is the lowest, and of the month before.

    Raises
    ------
    ResearchError
        When there are too few rows for both.
    """
    with np.errstate(invalid="ignore"):
        known = np.isfinite(panel.returns)
        mean = np.where(known, panel.returns, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    total = np.convolve(mean, np.ones(CRISIS_ROWS), mode="valid")
    if total.size <= CALM_ROWS:
        raise ResearchError(
            f"{mean.size} rows are too few for a crisis and the calm before it",
            mend=f"give at least {CALM_ROWS + CRISIS_ROWS + 1} rows per instrument",
        )
    start = CALM_ROWS + int(np.argmin(total[CALM_ROWS:]))
    stop = min(start + CRISIS_ROWS, mean.size - 1)
    words = [
        str(np.datetime64(int(panel.ts[i]), "ns").astype("datetime64[s]"))
        for i in (start - CALM_ROWS, start, stop)
    ]
    return (words[0], words[1]), (words[1], words[2])


def draw(tables: Tables) -> Any:
    """Draw both trees; equal distances mean equal correlation in both."""
    from plotly.subplots import make_subplots

    panel = panel_of(tables["panel"])
    calm, crisis = worst_week(panel)
    found = before_and_in(panel, calm, crisis, samples=50)
    titles = [
        f"{what}, {a[:10]} to {b[5:10]}: mean link {t.length:.2f}, "
        f"correlation {t.mean_correlation:.2f}"
        for what, (a, b), t in (
            ("before", calm, found.calm),
            ("in the crisis", crisis, found.crisis),
        )
    ]
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.03, subplot_titles=titles)
    spots = [t.positions() for t in (found.calm, found.crisis)]
    spots = [s - 0.5 * (s.min(axis=0) + s.max(axis=0)) for s in spots]
    wide, high = (1.12 * max(float(np.abs(s[:, k]).max()) for s in spots) for k in (0, 1))
    for col, (tree, spot) in enumerate(zip((found.calm, found.crisis), spots, strict=True), 1):
        _tree(figure, tree, spot, found, col)
    figure.update_xaxes(visible=False, range=[-wide, wide])
    figure.update_yaxes(visible=False, range=[-high, high])
    figure.update_yaxes(scaleanchor="x", row=1, col=1)
    figure.update_yaxes(scaleanchor="x2", row=1, col=2)
    return finish(
        figure, f"Correlation network of {len(found.names)} instruments, before and in a crisis",
        f"both to one scale: a shorter link is a higher correlation; {found.kept:.0%} of the links "
        f"stayed; {found.share_below:.0%} of the calm weeks had as short a tree<br>"
        "large names: most links; pale links: in under half of the bootstrap samples",
        height=820,
    )  # fmt: skip


def _tree(figure: Any, tree: Tree, spot: Any, found: BeforeAndIn, col: int) -> None:
    for sure, color, name in ((True, "#566573", "sure link"), (False, "#d5d8dc", "doubtful link")):
        lines: list[list[float | None]] = [[], []]
        for (a, b), share in zip(tree.edges.tolist(), tree.reliability, strict=True):
            if (share >= 0.5) == sure:
                for axis in (0, 1):
                    lines[axis] += [float(spot[a, axis]), float(spot[b, axis]), None]
        figure.add_scatter(x=lines[0], y=lines[1], mode="lines", name=name, showlegend=col == 1,
                           legendgroup=name, line={"color": color, "width": 1.3},
                           hoverinfo="skip", row=1, col=col)  # fmt: skip
    hubs = set(np.argsort(-tree.degree)[:HUBS].tolist())
    short = [n.removesuffix("USDT").removesuffix("/") for n in found.names]
    figure.add_scatter(
        x=spot[:, 0], y=spot[:, 1], mode="markers+text", row=1, col=col, showlegend=col == 1,
        name="instrument, larger with more links", legendgroup="node",
        text=[n if i in hubs or len(short) <= ALL else "" for i, n in enumerate(short)],
        textposition="top center",
        textfont={"size": [13 if i in hubs else 10 for i in range(len(short))],
                  "color": ["#1b2631" if i in hubs else "#5d6d7e" for i in range(len(short))]},
        marker={"size": 4.0 + 4.0 * np.sqrt(tree.degree), "color": tree.degree,
                "colorscale": "Blues", "cmin": -4, "cmax": 16,
                "line": {"color": "#1b4f72", "width": 0.7}},
        customdata=np.stack((np.array(short, dtype=object), tree.degree), axis=1),
        hovertemplate="%{customdata[0]}: %{customdata[1]} links<extra></extra>",
    )  # fmt: skip


PICTURE = Picture(
    "network", "correlation network before a crisis and in it, to one scale", ("panel",), draw
)
