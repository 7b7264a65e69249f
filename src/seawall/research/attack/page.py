# SPDX-License-Identifier: MIT
"""The page of a report: tables and pictures in one file that needs no network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from seawall.research.attack.lab import LabReport
from seawall.research.attack.settings import DEFENCES
from seawall.research.attack.summary import AttackRow

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:92rem;margin:2rem auto;padding:0 1rem;
color:#1d2733}
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto;
font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid #dde3ea}
th:first-child,td:first-child{text-align:left}
.note{color:#5a6675}
"""
NAIVE, DEFENDED = "#c4453c", "#1f6f8b"


def write_page(report: LabReport, folder: Path) -> Path:
    """Write ``attack.html``; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [_changes(report.rows), _worth(report.rows), _doses(report.doses)]
    plots = [
        figure.to_html(full_html=False, include_plotlyjs=(k == 0), div_id=f"plot{k}")
        for k, figure in enumerate(f for f in pictures if f is not None)
    ]
    parts = [
        f"<!doctype html><meta charset='utf-8'><title>What the defences buy</title>"
        f"<style>{_STYLE}</style><h1>What the defences buy</h1>",
        f"<p class='note'>Made by <code>{escape(report.command)}</code>. One strategy learns "
        "online and trades; the naive variant believes everything, the defended one has all "
        "defences up. The same seed gives the clean and the attacked market. Results are in "
        "quote currency of a simulated market, fees included; they say nothing about profit "
        "anywhere.</p>",
        "<h2>Attacks on the simulated market</h2>", _table(report.rows),
        f"<p>{escape(report.quiet.sentence())}</p>", *plots,
    ]  # fmt: skip
    if report.recorded:
        parts += ["<h2>The same attacks written into recordings</h2>",
                  "<p class='note'>Nobody reacts to an attack that is written into a "
                  "recording.</p>", _table(report.recorded)]  # fmt: skip
    if report.adaptive:
        w = report.adaptive
        parts.append(
            "<h2>The attacker who knows the defences</h2>"
            f"<p>Worst of {w.trials} poisons tried on {w.search_seeds} markets, judged on "
            f"{w.seeds} others: the defended variant's result changes by {w.defended_change:+.2f} "
            f"({w.defended_interval[0]:+.2f} to {w.defended_interval[1]:+.2f}) of "
            f"{w.defended_clean_pnl:.2f}, the naive one's by {w.naive_change:+.2f}; "
            f"{w.rollbacks:.2f} rollbacks per market.</p>"
        )
    page = folder / "attack.html"
    part = page.with_suffix(".part")
    part.write_text("\n".join(parts), encoding="utf-8")
    part.replace(page)
    return page


def _table(rows: list[AttackRow]) -> str:
    heads = (
        "attack", "pairs", "naive", "naive attacked", "defended", "defended attacked",
        "impact removed", "95 %", "measured on", "model kept", "noticed", "alarms in time",
        "after s", "naive recovers s", "rollbacks",
    )  # fmt: skip
    out = ["<table><tr>" + "".join(f"<th>{h}</th>" for h in heads) + "</tr>"]
    for r in rows:
        cells = (
            r.attack, r.seeds, _n(r.naive_clean_pnl), _n(r.naive_pnl), _n(r.defended_clean_pnl),
            _n(r.defended_pnl), _p(r.impact_removed), _span(r),
            r.impact_measure,
            "-" if r.impact_measure == "none" else _p(r.displacement_removed),
            _p(r.alarm_recall), _p(r.alarm_precision),
            _n(r.alarm_latency_s, 0), _n(r.recovery_s, 0), _n(r.rollbacks),
        )  # fmt: skip
        out.append("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in cells) + "</tr>")
    return "".join(out) + "</table>"


def _span(row: AttackRow) -> str:
    low, high = row.interval
    return "-" if low != low else f"{_p(low)} to {_p(high)}"


def _n(value: float, digits: int = 2) -> str:
    return "-" if value != value else f"{value:.{digits}f}"


def _p(value: float) -> str:
    return "-" if value != value else f"{value:.0%}"


def _changes(rows: list[AttackRow]) -> Any:
    """Change of the result by each attack, both variants, with intervals."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, colour in (("naive", NAIVE), ("defended", DEFENDED)):
        means = [getattr(r, f"{name}_change") for r in rows]
        spans = [getattr(r, f"{name}_change_interval") for r in rows]
        figure.add_bar(
            name=name, y=[r.attack for r in rows], x=means, orientation="h", marker_color=colour,
            error_x={
                "array": [s[1] - m for s, m in zip(spans, means, strict=True)],
                "arrayminus": [m - s[0] for s, m in zip(spans, means, strict=True)],
            },
        )  # fmt: skip
    figure.update_layout(
        title="Change of the result by the attack, mean and 95 %", barmode="group",
        height=90 + 48 * len(rows), yaxis={"autorange": "reversed"},
        xaxis_title="quote currency per market", template="plotly_white",
    )  # fmt: skip
    return figure


def _worth(rows: list[AttackRow]) -> Any:
    """What each defence saves against each attack; pale where the interval holds zero."""
    import plotly.graph_objects as go

    shown = [r for r in rows if r.ablation]
    if not shown:
        return None
    names = list(DEFENCES)
    values = [[r.ablation[n].saved_pnl if n in r.ablation else None for n in names] for r in shown]
    text = [
        [
            "" if n not in r.ablation else f"{r.ablation[n].saved_pnl:+.1f}"
            + ("" if _sure(r, n) else "?")
            for n in names
        ]
        for r in shown
    ]  # fmt: skip
    reach = max((abs(v) for line in values for v in line if v is not None), default=1.0)
    figure = go.Figure(
        go.Heatmap(
            z=values, x=names, y=[r.attack for r in shown], text=text, texttemplate="%{text}",
            colorscale="RdBu", zmin=-min(reach, 20.0), zmax=min(reach, 20.0),
            colorbar={"title": "saved"},
        )
    )  # fmt: skip
    figure.update_layout(
        title="What each defence saves, all others up (? = the interval holds zero)",
        height=120 + 32 * len(shown), yaxis={"autorange": "reversed"}, template="plotly_white",
    )  # fmt: skip
    return figure


def _sure(row: AttackRow, name: str) -> bool:
    low, high = row.ablation[name].interval
    return low > 0.0 or high < 0.0


def _doses(rows: list[AttackRow]) -> Any:
    """Change of the result by intensity."""
    if not rows:
        return None
    from plotly.subplots import make_subplots

    names = list(dict.fromkeys(r.attack for r in rows))
    figure = make_subplots(rows=1, cols=len(names), subplot_titles=names)
    for k, attack in enumerate(names):
        line = [r for r in rows if r.attack == attack]
        for name, colour in (("naive", NAIVE), ("defended", DEFENDED)):
            means = [getattr(r, f"{name}_change") for r in line]
            spans = [getattr(r, f"{name}_change_interval") for r in line]
            figure.add_scatter(
                x=[r.intensity for r in line], y=means, name=name, legendgroup=name,
                showlegend=k == 0, mode="lines+markers", line={"color": colour},
                error_y={
                    "array": [s[1] - m for s, m in zip(spans, means, strict=True)],
                    "arrayminus": [m - s[0] for s, m in zip(spans, means, strict=True)],
                }, row=1, col=k + 1,
            )  # fmt: skip
        figure.update_xaxes(title_text="intensity", row=1, col=k + 1)
    figure.update_yaxes(title_text="change of the result, quote currency", row=1, col=1)
    figure.update_layout(
        title="Dose and response, mean and 95 %", height=380, template="plotly_white"
    )
    return figure
