# SPDX-License-Identifier: MIT
"""SQL over the catalogue: one DuckDB view per kind, in memory, over the visible parts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import polars as pl

from seawall.data.catalogue.reading import Entry
from seawall.model.errors import CatalogueError


def run_query(root: Path, entries: Iterable[Entry], query: str) -> pl.DataFrame:
    """Run one query.

    Views are named by kind (``trades``, ``bars_1h``...) and have the columns of the kind
    with ``venue`` and ``symbol`` before them.

    Raises
    ------
    CatalogueError
        When DuckDB refuses the query.
    """
    import duckdb

    by_kind: dict[str, list[Entry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append(entry)
    with duckdb.connect(":memory:") as connection:
        for kind, series in by_kind.items():
            connection.execute(_view(root, kind, series))
        try:
            table = connection.sql(query).to_arrow_table()
        except duckdb.Error as error:
            raise CatalogueError(
                f"the query fails: {str(error).splitlines()[0]}",
                mend=f"views are {', '.join(sorted(by_kind)) or 'none: the catalogue is empty'}",
            ) from error
    return cast("pl.DataFrame", pl.from_arrow(table))


def _view(root: Path, kind: str, series: list[Entry]) -> str:
    selects = []
    for entry in series:
        files = ", ".join(_quoted(str(root / p.path)) for p in entry.parts)
        selects.append(
            f"SELECT {_quoted(entry.venue)} AS venue, {_quoted(entry.symbol)} AS symbol, * "  # noqa: S608
            f"FROM read_parquet([{files}], hive_partitioning = false, union_by_name = true)"
        )
    return f'CREATE VIEW "{kind}" AS ' + " UNION ALL BY NAME ".join(selects)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
