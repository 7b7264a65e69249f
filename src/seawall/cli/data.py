# SPDX-License-Identifier: MIT
"""``seawall data``: import, list, show, check, download, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.data_download import download
from seawall.cli.data_import import import_command
from seawall.cli.data_print import entry_rows, print_detail, print_reports, span
from seawall.cli.output import next_steps, print_json, table
from seawall.cli.settings import settings_of
from seawall.data import Catalogue
from seawall.model.errors import CatalogueError
from seawall.model.time import parse_time_ns

if TYPE_CHECKING:
    from seawall.data.quality.report import SeriesReport

app = typer.Typer(no_args_is_help=True, help="Import, list, check, download and export data.")
app.command("import")(import_command)
app.command("download")(download)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Venue = Annotated[str, typer.Argument(help="Venue, for example binance.")]
Symbol = Annotated[str, typer.Argument(help="Symbol, for example BTC/USDT:USDT.")]
Kind = Annotated[str, typer.Argument(help="trades, depth, top, bars_1h...")]
Start = Annotated[str, typer.Option(help="First moment, ISO 8601, UTC.")]
End = Annotated[str, typer.Option(help="Moment after the last, ISO 8601, UTC.")]


def opened(ctx: typer.Context) -> Catalogue:
    """Catalogue that the settings name."""
    return Catalogue(settings_of(ctx).catalogue.root)


@app.command("list")
def list_command(
    ctx: typer.Context,
    venue: Annotated[str, typer.Option(help="Only this venue.")] = "",
    symbol: Annotated[str, typer.Option(help="Only symbols that contain this.")] = "",
    kind: Annotated[str, typer.Option(help="Only kinds that begin with this.")] = "",
    json: Json = False,
) -> None:
    """List what the catalogue holds."""
    catalogue = opened(ctx)
    found = [
        e for e in catalogue.list()
        if venue in ("", e.venue) and symbol in e.symbol and e.kind.startswith(kind)
    ]  # fmt: skip
    if json:
        print_json({"root": catalogue.root, "series": [_plain(e) for e in found]})
        return
    columns = ["venue", "symbol", "kind", "rows", "from", "to", "MB"]
    table(str(catalogue.root), columns, entry_rows(found), numeric=["rows", "MB"])
    if found:
        first = found[0]
        next_steps(f"seawall data show {first.venue} {first.symbol} {first.kind}")
    else:
        next_steps("seawall data import FILE", "seawall demo")


def _plain(entry: object) -> dict[str, object]:
    names = ("venue", "symbol", "kind", "rows", "size", "first_ns", "last_ns", "batches")
    return {name: getattr(entry, name) for name in names}


@app.command()
def show(
    ctx: typer.Context,
    venue: Venue,
    symbol: Symbol,
    kind: Kind = "",
    rows: Annotated[int, typer.Option(help="Rows to print.")] = 5,
    json: Json = False,
) -> None:
    """Show one instrument's series: steps, quality, first rows."""
    catalogue = opened(ctx)
    kinds = [kind] if kind else [
        e.kind for e in catalogue.list() if (e.venue, e.symbol) == (venue, symbol)
    ]  # fmt: skip
    if not kinds:
        catalogue.entry(venue, symbol, "trades")  # raises with the nearest names
    details = [catalogue.show(venue, symbol, k) for k in kinds]
    if json:
        print_json({"series": [
            {**_plain(d.entry), "instrument": d.instrument, "inferred": d.inferred,
             "quality": d.reports}
            for d in details
        ]})  # fmt: skip
        return
    for detail in details:
        head = catalogue.frame(venue, symbol, detail.entry.kind).head(rows).collect()
        print_detail(detail, head)
    next_steps(
        f"seawall data check --venue {venue} --symbol {symbol}",
        f"seawall data export {venue} {symbol} {kinds[0]} --to rows.parquet",
    )


@app.command()
def check(
    ctx: typer.Context,
    venue: Annotated[str, typer.Option(help="Only this venue.")] = "",
    symbol: Annotated[str, typer.Option(help="Only symbols that contain this.")] = "",
    files: Annotated[bool, typer.Option(help="Hash every file and compare.")] = True,
    json: Json = False,
) -> None:
    """Tell the quality of what is stored, and whether every file is as it was written."""
    from seawall.data.catalogue.verify import damaged_parts, unfinished

    catalogue = opened(ctx)

    def wanted(series: SeriesReport) -> bool:
        return venue in ("", series.venue) and symbol in series.symbol

    reports = [r for r in catalogue.reports() if any(map(wanted, r.series))]
    damaged = damaged_parts(catalogue) if files else []
    broken_off = unfinished(catalogue)
    if json:
        print_json({"reports": reports, "damaged": damaged, "unfinished": broken_off})
    else:
        print_reports(reports, wanted if venue or symbol else None)
        for source in broken_off:
            typer.echo(f"unfinished import of {source}: run it again", err=True)
        next_steps("seawall data list")
    if damaged:
        raise CatalogueError(
            f"{len(damaged)} files are not as they were written",
            where=damaged[0],
            mend="delete imports/<batch>.json of these parts and import their sources again",
        )


@app.command()
def export(
    ctx: typer.Context,
    venue: Venue,
    symbol: Symbol,
    kind: Kind,
    to: Annotated[Path, typer.Option(help="File: .csv, .parquet, or .npz (hftbacktest).")],
    start: Start = "",
    end: End = "",
    json: Json = False,
) -> None:
    """Write a series to a CSV, Parquet or hftbacktest file."""
    from seawall.data.catalogue.export import export as write

    since = parse_time_ns(start) if start else None
    until = parse_time_ns(end) if end else None
    rows = write(opened(ctx), (venue, symbol, kind), to, since, until)
    if json:
        print_json({"path": to, "rows": rows})
        return
    typer.echo(f"{rows} rows of {symbol} {kind} {span(since, until)}written to {to}", err=True)
    next_steps(f"seawall data show {venue} {symbol} {kind}")
