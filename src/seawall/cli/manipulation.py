# SPDX-License-Identifier: MIT
"""``seawall manipulation``: evidence with reasons, and how well the detectors detect."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import Advance, next_steps, print_json, progress, say, table
from seawall.cli.settings import resolved
from seawall.model.errors import CatalogueError, ResearchError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from seawall.analytics.manipulation.scores import Scan
    from seawall.model.market import Market
    from seawall.research.manipulation.clean import Quiet
    from seawall.research.manipulation.counts import Counts
    from seawall.research.manipulation.pumps import PumpReport
    from seawall.research.manipulation.simulated import SimulatedReport

app = typer.Typer(help="Look for manipulation: evidence, never a verdict.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
BOOKS = ("depth", "top", "trades")
VERDICT = "a score is evidence with reasons; who meant what is in no public feed"


@app.callback()
def _group() -> None:
    """Look for manipulation: evidence, never a verdict."""


@app.command()
def scan(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Recorded files; the catalogue when none is given."),
    ] = None,
    symbol: Annotated[str, typer.Option(help="Only these, separated by commas.")] = "",
    venue: Annotated[str, typer.Option(help="Only this venue.")] = "",
    detector: Annotated[
        list[str] | None, typer.Option(help="Only this detector; may be repeated.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Score that is an alarm; each detector's own without.")
    ] = None,
    json: Json = False,
) -> None:
    """Score recorded books and trades second by second, and say why."""
    from seawall.analytics.manipulation.scores import detector as known
    from seawall.analytics.manipulation.scores import score_market

    names = tuple(detector or ())
    for name in names:
        known(name)
    wanted = {s.strip() for s in symbol.split(",") if s.strip()}
    with tempfile.TemporaryDirectory(prefix="seawall-manipulation-") as scratch:
        market = _market(ctx, files or [], wanted, venue, Path(scratch))
    scans: list[Scan] = []
    with progress("scoring", len(market.instruments)) as advance:
        for instrument in market.instruments:
            try:
                scans.append(
                    score_market(market, instrument.symbol, instrument.venue, detectors=names)
                )
            except ResearchError as without_quotes:
                say(f"[dim]{instrument.symbol} at {instrument.venue}: {without_quotes.what}[/dim]")
            advance(1.0)
    alarms = [a for s in scans for a in _alarms(s, threshold)]
    if json:
        print_json({"scans": [_plain(s) for s in scans], "alarms": alarms})
        return
    _show(scans, alarms)


def _market(
    ctx: typer.Context, files: list[Path], wanted: set[str], venue: str, scratch: Path
) -> Market:
    from seawall.data.catalogue.catalogue import Catalogue, Select
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
    kinds: dict[tuple[str, str], list[str]] = {}
    for e in catalogue.list():
        fits = e.kind in BOOKS and venue in ("", e.venue) and (not wanted or e.symbol in wanted)
        if fits:
            kinds.setdefault((e.venue, e.symbol), []).append(e.kind)
    told = [Select(v, s, tuple(k)) for (v, s), k in sorted(kinds.items()) if set(k) - {"trades"}]
    if not told:
        raise CatalogueError(
            "no series has quotes", mend="detectors of events need depth or best quotes"
        )
    return catalogue.market(told)


def _alarms(one: Scan, threshold: float | None) -> list[dict[str, Any]]:
    return [
        {"ts": int(e.ts[i]), "venue": one.instrument.venue, "symbol": one.instrument.symbol,
         "detector": e.detector.name, "score": float(e.score[i]), "level": e.level,
         "reason": e.reason(int(i))}
        for e in one.evidence
        for i in e.alarms(threshold)
    ]  # fmt: skip


def _plain(one: Scan) -> dict[str, Any]:
    import numpy as np

    return {
        "venue": one.instrument.venue, "symbol": one.instrument.symbol, "rows": one.rows,
        "detectors": {
            e.detector.name: {
                "seconds": int(np.isfinite(e.score).sum()),
                "median": float(np.nanmedian(e.score)) if np.isfinite(e.score).any() else None,
                "highest": float(np.nanmax(e.score)) if np.isfinite(e.score).any() else None,
                "threshold": e.detector.alarm,
            }
            for e in one.evidence
        },
    }  # fmt: skip


def _show(scans: list[Scan], alarms: list[dict[str, Any]]) -> None:
    rows = []
    for one in scans:
        for name, d in _plain(one)["detectors"].items():
            high = d["highest"]
            rows.append(
                (one.instrument.venue, one.instrument.symbol, name, f"{d['seconds']:,}",
                 None if high is None else f"{d['median']:.2f}",
                 None if high is None else f"{high:.2f}", f"{d['threshold']:.2f}")
            )  # fmt: skip
    heads = ("venue", "symbol", "detector", "seconds", "median", "highest", "alarm from")
    table("Evidence per second", heads, rows, numeric=heads[3:],
          note="a dash: the detector did not see enough to know what is usual")  # fmt: skip
    shown = [
        (_time(a["ts"]), a["venue"], a["symbol"], a["detector"], f"{a['score']:.2f}", a["reason"])
        for a in sorted(alarms, key=lambda a: a["ts"])
    ]
    table(f"Alarms: {len(alarms)}", ("time", "venue", "symbol", "detector", "score", "why"), shown)
    say(f"[dim]{VERDICT}[/dim]")
    next_steps("seawall manipulation evaluate", "seawall manipulation scan --json")


def _time(ts: int) -> str:
    from seawall.model.time import format_time_ns

    return format_time_ns(ts)


@app.command()
def evaluate(
    ctx: typer.Context,
    pumps: Annotated[
        Path | None,
        typer.Option(help="Folder of trades around labelled pumps; SEAWALL_TEST_DATA has one."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Seeds of the simulated market; 0 skips it.")] = 8,
    strength: Annotated[float, typer.Option(help="Attacks times their usual strength.")] = 1.0,
    clean: Annotated[
        list[Path] | None,
        typer.Option(help="Recorded file without a known attack; may be repeated."),
    ] = None,
    json: Json = False,
) -> None:
    """Measure precision, recall, F1 and latency, beside published figures.

    Simulated attacks have exact labels; thresholds come from other seeds.  Labelled pumps are
    split by coin and by time.  Both count false alarms over all the time watched.
    """
    from seawall.research.manipulation import PUBLISHED, evaluate_pumps, evaluate_simulated

    simulated = None
    if seeds > 0:
        chosen = range(101, 101 + max(2, seeds // 2))
        simulated = _with_bar(
            "attacking simulated markets",
            lambda told: evaluate_simulated(
                range(1, 1 + seeds), chosen, strength=strength, told=told
            ),
        )
    folder = pumps or _test_data()
    pumped = None
    if folder is not None:
        pumped = _with_bar("reading labelled pumps", lambda told: evaluate_pumps(folder, told=told))
    quiet = _quiet(ctx, clean) if clean else ()
    if json:
        print_json(
            {"simulated": simulated, "pumps": pumped, "clean": quiet, "published": PUBLISHED}
        )
        return
    if simulated is not None:
        _show_simulated(simulated)
    if pumped is not None:
        _show_pumps(pumped)
    else:
        say("no labelled pumps: give their folder with --pumps, or set SEAWALL_TEST_DATA")
    if quiet:
        _show_quiet(quiet)
    _show_published()
    next_steps("seawall manipulation scan", "seawall manipulation evaluate --json")


def _quiet(ctx: typer.Context, files: list[Path]) -> tuple[Quiet, ...]:
    from seawall.research.manipulation import false_alarms

    with tempfile.TemporaryDirectory(prefix="seawall-manipulation-") as scratch:
        market = _market(ctx, files, set(), "", Path(scratch))
    with progress("scoring clean recordings"):
        return false_alarms(market)


def _show_quiet(found: tuple[Quiet, ...]) -> None:
    heads = ("detector", "alarm from", "alarms", "hours", "per hour", "95 %")
    rows = [
        (q.detector, f"{q.threshold:.2f}", q.alarms, f"{q.hours:.2f}",
         f"{q.alarms / q.hours:.1f}" if q.hours else None,
         f"{q.low:.1f} to {q.high:.1f}" if q.hours else None)
        for q in found
    ]  # fmt: skip
    table("Recordings without a known attack", heads, rows, numeric=heads[1:],
          note="without a known attack is not without an attack")  # fmt: skip


def _with_bar(what: str, work: Callable[[Callable[[float], None]], Any]) -> Any:
    with progress(what, 1.0) as advance:
        return work(_told(advance))


def _told(advance: Advance) -> Callable[[float], None]:
    done = [0.0]

    def told(share: float) -> None:
        advance(share - done[0])
        done[0] = share

    return told


def _test_data() -> Path | None:
    named = os.environ.get("SEAWALL_TEST_DATA")
    folder = Path(named) / "manipulation" if named else None
    return folder if folder is not None and folder.is_dir() else None


def _show_simulated(report: SimulatedReport) -> None:
    rows = [
        (one.detector, one.kind, f"{one.threshold:.2f}", *_figures(one.counts))
        for one in report.lines
    ]
    heads = ("detector", "attack", "alarm from", "precision", "recall", "F1", "latency", "found")
    note = (
        f"{len(report.test_seeds)} seeds, thresholds from {len(report.calibration_seeds)} others "
        f"({report.trials} tried); intervals 95 % (Wilson)"
    )
    table("Simulated attacks", heads, rows, numeric=heads[2:], note=note)
    quiet = [
        (name, f"{report.wrong_per_hour[name]:.2f}", report.other[name]) for name in report.other
    ]
    titles = ("detector", "false alarms per hour", "alarms during other attacks")
    table(f"Outside their attacks, {report.hours:.1f} h", titles, quiet, numeric=titles[1:])


def _show_pumps(report: PumpReport) -> None:
    rows = [
        (s.detector, s.protocol, *_figures(s.counts),
         f"{s.per_month:.2f} ({s.low:.2f} to {s.high:.2f})",
         f"{s.natural_flagged} of {s.natural_moves}" if s.natural_moves else None,
         ", ".join(s.missed) or None)
        for s in report.splits
    ]  # fmt: skip
    heads = ("detector", "protocol", "precision", "recall", "F1", "latency", "found",
             "false per coin-month", "natural moves called", "missed")  # fmt: skip
    table(
        f"Labelled pumps: {', '.join(report.events)}", heads, rows, numeric=heads[2:9],
        note=f"{report.trials} thresholds and models tried; few events: read the intervals",
    )  # fmt: skip


def _show_published() -> None:
    from seawall.research.manipulation import PUBLISHED

    heads = ("published", "data", "protocol", "precision", "recall", "F1")
    rows = [
        (p.detector, p.data, p.protocol, f"{p.precision:.1f} %", f"{p.recall:.1f} %",
         f"{p.f1:.1f} %") for p in PUBLISHED
    ]  # fmt: skip
    note = "their folds split chunks, not events, and their quiet time lies within a day of a pump"
    table("Published, not ours", heads, rows, numeric=heads[3:], note=note)


def _figures(counts: Counts) -> tuple[str | None, ...]:
    p, r = counts.precision_95, counts.recall_95
    return (
        f"{counts.precision:.2f} ({p[0]:.2f} to {p[1]:.2f})"
        if counts.right + counts.wrong
        else None,
        f"{counts.recall:.2f} ({r[0]:.2f} to {r[1]:.2f})",
        f"{counts.f1:.2f}",
        f"{counts.latency_s:.1f} s" if counts.found else None,
        f"{counts.found} of {counts.found + counts.missed}",
    )
