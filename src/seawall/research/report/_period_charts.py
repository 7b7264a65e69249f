# SPDX-License-Identifier: MIT
"""Returns by calendar, and the way from the trading result to what is left of it."""

from __future__ import annotations

import numpy as np

from seawall.engine.outcome import Outcome
from seawall.model.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MIN, NS_PER_S
from seawall.research.metrics import Metrics
from seawall.research.metrics._kernel import Floats, Ints
from seawall.research.report._chart import Chart, Trace, axis, numbers
from seawall.research.report._figures import show

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SLOTS = (
    # at least this long, row, column, format of the row, row's and column's unit
    (2 * NS_PER_DAY, NS_PER_DAY, NS_PER_HOUR, 10, "day", "hour"),
    (2 * NS_PER_HOUR, NS_PER_HOUR, 5 * NS_PER_MIN, 16, "hour", "minute"),
    (0, NS_PER_MIN, 5 * NS_PER_S, 16, "minute", "second"),
)


def period_chart(outcome: Outcome) -> Chart | None:
    """Heat map of returns: months, or hours and minutes for short runs."""
    e = outcome.equity
    if e.shape[0] < 2 or e["ts"][-1] == e["ts"][0]:
        return None
    first, last = int(e["ts"][0]), int(e["ts"][-1])
    if last - first >= 60 * NS_PER_DAY:
        grid, rows, columns, words = _months(outcome, first, last)
    else:
        grid, rows, columns, words = _slots(outcome, first, last)
    span = float(np.nanmax(np.abs(grid)))
    if span == 0.0:
        return None
    digits = 2 if span >= 1.0 else 3
    text = [["" if np.isnan(v) else f"{v:.{digits}f}" for v in row] for row in grid]
    best, worst = float(np.nanmax(grid)), float(np.nanmin(grid))
    trace: Trace = {
        "type": "heatmap", "z": [[None if np.isnan(v) else float(v) for v in row] for row in grid],
        "x": columns, "y": rows, "zmin": -span, "zmax": span, "xgap": 2, "ygap": 2,
        "colorscale": [[0, "$sell"], [0.5, "$neutral"], [1, "$one"]],
        "colorbar": {"title": {"text": "%"}, "thickness": 10, "outlinewidth": 0},
        "hovertemplate": "%{y} %{x}: %{z:.3f} %<extra></extra>", "hoverongaps": False,
    }  # fmt: skip
    if len(rows) <= 40:
        trace |= {"text": text, "texttemplate": "%{text}", "textfont": {"size": 11}}
    return Chart(
        key="periods",
        title=f"Returns by {words[1]} (%)",
        alt=f"Heat map of returns by {words[0]} and {words[1]}, between {worst:.2f} and "
        f"{best:.2f} %.",
        traces=[trace],
        layout={
            "xaxis": axis(words[1], type="category", side="top"),
            "yaxis": axis(words[0], type="category", autorange="reversed"),
        },
        height=min(1_600, 120 + max(30, 60 - 5 * len(rows)) * len(rows)),
        wide=True,
        caption="Blue is a gain, orange a loss; empty cells lie outside the run.",
    )


def _months(
    outcome: Outcome, first: int, last: int
) -> tuple[Floats, list[str], list[str], tuple[str, str]]:
    start = np.datetime64(first, "ns").astype("datetime64[M]")
    end = np.datetime64(last, "ns").astype("datetime64[M]")
    months = np.arange(start, end + 2)
    returns = _returns_between(outcome, months.astype("datetime64[ns]").astype(np.int64))
    number = months[:-1].astype(np.int64)
    year = 1970 + number // 12
    grid = np.full((int(year[-1] - year[0]) + 1, 12), np.nan)
    grid[year - year[0], number % 12] = returns
    rows = [str(y) for y in range(int(year[0]), int(year[-1]) + 1)]
    return grid, rows, list(_MONTHS), ("year", "month")


def _slots(
    outcome: Outcome, first: int, last: int
) -> tuple[Floats, list[str], list[str], tuple[str, str]]:
    _, row, column, digits, of_row, of_column = next(s for s in _SLOTS if last - first >= s[0])
    begin = first // row * row
    edges = np.arange(begin, -(-last // row) * row + 1, column, dtype=np.int64)
    returns = _returns_between(outcome, edges)
    inside = (edges[1:] > first) & (edges[:-1] < last)
    per_row = row // column
    grid = np.where(inside, returns, np.nan).reshape(-1, per_row)
    starts = np.datetime_as_string(edges[:-1:per_row].astype("datetime64[ns]"), unit="s")
    step = column // {"hour": NS_PER_HOUR, "minute": NS_PER_MIN, "second": NS_PER_S}[of_column]
    columns = [f"{i * step:02d}" for i in range(per_row)]
    rows = [s[:digits].replace("T", " ") for s in starts.tolist()]
    return grid, rows, columns, (of_row, of_column)


def _returns_between(outcome: Outcome, edges: Ints) -> Floats:
    """Return in percent between edges; the start counts as the initial equity."""
    e = outcome.equity
    at = np.searchsorted(e["ts"], edges, side="right") - 1
    equity = np.where(at < 0, outcome.initial_equity, e["equity"][np.maximum(at, 0)])
    equity[edges <= e["ts"][0]] = outcome.initial_equity
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100.0 * (equity[1:] / equity[:-1] - 1.0)
    return np.where(equity[:-1] > 0.0, change, np.nan)


def cost_chart(outcome: Outcome, m: Metrics) -> Chart | None:
    """Waterfall from the result at mid prices to the change of equity."""
    if outcome.fills.shape[0] == 0 or m.bars == 0:
        return None
    change = m.final_equity - m.initial_equity
    parts = [("slippage", -m.slippage), ("fees", -m.fees), ("funding", m.funding)]
    if m.interest:
        parts.append(("interest", -m.interest))
    before = change - sum(v for _, v in parts)
    names = ["at mid prices", *(n for n, _ in parts), "change of equity"]
    values = [before, *(v for _, v in parts), change]
    steps = [f"{n} {show('money', v)}" for n, v in zip(names, values, strict=True)]
    return Chart(
        key="costs",
        title="From the result at mid prices to what is left",
        alt="Waterfall: " + ", ".join(steps) + f" {m.currency}.",
        traces=[
            {
                "type": "waterfall", "x": names, "y": numbers(values),
                "measure": ["absolute", *["relative"] * len(parts), "total"],
                "text": [show("money", v) for v in values], "textposition": "outside",
                "cliponaxis": False, "connector": {"line": {"color": "$grid", "width": 1}},
                "increasing": {"marker": {"color": "$one-mid"}},
                "decreasing": {"marker": {"color": "$two-mid"}},
                "totals": {"marker": {"color": "$muted"}},
                "hovertemplate": "%{x}: %{y:,.2f}<extra></extra>",
            }
        ],
        layout={
            "xaxis": axis("part of the result", type="category"),
            "yaxis": axis(f"result ({m.currency})"),
            "showlegend": False,
        },
        caption="Slippage is part of the fill prices; it is drawn apart to show its size.",
    )  # fmt: skip
