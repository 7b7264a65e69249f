# SPDX-License-Identifier: MIT
"""``seawall data import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.data_print import print_reports
from seawall.cli.output import next_steps, print_json, progress, say
from seawall.cli.settings import settings_of
from seawall.model.errors import FormatError, InstrumentError, SeawallError, SettingsError

if TYPE_CHECKING:
    from seawall.data.catalogue.catalogue import Catalogue
    from seawall.data.importers.base import ImportOptions
    from seawall.data.quality.report import QualityReport


def import_command(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    venue: Annotated[str, typer.Option(help="Venue, when the file does not say.")] = "",
    symbol: Annotated[str, typer.Option(help="BASE/QUOTE or BASE/QUOTE:SETTLE.")] = "",
    kind: Annotated[str, typer.Option(help="Kind of rows of a table: trades, bars_1h...")] = "",
    interval: Annotated[str, typer.Option(help="Length of a bar, for example 1h.")] = "",
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="NAME=COLUMN", help="Column of a canonical name."),
    ] = None,
    time_unit: Annotated[str, typer.Option(help="s, ms, us or ns; guessed by size.")] = "",
    bars_closed: Annotated[bool, typer.Option(help="Bars are stamped with their close.")] = False,
    format_: Annotated[str, typer.Option("--format", help="Reader to use.")] = "",
    tick: Annotated[str, typer.Option(help="Step of the price.")] = "",
    lot: Annotated[str, typer.Option(help="Step of the quantity.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Bring files into the catalogue, check every row, quarantine the impossible ones.

    The same file again changes nothing; a killed import is taken up again.
    """
    from seawall.data import Catalogue, ImportOptions

    options = ImportOptions(
        venue=venue, symbol=symbol, kind=kind, interval=interval, columns=mapping(map_ or []),
        time_unit=_unit(time_unit), bars_closed=bars_closed, importer=format_, tick=tick, lot=lot,
    )  # fmt: skip
    catalogue = Catalogue(settings_of(ctx).catalogue.root)
    reports, failures = run_imports(catalogue, paths, options)
    if json:
        print_json({
            "root": catalogue.root, "reports": reports,
            "failed": [{"what": e.what, "where": e.where, "mend": e.mend} for e in failures],
        })  # fmt: skip
    elif reports:
        print_reports(reports)
        next_steps(*_after(reports))
    if failures:
        raise failures[0]


def run_imports(
    catalogue: Catalogue, paths: list[Path], options: ImportOptions
) -> tuple[list[QualityReport], list[SeawallError]]:
    """Import file by file with a progress bar; one bad file does not stop the others."""
    from seawall.data.importing.pipeline import expand, import_file

    files = expand(paths)
    reports: list[QualityReport] = []
    failures: list[SeawallError] = []
    with progress("importing", sum(f.stat().st_size for f in files)) as advance:
        for path in files:
            try:
                reports.append(import_file(catalogue, path, options))
            except (FormatError, InstrumentError) as error:
                failures.append(error)
                if len(files) > 1:
                    say(f"[red]failed:[/red] {path.name}: {error.what}")
            advance(path.stat().st_size)
    return reports, failures


def mapping(pairs: list[str]) -> dict[str, str]:
    """Split ``NAME=COLUMN`` pairs.

    Raises
    ------
    SettingsError
        When one has no equals sign.
    """
    out = {}
    for pair in pairs:
        name, sign, column = pair.partition("=")
        if not sign or not name or not column:
            raise SettingsError(
                f"{pair!r} maps nothing", where="--map", mend="write --map price=last_price"
            )
        out[name] = column
    return out


def _unit(text: str) -> str:
    if text not in ("", "s", "ms", "us", "ns"):
        raise SettingsError(
            f"{text!r} is no unit of time", where="--time-unit", mend="use s, ms, us or ns"
        )
    return text


def _after(reports: list[QualityReport]) -> tuple[str, ...]:
    for report in reports:
        for series in report.series:
            if series.rows_kept:
                return (
                    f"seawall data show {series.venue} {series.symbol} {series.kind}",
                    "seawall data list",
                )
    return ("seawall data list",)
