# SPDX-License-Identifier: MIT
"""Parts of an unfinished import: written beside the data, moved into place at the end."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from seawall.data.catalogue.files import disk_full, sha256_of, sync_folder, write_parquet
from seawall.data.catalogue.layout import by_period, part_path, quarantine_path
from seawall.data.catalogue.record import ImportRecord, Part


@dataclass(slots=True)
class Staging:
    """Folder of parts that are not yet visible.

    Parameters
    ----------
    root : Path
        Root of the catalogue; the folder lies under it, so a move is a rename.
    batch : str
        Import that the parts belong to.
    """

    root: Path
    batch: str
    parts: list[Part] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the parts lie until the end."""
        return self.root / "staging" / self.batch

    def clear(self) -> None:
        """Remove what a killed run left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.parts.clear()

    def add_rows(self, venue: str, symbol: str, kind: str, frame: pl.DataFrame) -> None:
        """Write the rows of a series, cut into periods."""
        for date, rows in by_period(frame, kind):
            path = part_path(venue, symbol, kind, date, self.batch)
            self._write(path, rows, (venue, symbol, kind))

    def add_refused(self, venue: str, symbol: str, kind: str, frame: pl.DataFrame) -> None:
        """Write quarantined rows with their reason."""
        self._write(quarantine_path(venue, symbol, kind, self.batch), frame, (venue, symbol, ""))

    def add_lines(self, frame: pl.DataFrame) -> None:
        """Write lines that could not be split into cells."""
        self._write(f"quarantine/{self.batch}/lines.parquet", frame, ("", "", ""))

    def _write(self, path: str, frame: pl.DataFrame, key: tuple[str, str, str]) -> None:
        staged = self._staged(path)
        write_parquet(staged, frame)
        known = frame["ts"].drop_nulls() if "ts" in frame.columns else pl.Series([], dtype=pl.Int64)
        first, last = (int(known[0]), int(known[-1])) if len(known) else (0, 0)
        self.parts.append(
            Part(path, *key, len(frame), staged.stat().st_size, first, last, sha256_of(staged))
        )

    def _staged(self, path: str) -> Path:
        return self.folder / path.replace("/", "~")

    def complete(self, record: ImportRecord) -> bool:
        """Tell whether every part of a written import is staged or already in place."""
        return all(
            _has_size(self.root / p.path, p.size) or _has_size(self._staged(p.path), p.size)
            for p in record.parts
        )

    def move(self, record: ImportRecord) -> None:
        """Move every part into place; running it again after a kill finishes the rest."""
        try:
            for part in record.parts:
                staged, final = self._staged(part.path), self.root / part.path
                if staged.exists():
                    final.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(staged, final)
                    sync_folder(final.parent)
        except OSError as error:
            full = disk_full(error, self.root)
            if full is None:
                raise
            raise full from error
        self.clear()


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
