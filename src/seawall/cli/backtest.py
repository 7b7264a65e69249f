# SPDX-License-Identifier: MIT
"""``seawall backtest``: run a strategy over recorded data and report."""

from __future__ import annotations

import shlex
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.demo import say_if_uncompiled
from seawall.cli.output import console, next_steps, print_json, say
from seawall.cli.settings import resolved
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.model.market import Market
    from seawall.research.backtest import Result
    from seawall.research.choose import DataChoice

app = typer.Typer(help="Run a strategy over recorded data.", no_args_is_help=True)


@app.command()
def run(
    ctx: typer.Context,
    strategy: Annotated[
        str,
        typer.Argument(help="FILE.py:NAME of a strategy class or object; multi_signal_ensemble."),
    ],
    symbol: Annotated[
        str, typer.Option(help="Symbols of the catalogue, separated by commas, or all.")
    ] = "",
    data: Annotated[str, typer.Option(help="A file or folder of data, instead.")] = "",
    bars: Annotated[str, typer.Option(help="Length of bars, e.g. 1h; without it, events.")] = "",
    venue: Annotated[str, typer.Option(help="Needed when several venues have the symbol.")] = "",
    start: Annotated[str, typer.Option(help="First moment, ISO 8601 UTC.")] = "",
    end: Annotated[str, typer.Option(help="Moment to stop before, ISO 8601 UTC.")] = "",
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for the strategy; may be repeated.")
    ] = None,
    trials: Annotated[int, typer.Option(help="Configurations tried so far, this included.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.")] = None,
    admission: Annotated[
        bool, typer.Option(help="Judge the events first; the strategy sees what is admitted.")
    ] = False,
    band: Annotated[bool, typer.Option(help="Also run the two extreme fill models.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a strategy, print its figures with their uncertainty, write report and files."""
    began = time.time_ns()
    settings = resolved(ctx)
    say_if_uncompiled()
    from seawall.admission.audit import with_bans
    from seawall.model.manifest import Manifest, write_manifest
    from seawall.model.provenance import commit, host, versions
    from seawall.research.backtest import Backtest
    from seawall.research.choose import DataChoice
    from seawall.research.plugin import load_strategy

    loaded = load_strategy(strategy, param or [])
    choice = DataChoice(symbol, bars, venue, start, end, data)
    market = _market(choice, settings.settings.catalogue.root)
    result = Backtest(
        loaded, market, settings=settings.settings.engine, band=band, trials=trials,
        admission=with_bans(settings.settings.admission) if admission else None,
    ).run()  # fmt: skip
    folder = out or settings.settings.run.out_dir / result.fingerprint[:12]
    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(
        command=shlex.join(["seawall", *sys.argv[1:]]),
        seed=settings.settings.engine.seed,
        settings={name: str(o.value) for name, o in settings.origins.items()},
        data_hashes=dict(result.market.hashes),
        versions=versions(),
        commit=commit(),
        created_ts=began,
        host=host(),
        fingerprint=result.fingerprint,
    )
    result.save(folder)
    write_manifest(manifest, folder / "manifest.json")
    report = result.report(folder / "report.html", manifest=asdict(manifest))
    if json:
        body = result.summary.as_dict()
        print_json({"report": str(report), "fingerprint": result.fingerprint, **body})
    else:
        console().print(result)
        _say_if_idle(result)
        say(f"fingerprint {result.fingerprint[:16]}")
        say(f"report: {report}")
    next_steps(
        f"open {report}", shlex.join(["seawall", "check", "lookahead", strategy, *_words(choice)])
    )


def _say_if_idle(result: Result) -> None:
    """Say why nothing may have been traded, when nothing was."""
    outcome = result.outcome
    if outcome.fills.size:
        return
    lots = ", ".join(f"{i.symbol} is {i.lot:f}" for i in outcome.instruments[:3])
    say(
        f"[yellow]nothing was traded[/yellow]: {outcome.orders.size} orders, "
        f"{outcome.totals.rejects} refused; the lot of {lots}, and less than a lot is no order"
    )


def _market(choice: DataChoice, catalogue: Path) -> Market:
    """Open the data; a file is imported to a folder that does not stay."""
    from seawall.research.choose import market_of

    if not choice.given:
        raise SettingsError(
            "a strategy needs data",
            where="--symbol",
            mend="add --symbol SYMBOL --bars 1h (`seawall data list` shows them), or --data FILE",
        )
    # Mapped arrays outlive the folder: an open mapping keeps its file.
    with tempfile.TemporaryDirectory(prefix="seawall-backtest-") as scratch:
        return market_of(choice, catalogue, Path(scratch))


def _words(choice: DataChoice) -> list[str]:
    """Return the options that name the same data again."""
    given = {"--data" if k == "file" else f"--{k}": v for k, v in asdict(choice).items() if v}
    return [word for pair in given.items() for word in pair]
