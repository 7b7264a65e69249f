# SPDX-License-Identifier: MIT
"""``seawall check montecarlo`` and ``cpcv``: other histories, and all cuts of this one."""

from __future__ import annotations

import math
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli import sweep as sweeping
from seawall.cli.output import next_steps, print_json, say, table
from seawall.cli.settings import Settings, settings_of
from seawall.model.errors import ResearchError, SettingsError

if TYPE_CHECKING:
    from seawall.research.choose import DataChoice
    from seawall.research.validation import Combinatorial, MonteCarlo


def montecarlo(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="path/to/file.py:Name of a strategy.")],
    symbol: sweeping.Symbol = "",
    data: sweeping.Data = "",
    bars: Annotated[str, typer.Option(help="Length of the bars, for example 1h.")] = "",
    venue: sweeping.Venue = "",
    start: sweeping.Start = "",
    end: sweeping.End = "",
    param: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for the strategy; may be repeated.")
    ] = None,
    paths: Annotated[int, typer.Option(min=1, help="Resampled markets.")] = 1_000,
    block: Annotated[
        float, typer.Option(min=0.0, help="Mean block, bars; 0: chosen from the data.")
    ] = 0.0,
    holding: Annotated[
        float, typer.Option(min=0.0, help="Typical holding time, bars; blocks are ten times it.")
    ] = 0.0,
    ruin: Annotated[float, typer.Option(min=0.0, max=1.0, help="Fall that counts as ruin.")] = 0.5,
    seed: Annotated[int | None, typer.Option(help="Of the paths; run.seed by default.")] = None,
    engine: sweeping.EngineName = "pool",
    workers: sweeping.Workers = 0,
    json: sweeping.Json = False,
) -> None:
    """Run a strategy over resampled markets: how much hangs on the order of things."""
    from seawall.research.choose import DataChoice

    settings = settings_of(ctx)
    choice = DataChoice(symbol, bars, venue, start, end, data)
    with tempfile.TemporaryDirectory(prefix="seawall-montecarlo-") as scratch:
        found, notes = _resample(
            name, list(param or ()), choice, settings, Path(scratch), paths, block, holding,
            settings.run.seed if seed is None else seed, engine, workers,
        )  # fmt: skip
    if json:
        print_json(_montecarlo_json(found, ruin, notes))
    else:
        _print_montecarlo(found, ruin, notes)
    next_steps(f"seawall check cpcv {shlex.quote(name)} ...")


def _resample(
    name: str, param: list[str], choice: DataChoice, settings: Settings, scratch: Path,
    paths: int, block: float, holding: float, seed: int, engine: str, workers: int,
) -> tuple[MonteCarlo, list[str]]:  # fmt: skip
    from seawall.cli.demo import say_if_uncompiled
    from seawall.research.choose import market_of
    from seawall.research.plugin import load_strategy, parse_params
    from seawall.research.sweep.strategy import compile_kernels
    from seawall.research.validation import monte_carlo_market
    from seawall.research.validation.on_bars import StrategyOnBars
    from seawall.research.validation.paths import common_bars

    if not choice.given:
        raise SettingsError(
            "a strategy needs data", where="--symbol",
            mend="add --symbol SYMBOL --bars 1h (`seawall data list` shows them), or --data FILE",
        )  # fmt: skip
    load_strategy(name, param)
    say_if_uncompiled()
    market = market_of(choice, settings.catalogue.root, scratch / "catalogue")
    if not market.bars.shape[1]:
        raise ResearchError(
            "there are no bars in these data, and markets are resampled in bars",
            mend="name bars with --bars 1h",
        )
    notes = []
    if market.events.size:
        notes.append(f"{market.events.size:,} events beside the bars (funding, marks) left out")
    compile_kernels()
    together = common_bars(market.bars)
    if lost := market.bars.shape[1] - together.shape[1]:
        notes.append(f"{lost:,} bars at times that not all assets have left out")
    run = StrategyOnBars(
        name, parse_params(param), market.instruments, market.streams, settings.engine
    )
    found = monte_carlo_market(
        run, together.copy(), scratch / "arrays", n_paths=paths, block=block or None,
        holding=holding, seed=seed, engine=engine, workers=workers or settings.run.workers or None,
    )  # fmt: skip
    return found, notes


def _montecarlo_json(found: MonteCarlo, ruin: float, notes: list[str]) -> dict[str, object]:
    return {
        "paths": found.total_return.size, "failed": found.failed, "error": found.error,
        "block": found.block, "seed": found.seed, "quantiles": found.quantiles(),
        "real": {
            "total_return": found.real_total_return, "max_drawdown": found.real_max_drawdown,
        },
        "rank_of_real": found.rank_of_real(), "probability_of_loss": found.probability_of_loss,
        "ruin": ruin, "probability_of_ruin": found.probability_of_ruin(ruin), "notes": notes,
    }  # fmt: skip


def _print_montecarlo(found: MonteCarlo, ruin: float, notes: list[str]) -> None:
    spread = found.quantiles()
    rows = [
        [label, f"{real:+.2%}", *(f"{q:+.2%}" for q in spread[key])]
        for label, key, real in (
            ("total return", "total_return", found.real_total_return),
            ("max drawdown", "max_drawdown", found.real_max_drawdown),
        )
    ]
    heads = ["figure", "true history", "5 %", "median", "95 %"]
    count = found.total_return.size
    table(
        f"{count:,} resampled markets, blocks of {found.block:.1f} bars, seed {found.seed}",
        heads, rows, numeric=heads[1:],
        note="Blocks of the same bars in another order: no day is worse than the worst of these.",
    )  # fmt: skip
    say(
        f"{found.probability_of_loss:.1%} end with a loss, {found.probability_of_ruin(ruin):.1%} "
        f"ever fall by {ruin:.0%}; the true history ends above {found.rank_of_real():.1%} of them"
    )
    if found.failed:
        say(f"[yellow]{found.failed} paths failed[/yellow] and are not counted: {found.error}")
    for note in notes:
        say(f"[dim]{note}[/dim]")


def cpcv(
    ctx: typer.Context,
    name: sweeping.Name,
    axes: sweeping.Axes,
    symbol: sweeping.Symbol = "",
    data: sweeping.Data = "",
    bars: sweeping.Bars = "",
    venue: sweeping.Venue = "",
    start: sweeping.Start = "",
    end: sweeping.End = "",
    groups: Annotated[int, typer.Option(help="Groups that time is cut into.")] = 8,
    tested: Annotated[int, typer.Option(help="Of them, tested at a time.")] = 2,
    purge: Annotated[int, typer.Option(help="Periods that a decision looks ahead.")] = 0,
    embargo: Annotated[int, typer.Option(help="Periods left out behind a test, besides.")] = 0,
    study: sweeping.Study = None,
    method: sweeping.Method = "grid",
    trials: sweeping.Trials = 0,
    seed: sweeping.Seed = None,
    engine: sweeping.EngineName = "pool",
    workers: sweeping.Workers = 0,
    json: sweeping.Json = False,
) -> None:
    """Choose on some of the history, judge on the rest, over all ways to cut it."""
    from seawall.research.choose import DataChoice
    from seawall.research.sweep.study import Definition
    from seawall.research.trials import TrialLog
    from seawall.research.validation import CombinatorialPurged, combinatorial_sweep

    settings = settings_of(ctx)
    splitter = CombinatorialPurged(groups, tested, purge, embargo)
    asked = Definition(
        name, tuple(axes), DataChoice(symbol, bars, venue, start, end, data), method, trials,
        settings.run.seed if seed is None else seed,
    )  # fmt: skip
    folder = study or settings.run.out_dir / "sweeps" / f"{name.rpartition(':')[2]}-cpcv"
    found = combinatorial_sweep(
        sweeping.make_sweep(asked, folder, settings, engine, workers), splitter
    )
    yearly = next((t.metrics.get("periods_per_year", math.nan) for t in TrialLog(folder)), math.nan)
    if json:
        print_json(_cpcv_json(found, folder, yearly))
    else:
        _print_cpcv(found, yearly)
    next_steps(f"seawall sweep show {shlex.quote(str(folder))}")


def _cpcv_json(found: Combinatorial, folder: Path, yearly: float) -> dict[str, object]:
    return {
        "study": folder, "groups": found.splitter.n, "tested": found.splitter.k,
        "purge": found.splitter.purge, "embargo": found.splitter.embargo,
        "periods": found.paths.shape[1], "periods_per_year": yearly,
        "folds": len(found.outside), "paths": len(found.paths),
        "path_sharpes": found.path_sharpes, "quantiles": found.quantiles(),
        "path_total_returns": found.path_total_returns, "share_negative": found.share_negative,
        "pbo": found.pbo, "degradation": found.degradation, "choices": found.distinct_choices,
        "n_trials": found.n_trials,
    }  # fmt: skip


def _print_cpcv(found: Combinatorial, yearly: float) -> None:
    periods, s = found.paths.shape[1], found.splitter
    scale = math.sqrt(yearly) if yearly > 0.0 and periods >= yearly / 12.0 else 1.0
    unit = "a year" if scale != 1.0 else "a period"
    low, middle, high = (f"{q * scale:.3g}" for q in found.quantiles())
    ends = sorted(found.path_total_returns.tolist())
    rows = [
        (f"Sharpe ratio of the paths, {unit}: 5 %, median, 95 %", f"{low}, {middle}, {high}"),
        ("Total return of the paths: worst, best", f"{ends[0]:+.2%}, {ends[-1]:+.2%}"),
        ("Paths with a Sharpe ratio below zero", f"{found.share_negative:.0%}"),
        ("Probability of overfitting: choices no better than the median", f"{found.pbo:.1%}"),
        ("Share of the in-sample Sharpe ratio lost", _share(found.degradation)),
        ("Different choices", f"{found.distinct_choices} in {len(found.outside)} folds"),
        ("Configurations tried in the study", f"{found.n_trials:,}"),
    ]
    note = "The paths share periods and choices: their spread is no standard error."
    if found.distinct_choices == 1:
        note += " One configuration was chosen in every fold, so all paths are the same."
    table(
        f"{len(found.paths)} paths of {periods:,} periods from {len(found.outside)} folds, "
        f"{s.k} of {s.n} groups tested, purge {s.purge}, embargo {s.embargo}",
        ["figure", "value"], rows, numeric=["value"],
        note=note,
    )  # fmt: skip


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
