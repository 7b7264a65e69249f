# SPDX-License-Identifier: MIT
"""Import one file or many: all or nothing per file, and the same result every time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from seawall.data.catalogue.catalogue import Catalogue
from seawall.data.catalogue.files import locked, sha256_of, sweep
from seawall.data.catalogue.instruments import merge_instruments
from seawall.data.catalogue.record import (
    ImportRecord,
    ImportState,
    load_record,
    record_path,
    save_record,
)
from seawall.data.importers import find_importer
from seawall.data.importers.base import ImportLog, ImportOptions
from seawall.data.importing.reading import Source, read_source
from seawall.data.importing.staging import Staging
from seawall.data.quality.report import QualityReport
from seawall.model.errors import CatalogueError, FormatError

_FORMAT = 1
"""Raised whenever the same file would be stored differently than before."""

_SKIPPED = (".md", ".checksum", ".part", ".json5", ".html")

OnFile = Callable[[Path, int, int], None]
"""Called before each file with its path, its number from 0 and the number of files."""


def import_files(
    catalogue: Catalogue,
    paths: Iterable[Path | str],
    options: ImportOptions | None = None,
    on_file: OnFile | None = None,
) -> list[QualityReport]:
    """Import files, or the files of folders, one after the other.

    A file that is in the catalogue already, with the same options, is left alone; a killed
    import of a file is finished or done again.

    Parameters
    ----------
    catalogue : Catalogue
        Where to.
    paths : iterable of path
        Files and folders.
    options : ImportOptions, optional
        What the files do not say.
    on_file : callable, optional
        Told about progress.

    Returns
    -------
    list of QualityReport
        One per file.

    Raises
    ------
    FormatError
        When a file cannot be read; the files before it are stored.
    CatalogueError
        When the disk is full or another process imports; nothing stored is lost.
    """
    files = expand(paths)
    reports = []
    for number, path in enumerate(files):
        if on_file is not None:
            on_file(path, number, len(files))
        reports.append(import_file(catalogue, path, options))
    return reports


def expand(paths: Iterable[Path | str]) -> list[Path]:
    """Files named, and files in the folders named, in order of name.

    Raises
    ------
    FormatError
        When a path does not exist or a folder holds no file.
    """
    out: list[Path] = []
    for given in map(Path, paths):
        if given.is_dir():
            inside = sorted(p for p in given.rglob("*") if p.is_file() and _is_data(p))
            if not inside:
                raise FormatError("no files in this folder", where=str(given))
            out += inside
        elif given.is_file():
            out.append(given)
        else:
            raise FormatError("no such file", where=str(given), mend="check the path")
    return out


def _is_data(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() not in _SKIPPED


def import_file(
    catalogue: Catalogue, path: Path, options: ImportOptions | None = None
) -> QualityReport:
    """Import one file; see :func:`import_files`."""
    # A log of its own per file: remarks on one file must not appear in the next report.
    given = replace(options or ImportOptions(), log=ImportLog())
    if path.stat().st_size == 0:
        raise FormatError("the file is empty", where=str(path), mend="fetch the file again")
    importer = find_importer(path, given)
    source = Source(
        path.name, sha256_of(path), importer.name,
        lambda: importer.read(path, given), lambda: importer.instruments(path, given),
    )  # fmt: skip
    return import_source(catalogue, source, given)


def import_source(catalogue: Catalogue, source: Source, options: ImportOptions) -> QualityReport:
    """Import anything that yields batches, under the catalogue's write lock."""
    batch = _batch_name(source, options)
    root = catalogue.root
    with locked(root):
        sweep(root)
        staging = Staging(root, batch)
        record = _taken_up(root, batch, staging)
        if record is not None and record.report is not None:
            if record.state is ImportState.WRITTEN:
                return _finish(catalogue, record, staging)
            return replace(record.report, already=True)
        staging.clear()
        record = ImportRecord(batch, ImportState.STARTED, source.name, source.sha256)
        save_record(root, record)
        try:
            written = read_source(catalogue, source, options, record, staging)
        except BaseException:
            staging.clear()
            raise
        save_record(root, written)
        return _finish(catalogue, written, staging)


def _batch_name(source: Source, options: ImportOptions) -> str:
    o = options
    columns = ",".join(f"{k}={v}" for k, v in sorted(o.columns.items()))
    text = (
        _FORMAT, source.name, source.sha256, source.importer, o.venue, o.symbol, o.kind, o.interval,
        columns, o.time_unit, o.bars_closed, o.tick, o.lot,
    )  # fmt: skip
    return hashlib.sha256(repr(text).encode()).hexdigest()[:16]


def _taken_up(root: Path, batch: str, staging: Staging) -> ImportRecord | None:
    """Record of an earlier run that is done or needs only its parts moved."""
    path = record_path(root, batch)
    if not path.is_file():
        return None
    record = load_record(path)
    if record.state is ImportState.STARTED or not staging.complete(record):
        return None
    return record


def _finish(catalogue: Catalogue, record: ImportRecord, staging: Staging) -> QualityReport:
    if record.report is None:
        raise CatalogueError("an import without a report", where=record.batch)
    staging.move(record)
    merge_instruments(catalogue.root, record.instruments)
    save_record(catalogue.root, replace(record, state=ImportState.DONE))
    return record.report
