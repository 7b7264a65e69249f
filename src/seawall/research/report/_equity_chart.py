# SPDX-License-Identifier: MIT
"""Equity with its band and rivals, drawdown and exposure, over one time axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seawall.engine.outcome import Outcome
from seawall.research.metrics._kernel import Floats, Ints
from seawall.research.report._chart import (
    DASHES,
    SERIES,
    Chart,
    NamedOutcome,
    Trace,
    axis,
    line,
    moments,
    numbers,
    time_axis,
)
from seawall.research.report._figures import show
from seawall.research.report._thin import POINTS, thin


def equity_chart(
    outcome: Outcome,
    name: str,
    band: Sequence[NamedOutcome] = (),
    rivals: Sequence[NamedOutcome] = (),
) -> Chart | None:
    """Chart equity, drawdown and exposure; None without equity samples."""
    e = outcome.equity
    if e.shape[0] == 0:
        return None
    equity = np.ascontiguousarray(e["equity"])
    # Exposure has spikes of its own, so it has a say in what is drawn.
    net = np.ascontiguousarray(e["net"])
    share = POINTS // 2 if len(e) > POINTS else POINTS
    rows = np.union1d(thin(equity, share), thin(net, share))
    ts = np.ascontiguousarray(e["ts"])[rows]
    traces: list[Trace] = []
    if band:
        traces += _envelope([outcome, *(b.outcome for b in band)], ts, name, band)
    for i, rival in enumerate(rivals):
        traces += _rival(rival, i)
    traces.append(line(name, ts, equity[rows], "$one", line={"width": 2.0}, legendrank=1))
    fall = 100.0 * (equity / np.maximum(np.maximum.accumulate(equity), outcome.initial_equity) - 1)
    traces.append(
        line(
            "drawdown", ts, fall[rows], "$one", yaxis="y2", fill="tozeroy", showlegend=False,
            fillcolor="$one-soft", line={"width": 1.0},
        )
    )  # fmt: skip
    traces += _exposure(e, rows, ts)
    low, high = float(equity.min()), float(equity.max())
    span = f"{show('money', low)} to {show('money', high, outcome.currency)}"
    return Chart(
        key="equity",
        title="Equity, drawdown and exposure",
        alt=f"Equity of {name} between {span}, deepest drawdown {show('percent', fall.min() / 100)}"
        ", with the drawdown and the exposure below on the same time axis.",
        traces=traces,
        layout=_layout(outcome.currency),
        caption=_caption(len(e), len(rows), band),
        height=620,
        wide=True,
    )


def _layout(currency: str) -> Trace:
    return {
        "xaxis": time_axis(anchor="y3", domain=[0, 1]),
        "yaxis": axis(f"equity ({currency})", domain=[0.44, 1.0]),
        "yaxis2": axis("drawdown (%)", domain=[0.23, 0.40], rangemode="tozero"),
        "yaxis3": axis("exposure (×)", domain=[0.0, 0.19], rangemode="tozero"),  # noqa: RUF001
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }


def _envelope(
    runs: Sequence[Outcome], ts: Ints, name: str, band: Sequence[NamedOutcome]
) -> list[Trace]:
    """Shade between the least and greatest equity over the fill models."""
    paths = np.array([_at(run, ts) for run in runs])
    text = "band over fill models"
    edge = {"width": 0}
    out = [
        line("lowest", ts, paths.min(axis=0), "$one", line=edge, showlegend=False,
             hoverinfo="skip", legendgroup="band"),
        line(text, ts, paths.max(axis=0), "$one", line=edge, fill="tonexty",
             fillcolor="$one-soft", hoverinfo="skip", legendgroup="band"),
    ]  # fmt: skip
    for i, other in enumerate(band):
        if other.name != name:
            style = {"width": 1.0, "dash": DASHES[i % len(DASHES)]}
            out.append(line(other.name, ts, paths[i + 1], "$muted", line=style))
    return out


def _rival(rival: NamedOutcome, number: int) -> list[Trace]:
    e = rival.outcome.equity
    if e.shape[0] == 0:
        return []
    equity = np.ascontiguousarray(e["equity"])
    rows, color = thin(equity), SERIES[number % len(SERIES)]
    ts = e["ts"][rows]
    peak = np.maximum(np.maximum.accumulate(equity), rival.outcome.initial_equity)
    style = {"dash": DASHES[number % len(DASHES)]}
    return [
        line(rival.name, ts, equity[rows], color, line=style, legendgroup=rival.name),
        line(rival.name, ts, 100.0 * (equity / peak - 1)[rows], color, yaxis="y2",
             line=style | {"width": 1.0}, showlegend=False, legendgroup=rival.name),
    ]  # fmt: skip


def _exposure(e: np.ndarray, rows: Ints, ts: Ints) -> list[Trace]:
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where(e["equity"] > 0.0, e["equity"], np.nan)[rows]
        gross, net = e["gross"][rows] / base, e["net"][rows] / base
    return [
        {
            "type": "scatter", "mode": "lines", "name": label, "x": moments(ts),
            "y": numbers(values), "yaxis": "y3", "showlegend": False,
            "line": {"color": color, "width": 1.0, "shape": "hv"},
        }
        for label, values, color in (("gross", gross, "$three"), ("net", net, "$muted"))
    ]  # fmt: skip


def _at(outcome: Outcome, ts: Ints) -> Floats:
    """Last equity of a run known at each time."""
    e = outcome.equity
    if e.shape[0] == 0:
        return np.full(ts.shape[0], outcome.initial_equity)
    at = np.searchsorted(e["ts"], ts, side="right") - 1
    return np.where(at < 0, outcome.initial_equity, e["equity"][np.maximum(at, 0)])


def _caption(samples: int, shown: int, band: Sequence[NamedOutcome]) -> str:
    parts = []
    if band:
        names = ", ".join(b.name for b in band)
        parts.append(f"The shaded band spans this run and the fill models {names}.")
    parts.append("Exposure is position value over equity: gross in green, net in grey.")
    if shown < samples:
        parts.append(
            f"{shown:,} of {samples:,} samples drawn: first, last, least and greatest of "
            "each stretch, so no spike is lost."
        )
    return " ".join(parts)
