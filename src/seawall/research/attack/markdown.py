# SPDX-License-Identifier: MIT
"""The tables of a report as Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from seawall.research.attack.intervals import Interval
from seawall.research.attack.lab import LabReport
from seawall.research.attack.settings import DEFENCES
from seawall.research.attack.summary import AttackRow, Worth


def write_markdown(report: LabReport, folder: Path) -> Path:
    """Write ``attack.md``; returns its path."""
    parts = [f"Made by `{report.command}`.", attack_table(report.rows), report.quiet.sentence()]
    if any(r.ablation for r in report.rows):
        parts += ["What each defence saves, all others up:", worth_table(report)]
    if report.doses:
        parts += ["Dose and response:", dose_table(report.doses)]
    if report.recorded:
        parts += ["Written into recordings, where nobody reacts:", attack_table(report.recorded)]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "attack.md"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def attack_table(rows: Sequence[AttackRow]) -> str:
    """Both variants without and with each attack, and the share of the impact removed."""
    heads = (
        "attack", "pairs", "naive", "defended", "naive change (95 %)", "defended change (95 %)",
        "impact removed (95 %)", "of", "model displaced", "noticed", "target",
    )  # fmt: skip
    return _table(
        heads,
        (
            (
                r.attack, str(r.seeds), f"{r.naive_clean_pnl:.2f} → {r.naive_pnl:.2f}",
                f"{r.defended_clean_pnl:.2f} → {r.defended_pnl:.2f}",
                _span(r.naive_change, r.naive_change_interval),
                _span(r.defended_change, r.defended_change_interval),
                _removed(r),
                r.impact_measure, _moved(r),
                _noticed(r), f"{r.target:.0%}" if r.target else "",
            )
            for r in rows
        ),
    )  # fmt: skip


def _removed(row: AttackRow) -> str:
    if row.impact_measure == "none":
        return "nothing to remove"
    return f"{row.impact_removed:.0%} ({row.interval[0]:.0%} to {row.interval[1]:.0%})"


def _moved(row: AttackRow) -> str:
    """Displacement of both models, and in brackets what parted paths alone make of it."""
    pair = f"{row.naive_displacement:.2f} → {row.defended_displacement:.2f}"
    if row.naive_floor == 0.0 and row.defended_floor == 0.0:
        return pair
    return f"{pair} ({row.naive_floor:.2f} → {row.defended_floor:.2f})"


def _noticed(row: AttackRow) -> str:
    late = row.alarm_latency_s
    return f"{row.alarm_recall:.0%}" + (f", {late:.0f} s" if late == late else "")


def _span(mean: float, interval: Interval) -> str:
    return f"{mean:+.2f} ({interval[0]:+.2f} to {interval[1]:+.2f})"


def worth_cell(worth: Worth | None, digits: int = 2) -> str:
    """What a defence saves; ? where the interval holds zero, nothing where it was not tried."""
    if worth is None:
        return ""
    sure = worth.interval[0] > 0.0 or worth.interval[1] < 0.0
    return f"{worth.saved_pnl:+.{digits}f}" + ("" if sure else "?")


def worth_table(report: LabReport) -> str:
    """What each defence saves against each attack; ? where the interval holds zero."""
    rows = [
        (r.attack, *(worth_cell(r.ablation.get(n)) for n in DEFENCES))
        for r in report.rows if r.ablation
    ]  # fmt: skip
    clean = [worth_cell(report.clean.get(n)) for n in DEFENCES]
    return _table(("attack", *DEFENCES), [*rows, ("none", *clean)])


def dose_table(rows: Sequence[AttackRow]) -> str:
    """Change of both variants by intensity."""
    return _table(
        ("attack", "intensity", "pairs", "naive change (95 %)", "defended change (95 %)",
         "model displaced"),
        (
            (r.attack, f"{r.intensity:g}", str(r.seeds),
             _span(r.naive_change, r.naive_change_interval),
             _span(r.defended_change, r.defended_change_interval),
             _moved(r))
            for r in rows
        ),
    )  # fmt: skip


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])
