# SPDX-License-Identifier: MIT
"""``seawall attack``: measure every defence by attacking it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.output import next_steps, print_json, progress, say, table

if TYPE_CHECKING:
    from seawall.research.attack.lab import LabReport
    from seawall.research.attack.summary import AttackRow, Worth

app = typer.Typer(help="Measure every defence by attacking it.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object last.")]
Out = Annotated[Path, typer.Option(help="Folder of records and pages; a stopped run goes on.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0 is one per core.")]


@app.command("list")
def list_command(json: Json = False) -> None:
    """List the attacks, what they act on, and their default strength."""
    from seawall.research.attack.attacks import ATTACKS

    if json:
        print_json([
            {"name": a.name, "acts_on": a.acts_on, "summary": a.summary, "unit": a.unit,
             "intensity": a.intensity, "duration_s": a.duration_s}
            for a in ATTACKS.values()
        ])  # fmt: skip
        return
    table(
        "Attacks", ["attack", "acts on", "default", "lasts", "what it does"],
        [(a.name, a.acts_on, f"{a.intensity:g} {a.unit}", f"{a.duration_s:g} s", a.summary)
         for a in ATTACKS.values()], numeric=["default", "lasts"],
    )  # fmt: skip
    next_steps("seawall attack run --type data_poisoning --seeds 10")


@app.command("run")
def run_command(
    type_: Annotated[str, typer.Option("--type", help="Attack; see seawall attack list.")],
    intensity: Annotated[float, typer.Option(min=0.0, help="In its unit; 0: its default.")] = 0.0,
    duration: Annotated[float, typer.Option(min=0.0, help="Seconds; 0: its default.")] = 0.0,
    seeds: Annotated[int, typer.Option(min=2, help="Pairs of simulated markets.")] = 20,
    out: Out = Path("runs/attack"),
    workers: Workers = 0,
    json: Json = False,
) -> None:
    """Run one attack on pairs of markets, and take each defence away in turn."""
    from seawall.research.attack.attacks import Dose, attack_of
    from seawall.research.attack.lab import run_attacks
    from seawall.research.attack.summary import summarise

    attack = attack_of(type_)
    dose = Dose(type_, intensity or attack.intensity, duration or attack.duration_s)
    with progress(f"{type_}, {seeds} pairs", seeds) as advance:
        records = run_attacks(
            [dose], seeds, out / "single", ablation_seeds=seeds, workers=workers,
            advance=advance,
        )  # fmt: skip
    rows = summarise(records)
    if json:
        print_json({"rows": [r.as_dict() for r in rows]})
    else:
        print_rows(f"{type_} at {dose.strength:g} {attack.unit}, {seeds} pairs", rows)
        for row in rows:
            print_worth(f"What each defence is worth against {row.attack}", row.ablation)
    next_steps("seawall attack report --seeds 20")


@app.command("report")
def report_command(
    seeds: Annotated[int, typer.Option(min=2, help="Pairs of markets per attack.")] = 20,
    attacks: Annotated[
        str, typer.Option(help="Attacks, separated by commas; all when empty.")
    ] = "",
    clean_seeds: Annotated[
        int, typer.Option(min=0, help="Further clean markets, for the cost of the defences.")
    ] = 0,
    recorded: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, help="Recordings to attack too: depth, trades and ticker files; repeat."
        ),
    ] = None,
    golden: Annotated[
        list[Path] | None,
        typer.Option(exists=True, help="Recordings that are the golden set for those; repeat."),
    ] = None,
    ablation_seeds: Annotated[int, typer.Option(min=0, help="Pairs for the ablation.")] = 30,
    dose_seeds: Annotated[int, typer.Option(min=0, help="Pairs per dose.")] = 30,
    trials: Annotated[int, typer.Option(min=0, help="Of the adaptive attacker; 0: none.")] = 80,
    out: Out = Path("runs/attack"),
    workers: Workers = 0,
    json: Json = False,
) -> None:
    """Run every attack, the doses and the adaptive attacker; print the table, write the page."""
    from seawall.research.attack.attacks import attack_of
    from seawall.research.attack.lab import make_report, save_report
    from seawall.research.attack.markdown import write_markdown
    from seawall.research.attack.page import write_page

    chosen = [attack_of(n.strip()).name for n in attacks.split(",") if n.strip()]
    if recorded:
        from seawall.research.attack.recorded import check_given

        check_given(golden or [])  # now, and not after the simulated markets
    command = (
        f"seawall attack report --seeds {seeds} --clean-seeds {clean_seeds} "
        f"--ablation-seeds {ablation_seeds} --dose-seeds {dose_seeds} --trials {trials}"
        + f" --attacks {attacks}"
        * bool(attacks)
    )
    total = seeds + clean_seeds + (min(dose_seeds, seeds) if dose_seeds else 0)
    with progress("pairs of markets", total) as advance:
        report = make_report(
            seeds, out, attacks=chosen, clean_seeds=clean_seeds, ablation_seeds=ablation_seeds,
            dose_seeds=dose_seeds, trials=trials, workers=workers, command=command,
            advance=advance, say=say,
        )  # fmt: skip
    if recorded:
        report = _with_recordings(report, recorded, golden or [], chosen)
    save_report(report, out)
    page = write_page(report, out)
    write_markdown(report, out)
    if json:
        print_json(report.as_dict() | {"page": page})
    else:
        _print_report(report, seeds)
    next_steps(f"open {page}")


def _with_recordings(
    report: LabReport, recorded: list[Path], golden: list[Path], chosen: list[str]
) -> LabReport:
    from dataclasses import replace

    from seawall.research.attack.recorded import attack_recordings

    with progress("attacks on the recording") as advance:
        rows = attack_recordings(recorded, golden, chosen, advance=advance)
    return replace(report, recorded=rows)


def _print_report(report: LabReport, seeds: int) -> None:
    print_rows(f"Attacks on the simulated market, {seeds} pairs each", report.rows)
    say(report.quiet.sentence())
    if report.recorded:
        print_rows("The same attacks written into recordings, where nobody reacts",
                   report.recorded)  # fmt: skip
    worths = [(r.attack, r.ablation) for r in report.rows if r.ablation]
    if worths:
        print_worths([*worths, ("none", report.clean)])
    if report.adaptive:
        w = report.adaptive
        say(
            f"adaptive attacker, worst of {w.trials} on {w.seeds} fresh markets: it changes the "
            f"result of the defended variant by {w.defended_change:+.2f} of "
            f"{w.defended_clean_pnl:.2f}, of the naive one by {w.naive_change:+.2f}; "
            f"{w.rollbacks:.1f} rollbacks per market"
        )


def print_worths(worths: list[tuple[str, dict[str, Worth]]]) -> None:
    """Print what each defence is worth against each attack, in one table."""
    from seawall.research.attack.markdown import worth_cell
    from seawall.research.attack.settings import DEFENCES

    table(
        "What each defence saves, all others up", ["attack", *DEFENCES],
        [(name, *(worth_cell(worth.get(d), 1) for d in DEFENCES)) for name, worth in worths],
        numeric=DEFENCES, whole=["attack"],
        note="quote currency per market; ? where the 95 % interval holds zero",
    )  # fmt: skip


def print_rows(title: str, rows: list[AttackRow]) -> None:
    """Print attacks and what became of both variants."""
    columns = ["attack", "naive", "defended", "removed", "of", "seen", "aim"]
    table(
        title, columns, [_cells(r) for r in rows], numeric=columns[1:], whole=columns,
        note="naive, defended: change of the mean result by the attack, quote currency, fees "
        "included; removed: share (and its 95 %) of the naive variant's impact that the "
        "defended one is spared, of its result (pnl) where the attack changes that measurably, "
        "else of its model's displacement (model); seen: share of attacks that raise an alarm; "
        "aim: share asked for",
    )  # fmt: skip


def _cells(row: AttackRow) -> tuple[str, ...]:
    low, high = row.interval
    judged = row.impact_measure != "none"
    return (
        row.attack, f"{row.naive_change:+.1f}", f"{row.defended_change:+.1f}",
        f"{row.impact_removed:.0%} {100 * low:.0f}…{100 * high:.0f}" if judged else "-",
        row.impact_measure if judged else "-",
        f"{row.alarm_recall:.0%}", f"{row.target:.0%}" if row.target else "-",
    )  # fmt: skip


def print_worth(title: str, worth: dict[str, Worth]) -> None:
    """Print what defences are worth."""
    if worth:
        table(
            title, ["defence", "saves", "95 %"],
            [(k, f"{w.saved_pnl:+.2f}", f"{w.interval[0]:+.2f} to {w.interval[1]:+.2f}")
             for k, w in worth.items()], numeric=["saves", "95 %"],
        )  # fmt: skip
