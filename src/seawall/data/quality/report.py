# SPDX-License-Identifier: MIT
"""The quality report: what came in, what was kept, what was refused and why."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of trouble in one series.

    Parameters
    ----------
    name : str
        What is wrong, in words.
    count : int
        Rows, messages or gaps concerned.
    examples : tuple of str
        The first few, with row number or time.
    """

    name: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """Receive time minus venue time of one series, ns.

    Parameters
    ----------
    least_ns, median_ns, p99_ns : int
        As the source gave both.
    offset_ns : int
        What the replay removes: the least over all series of the venue in the same import,
        when that is negative; one receiver has one clock.
    """

    least_ns: int
    median_ns: int
    p99_ns: int
    offset_ns: int = 0


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """Quality of one kind of one instrument in one import.

    Parameters
    ----------
    venue, symbol, kind : str
        The series; a relisted coin has one series per segment.
    rows_in, rows_kept : int
        Rows read and rows stored; the difference stands in ``quarantined``.
    first_ns, last_ns : int
        Span of the rows kept, ns UTC; 0 when none.
    quarantined : tuple of Finding
        Impossible rows, taken out and stored with the reason.
    flagged : tuple of Finding
        Suspicious rows that were kept.
    gaps : tuple of Finding
        Missing bars, breaks in sequence numbers.
    clock : Clock or None
        Receive minus venue time, where both are known.
    tick, lot : str
        Steps of price and quantity, with ``steps_note`` saying where they come from.
    """

    venue: str
    symbol: str
    kind: str
    rows_in: int
    rows_kept: int
    first_ns: int = 0
    last_ns: int = 0
    quarantined: tuple[Finding, ...] = ()
    flagged: tuple[Finding, ...] = ()
    gaps: tuple[Finding, ...] = ()
    clock: Clock | None = None
    tick: str = ""
    lot: str = ""
    steps_note: str = ""


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Quality of one import.

    Parameters
    ----------
    batch : str
        Name of the import; its record is ``imports/<batch>.json``.
    source : str
        File as the user named it.
    source_sha256 : str
        Hash of its bytes.
    importer : str
        Reader that was used.
    rows_in, rows_kept : int
        Over all series; rows that no series could take count as read.
    series : tuple of SeriesReport
        One per instrument and kind.
    lines : tuple of Finding
        Lines that could not be split into cells, by reason.
    notes : tuple of str
        Remarks of the importer and of the checks.
    already : bool
        The same file with the same options was in the catalogue before.
    """

    batch: str
    source: str
    source_sha256: str
    importer: str
    rows_in: int
    rows_kept: int
    series: tuple[SeriesReport, ...] = ()
    lines: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    already: bool = False

    @property
    def quarantined(self) -> dict[str, int]:
        """Rows taken out, by reason, over all series."""
        return _sum([f for s in self.series for f in s.quarantined] + list(self.lines))

    @property
    def flagged(self) -> dict[str, int]:
        """Suspicious rows kept, by name, over all series."""
        return _sum([f for s in self.series for f in s.flagged])

    @property
    def gaps(self) -> dict[str, int]:
        """Gaps by name, over all series."""
        return _sum([f for s in self.series for f in s.gaps])

    @property
    def rows_quarantined(self) -> int:
        """Rows and lines taken out."""
        return sum(self.quarantined.values())

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)

    @staticmethod
    def from_json(text: bytes) -> QualityReport:
        """Read a report written by :meth:`to_json`."""
        return msgspec.json.decode(text, type=QualityReport)


def _sum(findings: list[Finding]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for finding in findings:
        totals[finding.name] = totals.get(finding.name, 0) + finding.count
    return dict(sorted(totals.items()))
