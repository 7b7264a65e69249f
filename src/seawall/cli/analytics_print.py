# SPDX-License-Identifier: MIT
"""What ``seawall analytics run`` prints: series summed up, fits with names and without walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from seawall.cli.output import next_steps, print_json, say, table

if TYPE_CHECKING:
    from seawall.analytics.spec import Analytic, Result

SHORT = 12
"""Numbers of a row that are printed one by one; longer rows are summed up."""

FEW = 6
"""Instruments or links that are named."""


def print_fit(
    analytic: Analytic, fitted: Any, json: bool, names: Sequence[str] = (), source: str = ""
) -> None:
    """Print a fitted record; ``names`` are the instruments of a panel, ``source`` its data."""
    values = {f.name: getattr(fitted, f.name) for f in fields(fitted)}
    if json:
        plain = {k: _plain(k, v, names) for k, v in values.items()}
        origin = {"origin": source} if source else {}  # a fit may have a source of its own
        print_json({"name": analytic.name, **plain, **origin})
        return
    rows = [(k, _words(k, v, names)) for k, v in values.items()]
    table(analytic.title, ("", "value"), rows, note=analytic.section("Unit"))
    if source:
        say(f"[dim]{source}[/dim]")
    next_steps("seawall analytics list")


def _plain(key: str, value: Any, names: Sequence[str]) -> Any:
    import numpy as np

    if _is_index(key, value, names):
        return names[value]
    rows = np.asarray(value) if isinstance(value, (np.ndarray, tuple, list)) else None
    if rows is None or rows.dtype.kind not in "biuf" or rows.size <= SHORT:
        return value
    out: dict[str, Any] = {"shape": list(rows.shape), **_marks(rows)}
    if named := _named(key, rows, names):
        out["named"] = named
    return out


def _words(key: str, value: Any, names: Sequence[str]) -> str:
    import numpy as np

    if _is_index(key, value, names):
        return str(names[value])
    rows = np.asarray(value) if isinstance(value, (np.ndarray, tuple, list)) else None
    if rows is None or not rows.size:
        return shown(value) or "-" if rows is None else "none"
    if rows.dtype.kind not in "biuf":
        return "; ".join(str(v) for v in list(value)[:FEW])
    if named := _named(key, rows, names):
        text = [f"{k} {v:.4g}" if isinstance(v, float) else k for k, v in named.items()]
        return ", ".join(text) + (", ..." if len(rows) > len(text) else "")
    if rows.size <= SHORT and rows.ndim == 1:
        return ", ".join(shown(v.item()) or "-" for v in rows)
    marks = _marks(rows)
    size = " x ".join(str(n) for n in rows.shape)
    return f"{size} numbers: " + ", ".join(f"{k} {shown(v)}" for k, v in marks.items())


def _is_index(key: str, value: Any, names: Sequence[str]) -> bool:
    return key in ("centre", "source") and isinstance(value, int) and value < len(names)


def _named(key: str, rows: Any, names: Sequence[str]) -> dict[str, Any]:
    """Links by the instruments they join, or the instruments with the largest numbers."""
    import numpy as np

    if key == "edges" and names and rows.ndim == 2 and rows.shape[1] == 2:
        return {f"{names[a]} - {names[b]}": None for a, b in rows[:FEW].tolist()}
    if not names or rows.shape != (len(names),) or key in ("eigenvalues",):
        return {}
    order = np.argsort(-np.where(np.isfinite(rows), np.abs(rows), -1.0))[:FEW]
    return {names[i]: float(rows[i]) for i in order.tolist()}


def _marks(rows: Any) -> dict[str, float | None]:
    import numpy as np

    known = rows[np.isfinite(rows)] if rows.dtype.kind == "f" else rows.ravel()
    if not known.size:
        return {"min": None, "median": None, "max": None}
    low, middle, high = np.quantile(known.astype(float), (0.0, 0.5, 1.0))
    return {"min": float(low), "median": float(middle), "max": float(high)}


def print_series(analytic: Analytic, result: Result, json: bool, source: str = "") -> None:
    """Print what a series of values comes to."""
    import numpy as np

    sums = []
    for output, values in zip(result.outputs, result.values.T, strict=True):
        known = values[np.isfinite(values)]
        marks = np.quantile(known, (0.0, 0.5, 1.0)) if known.size else (None, None, None)
        sums.append(
            {"output": output, "rows": values.size, "undefined": int(values.size - known.size),
             "min": marks[0], "median": marks[1], "max": marks[2],
             "mean": known.mean() if known.size else None,
             "last": values[-1] if values.size else None}
        )  # fmt: skip
    if json:
        origin = {"source": source} if source else {}
        unit = analytic.section("Unit")
        print_json({"name": analytic.name, "unit": unit, **origin, "outputs": sums})
        return
    heads = ("output", "rows", "undefined", "min", "median", "mean", "max", "last")
    rows = [[shown(one[h]) for h in heads] for one in sums]
    table(analytic.title, heads, rows, numeric=heads[1:], note=analytic.section("Unit"))
    if source:
        say(f"[dim]{source}[/dim]")
    say(f"[dim]assumes: {analytic.section('Assumption')}[/dim]")
    next_steps(f"seawall analytics run {analytic.name} FILE --out values.parquet")


def shown(value: Any) -> str | None:
    """A number in five digits; text as it is."""
    if value is None or isinstance(value, str):
        return value
    return f"{value:.5g}" if isinstance(value, float) else str(value)
