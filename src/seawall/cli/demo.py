# SPDX-License-Identifier: MIT
"""``seawall demo``: the whole way from data to report, without network or keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.output import next_steps, print_json, say, table
from seawall.cli.settings import settings_of

if TYPE_CHECKING:
    from seawall.research.backtest import Result
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
    from seawall.research.demo.windows import MEASURE

    next_steps(
        f"open {result.report}",
        *((MEASURE,) if result.windows else ()),
        "seawall demo --data FILE",
        "seawall data import FILE",
    )


FIGURES = (
    ("final_equity", "Final equity"),
    ("total_return", "Total return"),
    ("sharpe", "Sharpe ratio, annual"),
    ("max_drawdown", "Max drawdown"),
    ("trades", "Round trips"),
    ("win_rate", "Win rate"),
    ("fees", "Fees"),
    ("funding", "Funding"),
    ("slippage", "Slippage"),
    ("turnover", "Turnover"),
    ("exposure", "Mean exposure"),
)


def show(result: DemoResult) -> None:
    """Print the two variants side by side, each with its band over fill models."""
    rows = []
    columns = [_cells(result.defended), _cells(result.naive)]
    for name, label in FIGURES:
        cells = [column.get(name, "") for column in columns]
        if any(cells):
            rows.append((label, *cells))
    table(
        result.source,
        ["figure", result.defended.name, result.naive.name],
        rows,
        numeric=[result.defended.name, result.naive.name],
        note="in brackets: the pessimistic and the optimistic fill model",
    )
    if result.windows:
        show_windows(result)
    say(f"fingerprint {result.defended.fingerprint[:16]}, {result.seconds:.1f} s")
    say(f"report: {result.report}")


def show_windows(result: DemoResult) -> None:
    """Print what each variant made while an attack ran, and what that does not say."""
    from seawall.research.demo.windows import ONE_SEED, cells, columns, heading

    heads = columns(result.defended.outcome.currency)
    table(
        heading(result.windows),
        heads,
        [cells(row, band=False) for row in result.windows],
        numeric=heads[2:],
        note=f"{ONE_SEED} Under the other fill models: in the report.",
    )


def _cells(result: Result) -> dict[str, str]:
    """Figures of a run as text, with what they are under the other fill models."""
    from seawall.research.metrics import performance
    from seawall.research.report import SHARPE_DAYS_MIN, figure_text

    own = result.summary.metrics
    others = [performance(outcome) for _, outcome in result.band]
    out: dict[str, str] = {}
    for name, _ in FIGURES:
        if name == "sharpe" and own.span_days < SHARPE_DAYS_MIN:
            continue
        text = figure_text(name, own)
        spread = [figure_text(name, m) for m in others]
        if text and any(s != text for s in spread):
            text += f" [{' … '.join(_bare(s, text) for s in spread)}]"
        out[name] = text
    return out


def _bare(text: str, like: str) -> str:
    """Leave out the unit that stands behind another figure already."""
    number, space, unit = text.rpartition("\u202f" if "\u202f" in text else " ")
    return number if space and like.endswith(unit) else text
