# SPDX-License-Identifier: MIT
"""The record of one import: the state machine that makes it all or nothing.

``STARTED`` (nothing visible) → ``WRITTEN`` (all parts lie in the staging folder, listed
with size and hash) → ``DONE`` (all parts moved into place).  Readers see the parts of
``DONE`` imports only, so an import appears at once, when its record is replaced.  A killed
import is taken up again: ``WRITTEN`` moves the rest, ``STARTED`` reads the file anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from seawall.data.catalogue.files import write_bytes
from seawall.data.catalogue.instruments import Known
from seawall.data.quality.report import QualityReport
from seawall.model.errors import CatalogueError


class ImportState(StrEnum):
    """How far an import has come."""

    STARTED = "started"
    WRITTEN = "written"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of one series.

    Parameters
    ----------
    path : str
        Relative to the catalogue's root.
    venue, symbol, kind : str
        The series; ``kind`` is empty for quarantined rows.
    rows, size : int
        Rows and bytes.
    first_ns, last_ns : int
        Span of ``ts``, ns UTC.
    sha256 : str
        Hash of the file.
    """

    path: str
    venue: str
    symbol: str
    kind: str
    rows: int
    size: int
    first_ns: int
    last_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Segment:
    """What later imports must know of a series to tell a relisting."""

    venue: str
    ticker: str
    number: int
    kind: str
    first_ns: int
    last_ns: int
    first_price: float
    last_price: float


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import.

    Parameters
    ----------
    batch : str
        Name, derived from the file's hash and the options.
    state : ImportState
        How far it has come.
    source, source_sha256 : str
        File and hash.
    parts : tuple of Part
        Files that belong to it, from ``WRITTEN`` on.
    segments : tuple of Segment
        Listings that it contains.
    instruments : tuple of Known
        Instruments that it brings.
    clock_offsets : dict of str to int
        Receiver minus venue clock, ns, by ``venue|symbol|kind``, where negative.
    report : QualityReport or None
        From ``WRITTEN`` on.
    """

    batch: str
    state: ImportState
    source: str
    source_sha256: str
    parts: tuple[Part, ...] = ()
    segments: tuple[Segment, ...] = ()
    instruments: tuple[Known, ...] = ()
    clock_offsets: dict[str, int] = field(default_factory=dict)
    report: QualityReport | None = None


def record_path(root: Path, batch: str) -> Path:
    """Where the record of an import lies."""
    return root / "imports" / f"{batch}.json"


def save_record(root: Path, record: ImportRecord) -> None:
    """Replace the record of an import as a whole."""
    text = msgspec.json.format(msgspec.json.encode(record), indent=1)
    write_bytes(record_path(root, record.batch), text)


def load_record(path: Path) -> ImportRecord:
    """Read a record.

    Raises
    ------
    CatalogueError
        When the file is no record.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=ImportRecord)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise CatalogueError(
            f"the record of an import cannot be read ({error})",
            where=str(path),
            mend="delete this file and import the source again",
        ) from error


def load_records(root: Path) -> list[ImportRecord]:
    """All records, by name of the import."""
    return [load_record(p) for p in sorted((root / "imports").glob("*.json"))]
