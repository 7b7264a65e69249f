# SPDX-License-Identifier: MIT
"""Kinds of data and their canonical columns."""

from __future__ import annotations

import re

import polars as pl

from seawall.model.errors import FormatError
from seawall.model.time import parse_duration_ns

_I = pl.Int64
_F = pl.Float64
_B = pl.Boolean

_BARS: dict[str, type[pl.DataType]] = {
    "ts": _I, "open": _F, "high": _F, "low": _F, "close": _F, "volume": _F,
}  # fmt: skip

KIND_COLUMNS: dict[str, dict[str, type[pl.DataType]]] = {
    "trades": {"ts": _I, "venue_ts": _I, "seq": _I, "price": _F, "qty": _F, "taker_buy": _B},
    "depth": {
        "ts": _I, "venue_ts": _I, "first_seq": _I, "seq": _I, "prev_seq": _I,
        "is_snapshot": _B, "is_bid": _B, "price": _F, "qty": _F,
    },
    "top": {
        "ts": _I, "venue_ts": _I, "seq": _I,
        "bid_price": _F, "bid_qty": _F, "ask_price": _F, "ask_qty": _F,
    },
    "mark": {"ts": _I, "venue_ts": _I, "mark_price": _F, "index_price": _F, "funding_rate": _F},
    "funding": {"ts": _I, "rate": _F},
    "open_interest": {"ts": _I, "value": _F},
    "liquidations": {"ts": _I, "venue_ts": _I, "price": _F, "qty": _F, "buy": _B},
}  # fmt: skip
"""Columns and types of the kinds that the kernel can replay, bars apart."""

FREE_KINDS = ("options", "metric", "news", "labels", "features")
"""Kinds that keep the source's own columns beside ``ts``."""

_INTERVAL = re.compile(r"^bars_\d+(ms|s|m|h|d|w)$")
_STEPS = ((7 * 86_400, "w"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def is_bars(kind: str) -> bool:
    """Tell whether a kind is ``bars_<interval>``."""
    return _INTERVAL.match(kind) is not None


def bars_kind(interval_ns: int) -> str:
    """Kind of bars of a length: ``bars_1h`` for 3,600,000,000,000 ns."""
    if interval_ns <= 0 or interval_ns % 1_000_000:
        raise FormatError(f"{interval_ns} ns is no bar length", mend="give --interval, e.g. 1h")
    seconds, rest = divmod(interval_ns, 1_000_000_000)
    if rest:
        return f"bars_{interval_ns // 1_000_000}ms"
    for size, unit in _STEPS:
        if seconds % size == 0:
            return f"bars_{seconds // size}{unit}"
    raise AssertionError("unreachable: every whole second is a multiple of one")


def interval_ns(kind: str) -> int:
    """Length of the bars of a kind, ns."""
    return parse_duration_ns(kind.removeprefix("bars_"))


def columns_for(kind: str) -> dict[str, type[pl.DataType]]:
    """Canonical columns of a kind; free kinds fix only ``ts``.

    Raises
    ------
    FormatError
        When there is no such kind.
    """
    if is_bars(kind):
        return _BARS
    if kind in FREE_KINDS:
        return {"ts": _I}
    try:
        return KIND_COLUMNS[kind]
    except KeyError:
        raise FormatError(
            f"{kind!r} is no kind of data",
            mend=f"use one of {', '.join(KIND_COLUMNS)}, bars_<interval>, {', '.join(FREE_KINDS)}",
        ) from None


_DEFAULTS: dict[str, int] = {"seq": -1, "first_seq": -1, "prev_seq": -1}


def canonical(frame: pl.DataFrame, kind: str, *, where: str = "") -> pl.DataFrame:
    """Cast and order the columns of a kind; what cannot be cast becomes null.

    Sequence numbers that are absent or null become -1 (unknown); ``venue_ts`` defaults to
    ``ts`` and ``is_snapshot`` to false.  Columns whose name starts with ``_`` are kept.

    Raises
    ------
    FormatError
        When a needed column is absent.
    """
    wanted = columns_for(kind)
    have = set(frame.columns)
    free = kind in FREE_KINDS
    out: list[pl.Expr] = []
    for name, dtype in wanted.items():
        if name in have:
            column = pl.col(name).cast(dtype, strict=False)
            out.append(column.fill_null(_DEFAULTS[name]) if name in _DEFAULTS else column)
        elif name in _DEFAULTS:
            out.append(pl.lit(_DEFAULTS[name], dtype=_I).alias(name))
        elif name == "venue_ts":
            out.append(pl.col("ts").cast(_I, strict=False).alias(name))
        elif name == "is_snapshot":
            out.append(pl.lit(value=False, dtype=_B).alias(name))
        elif name in ("index_price", "funding_rate"):
            out.append(pl.lit(None, dtype=_F).alias(name))
        else:
            raise FormatError(
                f"{kind} need a column {name!r}; there are {', '.join(sorted(have))}",
                where=where,
                mend=f"name it with --map {name}=<column>",
            )
    rest = [c for c in frame.columns if c not in wanted and (free or c.startswith("_"))]
    return frame.select(*out, *rest)
