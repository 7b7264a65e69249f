# SPDX-License-Identifier: MIT
"""What each variant of the demonstration made while an attack ran, and outside of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seawall.engine.outcome import Outcome
from seawall.model.errors import ResearchError
from seawall.research.backtest import Result
from seawall.research.report import TableSection, show

ONE_SEED = (
    "This is one seed and no estimate: it says what each variant made while an attack ran, "
    "not what the attack cost it."
)
MEASURE = "seawall attack report --seeds 20"
"""The command that measures what this only shows."""

SPOKEN = {"spoof": "spoofing", "wash": "wash trading", "withdraw": "liquidity withdrawal"}
"""Attacks in the words of the field."""

OUTSIDE, WHOLE = "outside attacks", "whole run"


@dataclass(frozen=True)
class AttackWindow:
    """When an attack ran, and on what.

    Parameters
    ----------
    kind : str
        Name of its script.
    instrument : str
        ``symbol@venue`` that was attacked.
    start_ns, end_ns : int
        From the first, until before the second; ns UTC.
    """

    kind: str
    instrument: str
    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        if self.end_ns <= self.start_ns:
            raise ResearchError(
                "an attack ends before it starts",
                where=self.kind,
                mend="give an end after the start",
            )


@dataclass(frozen=True)
class Made:
    """What one variant made in a stretch of time.

    Parameters
    ----------
    pnl : float
        Change of equity, fees and open positions at their marks included; report currency.
    pnl_band : tuple of float
        The same under the pessimistic and the optimistic fill model.
    fills : int
        Matches in it.
    """

    pnl: float
    pnl_band: tuple[float, ...]
    fills: int


@dataclass(frozen=True)
class WindowRow:
    """One stretch of the run: what both variants made in it.

    Parameters
    ----------
    label : str
        Kind of the attack, or the rest of the run, or all of it.
    instrument : str
        What was attacked; empty where nothing was.
    start_s, duration_s : float
        From the start of the run; NaN where it is no single stretch.
    naive, defended : Made
        The variants.
    """

    label: str
    instrument: str
    start_s: float
    duration_s: float
    naive: Made
    defended: Made


def equity_at(outcome: Outcome, times_ns: Sequence[int]) -> Any:
    """Equity at given times: the last sample at or before each, the start before any."""
    at = np.searchsorted(outcome.equity["ts"], np.asarray(times_ns), side="right") - 1
    before = np.full(at.shape, outcome.initial_equity)
    return np.where(at < 0, before, outcome.equity["equity"][at]) if len(outcome.equity) else before


def pnl_within(outcome: Outcome, start_ns: int, end_ns: int) -> float:
    """Change of equity over ``[start_ns, end_ns)``, report currency.

    Equity is sampled (every second on events), so an edge between two samples counts what
    happened since the sample before it.  Adjacent stretches add up to the whole.
    """
    first, last = equity_at(outcome, [start_ns, end_ns]).tolist()
    return float(last - first)


def made(result: Result, stretches: Iterable[tuple[int, int]]) -> Made:
    """Sum what a run made over disjoint stretches of time, under its three fill models."""
    spans = list(stretches)
    ts = result.outcome.fills["ts"]
    return Made(
        sum(pnl_within(result.outcome, a, b) for a, b in spans),
        tuple(sum(pnl_within(o, a, b) for a, b in spans) for _, o in result.band),
        sum(int(np.count_nonzero((ts >= a) & (ts < b))) for a, b in spans),
    )


def window_rows(
    windows: Sequence[AttackWindow], naive: Result, defended: Result, origin_ns: int
) -> list[WindowRow]:
    """One row per attack, one for the time outside all attacks, one for the whole run.

    Parameters
    ----------
    windows : sequence of AttackWindow
        Disjoint; those of one simulated market.
    naive, defended : Result
        Both variants on that market.
    origin_ns : int
        Start of the feeds, ns UTC; times in the rows count from it.
    """
    if not windows:
        return []
    both = (naive, defended)
    ordered = sorted(windows, key=lambda w: w.start_ns)
    rows = [
        WindowRow(
            w.kind,
            w.instrument,
            (w.start_ns - origin_ns) / 1e9,
            (w.end_ns - w.start_ns) / 1e9,
            *(made(r, [(w.start_ns, w.end_ns)]) for r in both),
        )
        for w in ordered
    ]
    last = max(int(r.outcome.equity["ts"][-1]) if len(r.outcome.equity) else 0 for r in both) + 1
    edges = [origin_ns, *(t for w in ordered for t in (w.start_ns, w.end_ns)), last]
    gaps = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    for label, spans in ((OUTSIDE, gaps), (WHOLE, [(origin_ns, last)])):
        rows.append(WindowRow(label, "", np.nan, np.nan, *(made(r, spans) for r in both)))
    return rows


def heading(rows: Sequence[WindowRow]) -> str:
    """Title of the table: what was attacked."""
    names = sorted({r.instrument for r in rows if r.instrument})
    return f"What each made while {', '.join(names)} was attacked"


def columns(currency: str) -> tuple[str, ...]:
    """Headings of the table."""
    return (
        "while",
        "from … to",
        f"defended, {currency}",
        f"naive, {currency}",
        "fills, defended",
        "fills, naive",
    )


def cells(row: WindowRow, *, band: bool = True) -> tuple[str, ...]:
    """Write one row of the table, with or without the other fill models."""
    span = ""
    if row.instrument:
        span = f"{_clock(row.start_s)} … {_clock(row.start_s + row.duration_s)}"
    return (
        SPOKEN.get(row.label, row.label),
        span,
        _money(row.defended, band),
        _money(row.naive, band),
        f"{row.defended.fills:,}",
        f"{row.naive.fills:,}",
    )


def section(rows: Sequence[WindowRow], currency: str) -> TableSection:
    """Make the section of the report."""
    return TableSection(
        "attacks",
        "While under attack",
        columns(currency),
        tuple(cells(r) for r in rows),
        (
            f"{heading(rows)}: the change of equity within each attack, fees and open "
            "positions at their marks included; in brackets under the pessimistic and the "
            "optimistic fill model.",
            f"{ONE_SEED} The command {MEASURE} measures that.",
        ),
    )


def _money(what: Made, band: bool) -> str:
    text = show("money", what.pnl)
    others = [show("money", x) for x in what.pnl_band]
    return f"{text} [{' … '.join(others)}]" if band and any(o != text for o in others) else text


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
