# SPDX-License-Identifier: MIT
"""The ``seawall`` command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from seawall import __version__
from seawall.cli.lazy import LazyCommand, lazy_group
from seawall.cli.settings import Shared

COMMANDS = (
    LazyCommand("demo", "seawall.cli.demo", "Show the whole on a simulated market.", group=False),
    LazyCommand("data", "seawall.cli.data", "Import, list, check, download and export data."),
    LazyCommand("sim", "seawall.cli.sim", "Make a simulated market and judge its realism."),
    LazyCommand("backtest", "seawall.cli.backtest", "Run a strategy over recorded data."),
    LazyCommand("sweep", "seawall.cli.sweep", "Try many parameters, and count them."),
    LazyCommand("check", "seawall.cli.check", "Look for ways in which a result deceives."),
    LazyCommand("analytics", "seawall.cli.analytics", "List analytics and run one over a file."),
    LazyCommand("manipulation", "seawall.cli.manipulation", "Evidence of manipulation."),
    LazyCommand("arbitrage", "seawall.cli.arbitrage", "Look for arbitrage, after all costs."),
    LazyCommand("signals", "seawall.cli.signals", "Signals, and what they were worth."),
    LazyCommand("session", "seawall.cli.session", "Feed a strategy message by message; replay."),
    LazyCommand("provenance", "seawall.cli.provenance", "See which sources are trusted, and why."),
    LazyCommand("robust", "seawall.cli.robust", "Measure what bad rows do to the estimators."),
    LazyCommand("golden", "seawall.cli.golden", "Freeze and judge by golden sets of rows."),
    LazyCommand("attack", "seawall.cli.attack", "Measure every defence by attacking it."),
    LazyCommand("config", "seawall.cli.config", "Show or start the settings."),
    LazyCommand("doctor", "seawall.cli.doctor", "See whether this machine is ready.", group=False),
)
"""Every command, in the order of the overview."""

EPILOG = "next: seawall demo"

app = typer.Typer(
    name="seawall",
    cls=lazy_group(COMMANDS),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"seawall {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Settings file; ./seawall.toml when it exists."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one setting; may be repeated."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Crypto trading research for people who assume that the market is lying to them.

    --config, --set and --debug may stand before or after the command.
    """
    debug = debug or os.environ.get("SEAWALL_DEBUG", "") not in ("", "0")
    ctx.params["debug"] = debug
    ctx.obj = Shared(config=config, sets=tuple(set_ or ()), debug=debug)


def main() -> None:
    """Run the command line; the process exits with the command's code."""
    get_command(app)(prog_name="seawall")
