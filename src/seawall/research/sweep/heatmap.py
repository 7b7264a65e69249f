# SPDX-License-Identifier: MIT
"""The metric over two parameters, as a self-contained page or a picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from seawall.model.errors import ResearchError
from seawall.research.sweep.result import SweepResult
from seawall.research.sweep.space import Value


def metric_grid(
    result: SweepResult, x: str, y: str
) -> tuple[list[Value], list[Value], list[list[float]]]:
    """Metric by two parameters: sorted x values, sorted y values, rows by y.

    Where other parameters vary too, the median over them is taken, because the best over
    them would show the luck of the search.  Cells that were not tried are NaN.

    Raises
    ------
    ResearchError
        When a name is no parameter, or both are the same.
    """
    for name in (x, y):
        if name not in result.space.axes or x == y:
            raise ResearchError(
                f"a map needs two parameters, not {x!r} and {y!r}",
                mend=f"choose two of {', '.join(result.space.axes)}",
            )
    cells: dict[tuple[Value, Value], list[float]] = {}
    for trial in result.trials:
        value = result.value(trial)
        if not math.isnan(value):
            cells.setdefault((trial.params[x], trial.params[y]), []).append(value)
    xs = _sorted({trial.params[x] for trial in result.trials})
    ys = _sorted({trial.params[y] for trial in result.trials})
    return xs, ys, [[_median(cells.get((a, b), [])) for a in xs] for b in ys]


def heatmap(result: SweepResult, x: str = "", y: str = "") -> Any:
    """Draw the map of the metric over two parameters, the first two by default."""
    import plotly.graph_objects as go

    names = list(result.space.axes)
    if len(names) < 2:
        raise ResearchError(
            "a map needs two parameters", where=f"the sweep has {len(names)}", mend="add a range"
        )
    x, y = x or names[0], y or next(name for name in names if name != (x or names[0]))
    xs, ys, rows = metric_grid(result, x, y)
    best = result.best
    figure = go.Figure(
        go.Heatmap(
            x=[str(v) for v in xs],
            y=[str(v) for v in ys],
            z=[[None if math.isnan(v) else v for v in row] for row in rows],
            colorscale="RdBu",
            zmid=0.0 if any(v < 0 for row in rows for v in row) else None,
            colorbar={"title": result.metric},
            hovertemplate=f"{x} %{{x}}<br>{y} %{{y}}<br>{result.metric} %{{z:.4g}}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[str(best.params[x])], y=[str(best.params[y])], mode="markers", name="best",
        marker={"symbol": "circle-open", "size": 16, "color": "black", "line": {"width": 3}},
    )  # fmt: skip
    note = result.honesty.sentence() if result.honesty else ""
    figure.update_layout(
        title={"text": f"{result.metric} by {x} and {y}<br><sup>{note}</sup>"},
        xaxis={"title": x, "type": "category"},
        yaxis={"title": y, "type": "category"},
        template="plotly_white",
    )
    return figure


def write_heatmap(result: SweepResult, path: Path | str, x: str = "", y: str = "") -> Path:
    """Write the map; ``.html`` needs nothing else, ``.png`` needs kaleido and a browser.

    Raises
    ------
    ResearchError
        When a picture is asked for and cannot be drawn here.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure = heatmap(result, x, y)
    if target.suffix != ".png":
        figure.write_html(target, include_plotlyjs=True, full_html=True)
        return target
    try:
        figure.write_image(target)
    except (ImportError, RuntimeError, ValueError, OSError) as problem:
        raise ResearchError(
            f"no picture can be drawn here: {problem}",
            where=str(target),
            mend="write .html instead, or pip install kaleido",
        ) from None
    return target


def _sorted(values: set[Value]) -> list[Value]:
    return sorted(
        values, key=lambda v: (isinstance(v, str), v if not isinstance(v, str) else 0, str(v))
    )


def _median(values: list[float]) -> float:
    if not values:
        return math.nan
    known = sorted(values)
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2.0
