# SPDX-License-Identifier: MIT
"""``seawall golden``: frozen sets of curated rows that models are judged against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table
from seawall.cli.settings import settings_of

if TYPE_CHECKING:
    from seawall.robust.gate import GateProfile, GoldenSet
    from seawall.robust.gate.false_alarms import FalseAlarms
    from seawall.robust.gate.null_rates import NullRate

app = typer.Typer(help="Frozen rows that models are judged against.", no_args_is_help=True)

EXIT_CHANGED = 9
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A golden set.")]
Rate = Annotated[float, typer.Option(help="False rollbacks per 30 days that are tolerated.")]
PerDay = Annotated[float, typer.Option(help="Rows per day of the live stream, e.g. 24 for 1h.")]
Every = Annotated[int, typer.Option(help="Rows between checks.")]
Halflife = Annotated[float, typer.Option(help="Memory of the adaptive model, in rows.")]
Paths = Annotated[int, typer.Option(help="Simulated paths per null.")]
ProfileFile = Annotated[
    Path | None, typer.Option("--profile", help="Calibrated profile; FOLDER.profile.json.")
]


@app.command()
def build(
    ctx: typer.Context,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="TOML file that names windows.")],
    out: Annotated[Path, typer.Option(help="New folder of the golden set.")] = Path("golden/v1"),
    parent: Annotated[Path | None, typer.Option(help="The version that this one follows.")] = None,
    json: Json = False,
) -> None:
    """Build a golden set from curated windows; it is frozen from then on."""
    from seawall.cli.golden_windows import build as build_plan
    from seawall.cli.golden_windows import read_plan
    from seawall.robust.gate import load_golden, save_golden

    before = load_golden(parent) if parent is not None else None
    golden = build_plan(read_plan(plan), plan.parent, settings_of(ctx).catalogue.root, before)
    save_golden(golden, out)
    if json:
        print_json(_plain(golden))
        return
    _tell(golden, out)
    next_steps(f"seawall golden calibrate {out}", f"seawall golden verify {out}")


@app.command()
def verify(folder: Folder, json: Json = False) -> None:
    """Compare every byte of a golden set with its hashes; exit code 9 when one differs."""
    from seawall.robust.gate import load_golden, verify_golden

    faults = verify_golden(folder)
    if json:
        digest = "" if faults else load_golden(folder).digest
        print_json({"whole": not faults, "faults": faults, "digest": digest})
    elif faults:
        table("Changed", ("window", "what"), [(f.window, f.what) for f in faults])
        next_steps("restore the folder from a copy, or: seawall golden build PLAN")
    else:
        say(f"[green]every byte is as it was[/green]: {load_golden(folder).digest}")
        next_steps(f"seawall golden show {folder}")
    if faults:
        raise typer.Exit(EXIT_CHANGED)


@app.command()
def calibrate(
    folder: Folder,
    rate: Rate = 1.0 / 3.0,
    rows_per_day: PerDay = 24.0,
    every: Every = 24,
    halflife: Halflife = 500.0,
    paths: Paths = 200,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 1,
    out: Annotated[Path | None, typer.Option(help="File; FOLDER.profile.json.")] = None,
    json: Json = False,
) -> None:
    """Find the limits at which a model without drift is rolled back at the stated rate."""
    from seawall.robust.gate import Learner, calibrated, fit_reference, load_golden
    from seawall.robust.gate.profile_file import save_profile

    golden = load_golden(folder)
    reference = fit_reference(golden)
    with progress("paths without drift", 3 * paths) as advance:
        profile = calibrated(
            reference,
            false_alarm_rate=rate * every / (30.0 * rows_per_day),
            learner=Learner(halflife),
            every=every,
            paths=paths,
            seed=seed,
            advance=advance,
        )
    path = save_profile(profile, golden.digest, out or _beside(folder))
    if json:
        print_json({"profile": profile, "file": path, "golden": golden.digest})
        return
    _limits([profile])
    next_steps(f"seawall golden show {folder}", f"seawall golden false-alarms {folder} --table ...")


@app.command()
def show(
    folder: Folder,
    profile: ProfileFile = None,
    halflife: Halflife = 500.0,
    paths: Paths = 100,
    json: Json = False,
) -> None:
    """Show windows, coverage and limits, and how often each profile alarms without drift."""
    from seawall.robust.gate import ORIGINAL, Learner, fit_reference, load_golden
    from seawall.robust.gate.null_rates import null_rates
    from seawall.robust.gate.profile_file import load_profile

    golden = load_golden(folder)
    file = profile or _beside(folder)
    profiles = [ORIGINAL]
    if profile is not None or file.is_file():
        profiles.append(load_profile(file, golden.digest))
    calibration = profiles[-1].calibration
    every = calibration.every if calibration else 24
    with progress("paths without drift", 2 * paths) as advance:
        rates = null_rates(
            fit_reference(golden), profiles, Learner(halflife), every=every, paths=paths,
            advance=advance,
        )  # fmt: skip
    if json:
        print_json(_plain(golden) | {"profiles": profiles, "without_drift": rates})
        return
    _tell(golden, folder)
    _limits(profiles)
    _rates(rates)
    if len(profiles) == 1:
        next_steps(f"seawall golden calibrate {folder}")
    else:
        next_steps(f"seawall golden false-alarms {folder} --table ...")


@app.command("false-alarms")
def false_alarms_command(
    ctx: typer.Context,
    folder: Folder,
    table_: Annotated[str, typer.Option("--table", help="Parquet or CSV with clean rows.")] = "",
    series: Annotated[
        list[str] | None, typer.Option(help="VENUE:SYMBOL of the catalogue; may be repeated.")
    ] = None,
    bars: Annotated[str, typer.Option(help="Length of the bars of the series.")] = "1h",
    start: Annotated[str, typer.Option(help="First moment, ISO 8601, UTC.")] = "",
    end: Annotated[str, typer.Option(help="Moment after the last, ISO 8601, UTC.")] = "",
    profile: ProfileFile = None,
    halflife: Halflife = 500.0,
    json: Json = False,
) -> None:
    """Count rollbacks on recorded data that nobody attacked, for both profiles."""
    from seawall.cli.golden_windows import Place, rows_of
    from seawall.robust.gate import (
        ORIGINAL,
        Gate,
        GateSettings,
        Learner,
        fit_reference,
        load_golden,
    )  # fmt: skip
    from seawall.robust.gate.false_alarms import false_alarms
    from seawall.robust.gate.profile_file import load_profile
    from seawall.robust.gate.standard import same_features

    golden = load_golden(folder)
    own = load_profile(profile or _beside(folder), golden.digest)
    columns = [] if any(n.endswith("return") for n in golden.names) else list(golden.names)
    place = Place(series=series or [], table=table_, bars=bars, columns=columns, start=start,
                  end=end)  # fmt: skip
    ts, rows, names = rows_of(place, Path(), settings_of(ctx).catalogue.root)
    same_features(golden.standard, names)
    reference = fit_reference(golden)
    every = own.calibration.every if own.calibration else 24
    settings = GateSettings(every=every)
    found = [
        false_alarms(
            Gate(reference, p),
            ts,
            rows,
            learner=Learner(halflife),
            settings=settings,
            pauses=pauses,
        )
        for pauses in (False, True)
        for p in (own, ORIGINAL)
    ]  # fmt: skip
    if json:
        print_json({"rows": found})
        return
    _alarms(found)
    next_steps(f"seawall golden show {folder}")


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.profile.json")


def _plain(golden: GoldenSet) -> dict[str, Any]:
    from seawall.robust.gate.golden import manifest

    return manifest(golden) | {
        "digest": golden.digest, "rows": golden.size, "coverage": golden.regimes(),
        "missing": golden.missing(),
    }  # fmt: skip


def _tell(golden: GoldenSet, folder: Path) -> None:
    from seawall.model.time import format_time_ns

    rows = [
        (w.name, w.regime, w.source, f"{w.rows.shape[0]:,}",
         format_time_ns(w.start_ns) if w.start_ns else "-",
         format_time_ns(w.end_ns) if w.end_ns else "-", w.sha256[:12])
        for w in golden.windows
    ]  # fmt: skip
    names = ("window", "regime", "source", "rows", "from", "to", "sha256")
    note = f"digest {golden.digest}; features {', '.join(golden.names)}"
    title = f"{folder}: version {golden.version}, {golden.size:,} rows"
    table(title, names, rows, numeric=("rows",), note=note)
    cover = [(r.name, r.windows, f"{r.rows:,}", f"{r.share:.0%}") for r in golden.regimes()]
    columns = ("regime", "windows", "rows", "share")
    table("Coverage", columns, cover, numeric=columns[1:])
    if golden.missing():
        say(f"[yellow]no window of[/yellow]: {', '.join(golden.missing())}; the gate will not "
            "know a model that learned such a market from one that was poisoned")  # fmt: skip


def _limits(profiles: list[GateProfile]) -> None:
    columns = ("profile", "level", "distance", "spectrum", "KL", "KL reverse", "anchors",
               "CUSUM", "Page-Hinkley")  # fmt: skip
    rows = []
    for p in profiles:
        for level, at in (("warn", p.warn), ("act", p.act)):
            rows.append((p.name, level, f"{at.mahalanobis:.3f}",
                         f"{at.spectrum_min:.3f} to {at.spectrum_max:.3f}", f"{at.kl:.4f}",
                         *(_or_dash(v) for v in (at.kl_reverse, at.anchor_share, at.cusum,
                                                 at.page_hinkley))))  # fmt: skip
    table("Limits", columns, rows, numeric=columns[2:])
    note = profiles[-1].calibration
    if note is not None:
        say(f"calibrated to {note.rate_per_check:.2e} false rollbacks per check of {note.every} "
            f"rows, warnings at {note.warn_share:.0%} of that; nulls {', '.join(note.nulls)}"
            + ("; tail extrapolated" if note.extrapolated else "")
            + (f"; rehearsed at {note.rehearsed_per_check:.2e}" if note.rehearsed_per_check
               else ""))  # fmt: skip


def _or_dash(value: float) -> str:
    return "-" if value == float("inf") else f"{value:.4g}"


def _rates(rates: tuple[NullRate, ...]) -> None:
    names = ("profile", "null", "checks", "beyond acting limits", "beyond warning limits")
    rows = [(r.profile, r.null, f"{r.checks:,}", f"{r.act:.2%}", f"{r.warn:.2%}") for r in rates]
    table("Without any drift", names, rows, numeric=names[2:],
          note="share of checks, of a model that learns rows without drift")  # fmt: skip


def _alarms(found: list[FalseAlarms]) -> None:
    names = ("profile", "days", "checks", "rollbacks", "per 30 days", "95 %", "stated", "holds",
             "warns", "not learned", "because of")  # fmt: skip
    rows = [
        (f.profile + (", pausing" if f.pauses else ""), f"{f.days:.1f}", f.checks, f.rollbacks,
         f"{f.per_30_days:.2f}",
         f"{f.low:.2f} to {f.high:.2f}",
         "-" if f.stated_per_30_days != f.stated_per_30_days else f"{f.stated_per_30_days:.2f}",
         f.holds, f.warns, f"{f.idle:.0%}", ", ".join(f"{n} {name}" for name, n in f.causes))
        for f in found
    ]  # fmt: skip
    table("Rollbacks on clean data", names, rows, numeric=names[1:10],
          note="exact Poisson interval; the limit of rollbacks per day is off; pausing: as live, "
          "learning stands still for a while after each rollback")  # fmt: skip
