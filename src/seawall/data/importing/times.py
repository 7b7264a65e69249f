# SPDX-License-Identifier: MIT
"""Any column of times to int64 ns UTC, with every doubt noted."""

from __future__ import annotations

import polars as pl

from seawall.data.importing.log import ImportLog
from seawall.model.errors import FormatError
from seawall.model.time import NS_PER_DAY, NS_PER_MS, NS_PER_S, NS_PER_US

_FACTORS = {"s": NS_PER_S, "ms": NS_PER_MS, "us": NS_PER_US, "ns": 1}
_FIRST_S = 978_307_200  # 2001-01-01, the same bounds as model.time.guess_epoch_unit
_LAST_S = 4_102_444_800  # 2100-01-01
_POLARS_UNIT = {"ms": NS_PER_MS, "us": NS_PER_US, "ns": 1}


def to_ns(column: pl.Series, log: ImportLog, *, unit: str = "") -> pl.Series:
    """Turn a column of times into int64 ns UTC; what is no time becomes null.

    Integers and floats are epoch numbers.  Without ``unit`` each value tells its unit by
    its size (the ranges of s, ms, us and ns between 2001 and 2100 never overlap), so that
    a column in mixed units is still read rightly; the mixture is noted.

    Parameters
    ----------
    column : polars.Series
        Datetime, date, integer, float, or text (ISO 8601 or an epoch number).
    log : ImportLog
        Receives a note on mixed units and on times without a zone.
    unit : str
        ``s``, ``ms``, ``us`` or ``ns`` to overrule the guess.

    Returns
    -------
    polars.Series
        int64 with nulls, same name and length.

    Raises
    ------
    FormatError
        When the column's type cannot hold a time.
    """
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            log.note(f"column {column.name!r} has no time zone: read as UTC")
        physical = column.to_physical().cast(pl.Int64)
        return physical * _POLARS_UNIT[kind.time_unit or "us"]
    if kind == pl.Date:
        return column.to_physical().cast(pl.Int64) * NS_PER_DAY
    if kind == pl.String:
        return _text_to_ns(column, log, unit)
    if kind.is_numeric():
        return _epoch_to_ns(column, log, unit)
    raise FormatError(
        f"column {column.name!r} of type {kind} holds no times",
        mend="name the column of times with --map ts=<column>",
    )


def _text_to_ns(column: pl.Series, log: ImportLog, unit: str) -> pl.Series:
    numbers = column.cast(pl.Int64, strict=False)
    if numbers.null_count() > column.null_count():
        decimals = column.cast(pl.Float64, strict=False)
        if decimals.null_count() < numbers.null_count():
            numbers = decimals
    if numbers.null_count() <= len(column) // 2:
        return _epoch_to_ns(numbers, log, unit)
    trimmed = column.str.strip_chars().str.replace(" ", "T").str.replace(r"(Z|UTC|\+00:?00)$", "")
    trimmed = trimmed.str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1}T00:00:00")
    trimmed = trimmed.str.replace(r"T(\d\d:\d\d)$", "T${1}:00")
    offset = trimmed.str.contains(r"T.*[+-]\d\d:?\d\d$").fill_null(value=False)
    plain = trimmed.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="ns", strict=False)
    zoned = trimmed.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%z", time_unit="ns", strict=False, time_zone="UTC"
    ) if offset.any() else None  # fmt: skip
    out = plain.to_physical().cast(pl.Int64)
    if zoned is not None:
        out = out.zip_with(~offset, zoned.to_physical().cast(pl.Int64))
    return out.alias(column.name)


def _epoch_to_ns(column: pl.Series, log: ImportLog, unit: str) -> pl.Series:
    if unit:
        return _scaled(column, _FACTORS[unit])
    value = pl.col("v").fill_nan(None) if column.dtype.is_float() else pl.col("v")
    frame = column.to_frame("v").with_columns(v=value)
    out = pl.lit(None, dtype=pl.Int64)
    counts: dict[str, int] = {}
    for name, factor in _FACTORS.items():
        per_s = NS_PER_S // factor
        inside = pl.col("v").is_between(_FIRST_S * per_s, _LAST_S * per_s)
        count = int(frame.select(inside.sum()).item() or 0)
        if count:
            counts[name] = count
            scaled = _scaled_expr(pl.col("v"), column.dtype, factor)
            out = pl.when(inside).then(scaled).otherwise(out)
    if len(counts) > 1:
        parts = ", ".join(f"{n} rows in {name}" for name, n in counts.items())
        log.note(
            f"mixed time units in column {column.name!r}: {parts}; each row read by its own unit"
        )
    return frame.select(out.alias(column.name)).to_series()


def _scaled_expr(value: pl.Expr, kind: pl.DataType, factor: int) -> pl.Expr:
    if kind.is_float() and factor > 1:
        # Whole part and fraction apart, the fraction to the microsecond: float64 epoch
        # seconds are 240 ns apart, so finer digits would be invented.
        step = min(factor, NS_PER_US)
        whole = value.floor()
        rest = ((value - whole) * (factor // step)).round().cast(pl.Int64, strict=False) * step
        return whole.cast(pl.Int64, strict=False) * factor + rest
    return value.cast(pl.Int64, strict=False) * factor


def _scaled(column: pl.Series, factor: int) -> pl.Series:
    scaled = _scaled_expr(pl.col("v"), column.dtype, factor).alias(column.name)
    return column.to_frame("v").select(scaled).to_series()
