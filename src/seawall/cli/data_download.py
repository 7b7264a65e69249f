# SPDX-License-Identifier: MIT
"""``seawall data download``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.data_import import run_imports
from seawall.cli.data_print import print_reports
from seawall.cli.output import next_steps, print_json, progress, say
from seawall.cli.settings import settings_of
from seawall.model.errors import SettingsError
from seawall.model.time import parse_time_ns

if TYPE_CHECKING:
    from seawall.data.download.http import Fetcher

_MARKETS = {"binance": "spot", "binanceusdm": "um", "binancecoinm": "cm"}
_DATASETS = {
    "trades": "aggTrades", "top": "bookTicker", "funding": "fundingRate",
    "open_interest": "metrics",
}  # fmt: skip


def download(
    ctx: typer.Context,
    venue: Annotated[str, typer.Argument(help="Venue in ccxt's spelling, e.g. binanceusdm.")],
    symbol: Annotated[str, typer.Argument(help="BASE/QUOTE or BASE/QUOTE:SETTLE.")],
    kind: Annotated[str, typer.Argument(help="bars_1m, bars_1h..., trades, top, funding.")],
    start: Annotated[str, typer.Option(help="First day, ISO 8601, UTC.")],
    end: Annotated[str, typer.Option(help="Day after the last, ISO 8601, UTC.")],
    source: Annotated[str, typer.Option(help="auto, archive (Binance's zips) or ccxt.")] = "auto",
    to: Annotated[
        Path | None, typer.Option(help="Folder for the files; <catalogue>/downloads.")
    ] = None,
    url: Annotated[str, typer.Option(help="Base address of the archive or of the venue.")] = "",
    rate: Annotated[float, typer.Option(help="Requests per second.")] = 5.0,
    import_: Annotated[
        bool, typer.Option("--import/--no-import", help="Import what was fetched.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fetch market data from an exchange or its public archive, and import them.

    An interrupted download goes on where it stopped.
    """
    from seawall.data import Catalogue, ImportOptions
    from seawall.data.download.http import Fetcher, FetchSettings

    catalogue = Catalogue(settings_of(ctx).catalogue.root)
    folder = to or catalogue.root / "downloads"
    span = (parse_time_ns(start), parse_time_ns(end))
    fetcher = Fetcher(FetchSettings(requests_per_s=rate))
    if _source(source, venue) == "archive":
        files = _archive(venue, symbol, kind, span, folder, fetcher, url)
    else:
        files = _pages(venue, symbol, kind, span, folder, fetcher, url)
    if not import_:
        if json:
            print_json({"files": files, "reports": []})
        else:
            next_steps(f"seawall data import {folder}")
        return
    # Candle files of ccxt do not tell their length when they hold a single candle.
    interval = kind.removeprefix("bars_") if kind.startswith("bars_") else ""
    options = ImportOptions(venue=venue, symbol=symbol, interval=interval)
    reports, failures = run_imports(catalogue, files, options)
    if json:
        print_json({"files": files, "reports": reports})
    else:
        print_reports(reports)
        next_steps(f"seawall data show {venue} {symbol} {kind}")
    if failures:
        raise failures[0]


def _source(source: str, venue: str) -> str:
    if source not in ("auto", "archive", "ccxt"):
        raise SettingsError(f"no source {source!r}", mend="use auto, archive or ccxt")
    if source == "auto":
        return "archive" if venue in _MARKETS else "ccxt"
    if source == "archive" and venue not in _MARKETS:
        raise SettingsError(
            f"no archive of {venue}", mend=f"archives are read of {', '.join(_MARKETS)}; use ccxt"
        )
    return source


def _archive(
    venue: str,
    symbol: str,
    kind: str,
    span: tuple[int, int],
    folder: Path,
    fetcher: Fetcher,
    url: str,
) -> list[Path]:
    from seawall.data.download.archive import BASE_URL, ArchiveOrder, archive_ticker, fetch_archive

    interval = kind.removeprefix("bars_") if kind.startswith("bars_") else ""
    dataset = "klines" if interval else _DATASETS.get(kind, kind)
    order = ArchiveOrder(_MARKETS[venue], dataset, archive_ticker(symbol), *span, interval)
    with progress(f"{order.ticker} {dataset}", len(list(order.paths()))) as advance:
        got = fetch_archive(
            order, folder, fetcher, base_url=url or BASE_URL, on_file=lambda _: advance(1)
        )
    for path in got.absent:
        say(f"[yellow]not in the archive:[/yellow] {path}")
    return list(got.files)


def _pages(
    venue: str,
    symbol: str,
    kind: str,
    span: tuple[int, int],
    folder: Path,
    fetcher: Fetcher,
    url: str,
) -> list[Path]:
    from seawall.data.download.pages import PageOrder, fetch_pages, open_exchange

    if kind != "trades" and not kind.startswith("bars_"):
        raise SettingsError(
            f"ccxt has no history of {kind}", mend="fetch trades or bars_<interval>"
        )
    interval = kind.removeprefix("bars_") if kind != "trades" else ""
    order = PageOrder(venue, symbol, *span, interval)
    exchange = open_exchange(venue, url)
    with progress(f"{symbol} {kind}") as advance:
        return fetch_pages(order, folder, exchange, fetcher, on_file=lambda _: advance(1))
