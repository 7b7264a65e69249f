# SPDX-License-Identifier: MIT
"""``seawall demo``: the whole way from data to report, without network or keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.output import console, next_steps, print_json, say
from seawall.cli.settings import settings_of

if TYPE_CHECKING:
    from seawall.research.demo import DemoResult

app = typer.Typer(help="Show the whole on a simulated market, or on your data.")


def say_if_uncompiled() -> None:
    """Warn that the first run compiles."""
    from seawall.engine.kernel.jit import is_compiled

    if not is_compiled():
        say("[dim]compiling the kernels once, about a minute; later runs load them[/dim]")


@app.command()
def demo(
    ctx: typer.Context,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Files to run on instead of a simulated market; may be repeated."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for catalogue, run and report.")] = Path(
        "runs/demo"
    ),
    seed: Annotated[int, typer.Option(help="Seed of the simulated market.")] = 7,
    minutes: Annotated[int, typer.Option(help="Length of the simulated market.")] = 30,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Backtest a naive and a defended variant of one strategy and write the report."""
    settings = settings_of(ctx)
    say_if_uncompiled()
    from seawall.research.demo import run_demo

    result = run_demo(
        out,
        data=data,
        seed=seed,
        minutes=minutes,
        settings=settings.engine,
        say=lambda text: say(f"[dim]{text}[/dim]"),
    )
    if json:
        print_json(result.as_dict())
    else:
        show(result)
    next_steps(
        f"open {result.report}",
        "seawall demo --data FILE",
        "seawall data import FILE",
    )


def show(result: DemoResult) -> None:
    """Print the two variants side by side."""
    from seawall.research.report import comparison_table, summarise

    runs = [
        (result.defended.name, result.defended.summary),
        (result.naive.name, result.naive.summary),
    ]
    bands = [
        (f"{r.name} · {name}", summarise(o, bootstrap=0))
        for r in (result.defended, result.naive)
        for name, o in r.band
    ]
    console().print(comparison_table([*runs, *bands], title=result.source))
    say(f"fingerprint {result.defended.fingerprint[:16]}, {result.seconds:.1f} s")
    say(f"report: {result.report}")
