# SPDX-License-Identifier: MIT
"""The catalogue: every imported series, listed, scanned, queried, and made a market."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from seawall.data.catalogue.files import locked
from seawall.data.catalogue.instruments import Known, load_instruments, merge_instruments
from seawall.data.catalogue.reading import Entry, entries, scan
from seawall.data.catalogue.record import ImportRecord, ImportState, load_records
from seawall.data.quality.report import QualityReport, SeriesReport
from seawall.model.errors import CatalogueError
from seawall.model.instrument import Instrument

if TYPE_CHECKING:
    from seawall.data.importers.base import Batch
    from seawall.model.market import Market


@dataclass(frozen=True, slots=True)
class Select:
    """Which series a run reads.

    Parameters
    ----------
    venue, symbol : str
        The instrument.
    kinds : tuple of str
        Its series; empty means all that the kernel can replay.
    """

    venue: str
    symbol: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """All about one series: what is stored, its instrument, the reports of its imports."""

    entry: Entry
    instrument: Instrument | None
    inferred: bool
    reports: tuple[SeriesReport, ...]


class Catalogue:
    """Series of market data under one folder.

    Reading needs no lock: an import becomes visible at once when its record is replaced.

    Parameters
    ----------
    root : path
        Folder of the catalogue; created by the first import.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def records(self) -> tuple[ImportRecord, ...]:
        """Read the records of all imports, finished or not."""
        return tuple(load_records(self.root))

    def reports(self) -> tuple[QualityReport, ...]:
        """Read the quality reports of all finished imports."""
        done = (r for r in self.records() if r.state is ImportState.DONE)
        return tuple(r.report for r in done if r.report is not None)

    def list(self) -> tuple[Entry, ...]:
        """List all series, by venue, symbol and kind."""
        return tuple(entries(self.records()))

    def entry(self, venue: str, symbol: str, kind: str) -> Entry:
        """Find one series.

        Raises
        ------
        CatalogueError
            When there is none; says what there is for the symbol.
        """
        known = self.list()
        for entry in known:
            if (entry.venue, entry.symbol, entry.kind) == (venue, symbol, kind):
                return entry
        near = [e.kind for e in known if (e.venue, e.symbol) == (venue, symbol)]
        if near:
            raise CatalogueError(
                f"no {kind} of {symbol} at {venue}", mend=f"there are {', '.join(near)}"
            )
        raise unknown_symbol(venue, symbol, {(e.venue, e.symbol) for e in known})

    def show(self, venue: str, symbol: str, kind: str) -> Detail:
        """Show one series with its instrument and quality.

        Raises
        ------
        CatalogueError
            When there is none.
        """
        entry = self.entry(venue, symbol, kind)
        known = load_instruments(self.root).get((venue, symbol))
        reports = tuple(
            s
            for report in self.reports()
            for s in report.series
            if (s.venue, s.symbol, s.kind) == (venue, symbol, kind)
        )
        return Detail(
            entry, known.instrument if known else None, bool(known and known.inferred), reports
        )

    def frame(
        self,
        venue: str,
        symbol: str,
        kind: str,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> pl.LazyFrame:
        """Scan the rows of a series with ``start_ns <= ts < end_ns``, in order of time.

        Raises
        ------
        CatalogueError
            When there is no such series.
        """
        return scan(self.root, self.entry(venue, symbol, kind), start_ns, end_ns)

    def sql(self, query: str) -> pl.DataFrame:
        """Run a DuckDB query over views named by kind, with columns ``venue`` and ``symbol``.

        Raises
        ------
        CatalogueError
            When the query is wrong.
        """
        from seawall.data.catalogue.query import run_query

        return run_query(self.root, self.list(), query)

    def instruments(self) -> tuple[Instrument, ...]:
        """All instruments, by venue and symbol."""
        return tuple(k.instrument for _, k in sorted(load_instruments(self.root).items()))

    def instrument(self, venue: str, symbol: str) -> Instrument:
        """Find one instrument.

        Raises
        ------
        CatalogueError
            When it is unknown.
        """
        table = load_instruments(self.root)
        if (venue, symbol) not in table:
            raise unknown_symbol(venue, symbol, set(table))
        return table[venue, symbol].instrument

    def put_instrument(self, instrument: Instrument) -> None:
        """Describe an instrument; the description replaces what was told from the data."""
        with locked(self.root):
            merge_instruments(self.root, [Known(instrument)])

    def add(
        self,
        batches: Iterable[Batch],
        name: str = "frames",
        instruments: Iterable[Instrument] = (),
    ) -> QualityReport:
        """Store canonical rows that are already in memory, checked like any import."""
        from seawall.data.importing.memory import import_batches

        return import_batches(self, batches, name, instruments)

    def market(
        self,
        selection: Iterable[Select],
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Market:
        """Make the input of a run: merged events and bars of ``[start_ns, end_ns)``.

        The arrays are built once, kept under ``replay/`` by the hash of all that goes into
        them, and opened memory-mapped.

        Raises
        ------
        CatalogueError
            When a series or an instrument is missing, or a price does not fit its tick.
        """
        from seawall.data.feed.replay import build_market

        return build_market(self, tuple(selection), start_ns, end_ns)


def unknown_symbol(venue: str, symbol: str, known: set[tuple[str, str]]) -> CatalogueError:
    """Error for an instrument that the catalogue lacks, with the nearest it has."""
    from difflib import get_close_matches

    names = sorted(f"{v} {s}" for v, s in known)
    near = get_close_matches(f"{venue} {symbol}", names, n=5, cutoff=0.4) or names[:5]
    mend = f"the nearest are {', '.join(near)}" if near else "the catalogue is empty: import first"
    return CatalogueError(f"unknown instrument {symbol} at {venue}", mend=mend)
