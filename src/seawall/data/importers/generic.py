# SPDX-License-Identifier: MIT
"""Any table, with a mapping from canonical columns to its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seawall.data.catalogue.kinds import (
    FREE_KINDS,
    KIND_COLUMNS,
    bars_kind,
    columns_for,
    interval_ns,
)
from seawall.data.importers.bars import bar_length, closed, one_symbol, venue_in
from seawall.data.importers.base import (
    ROW,
    Batch,
    ImportOptions,
    canonical,
    columns_of,
    read_table,
    to_ns,
)
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument

_TRUE = ("true", "t", "1", "buy", "bid", "b", "yes")
_FALSE = ("false", "f", "0", "sell", "ask", "s", "a", "no")
_OPTIONAL = {"venue_ts", "seq", "first_seq", "prev_seq", "is_snapshot", "index_price",
             "funding_rate", "taker_buy"}  # fmt: skip


class GenericImporter:
    """Reads CSV, Parquet and feather whose columns are canonical or mapped to them.

    Flags may be true/false, 1/0, buy/sell or bid/ask.  A mapped column that the file
    lacks is an error that lists what the file has.
    """

    name = "generic"

    def recognises(self, path: Path) -> bool:
        """Tell whether the table has canonical columns already."""
        return _kind_by(set(columns_of(path))) != ""

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Return nothing: a table does not describe its instrument."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield one batch per chunk.

        Raises
        ------
        FormatError
            When the kind or symbol is unknown or a column is absent.
        """
        have = columns_of(path)
        mapped = {name: name for name in have} | dict(options.columns)
        kind = options.kind or _kind_by(set(mapped))
        _check(path, have, options, kind)
        venue = options.venue or venue_in(path.name) or "unknown"
        symbol = one_symbol(path, options)
        stored = "" if kind == "bars" else kind
        for chunk in read_table(path, options.log, chunk_rows=options.chunk_rows):
            rows = _select(chunk, mapped, kind, options)
            if kind.startswith("bars"):
                # A kind such as bars_1h is a statement about the length, too.
                length = interval_ns(stored) if stored else bar_length(rows, options, str(path))
                stored = stored or bars_kind(length)
                rows = closed(rows, length, options)
            yield Batch(venue, symbol, stored, canonical(rows, stored, where=str(path)))


def _kind_by(columns: set[str]) -> str:
    """Kind whose every needed column is there, empty when there is none."""
    if {"ts", "open", "high", "low", "close", "volume"} <= columns:
        return "bars"
    for kind in ("depth", "top", "trades", "mark", "funding", "open_interest"):
        if set(KIND_COLUMNS[kind]) - _OPTIONAL <= columns:
            return kind
    return ""


def _check(path: Path, have: tuple[str, ...], options: ImportOptions, kind: str) -> None:
    absent = {c: s for c, s in options.columns.items() if s not in have}
    if absent:
        raise FormatError(
            f"no column {', '.join(repr(s) for s in absent.values())}; "
            f"the columns are {', '.join(have)}",
            where=str(path), mend="mend --map; column names are case-sensitive",
        )  # fmt: skip
    if not kind:
        raise FormatError(
            f"cannot tell what kind of rows these are; the columns are {', '.join(have)}",
            where=str(path), mend="give --kind trades, bars_1h, top... and --map for its columns",
        )  # fmt: skip


def _select(
    chunk: pl.DataFrame, mapped: dict[str, str], kind: str, options: ImportOptions
) -> pl.DataFrame:
    wanted = columns_for("bars_1h" if kind == "bars" else kind)
    out = []
    for name, source in mapped.items():
        column = chunk[source]
        dtype = wanted.get(name)
        if name in ("ts", "venue_ts"):
            column = to_ns(column, options.log, unit=options.time_unit)
        elif dtype == pl.Boolean:
            column = _flag(column)
        elif dtype is not None:
            column = column.cast(dtype, strict=False)
        elif kind not in FREE_KINDS:
            continue
        out.append(column.alias(name))
    return pl.DataFrame(out).with_columns(chunk[ROW])


def _flag(column: pl.Series) -> pl.Series:
    """Read a flag in any spelling; unknown spellings become null."""
    if column.dtype == pl.Boolean:
        return column
    text = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    text = text.str.replace(r"\.0$", "")
    spelled = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    return text.replace_strict(spelled, default=None, return_dtype=pl.Boolean)
