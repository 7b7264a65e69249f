# SPDX-License-Identifier: MIT
"""``seawall sweep``: try many parameters, and say how many were tried."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, say, table
from seawall.cli.settings import Settings, settings_of
from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.research.sweep import Sweep, SweepResult
    from seawall.research.sweep.study import Definition
    from seawall.research.trials import Trial
    from seawall.research.validation import WalkForwardResult

app = typer.Typer(help="Try many parameters, honestly.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="path/to/file.py:Name of a strategy or an objective.")]
Axes = Annotated[list[str], typer.Argument(help="name=low:high[:step], name=a,b or a value.")]
Symbol = Annotated[str, typer.Option(help="Symbols of the catalogue, separated by commas.")]
Data = Annotated[str, typer.Option(help="A file of data, instead of a symbol.")]
Bars = Annotated[str, typer.Option(help="Length of the bars, for example 1h; empty for events.")]
Venue = Annotated[str, typer.Option(help="When several venues have the symbol.")]
Start = Annotated[str, typer.Option(help="First moment, ISO 8601, UTC.")]
End = Annotated[str, typer.Option(help="Moment after the last, ISO 8601, UTC.")]
Study = Annotated[Path | None, typer.Option(help="Folder of the study; counts all its trials.")]
Method = Annotated[str, typer.Option(help="grid, random or tpe.")]
Trials = Annotated[int, typer.Option(help="How many; 0 is the whole grid.")]
Seed = Annotated[int | None, typer.Option(help="Of the search; run.seed by default.")]
Metric = Annotated[str, typer.Option(help="What is searched for.")]
Minimize = Annotated[bool, typer.Option("--minimize", help="Less of it is better.")]
EngineName = Annotated[str, typer.Option("--engine", help="pool, ray or serial.")]
Workers = Annotated[int, typer.Option(help="Processes; 0 takes run.workers, or one per core.")]
Top = Annotated[int, typer.Option(help="Rows of the table.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
StudyFolder = Annotated[Path, typer.Argument(help="Folder of the study.")]


@app.command()
def run(
    ctx: typer.Context,
    name: Name,
    axes: Axes,
    symbol: Symbol = "",
    data: Data = "",
    bars: Bars = "",
    venue: Venue = "",
    start: Start = "",
    end: End = "",
    study: Study = None,
    method: Method = "grid",
    trials: Trials = 0,
    seed: Seed = None,
    metric: Metric = "sharpe",
    minimize: Minimize = False,
    engine: EngineName = "pool",
    workers: Workers = 0,
    top: Top = 10,
    json: Json = False,
) -> None:
    """Search a space of parameters; finished trials are kept and never run twice."""
    from seawall.research.choose import DataChoice
    from seawall.research.sweep.study import Definition

    settings = settings_of(ctx)
    asked = Definition(
        name, tuple(axes), DataChoice(symbol, bars, venue, start, end, data), method, trials,
        settings.run.seed if seed is None else seed, metric, not minimize,
    )  # fmt: skip
    folder = study or settings.run.out_dir / "sweeps" / name.rpartition(":")[2]
    _run(asked, folder, settings, engine, workers, top, json)


@app.command()
def resume(
    ctx: typer.Context,
    study: StudyFolder,
    trials: Annotated[int, typer.Option(help="Go on to so many; 0 keeps the number.")] = 0,
    engine: EngineName = "pool",
    workers: Workers = 0,
    top: Top = 10,
    json: Json = False,
) -> None:
    """Go on with the latest sweep of a study."""
    from seawall.research.sweep.study import load_definitions

    last = load_definitions(study)[-1]
    asked = replace(last, trials=trials or last.trials)
    _run(asked, study, settings_of(ctx), engine, workers, top, json)


@app.command()
def show(
    study: StudyFolder,
    metric: Annotated[str, typer.Option(help="Sort by this; as searched for by default.")] = "",
    top: Top = 10,
    json: Json = False,
) -> None:
    """Print what a study has found so far, without running anything."""
    from seawall.research.sweep.honesty import judge
    from seawall.research.sweep.result import SweepResult, best_of
    from seawall.research.sweep.space import parse_space
    from seawall.research.sweep.study import load_definitions
    from seawall.research.trials import TrialLog

    last, log = load_definitions(study)[-1], TrialLog(study)
    wanted = metric or last.metric
    mine = [trial for trial in log if trial.sweep == last.sweep] or list(log)
    best = best_of(mine, wanted, maximize=last.maximize)
    found = SweepResult(
        last.sweep, parse_space(last.space), wanted, last.maximize, tuple(mine),
        judge(log, best, mine), 0, len(mine),
    )  # fmt: skip
    _print(found, study, top, json)


@app.command()
def walk(
    ctx: typer.Context,
    name: Name,
    axes: Axes,
    train: Annotated[int, typer.Option(help="Periods (bars, or events) to choose on.")],
    test: Annotated[int, typer.Option(help="Periods to judge on.")],
    step: Annotated[int, typer.Option(help="Periods between folds; 0 is the test's.")] = 0,
    anchored: Annotated[bool, typer.Option("--anchored", help="Choose on all the past.")] = False,
    purge: Annotated[int, typer.Option(help="Periods left out between the two.")] = 0,
    embargo: Annotated[int, typer.Option(help="More periods left out.")] = 0,
    symbol: Symbol = "",
    data: Data = "",
    bars: Bars = "",
    venue: Venue = "",
    start: Start = "",
    end: End = "",
    study: Study = None,
    method: Method = "grid",
    trials: Trials = 0,
    seed: Seed = None,
    metric: Metric = "sharpe",
    engine: EngineName = "pool",
    workers: Workers = 0,
    json: Json = False,
) -> None:
    """Choose on the past, judge on what followed, again and again."""
    from seawall.research.choose import DataChoice
    from seawall.research.sweep.study import Definition
    from seawall.research.validation import WalkForward, walk_forward

    settings = settings_of(ctx)
    asked = Definition(
        name, tuple(axes), DataChoice(symbol, bars, venue, start, end, data), method, trials,
        settings.run.seed if seed is None else seed, metric,
    )  # fmt: skip
    folder = study or settings.run.out_dir / "sweeps" / f"{name.rpartition(':')[2]}-walk"
    sweep = make_sweep(asked, folder, settings, engine, workers)
    market = getattr(sweep.objective, "market", None)
    if market is None:
        raise SettingsError(
            "walking forward needs a strategy and data, since an objective hides its length",
            mend="name a strategy and --data, or call walk_forward in Python",
        )
    splitter = WalkForward(train, test, step, anchored, purge, embargo)
    found = walk_forward(sweep, splitter, market.periods)
    _print_walk(found, folder, json)


def _run(
    asked: Definition, folder: Path, settings: Settings, engine: str, workers: int, top: int,
    json: bool,
) -> None:  # fmt: skip
    sweep = make_sweep(asked, folder, settings, engine, workers)
    replace(asked, sweep=sweep.identity()).save(folder)
    began = time.perf_counter()
    try:
        found = sweep.run()
    except KeyboardInterrupt:
        say(f"[dim]finished trials are kept: seawall sweep resume {folder}[/dim]")
        raise
    seconds = time.perf_counter() - began
    if not json:
        say(
            f"[dim]{found.evaluated} evaluated, {found.reused} taken from the log, "
            f"{seconds:.1f} s[/dim]"
        )
    _print(found, folder, top, json)


def make_sweep(
    asked: Definition, folder: Path, settings: Settings, engine: str, workers: int
) -> Sweep:
    """Make the sweep that a user asked for."""
    from seawall.research.sweep import Sweep, parse_space

    return Sweep(
        _objective(asked, folder, settings), parse_space(asked.space), folder,
        method=asked.method, n_trials=asked.trials or None, seed=asked.seed, engine=engine,
        metric=asked.metric, maximize=asked.maximize, batch=asked.batch,
        workers=workers or settings.run.workers or None,
    )  # fmt: skip


def _objective(asked: Definition, folder: Path, settings: Settings) -> Any:
    from seawall.research.plugin import is_objective, load_object
    from seawall.research.sweep.strategy import NamedObjective

    named = load_object(asked.name)
    if is_objective(named):
        return NamedObjective(asked.name) if ".py:" in asked.name else named
    if not asked.data.given:
        raise SettingsError(
            "a strategy needs data", where="--symbol",
            mend="add --symbol SYMBOL --bars 1h (`seawall data list` shows them), or --data FILE",
        )  # fmt: skip
    from seawall.cli.demo import say_if_uncompiled
    from seawall.research.choose import market_of
    from seawall.research.sweep.market import share_market
    from seawall.research.sweep.strategy import StrategyObjective

    say_if_uncompiled()
    market = market_of(asked.data, settings.catalogue.root, folder / "catalogue")
    return StrategyObjective(asked.name, share_market(market, folder / "arrays"), settings.engine)


def _print(found: SweepResult, folder: Path, top: int, json: bool) -> None:
    ranked, honesty, best = found.ranked(), found.honesty, found.best
    picture = _map(found, folder)
    near = found.neighbourhood()
    if json:
        print_json(
            {
                "study": folder, "sweep": found.sweep, "metric": found.metric,
                "best": _row(best), "honesty": asdict(honesty) if honesty else None,
                "neighbourhood": asdict(near), "evaluated": found.evaluated,
                "reused": found.reused, "failed": found.failed, "map": picture,
                "trials": [_row(trial) for trial in ranked[:top]],
            }
        )  # fmt: skip
        return
    names = list(best.params)
    figures = [found.metric, *(m for m in _SHOWN if m != found.metric and m in best.metrics)]
    rows = [
        [*(str(t.params[n]) for n in names), *(_figure(t.metrics.get(m), m) for m in figures)]
        for t in ranked[:top]
    ]
    note = honesty.sentence() if honesty else ""
    title = f"{len(ranked)} trials, {found.failed} failed"
    table(title, [*names, *figures], rows, numeric=[*names, *figures], note=note)
    if near.count:
        say(
            f"{near.count} neighbours of the best: median {near.median:.4g}, worst "
            f"{near.worst:.4g}, {near.same_sign:.0%} on its side of zero"
        )
    if picture:
        say(f"map: {picture}")
    next_steps(f"seawall sweep resume {folder} --trials N", f"seawall sweep show {folder} --json")


_SHOWN = ("sharpe", "total_return", "max_drawdown", "trades", "fees")
_SHARES = ("total_return", "annual_return", "volatility", "max_drawdown", "win_rate")


def _print_walk(found: WalkForwardResult, folder: Path, json: bool) -> None:
    end = float(found.equity[-1] - 1.0)
    if json:
        print_json(
            {
                "study": folder, "metric": found.metric, "n_trials": found.n_trials,
                "folds": [_fold(fold) for fold in found.folds], "total_return": end,
                "degradation": found.degradation, "probability": found.probability,
                "rank_correlation": found.rank_correlation,
                "share_positive": found.share_positive, "choices": found.distinct_choices,
            }
        )  # fmt: skip
        return
    rows = [
        [str(i), " ".join(f"{k}={v}" for k, v in f.params.items()), _figure(f.inside),
         _figure(f.outside)]
        for i, f in enumerate(found.folds)
    ]  # fmt: skip
    columns = ["fold", "chosen", f"{found.metric} in sample", "out of sample"]
    note = (
        f"out of sample {end:+.2%}; Sharpe lost {_figure(found.degradation)} of its in-sample "
        f"value; probability that it is above zero {_figure(found.probability)}; "
        f"{found.n_trials} configurations tried"
    )
    table("walk-forward", columns, rows, numeric=[columns[0], *columns[2:]], note=note)
    next_steps(f"seawall sweep walk ... --study {folder} --json")


def _fold(fold: Any) -> dict[str, Any]:
    return {
        "train": [int(fold.fold.train[0]), int(fold.fold.train[-1])],
        "test": [int(fold.fold.test[0]), int(fold.fold.test[-1])],
        "params": dict(fold.params), "inside": fold.inside, "outside": fold.outside,
    }  # fmt: skip


def _map(found: SweepResult, folder: Path) -> Path | None:
    """Write the map of the first two axes that vary, when there are two."""
    varied = [n for n, axis in found.space.axes.items() if len(axis.grid()) > 1]
    if len(varied) < 2:
        return None
    from seawall.research.sweep.heatmap import write_heatmap

    return write_heatmap(found, folder / f"map-{found.sweep}.html", varied[0], varied[1])


def _row(trial: Trial) -> dict[str, Any]:
    return {"params": dict(trial.params), "metrics": dict(trial.metrics), "error": trial.error}


def _figure(value: float | None, name: str = "") -> str:
    """Show a figure with its unit: shares in percent, large amounts by thousands."""
    if value is None or math.isnan(value):
        return "-"
    if name in _SHARES:
        return f"{value:.2%}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
