# SPDX-License-Identifier: MIT
"""The reading half of an import: rows in, checked parts staged, report made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from seawall.data.catalogue.catalogue import Catalogue
from seawall.data.catalogue.instruments import Known
from seawall.data.catalogue.reading import Stored
from seawall.data.catalogue.record import ImportRecord, ImportState, Segment
from seawall.data.importers.base import ROW, Batch, ImportLog, ImportOptions, RefusedLine
from seawall.data.importing.series import Key, cut_listings, gather
from seawall.data.importing.staging import Staging
from seawall.data.importing.steps import Steps, steps_for
from seawall.data.quality.check import Checked, check_series
from seawall.data.quality.report import Finding, QualityReport, SeriesReport
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument
from seawall.model.time import format_time_ns


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to import: a name, the hash of its content and how to read it."""

    name: str
    sha256: str
    importer: str
    batches: Callable[[], Iterator[Batch]]
    instruments: Callable[[], list[Instrument]]


@dataclass(slots=True)
class _Found:
    """What the series of one file add up to."""

    series: list[SeriesReport] = field(default_factory=list)
    timed: list[Key] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    instruments: dict[tuple[str, str], Known] = field(default_factory=dict)

    def one_clock(self) -> dict[str, int]:
        """Give every series of a venue the same clock offset, and tell the offsets by series.

        One receiver wrote the file, so its clock stood as far from the venue's for every
        series: the least lag of all says by how much.
        """
        least: dict[str, int] = {}
        for one in self.series:
            if one.clock is not None:
                least[one.venue] = min(least.get(one.venue, 0), one.clock.least_ns)
        for n, one in enumerate(self.series):
            if one.clock is not None:
                clock = replace(one.clock, offset_ns=least[one.venue])
                self.series[n] = replace(one, clock=clock)
        return {"|".join(key): least[key[0]] for key in self.timed if least[key[0]]}


def read_source(
    catalogue: Catalogue,
    source: Source,
    options: ImportOptions,
    record: ImportRecord,
    staging: Staging,
) -> ImportRecord:
    """Read, check and stage everything; nothing is visible in the catalogue yet.

    Raises
    ------
    FormatError
        When the source cannot be read or holds no rows.
    """
    gathered = gather(source.batches(), source.name)
    log = options.log
    if not any(map(len, gathered.values())) and not log.refused:
        raise FormatError("no rows", where=source.name, mend="check that the file holds data")
    described = {(i.venue, i.symbol): i for i in source.instruments()}
    torn = [line.row for line in log.refused if line.row >= 0]
    stored = Stored.of(catalogue.root, catalogue.records())
    found = _Found()
    for key in sorted(gathered):
        series = _without(gathered[key], torn)
        _take_series(stored, key, series, described, options, staging, found)
    offsets = found.one_clock()
    lines = _stage_lines(log.refused, staging)
    rows_in = sum(s.rows_in for s in found.series) + len(log.refused)
    report = QualityReport(
        record.batch, source.name, source.sha256, source.importer, rows_in,
        sum(s.rows_kept for s in found.series), tuple(found.series), lines, tuple(log.notes),
    )  # fmt: skip
    return replace(
        record, state=ImportState.WRITTEN, parts=tuple(staging.parts), report=report,
        segments=tuple(found.segments), instruments=tuple(found.instruments.values()),
        clock_offsets=offsets,
    )  # fmt: skip


def _without(frame: pl.DataFrame, rows: list[int]) -> pl.DataFrame:
    """Leave out rows whose line is refused as a whole, so that none is counted twice."""
    if not rows:
        return frame
    return frame.filter(~pl.col(ROW).is_in(rows))


def _take_series(
    stored: Stored,
    key: Key,
    frame: pl.DataFrame,
    described: dict[tuple[str, str], Instrument],
    options: ImportOptions,
    staging: Staging,
    found: _Found,
) -> None:
    venue, ticker, kind = key
    checked = check_series(frame, kind, stored.rows_near(key, frame["ts"]))
    if len(checked.refused):
        staging.add_refused(venue, ticker, kind, checked.refused)
    pieces = cut_listings(checked.kept, key, stored.listings(venue, ticker))
    for number, (symbol, rows, segment) in enumerate(pieces):
        steps = steps_for(rows, (venue, symbol, kind), described.get((venue, ticker)), options)
        found.series.append(_series_report((venue, symbol, kind), rows, steps))
        if number == 0:
            found.series[-1] = _with_findings(found.series[-1], checked, len(frame), len(rows))
        if rows.is_empty():
            continue
        if segment is not None:
            found.segments.append(segment)
        if steps is not None:
            found.instruments[venue, symbol] = steps.merged(found.instruments.get((venue, symbol)))
        if checked.clock is not None:
            found.timed.append((venue, symbol, kind))
        staging.add_rows(venue, symbol, kind, rows.drop(ROW))
    _note_listings(options.log, pieces)


def _series_report(key: Key, rows: pl.DataFrame, steps: Steps | None) -> SeriesReport:
    span = (int(rows["ts"][0]), int(rows["ts"][-1])) if len(rows) else (0, 0)
    if steps is None:
        return SeriesReport(*key, len(rows), len(rows), *span)
    made = steps.known.instrument
    return SeriesReport(
        *key, len(rows), len(rows), *span,
        tick=f"{made.tick:f}", lot=f"{made.lot:f}", steps_note=steps.note,
    )  # fmt: skip


def _with_findings(
    report: SeriesReport, checked: Checked, rows_in: int, first_rows: int
) -> SeriesReport:
    """Report of the first listing: it carries the findings of the whole ticker."""
    later = len(checked.kept) - first_rows
    return replace(
        report, rows_in=rows_in - later, quarantined=checked.quarantined, flagged=checked.flagged,
        gaps=checked.gaps, clock=checked.clock,
    )  # fmt: skip


def _note_listings(log: ImportLog, pieces: list[tuple[str, pl.DataFrame, Segment | None]]) -> None:
    if len(pieces) < 2:
        return
    spans = "; ".join(
        f"{symbol} from {format_time_ns(int(ts[0]))} to {format_time_ns(int(ts[-1]))}"
        for symbol, ts in ((symbol, rows["ts"]) for symbol, rows, _ in pieces)
    )
    log.note(f"relisted or redenominated, stored as separate symbols: {spans}")


def _stage_lines(refused: list[RefusedLine], staging: Staging) -> tuple[Finding, ...]:
    if not refused:
        return ()
    rows = [(line.row, line.reason, line.text) for line in refused]
    staging.add_lines(pl.DataFrame(rows, schema=["row", "reason", "text"], orient="row"))
    counts = Counter(line.reason for line in refused)
    first = {line.reason: line for line in reversed(refused)}
    return tuple(
        Finding(reason, counts[reason], (f"row {first[reason].row}: {first[reason].text[:80]}",))
        for reason in sorted(counts)
    )
