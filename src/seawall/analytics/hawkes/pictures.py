# SPDX-License-Identifier: MIT
"""Pictures of point processes: intensity with alerts, the course of a burst, residuals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.fit_pq import HawkesPq
from seawall.analytics.hawkes.fitness import fitness, residual_plot
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
MOST_POINTS = 4_000
UNITS = ((172_800.0, 86_400.0, "days"), (10_800.0, 3_600.0, "hours"), (0.0, 1.0, "seconds"))
"""Spans from which an axis counts in another unit."""

PRICE, RATE, FEED, ALERT, GUIDE = "#34495e", "#2e86c1", "#c0392b", "#e67e22", "#7f8c8d"


def _unit(span: float) -> tuple[float, str]:
    """Seconds of the unit in which a span reads well, and its name."""
    for least, seconds, name in UNITS:
        if span >= least:
            return seconds, name
    return 1.0, "seconds"


def intensity_with_alerts(
    time: npt.ArrayLike, price: npt.ArrayLike, intensity: npt.ArrayLike, alert: npt.ArrayLike,
    breaches: npt.ArrayLike = (),
) -> Any:  # fmt: skip
    """Price over the intensity of its trades, with alerts and with the crashes that came.

    Parameters
    ----------
    time, price : arrays
        Trades in order: seconds, and quote currency.
    intensity : array
        Events per second at each of them, as ``hawkes_intensity`` gives it.
    alert : array
        1 or -1 where an alert was given, as ``crash_alert`` gives it.
    breaches : array
        Times at which crashes were complete, seconds.

    Raises
    ------
    ResearchError
        When the lengths differ.
    """
    from plotly.subplots import make_subplots

    t, p, rate, mark = (np.asarray(x, dtype=np.float64) for x in (time, price, intensity, alert))
    if not t.size == p.size == rate.size == mark.size or t.size == 0:
        raise ResearchError(
            f"{t.size} times, {p.size} prices, {rate.size} intensities do not fit",
            mend="give rows of one length",
        )
    seconds, name = _unit(float(t[-1] - t[0]))
    t = t / seconds
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.6, 0.4], vertical_spacing=0.08,
        subplot_titles=("price; triangles: alerts; dotted lines: crashes complete",
                        "events per second, the largest of each stretch"),
    )  # fmt: skip
    every = max(1, -(-t.size // MOST_POINTS))
    at = np.arange(0, t.size, every)
    figure.add_scatter(x=t[at], y=p[at], mode="lines", name="price", line_color=PRICE, row=1, col=1)
    on = np.abs(mark) == 1.0
    shape = np.where(mark[on] > 0.0, "triangle-up", "triangle-down")
    figure.add_scatter(
        x=t[on], y=p[on], mode="markers", name="alert", row=1, col=1,
        marker={"color": ALERT, "size": 11, "symbol": shape.tolist()},
    )  # fmt: skip
    peaks = np.fmax.reduceat(rate, at)  # a mean would hide the spikes that matter
    figure.add_scatter(x=t[at], y=peaks, mode="lines", name="intensity", row=2, col=1,
                       line={"color": RATE, "width": 1})  # fmt: skip
    for one in np.asarray(breaches, dtype=np.float64):
        figure.add_vline(x=float(one) / seconds, line={"color": FEED, "dash": "dot", "width": 1})
    figure.update_yaxes(title_text="price", tickformat=".5~g", row=1, col=1)
    figure.update_yaxes(title_text="events / s", type="log", row=2, col=1)
    figure.update_xaxes(title_text=name, row=2, col=1)
    return figure.update_layout(template="plotly_white", height=620)


def burst_course(found: HawkesPq, time: npt.ArrayLike, price: npt.ArrayLike | None = None) -> Any:
    """Base rate and branching ratio of a (p, q) fit over the events that it explains.

    Parameters
    ----------
    found : HawkesPq
        The fit.
    time : array
        Events, seconds, from the begin of the window.
    price : array, optional
        Price at each of them.
    """
    from plotly.subplots import make_subplots

    t = np.asarray(time, dtype=np.float64)
    end = float(found.mu_breaks[-1])
    x = np.linspace(0.0, end, 400)
    titles = ["price", "events per second, and their base rate", "branching ratio"]
    rows = 2 if price is None else 3
    figure = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.06,
                           subplot_titles=titles[-rows:])  # fmt: skip
    if price is not None:
        figure.add_scatter(x=t, y=np.asarray(price), mode="lines", name="price", line_color=PRICE,
                           row=1, col=1)  # fmt: skip
        figure.update_yaxes(tickformat=".5~g", row=1, col=1)
    counts, edges = np.histogram(t, bins=120, range=(0.0, end))
    middle, width = 0.5 * (edges[1:] + edges[:-1]), float(edges[1] - edges[0])
    figure.add_bar(x=middle, y=counts / width, name="events", marker_color="#d6dbdf",
                   row=rows - 1, col=1)  # fmt: skip
    figure.add_scatter(x=x, y=found.mu_at(x), mode="lines", name="base rate", line_color=RATE,
                       row=rows - 1, col=1)  # fmt: skip
    figure.add_scatter(x=x, y=found.branching_at(x), mode="lines", name="branching ratio",
                       line_color=FEED, row=rows, col=1)  # fmt: skip
    figure.add_hline(y=1.0, line={"color": GUIDE, "dash": "dot"}, row=rows, col=1)
    figure.update_xaxes(title_text="seconds", row=rows, col=1)
    # Bursts are hundreds of times the rest: a logarithm, from a third of an event per bar.
    high = max(float(counts.max()) / width, float(found.mu_at(x).max()))
    limits = [math.log10(0.3 / width), math.log10(max(high, 1.0 / width)) + 0.3]
    figure.update_yaxes(type="log", range=limits, row=rows - 1, col=1)
    share = f"{found.exogenous_share:.0%} of the events from outside"
    gap = f"the next class is {found.bic_gap:.1f} worse"
    title = f"{found.kind}: p = {found.p}, q = {found.q}; {share}; {gap}"
    return figure.update_layout(template="plotly_white", height=300 * rows, title=title, bargap=0)


def residual_picture(residuals: Vector) -> Any:
    """Two pictures by which a fit is judged: quantiles, and counts in compensated time.

    Raises
    ------
    ResearchError
        With fewer than two residuals.
    """
    from plotly.subplots import make_subplots

    if np.isfinite(residuals).sum() < 2:
        raise ResearchError("there are no residuals to show", mend="give those of a fit")
    points, tests = residual_plot(residuals), fitness(residuals)
    figure = make_subplots(
        rows=1, cols=2,
        subplot_titles=("quantiles: on the line if the model is true",
                        "events less compensated time, with its 95 % band"),
    )  # fmt: skip
    figure.add_scatter(x=points.expected, y=points.observed, mode="markers", name="residuals",
                       marker={"color": RATE, "size": 5}, row=1, col=1)  # fmt: skip
    least, most = (float(f(points.expected)) for f in (np.min, np.max))
    figure.add_scatter(x=[least, most], y=[least, most], mode="lines", name="true model",
                       line={"color": GUIDE, "dash": "dot"}, row=1, col=1)  # fmt: skip
    figure.add_scatter(x=points.time, y=points.count - points.time, mode="lines", name="excess",
                       line_color=RATE, row=1, col=2)  # fmt: skip
    for level in (points.band, -points.band):
        figure.add_hline(y=level, line={"color": GUIDE, "dash": "dot"}, row=1, col=2)
    figure.update_xaxes(title_text="exponential law", type="log", row=1, col=1)
    figure.update_yaxes(title_text="residuals", type="log", row=1, col=1)
    figure.update_xaxes(title_text="compensated time", row=1, col=2)
    title = (f"Kolmogorov-Smirnov p = {tests.ks_p:.2g}, Ljung-Box p = {tests.ljung_box_p:.2g}, "
             f"excess dispersion {tests.dispersion:.1f}")  # fmt: skip
    return figure.update_layout(template="plotly_white", height=420, title=title, showlegend=False)
