# SPDX-License-Identifier: MIT
"""Rows for golden sets: windows of the catalogue, or of a table, as a plan names them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from seawall.model.errors import DataError
from seawall.model.time import parse_time_ns

if TYPE_CHECKING:
    import polars as pl

    from seawall.robust.base import Floats, Ints
    from seawall.robust.gate import GoldenSet

Rows = tuple["Ints", "Floats", tuple[str, ...]]


class Place(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where rows come from: bars of the catalogue, or a table."""

    series: list[str] = []
    bars: str = "1h"
    table: str = ""
    columns: list[str] = []
    time: str = ""
    start: str = ""
    end: str = ""


class PlannedWindow(Place, forbid_unknown_fields=True, kw_only=True):
    """A window of a plan."""

    name: str
    regime: str


class Plan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A plan of a golden set, as it stands in a TOML file."""

    window: list[PlannedWindow]
    halflife: float = 100.0
    standardised: bool = False
    note: str = ""


def read_plan(path: Path) -> Plan:
    """Read a plan; keys that mean nothing are refused."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Plan)
    except FileNotFoundError:
        raise DataError(
            "there is no plan", where=str(path), mend="write one: docs/how-to/build-a-golden-set.md"
        ) from None
    except msgspec.MsgspecError as error:
        raise DataError(
            f"the plan cannot be read: {error}",
            where=str(path),
            mend="each [[window]] has name, regime, start, end, and series or table",
        ) from error


def build(plan: Plan, folder: Path, catalogue: Path, parent: GoldenSet | None) -> GoldenSet:
    """Read all windows of a plan and build the golden set.

    Parameters
    ----------
    plan : Plan
        Windows and constants.
    folder : Path
        Where relative paths of tables begin.
    catalogue : Path
        Root of the catalogue.
    parent : GoldenSet, optional
        The version before.
    """
    from seawall.robust.gate import WindowRows, build_golden

    windows, names = [], None
    for planned in plan.window:
        ts, rows, found = rows_of(planned, folder, catalogue)
        if names is not None and found != names:
            raise DataError(
                f"window {planned.name!r} has features {', '.join(found)}, not {', '.join(names)}",
                mend="give all windows the same series or columns",
            )
        names = found
        source = planned.table or f"{', '.join(planned.series)} bars_{planned.bars}"
        windows.append(WindowRows(planned.name, planned.regime, rows, ts, source))
    return build_golden(
        windows,
        names or (),
        halflife=plan.halflife,
        standardised=plan.standardised,
        parent=parent,
        note=plan.note,
    )


def rows_of(place: Place, folder: Path, catalogue: Path) -> Rows:
    """Read the features of a place: times, rows, names."""
    from seawall.robust.gate.features import join_features

    if bool(place.table) == bool(place.series):
        raise DataError(
            "a window needs series of the catalogue or a table, and not both",
            mend='write series = ["binance:BTC/USDT"] or table = "features.parquet"',
        )
    start = parse_time_ns(place.start) if place.start else None
    end = parse_time_ns(place.end) if place.end else None
    if place.table:
        return _from_table(place, folder / place.table, start, end)
    return join_features(
        [_from_catalogue(text, place.bars, catalogue, start, end) for text in place.series]
    )


def _from_catalogue(
    text: str, bars: str, catalogue: Path, start: int | None, end: int | None
) -> Rows:
    from seawall.data import Catalogue
    from seawall.robust.gate.features import COLUMNS, bar_features

    venue, _, symbol = text.partition(":")
    frame = Catalogue(catalogue).frame(venue, symbol, f"bars_{bars}", start, end)
    table = frame.select("ts", *COLUMNS).collect()
    return bar_features(table["ts"].to_numpy(), _columns(table, COLUMNS), f"{symbol} ")


def _from_table(place: Place, path: Path, start: int | None, end: int | None) -> Rows:
    import polars as pl

    from seawall.robust.gate.features import COLUMNS, bar_features

    if not path.is_file():
        raise DataError("there is no table", where=str(path), mend="see the path in the plan")
    table = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    clock = place.time or next(
        (n for n in ("ts", "timestamp", "date", "time") if n in table.columns), ""
    )
    lacking = [n for n in (clock, *place.columns) if n not in table.columns]
    if lacking:
        raise DataError(
            f"no column {', '.join(lacking) or 'of times'}",
            where=str(path),
            mend=f"there are {', '.join(table.columns)}; name the times with time = ...",
        )
    table = table.with_columns(_times(table[clock], path).alias("__ts")).sort("__ts")
    ts = table["__ts"].to_numpy()
    if not ts.size:
        raise DataError("the table has no rows", where=str(path), mend="see what it was made from")
    first, last = np.searchsorted(ts, [start or ts[0], end if end is not None else ts[-1] + 1])
    table, ts = table[int(first) : int(last)], ts[int(first) : int(last)]
    if not place.columns:
        return bar_features(ts, _columns(table, COLUMNS))
    rows = np.stack([table[n].cast(pl.Float64).to_numpy() for n in place.columns], axis=1)
    return ts, rows, tuple(place.columns)


def _times(column: pl.Series, path: Path) -> pl.Series:
    import polars as pl

    if column.dtype == pl.String:
        column = column.str.to_datetime(time_zone="UTC", strict=False)
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("ns")).cast(pl.Int64)
    values = column.cast(pl.Int64)
    largest = float(values.max() or 0)  # type: ignore[arg-type]
    for limit, factor in ((1e11, 10**9), (1e14, 10**6), (1e17, 10**3)):
        if 0 < largest < limit:
            return values * factor
    if not largest > 0:
        raise DataError("times are missing", where=str(path), mend="give ISO 8601 or epoch times")
    return values


def _columns(table: pl.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    return {n: table[n].to_numpy() for n in names if n in table.columns}
