# SPDX-License-Identifier: MIT
"""``seawall analytics``: list the analytics, run one, and draw pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.analytics.spec import Result

app = typer.Typer(help="List analytics, run one, draw pictures.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]


@app.callback()
def _group() -> None:
    """List analytics, run one, draw pictures."""


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
    file: Annotated[
        Path | None, typer.Argument(help="Parquet or CSV file; or --catalogue, --simulated.")
    ] = None,
    quotes: Annotated[
        Path | None, typer.Option(help="File of best quotes that gives trades their mid.")
    ] = None,
    catalogue: Annotated[Path | None, typer.Option(help="Read a series of this catalogue.")] = None,
    simulated: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS|auto",
            help="Stream a market simulated now, for so many seconds or what NAME needs.",
        ),
    ] = None,
    symbol: Annotated[str, typer.Option(help="Instrument; several, by commas, for panels.")] = "",
    venue: Annotated[str, typer.Option(help="Its venue.")] = "",
    bars: Annotated[float, typer.Option(help="Make bars of so many seconds of trades.")] = 0.0,
    expiry: Annotated[float, typer.Option(help="Of a chain: only that in so many days.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the simulated market.")] = 7,
    column: Annotated[
        list[str] | None, typer.Option(help="INPUT=COLUMN of the file; may be repeated.")
    ] = None,
    param: Annotated[list[str] | None, typer.Option(help="NAME=NUMBER; may be repeated.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Parquet file (values) or JSON file (a fit).")
    ] = None,
    json: Json = False,
) -> None:
    """Run one analytic over a file, a catalogue or a simulated market, and sum up what it gave."""
    from seawall.analytics import spec
    from seawall.analytics.registry import analytic as find
    from seawall.analytics.tables import columns_of, panel_names
    from seawall.cli import analytics_source as source
    from seawall.cli.analytics_print import print_fit, print_series

    analytic = find(name)
    given = {k: _float(k, v) for k, v in _pairs(param, "--param").items()}
    analytic.vector(given)
    if sum(x is not None for x in (file, catalogue, simulated)) != 1:
        raise SettingsError(
            "there must be one source", where="seawall analytics run",
            mend="give a FILE, or --catalogue DIR, or --simulated SECONDS|auto",
        )  # fmt: skip
    origin = ""
    if simulated is not None:
        data, origin = source.of_simulation(simulated, seed, symbol, venue, analytic, bars, expiry)
    elif catalogue is not None:
        data = source.of_catalogue(catalogue, symbol, venue, analytic, bars)
    else:
        assert file is not None
        data = source.of_file(file, quotes, bars, expiry)
    named = _pairs(column, "--column")
    columns = columns_of(analytic, data, named)
    if analytic.fit is not None:
        with progress(f"fitting {name}"):
            fitted = analytic.fit(*analytic.columns(columns), **given)
        if out is not None:
            _write_fit(fitted, out)
        print_fit(analytic, fitted, json, panel_names(analytic, data, named), origin)
        return
    if simulated is not None:
        result = source.streamed(analytic, columns, given)
    else:
        with progress(f"running {name}"):
            result = spec.run(analytic, columns, given)
    if out is not None:
        _write(result, columns, out)
    print_series(analytic, result, json, origin)


@app.command()
def plot(
    name: Annotated[str, typer.Argument(help="Name of a picture; list shows them.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Recorded files, told apart by their columns.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the page.")] = Path("runs/analytics"),
    png: Annotated[bool, typer.Option(help="A PNG beside it, by a browser.")] = False,
    json: Json = False,
) -> None:
    """Draw a picture of recorded data as one HTML page that needs nothing else."""
    from seawall.analytics.plot.files import ROLES, tables_of
    from seawall.analytics.plot.gallery import PICTURES, picture
    from seawall.analytics.plot.page import write_html, write_png

    if name == "list":
        if json:
            print_json([{"name": p.name, "title": p.title, "needs": list(p.needs),
                         "also": list(p.also)} for p in PICTURES])  # fmt: skip
            return
        rows = [(p.name, p.title, ", ".join((*p.needs, *(f"[{a}]" for a in p.also))))
                for p in PICTURES]  # fmt: skip
        note = "; ".join(f"{k}: {v}" for k, v in ROLES.items())
        table("Pictures", ("name", "what", "files"), rows, note=note)
        next_steps("seawall analytics plot vpin trades.parquet")
        return
    one = picture(name)
    tables = tables_of(files or [], one.needs, name)
    with progress(f"drawing {name}"):
        figure = one.draw(tables)
        page = write_html(figure, out / f"{name}.html")
        photo = write_png(page, figure) if png else None
    if json:
        print_json({"name": name, "page": page, "png": photo})
        return
    say(f"wrote {page}" + (f" and {photo}" if photo else ""))
    next_steps(f"open {page}", "seawall analytics plot list")


def _write(result: Result, columns: Mapping[str, Any], path: Path) -> None:
    import polars as pl

    ts = {"ts": columns["ts"]} if "ts" in columns else {}
    values = dict(zip(result.outputs, result.values.T, strict=True))
    pl.DataFrame({**ts, **values}).write_parquet(path)
    say(f"wrote {path}")


def _write_fit(fitted: Any, path: Path) -> None:
    from dataclasses import fields

    from seawall.model.encoding import to_json

    path.write_text(to_json({f.name: getattr(fitted, f.name) for f in fields(fitted)}) + "\n")
    say(f"wrote {path}")


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
