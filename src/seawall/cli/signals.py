# SPDX-License-Identifier: MIT
"""``seawall signals``: what analytics say about what comes next, and what that was worth."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.cli.settings import resolved
from seawall.model.errors import CatalogueError, SettingsError

if TYPE_CHECKING:
    from seawall.data.catalogue.catalogue import Catalogue, Select
    from seawall.model.market import Market
    from seawall.research.scorecard import Scorecard
    from seawall.signals.grid import Grid
    from seawall.signals.kind import Kind

app = typer.Typer(help="Signals, and what they were worth.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]
Files = Annotated[
    list[Path] | None, typer.Argument(help="Recorded files; the catalogue when none is given.")
]
Symbol = Annotated[str, typer.Option(help="Only these, separated by commas.")]
Venue = Annotated[str, typer.Option(help="Only this venue.")]
Named = Annotated[list[str] | None, typer.Option(help="Only this signal; may be repeated.")]
QUOTED = ("depth", "top")


@app.callback()
def _group() -> None:
    """Signals, and what they were worth."""


@app.command(name="list")
def list_(json: Json = False) -> None:
    """Show every kind of signal with its rule and what it needs."""
    from seawall.signals.registry import KINDS

    if json:
        print_json(
            [{"name": k.name, "family": k.family, "target": k.target, "rule": k.section("Rule"),
              "strength": k.section("Strength"), "assumption": k.section("Assumption"),
              "source": k.section("Source"), "needs": dict(k.needs), "horizon": dict(k.horizon)}
             for k in KINDS]
        )  # fmt: skip
        return
    rows = [
        (k.name, k.family, k.target,
         ", ".join(f"{n} {'s' if s == 'events' else 'bars'}" for s, n in k.horizon.items()),
         k.section("Rule"))
        for k in KINDS
    ]  # fmt: skip
    heads = ("name", "family", "says", "horizon", "rule")
    table("Signals", heads, rows, note="says: which way the price goes, or that it moves far")
    next_steps("seawall signals scorecard FILE...", "seawall signals list --json")


@app.command()
def read(
    ctx: typer.Context,
    files: Files = None,
    symbol: Symbol = "",
    venue: Venue = "",
    signal: Named = None,
    last: Annotated[int, typer.Option(help="Signals to show, the latest ones.")] = 20,
    json: Json = False,
) -> None:
    """Show the signals of recorded data with their reasons.

    Confidence is 0.5: it is learned in `scorecard`, on an earlier part of the data.
    """
    from seawall.signals.readings import available, signals_of
    from seawall.signals.readings import read as run

    kinds = _kinds(signal)
    grids = _grids(ctx, files or [], symbol, venue)
    found = [s for g in grids for k in kinds if available(k, g) for s in signals_of(run(k, g))]
    found = sorted(found, key=lambda s: s.ts_ns)[-last:]
    if json:
        print_json(found)
        return
    from seawall.model.time import format_time_ns

    rows = [
        (format_time_ns(s.ts_ns), s.instrument, s.name, f"{s.direction:+d}", f"{s.strength:.2f}",
         s.reason)
        for s in found
    ]  # fmt: skip
    heads = ("time", "instrument", "signal", "direction", "strength", "why")
    table(f"The last {len(rows)} signals", heads, rows, numeric=heads[3:5])
    next_steps("seawall signals scorecard FILE...")


@app.command()
def scorecard(
    ctx: typer.Context,
    files: Files = None,
    symbol: Symbol = "",
    venue: Venue = "",
    signal: Named = None,
    train: Annotated[
        float, typer.Option(help="Share of the time on which confidence is learned.")
    ] = 0.6,
    trials: Annotated[int, typer.Option(help="Configurations tried before on the same data.")] = 0,
    step: Annotated[float, typer.Option(help="Distance of rows of events, s.", min=0.01)] = 1.0,
    json: Json = False,
) -> None:
    """Judge every signal on the later part of the data, after costs."""
    from seawall.research.scorecard import ScoreSettings, score_all

    settings = ScoreSettings(train_share=train, trials=trials)
    kinds = _kinds(signal)
    grids = _grids(ctx, files or [], symbol, venue, step)
    with progress("scoring signals", 1.0) as advance:
        done = [0.0]

        def told(share: float) -> None:
            advance(share - done[0])
            done[0] = share

        cards = score_all(grids, settings, kinds, told)
    if json:
        print_json([_plain(c) for c in cards])
        return
    for source in ("events", "bars"):
        if mine := [c for c in cards if c.source == source]:
            _show(source, mine)
    say("[dim]traded at the quotes of the signal, without delay: any latency makes it worse[/dim]")
    next_steps("seawall signals scorecard --json FILE...", "seawall signals list")


def _kinds(names: list[str] | None) -> tuple[Kind, ...]:
    from seawall.signals.registry import KINDS, kind_of

    return tuple(kind_of(n) for n in names or []) or KINDS


def _grids(
    ctx: typer.Context, files: list[Path], symbol: str, venue: str, step: float = 1.0
) -> tuple[Grid, ...]:
    from seawall.signals.grids import grids_of

    wanted = {s.strip() for s in symbol.split(",") if s.strip()}
    with tempfile.TemporaryDirectory(prefix="seawall-signals-") as scratch:
        market = _market(ctx, files, wanted, venue, Path(scratch))
    with progress("running the analytics"):
        return grids_of(market, step)


def _market(
    ctx: typer.Context, files: list[Path], wanted: set[str], venue: str, scratch: Path
) -> Market:
    from seawall.data.catalogue.catalogue import Catalogue
    from seawall.data.importing.pipeline import import_files

    catalogue = Catalogue(resolved(ctx).settings.catalogue.root)
    if files:
        for file in files:
            if not file.exists():
                raise SettingsError(f"there is no {file}", mend="give files that exist")
        catalogue = Catalogue(scratch)
        with progress("reading files", len(files)) as advance:
            for file in files:
                import_files(catalogue, [file])
                advance(1.0)
    picks = _picks(catalogue, wanted, venue)
    if not picks:
        raise CatalogueError(
            "no series has quotes or bars", mend="signals need depth, best quotes, or bars"
        )
    return catalogue.market(picks)


def _picks(catalogue: Catalogue, wanted: set[str], venue: str) -> list[Select]:
    """Events of a series where it has quotes, else its shortest bars."""
    from seawall.data.catalogue.catalogue import Select
    from seawall.data.catalogue.kinds import interval_ns

    held: dict[tuple[str, str], set[str]] = {}
    for e in catalogue.list():
        if venue in ("", e.venue) and (not wanted or e.symbol in wanted):
            held.setdefault((e.venue, e.symbol), set()).add(e.kind)
    picks = []
    for (v, s), kinds in sorted(held.items()):
        bars = sorted((k for k in kinds if k.startswith("bars_")), key=interval_ns)
        if kinds & set(QUOTED):
            picks.append(Select(v, s, tuple(k for k in (*QUOTED, "trades") if k in kinds)))
        elif bars:
            picks.append(Select(v, s, (bars[0],)))
    return picks


def _plain(card: Scorecard) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(card), "verdict": card.verdict}


def _show(source: str, cards: list[Scorecard]) -> None:
    what = "recorded events" if source == "events" else "bars"
    places = len({i for c in cards for i in c.instruments})
    rows = [
        (c.signal, _time(c.horizon_s), f"{c.signals:,}",
         _interval(c.hit_rate, c.hit_low, c.hit_high, ".2f"), _number(c.base_rate, ".2f"),
         _interval(c.ic.coefficient, c.ic.low, c.ic.high, "+.2f"),
         " ".join(_number(d.coefficient, "+.2f") or "-" for d in c.decay))
        for c in cards
    ]  # fmt: skip
    heads = ("signal", "horizon", "signals", "hit rate", "base", "IC", "IC by horizon")
    note = (
        f"up to {max(c.test_rows for c in cards):,} rows of {places} instruments, later than "
        "what taught the confidence; IC at 1/5, 1/2, 1 and 2 horizons"
    )
    table(f"Out of sample, {what}: forecasts", heads, rows, numeric=heads[1:], note=note)
    trades = [
        (c.signal, c.trades or None, _number(c.turnover_per_day, _places(c)) if c.trades else None,
         _number(c.gross_bps, "+.1f"), _number(c.cost_bps, ".1f"),
         _interval(c.net_bps, c.net_low, c.net_high, "+.1f"), c.verdict)
        for c in cards
    ]  # fmt: skip
    heads = ("signal", "trades", "turnover/day", "gross", "cost", "net", "verdict")
    note = f"bps per trade; {cards[0].trials} trials, for which the interval of net is widened"
    table(f"Out of sample, {what}: trades", heads, trades, numeric=heads[1:-1], note=note)
    curves = [
        (c.signal, f"{c.train_signals:,}",
         "  ".join(f"{a:.2f}/{b:.2f}" for a, b in
                   zip(c.reliability.confidence, c.reliability.frequency, strict=True)) or None,
         _number(c.reliability.brier, ".3f"), _number(c.reliability.brier_base, ".3f"))
        for c in cards
    ]  # fmt: skip
    titles = ("signal", "learned from", "confidence/came true", "Brier", "of base rate")
    note = "by fifths of the signals judged; Brier above that of the base rate: worth nothing"
    table(f"Out of sample, {what}: confidence", titles, curves,
          numeric=(titles[1], *titles[3:]), note=note)  # fmt: skip


def _places(card: Scorecard) -> str:
    return ",.0f" if card.turnover_per_day >= 10.0 else ".2f"


def _time(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 3_600 else f"{seconds / 3_600:g} h"


def _number(value: float, form: str) -> str | None:
    return None if value != value else format(value, form)


def _interval(value: float, low: float, high: float, form: str) -> str | None:
    if value != value:
        return None
    if low != low:
        return format(value, form)
    return f"{format(value, form)} ({format(low, form)} to {format(high, form)})"
