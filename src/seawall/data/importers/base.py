# SPDX-License-Identifier: MIT
"""What an importer is: a file in, canonical rows out.

To add a format, write a class with the four members of :class:`Importer` in a module of
this package and name it in ``importers/__init__.py``.  The pipeline
(:mod:`seawall.data.importing`) does the rest: checks, quarantine, storing, resuming.

An importer reads and renames; it does not repair.  A cell that cannot be read becomes
null and a bad number stays bad: the quality check finds both and puts the row into the
quarantine with its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import polars as pl

from seawall.data.catalogue.kinds import KIND_COLUMNS, bars_kind, canonical
from seawall.data.importing.files import columns_of, read_table
from seawall.data.importing.log import ImportLog, RefusedLine
from seawall.data.importing.symbols import ccxt_symbol, split_ticker
from seawall.data.importing.times import to_ns
from seawall.model.instrument import Instrument

ROW = "_row"
"""Optional int64 column of a batch: the 0-based data row of the source file."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user knows better than the file.

    Parameters
    ----------
    venue, symbol : str
        Overrule or supply what the file does not say; symbol in the ccxt form.
    kind : str
        Kind of the rows for formats that cannot tell (generic tables).
    interval : str
        Length of a bar such as ``1h``; empty infers the modal difference.
    columns : mapping of str to str
        Canonical column to source column, for generic tables.
    time_unit : str
        ``s``, ``ms``, ``us`` or ``ns``; empty guesses by size.
    bars_closed : bool
        The file stamps bars with their close, not with their open.
    importer : str
        Name of the importer to use; empty asks each.
    tick, lot : str
        Steps of price and quantity; empty asks the importer, then the data.
    chunk_rows : int
        Rows read at once, bounds the memory.
    log : ImportLog
        Takes notes and unreadable lines.
    """

    venue: str = ""
    symbol: str = ""
    kind: str = ""
    interval: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit: str = ""
    bars_closed: bool = False
    importer: str = ""
    tick: str = ""
    lot: str = ""
    chunk_rows: int = 1_000_000
    log: ImportLog = field(default_factory=ImportLog)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Canonical rows of one kind of one instrument, a chunk of a file or all of it.

    Parameters
    ----------
    venue, symbol, kind : str
        Where the rows belong; venue in ccxt's spelling, symbol in the ccxt form, kind
        from :data:`~seawall.data.catalogue.kinds.KIND_COLUMNS`, or ``bars_<interval>``.
    frame : polars.DataFrame
        Canonical columns (``canonical(frame, kind)`` casts and orders them) and
        optionally ``_row``.  Times are int64 ns UTC.  ``venue_ts`` is the venue's time
        *as the source gave it*: the pipeline estimates the clock offset over the whole
        import and the replay applies it.
    clock_offset_ns : int
        Receiver minus venue clock, only where the importer already moved ``venue_ts``.
    """

    venue: str
    symbol: str
    kind: str
    frame: pl.DataFrame
    clock_offset_ns: int = 0


@runtime_checkable
class Importer(Protocol):
    """Reader of one format."""

    name: str

    def recognises(self, path: Path) -> bool:
        """Tell by name, columns or first bytes whether this importer reads the file."""
        ...

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield the file in batches, the same batches in the same order every time."""
        ...

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Instruments whose steps and fees the importer knows for sure; may be empty."""
        ...


__all__ = [
    "KIND_COLUMNS",
    "ROW",
    "Batch",
    "ImportLog",
    "ImportOptions",
    "Importer",
    "RefusedLine",
    "bars_kind",
    "canonical",
    "ccxt_symbol",
    "columns_of",
    "read_table",
    "split_ticker",
    "to_ns",
]
