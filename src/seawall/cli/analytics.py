# SPDX-License-Identifier: MIT
"""``seawall analytics``: list the analytics and run one over a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.analytics.spec import Analytic, Result

app = typer.Typer(help="List analytics and run one over a file.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]


@app.callback()
def _group() -> None:
    """List analytics and run one over a file."""


@app.command(name="list")
def list_(
    measure: Annotated[bool, typer.Option(help="Time them here, instead of stored costs.")] = False,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Store the costs measured here.")
    ] = None,
    json: Json = False,
) -> None:
    """Show every analytic with its inputs, its cost per update and its source."""
    from seawall.analytics.measure import machine_name, stored_costs
    from seawall.analytics.registry import ANALYTICS

    if measure or write:
        costs, where = _measured(write), f"measured now, {machine_name()}"
    else:
        stored = stored_costs()
        costs, where = stored.ns, f"measured {stored.measured}, {stored.machine}"
    if json:
        print_json(
            [{"name": a.name, "group": a.group, "inputs": list(a.inputs),
              "cost_ns_per_update": costs.get(a.name), "source": a.section("Source")}
             for a in ANALYTICS]
        )  # fmt: skip
        return
    rows = [
        (a.name, a.group, ", ".join(a.inputs), _number(costs.get(a.name), ".1f"), a.title)
        for a in ANALYTICS
    ]
    columns = ("name", "group", "inputs", "ns/update", "what")
    table("Analytics", columns, rows, numeric=("ns/update",), note=f"costs: {where}")
    next_steps("seawall analytics run ofi quotes.parquet")


def _measured(write: Path | None) -> dict[str, float]:
    from seawall.analytics.measure import measure, write_costs
    from seawall.analytics.registry import ANALYTICS

    costs: dict[str, float] = {}
    with progress("measuring", len(ANALYTICS)) as advance:
        for analytic in ANALYTICS:
            cost = measure(analytic)
            if cost is not None:
                costs[analytic.name] = cost
            advance(1.0)
    if write:
        write_costs(costs, write)
    return costs


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="Name from seawall analytics list.")],
    file: Annotated[Path, typer.Argument(help="Parquet or CSV file.", exists=True)],
    quotes: Annotated[
        Path | None, typer.Option(help="File of best quotes that gives trades their mid.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="INPUT=COLUMN of the file; may be repeated.")
    ] = None,
    param: Annotated[list[str] | None, typer.Option(help="NAME=NUMBER; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="Parquet file for the values.")] = None,
    json: Json = False,
) -> None:
    """Run one analytic over a file and sum up what it gave."""
    from seawall.analytics import spec
    from seawall.analytics.registry import analytic as find
    from seawall.analytics.tables import columns_of, join_mid, read_table

    analytic = find(name)
    given = {k: _float(k, v) for k, v in _pairs(param, "--param").items()}
    analytic.vector(given)
    data = read_table(file)
    if quotes is not None:
        data = join_mid(data, read_table(quotes))
    columns = columns_of(analytic, data, _pairs(column, "--column"))
    if analytic.fit is not None:
        _print_fit(analytic, analytic.fit(*analytic.columns(columns), **given), json)
        return
    with progress(f"running {name}"):
        result = spec.run(analytic, columns, given)
    if out is not None:
        _write(result, columns, out)
    _print_result(analytic, result, json)


def _print_fit(analytic: Analytic, fitted: Any, json: bool) -> None:
    from dataclasses import asdict

    values = asdict(fitted)
    if json:
        print_json({"name": analytic.name, **values})
        return
    table(analytic.title, ("", "value"), [(k, _shown(v)) for k, v in values.items()])
    next_steps("seawall analytics list")


def _print_result(analytic: Analytic, result: Result, json: bool) -> None:
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
        print_json({"name": analytic.name, "unit": analytic.section("Unit"), "outputs": sums})
        return
    heads = ("output", "rows", "undefined", "min", "median", "mean", "max", "last")
    rows = [[_shown(one[h]) for h in heads] for one in sums]
    table(analytic.title, heads, rows, numeric=heads[1:], note=analytic.section("Unit"))
    say(f"[dim]assumes: {analytic.section('Assumption')}[/dim]")
    next_steps(f"seawall analytics run {analytic.name} FILE --out values.parquet")


def _write(result: Result, columns: Mapping[str, Any], path: Path) -> None:
    import polars as pl

    ts = {"ts": columns["ts"]} if "ts" in columns else {}
    values = dict(zip(result.outputs, result.values.T, strict=True))
    pl.DataFrame({**ts, **values}).write_parquet(path)
    say(f"wrote {path}")


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _number(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)


def _pairs(words: list[str] | None, option: str) -> dict[str, str]:
    out = {}
    for word in words or ():
        key, sign, value = word.partition("=")
        if not sign:
            raise SettingsError(f"{word!r} is no pair", where=option, mend="write NAME=VALUE")
        out[key] = value
    return out


def _float(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(
            f"{text!r} is no number", where=f"--param {name}", mend="write NAME=NUMBER"
        ) from None
