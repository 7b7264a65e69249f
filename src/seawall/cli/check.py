# SPDX-License-Identifier: MIT
"""``seawall check``: look for ways in which a result deceives."""

from __future__ import annotations

import inspect
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.check_validation import cpcv, montecarlo
from seawall.cli.output import next_steps, print_json, say, table
from seawall.cli.settings import settings_of
from seawall.model.errors import ResearchError, SettingsError
from seawall.model.time import format_time_ns

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from seawall.model.market import Market
    from seawall.research.lookahead import LookaheadReport

app = typer.Typer(help="Look for ways in which a result deceives.", no_args_is_help=True)
app.command()(montecarlo)
app.command()(cpcv)

EXIT_FOUND = 1
HOOK_CUTS = 15
KINDS = ("auto", "feature", "strategy")


@app.callback()
def _group() -> None:
    """Look for ways in which a result deceives."""


@app.command()
def lookahead(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(help="path/to/file.py:Name of a strategy, a rule or a feature.")
    ],
    symbol: Annotated[str, typer.Option(help="Symbols; without it, a random walk.")] = "",
    data: Annotated[str, typer.Option(help="A file of data, instead of a symbol.")] = "",
    bars: Annotated[str, typer.Option(help="Length of the bars, for example 1h.")] = "",
    venue: Annotated[str, typer.Option(help="When several venues have the symbol.")] = "",
    start: Annotated[str, typer.Option(help="First moment, ISO 8601, UTC.")] = "",
    end: Annotated[str, typer.Option(help="Moment after the last, ISO 8601, UTC.")] = "",
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for the strategy; may be repeated.")
    ] = None,
    cuts: Annotated[int, typer.Option(help="Moments at which the future is taken away.")] = 30,
    rows: Annotated[int, typer.Option(help="Use the first rows only; 0 takes all.")] = 5_000,
    decides: Annotated[
        str, typer.Option(help="close: a row may use itself; open: only its open.")
    ] = "close",
    what: Annotated[str, typer.Option("--as", help="auto, feature or strategy.")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take the future away and see whether the past changes; exit code 1 when it does."""
    from seawall.research.choose import DataChoice
    from seawall.research.plugin import load_object, parse_params

    if what not in KINDS or decides not in ("close", "open"):
        raise SettingsError(
            f"--as {what} --decides {decides} is unknown",
            mend="--as auto, feature or strategy; --decides close or open",
        )
    settings = settings_of(ctx)
    choice = DataChoice(symbol, bars, venue, start, end, data)
    market = _market(choice, settings.catalogue.root, settings.run.seed, rows)
    found = load_object(name)
    given = parse_params(param or ())
    if what == "feature" or (what == "auto" and _is_feature(found)):
        report = _feature(found, market, cuts, settings.run.seed, decides, name)
    else:
        report = _strategy(name, given, market, cuts, settings)
    _print(report, json)
    if not report.clean:
        raise typer.Exit(EXIT_FOUND)


def _strategy(
    name: str, params: dict[str, Any], market: Market, cuts: int, settings: Any
) -> LookaheadReport:
    from seawall.engine.strategy import TargetStrategy
    from seawall.research.backtest import run_once
    from seawall.research.lookahead_runs import check_strategy
    from seawall.research.plugin import load_object, make_strategy

    named = load_object(name)
    wants_market = callable(named) and "market" in _names(named)

    def run(given: Market) -> Any:
        # A strategy that is given its data at the start can leak what it was given.
        full: dict[str, Any] = {**params, "market": given} if wants_market else params
        return run_once(make_strategy(name, full), given, settings.engine)

    # Hooks in Python take a second per run where a vectorised rule takes a moment.
    cuts = cuts if isinstance(named, TargetStrategy) else min(cuts, HOOK_CUTS)
    return check_strategy(run, market, n_cuts=cuts, seed=settings.run.seed, subject=name)


def _feature(
    rule: Any, market: Market, cuts: int, seed: int, decides: Any, name: str
) -> LookaheadReport:
    from seawall.research.lookahead import check_feature

    columns, ts = _columns(market)
    data: Any = columns
    try:
        _try(rule, {k: v.copy() for k, v in columns.items()})
    except (TypeError, KeyError, AttributeError, IndexError, ValueError) as problem:
        try:
            _try(rule, columns["close"].copy())
        except Exception:
            raise ResearchError(
                f"{name} fails on bars: {type(problem).__name__}: {problem}",
                mend="it takes a mapping of arrays open, high, low, close, volume, or one array",
            ) from problem
        data = columns["close"]
    return check_feature(rule, data, ts=ts, n_cuts=cuts, seed=seed, decides=decides, subject=name)


def _try(rule: Any, given: Any) -> None:
    """Call a rule; some functions of arrays take a mapping without a word."""
    import numpy as np

    if np.asarray(rule(given), dtype=np.float64).ndim == 0:
        raise ValueError("it gives one value for all rows")


def _market(choice: Any, catalogue: Path, seed: int, rows: int) -> Market:
    from seawall.model.market import Market
    from seawall.research.choose import market_of
    from seawall.research.lookahead_runs import walk_market

    if not choice.given:
        return walk_market(rows or 5_000, seed)
    # Mapped arrays outlive the folder: an open mapping keeps its file.
    with tempfile.TemporaryDirectory(prefix="seawall-check-") as scratch:
        whole = market_of(choice, catalogue, Path(scratch))
        if not rows:
            return whole
        return Market(
            whole.instruments, whole.streams, whole.events[:rows].copy(),
            whole.bars[:, :rows].copy(),
        )  # fmt: skip


def _columns(
    market: Market,
) -> tuple[dict[str, npt.NDArray[np.float64]], npt.NDArray[np.int64]]:
    """Bars of the first stream as numbers."""
    from seawall.model.events import BarField

    if not market.bars.shape[1]:
        raise ResearchError("there are no bars in these data", mend="name bars with --bars 1h")
    mine = market.bars[:, market.bars[BarField.STREAM] == market.bars[BarField.STREAM, 0]]
    instrument = market.instruments[market.instrument_of_stream()[int(mine[BarField.STREAM, 0])]]
    fields = (BarField.OPEN, BarField.HIGH, BarField.LOW, BarField.CLOSE)
    out = {field.name.lower(): mine[field] * float(instrument.tick) for field in fields}
    out["volume"] = mine[BarField.VOLUME] * float(instrument.lot)
    return out, mine[BarField.TS].copy()


def _is_feature(found: object) -> bool:
    """Whether it is a function of one value without a default: columns in, values out."""
    if inspect.isclass(found) or not callable(found):
        return False
    needed = [
        p for p in _parameters(found).values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    return len(needed) == 1 and needed[0].name != "market"


def _names(found: Any) -> list[str]:
    return list(_parameters(found))


def _parameters(found: Any) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(found).parameters)
    except (TypeError, ValueError):
        return {}


def _print(report: LookaheadReport, json: bool) -> None:
    if json:
        print_json({**asdict(report), "clean": report.clean})
        return
    if report.leaks:
        shown = [
            [str(leak.row), format_time_ns(leak.ts) if leak.ts >= 0 else "-", leak.test,
             str(leak.cut), str(leak.reach), leak.change]
            for leak in report.leaks[:8]
        ]  # fmt: skip
        columns = ["row", "time", "future was", "from row", "rows ahead", "change"]
        table(f"{len(report.leaks)} leaks", columns, shown, numeric=[columns[0], *columns[3:]])
    from rich.markup import escape

    say(
        ("[green]clean[/green] " if report.clean else "[red]leaks[/red] ")
        + escape(report.sentence())
    )
    if report.skipped:
        say(
            f"[dim]some cuts were judged by the altered future only: {escape(report.skipped)}[/dim]"
        )
    following = f"seawall sweep run {report.subject} ..." if report.clean else "mend it, run again"
    next_steps(following)
