# SPDX-License-Identifier: MIT
"""How series and quality reports look on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from seawall.cli.output import say, table
from seawall.model.time import NS_PER_DAY, format_time_ns

if TYPE_CHECKING:
    import polars as pl

    from seawall.data.catalogue.catalogue import Detail
    from seawall.data.catalogue.reading import Entry
    from seawall.data.quality.report import Finding, QualityReport, SeriesReport

_MANY = 12  # series of one import that are listed one by one


def entry_rows(entries: Iterable[Entry]) -> list[tuple[object, ...]]:
    """Cells of the list of series; the times of long ones are days."""
    rows: list[tuple[object, ...]] = []
    for e in entries:
        length = 10 if e.last_ns - e.first_ns > 3 * NS_PER_DAY else 16
        first, last = _minute(e.first_ns)[:length], _minute(e.last_ns)[:length]
        rows.append((e.venue, e.symbol, e.kind, f"{e.rows:,}", first, last, f"{e.size / 1e6:.1f}"))
    return rows


def span(start_ns: int | None, end_ns: int | None) -> str:
    """Words for a time range, empty when it is open on both sides."""
    parts = []
    if start_ns is not None:
        parts.append(f"from {format_time_ns(start_ns)}")
    if end_ns is not None:
        parts.append(f"to {format_time_ns(end_ns)}")
    return " ".join(parts) + " " if parts else ""


def print_reports(
    reports: Iterable[QualityReport],
    wanted: Callable[[SeriesReport], bool] | None = None,
) -> None:
    """Print one row per import and, when asked or few, one table per series.

    Parameters
    ----------
    reports : iterable of QualityReport
        What to print.
    wanted : callable, optional
        Tells which series are printed one by one; by default those of a single small
        import.
    """
    held = list(reports)
    rows = [(r.source, f"{r.rows_in:,}", f"{r.rows_kept:,}", _summary(r)) for r in held]
    table("Imports", ["source", "read", "kept", "found"], rows, numeric=["read", "kept"])
    for report in held:
        for note in report.notes:
            say(f"[dim]{_plain(report.source)}:[/dim] {_plain(note)}")
    few = len(held) == 1 and len(held[0].series) <= _MANY
    for report in held:
        for series in report.series:
            if wanted(series) if wanted is not None else few:
                _print_series(series)


def _summary(report: QualityReport) -> str:
    lines = [f"{len(report.series)} series, {'already there' if report.already else 'stored'}"]
    for label, counts in (
        ("quarantined", report.quarantined),
        ("flagged", report.flagged),
        ("gaps", report.gaps),
    ):
        if counts:
            lines.append(f"{label}: {words(counts)}")
    return "\n".join(lines)


def _print_series(series: SeriesReport) -> None:
    rows: list[tuple[object, ...]] = []
    for label, findings in (
        ("quarantined", series.quarantined),
        ("flagged", series.flagged),
        ("gap", series.gaps),
    ):
        rows += [(label, f.name, f"{f.count:,}", _first(f)) for f in findings]
    if series.clock is not None:
        c = series.clock
        text = f"least {_ms(c.least_ns)}, median {_ms(c.median_ns)}, 99 % {_ms(c.p99_ns)}"
        rows.append(("clock", "receive minus venue", "", text))
        if c.offset_ns:
            rows.append(("clock", "offset removed at replay", "", _ms(c.offset_ns)))
    if series.steps_note:
        rows.append(("steps", f"tick {series.tick}, lot {series.lot}", "", series.steps_note))
    title = f"{series.venue} {series.symbol} {series.kind}: {series.rows_kept:,} rows"
    table(title, ["", "what", "count", "for example"], rows, numeric=["count"])


def print_detail(detail: Detail, head: pl.DataFrame) -> None:
    """Print one series: what is stored, the instrument, quality, first rows."""
    entry = detail.entry
    title = f"{entry.venue} {entry.symbol} {entry.kind}"
    rows: list[tuple[object, ...]] = [
        ("rows", f"{entry.rows:,}"),
        ("from", format_time_ns(entry.first_ns)),
        ("to", format_time_ns(entry.last_ns)),
        ("stored", f"{entry.size / 1e6:.2f} MB in {len(entry.parts)} files"),
    ]
    if detail.instrument is not None:
        source = "from the data's decimals" if detail.inferred else "known"
        steps = f"tick {detail.instrument.tick:f}, lot {detail.instrument.lot:f}, {source}"
        rows.append(("instrument", f"{detail.instrument.kind.name.lower()}, {steps}"))
    for report in detail.reports:
        rows += [("quarantined", f"{f.count:,} {f.name}") for f in report.quarantined]
        rows += [("flagged", f"{f.count:,} {f.name}") for f in report.flagged]
        rows += [("gaps", f"{f.count:,} {f.name}: {_first(f)}") for f in report.gaps]
    table(title, ["", ""], rows)
    times = [name in ("ts", "venue_ts") for name in head.columns]
    cells = [
        [
            "" if v is None else format_time_ns(v) if t else v
            for v, t in zip(row, times, strict=True)
        ]
        for row in head.rows()
    ]
    table("first rows", head.columns, cells, numeric=head.columns)


def words(counts: Mapping[str, int]) -> str:
    """Counts by name in words, a dash when there are none."""
    return "; ".join(f"{count:,} {name}" for name, count in counts.items()) or "-"


def _first(finding: Finding) -> str:
    return finding.examples[0] if finding.examples else ""


def _ms(ns: int) -> str:
    return f"{ns / 1e6:,.3f} ms"


def _minute(ts_ns: int) -> str:
    return format_time_ns(ts_ns)[:16].replace("T", " ")


def _plain(text: str) -> str:
    """Keep brackets of data out of the markup."""
    return text.replace("[", "\\[")
