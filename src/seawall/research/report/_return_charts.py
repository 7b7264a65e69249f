# SPDX-License-Identifier: MIT
"""How returns are spread, how they change with time, and what else they could have been."""

from __future__ import annotations

import math

import numpy as np

from seawall.research.metrics import EquityBars, Metrics
from seawall.research.metrics._kernel import Floats
from seawall.research.report._chart import Chart, Trace, axis, line, numbers, time_axis
from seawall.research.report._figures import show
from seawall.research.report._summary import Summary
from seawall.research.report._thin import thin

_LEAST = 10  # bars below which a shape cannot be seen


def distribution_chart(bars: EquityBars, m: Metrics) -> Chart | None:
    """Histogram of bar returns with a normal of the same spread and the tail figures."""
    r = 100.0 * bars.returns
    if r.size < _LEAST or not m.volatility > 0.0:
        return None
    edges = np.histogram_bin_edges(r, bins=int(min(80, max(12, 2 * r.size ** (1 / 2)))))
    counts, _ = np.histogram(r, edges)
    middle, width = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
    mean, sd = float(r.mean()), float(r.std(ddof=1))
    x = np.linspace(edges[0], edges[-1], 200)
    bell = r.size * width * np.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
    marks = [(n, -100.0 * v) for n, v in (("VaR 95 %", m.var_95), ("ES 95 %", m.es_95))]
    lines = [
        {"type": "line", "x0": v, "x1": v, "yref": "paper", "y0": 0, "y1": 1,
         "line": {"color": "$two", "width": 1.2, "dash": "dot"}}
        for _, v in marks if math.isfinite(v)
    ]  # fmt: skip
    notes = [
        {"x": v, "y": 1 - 0.09 * i, "yref": "paper", "text": n, "showarrow": False,
         "xanchor": ("left", "right")[i], "font": {"size": 11, "color": "$two"}}
        for i, (n, v) in enumerate(marks) if math.isfinite(v)
    ]  # fmt: skip
    return Chart(
        key="distribution",
        title=f"Distribution of returns over {m.bar}",
        alt=f"Histogram of {r.size} returns, mean {mean:.3g} %, standard deviation {sd:.3g} %.",
        traces=[
            {"type": "bar", "name": "bars", "x": numbers(middle), "y": numbers(counts),
             "width": width, "marker": {"color": "$one-mid"},
             "hovertemplate": "%{x:.3f} %: %{y} bars<extra></extra>"},
            {"type": "scatter", "mode": "lines", "name": "normal of equal spread",
             "x": numbers(x), "y": numbers(bell), "line": {"color": "$muted", "width": 1.4}},
        ],
        layout={
            "xaxis": axis(f"return over {m.bar} (%)"),
            "yaxis": axis("number of bars"),
            "shapes": lines, "annotations": notes, "bargap": 0.03, "showlegend": False,
        },
        caption="Grey line: a normal distribution of the same mean and spread.",
    )  # fmt: skip


def rolling_chart(bars: EquityBars, m: Metrics) -> Chart | None:
    """Sharpe ratio and volatility over a moving window."""
    r = bars.returns
    window = int(min(90, max(20, r.size // 8)))
    if r.size < 2 * window or not m.volatility > 0.0:
        return None
    mean, sd = _moving(r, window)
    root = math.sqrt(m.periods_per_year)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(sd > 1e-12 * np.abs(mean), mean / sd * root, np.nan)
    rows = thin(ratio)
    ts = bars.ts[window : window + ratio.size][rows]
    return Chart(
        key="rolling",
        title=f"Rolling Sharpe ratio and volatility, {window} bars of {m.bar}",
        alt=f"Sharpe ratio and volatility over moving windows of {window} bars of {m.bar}; the "
        f"volatility moves between {100 * sd.min() * root:.1f} and {100 * sd.max() * root:.1f} %.",
        traces=[
            line("Sharpe ratio", ts, ratio[rows], "$one"),
            line("volatility", ts, 100.0 * root * sd[rows], "$two", yaxis="y2"),
        ],
        layout={
            "xaxis": time_axis(anchor="y2"),
            "yaxis": axis("Sharpe (annual)", domain=[0.54, 1.0], zeroline=True),
            "yaxis2": axis("volatility (% a year)", domain=[0.0, 0.46], rangemode="tozero"),
            "showlegend": False,
            "hovermode": "x unified",
        },
        caption="Each point looks back over its window only; neighbours share most of it.",
    )


def fan_chart(bars: EquityBars, s: Summary) -> Chart | None:
    """Quantiles of resampled equity paths with the path that happened."""
    if s.paths is None:
        return None
    start = float(bars.equity[0])
    low, lower, mid, upper, high = start * s.paths.fan_quantiles()
    ts = bars.ts[np.minimum(s.paths.fan_at, bars.ts.size - 1)]
    rows = thin(bars.equity)
    edge = {"width": 0}
    draws = s.paths.total_return.size
    end = f"{show('money', float(low[-1]))} to {show('money', float(high[-1]), s.metrics.currency)}"
    traces: list[Trace] = [
        line("5 %", ts, low, "$one", line=edge, showlegend=False, hoverinfo="skip"),
        line("5 to 95 %", ts, high, "$one", line=edge, fill="tonexty", fillcolor="$one-soft",
             hoverinfo="skip"),
        line("25 %", ts, lower, "$one", line=edge, showlegend=False, hoverinfo="skip"),
        line("25 to 75 %", ts, upper, "$one", line=edge, fill="tonexty", fillcolor="$one-soft",
             hoverinfo="skip"),
        line("median", ts, mid, "$one", line={"dash": "dot"}),
        line("this run", bars.ts[rows], bars.equity[rows], "$ink", line={"width": 1.4}),
    ]  # fmt: skip
    return Chart(
        key="fan",
        title="Monte Carlo of the same returns",
        alt=f"Fan of {draws} resampled equity paths; 90 % of them end between {end}.",
        traces=traces,
        layout={
            "xaxis": time_axis(),
            "yaxis": axis(f"equity ({s.metrics.currency})"),
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        },
        caption=f"{draws:,} paths by stationary block bootstrap, mean block "
        f"{s.paths.block:.1f} bars. No path can be worse than the bars that were seen.",
        height=340,
    )


def _moving(r: Floats, window: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - 1) over a moving window."""
    views = np.lib.stride_tricks.sliding_window_view(r, window)
    return views.mean(axis=1), views.std(axis=1, ddof=1)
