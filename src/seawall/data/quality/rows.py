# SPDX-License-Identifier: MIT
"""Checks of single rows: what is impossible goes to the quarantine, the rest is flagged.

The line between the two: a row is impossible when no market could have produced it (no
time, a number that is none, a price at or below zero, a negative size, a high below its
low, the same trade id twice).  Everything that a wild but real market can produce is kept
and flagged.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from seawall.data.catalogue.kinds import is_bars
from seawall.data.quality.report import Finding
from seawall.model.time import format_time_ns

_EXAMPLES = 5
_FIRST_NS = 946_684_800_000_000_000  # 2000-01-01: no crypto market is older
_LAST_NS = 4_102_444_800_000_000_000  # 2100-01-01


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on a row and the words for it."""

    name: str
    holds: pl.Expr


def _bad_number(*columns: str) -> pl.Expr:
    return pl.any_horizontal([~pl.col(c).is_finite().fill_null(value=False) for c in columns])


def _below(bound: float, *columns: str) -> pl.Expr:
    return pl.any_horizontal([(pl.col(c) < bound).fill_null(value=False) for c in columns])


def _not_positive(*columns: str) -> pl.Expr:
    return pl.any_horizontal([(pl.col(c) <= 0).fill_null(value=False) for c in columns])


_OHLC = ("open", "high", "low", "close")
_TIME = (
    Rule("no time", pl.col("ts").is_null()),
    Rule("time outside 2000 to 2100", ~pl.col("ts").is_between(_FIRST_NS, _LAST_NS)),
)
_NUMBER = "not a number or infinite"
_PRICE = "price at or below zero"
_SIZE = "negative size"
_PRINT = (
    Rule(_NUMBER, _bad_number("price", "qty")),
    Rule(_PRICE, _not_positive("price")),
    Rule(_SIZE, _below(0.0, "qty")),
)
_FORBIDDEN: dict[str, tuple[Rule, ...]] = {
    "trades": _PRINT,
    "liquidations": (*_PRINT, Rule("no side", pl.col("buy").is_null())),
    "depth": (*_PRINT, Rule("no side", pl.col("is_bid").is_null())),
    "top": (
        Rule(_NUMBER, _bad_number("bid_price", "bid_qty", "ask_price", "ask_qty")),
        Rule(_PRICE, _not_positive("bid_price", "ask_price")),
        Rule(_SIZE, _below(0.0, "bid_qty", "ask_qty")),
    ),
    "mark": (Rule(_NUMBER, _bad_number("mark_price")), Rule(_PRICE, _not_positive("mark_price"))),
    "funding": (Rule(_NUMBER, _bad_number("rate")),),
    "open_interest": (Rule(_NUMBER, _bad_number("value")), Rule(_SIZE, _below(0.0, "value"))),
    "bars": (
        Rule(_NUMBER, _bad_number(*_OHLC, "volume")),
        Rule(_PRICE, _not_positive(*_OHLC)),
        Rule("negative volume", _below(0.0, "volume")),
        Rule("high below low", pl.col("high") < pl.col("low")),
    ),
}
_SUSPICIOUS: dict[str, tuple[Rule, ...]] = {
    "trades": (
        Rule("zero size", pl.col("qty") == 0),
        Rule("no taker side", pl.col("taker_buy").is_null()),
    ),
    "top": (Rule("crossed book", pl.col("bid_price") >= pl.col("ask_price")),),
    "bars": (
        Rule(
            "open or close outside high and low",
            (pl.max_horizontal("open", "close") > pl.col("high"))
            | (pl.min_horizontal("open", "close") < pl.col("low")),
        ),
        Rule("no volume", pl.col("volume") == 0),
    ),
    "funding": (Rule("rate beyond 10 %", pl.col("rate").abs() > 0.1),),
}


def split_impossible(frame: pl.DataFrame, kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows into possible and impossible; the latter get a column ``reason``.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical columns of ``kind``.

    Returns
    -------
    kept, refused : polars.DataFrame
    """
    rules = (*_TIME, *_FORBIDDEN.get("bars" if is_bars(kind) else kind, ()))
    reason = pl.lit(None, dtype=pl.String)
    for rule in reversed(rules):
        reason = pl.when(rule.holds).then(pl.lit(rule.name)).otherwise(reason)
    judged = frame.with_columns(reason=reason)
    refused = judged.filter(pl.col("reason").is_not_null())
    if refused.is_empty():
        return frame, refused
    return judged.filter(pl.col("reason").is_null()).drop("reason"), refused


def suspicious_rows(frame: pl.DataFrame, kind: str) -> list[Finding]:
    """Count and exemplify the rows that are odd but possible."""
    found = []
    for rule in _SUSPICIOUS.get("bars" if is_bars(kind) else kind, ()):
        rows = frame.filter(rule.holds)
        if len(rows):
            found.append(Finding(rule.name, len(rows), examples(rows)))
    return found


def examples(rows: pl.DataFrame) -> tuple[str, ...]:
    """First few rows in words: row number and values."""
    shown = [c for c in rows.columns if not c.startswith("_") and c not in ("venue_ts", "reason")]
    out = []
    for row in rows.head(_EXAMPLES).iter_rows(named=True):
        values = " ".join(f"{name}={_text(name, row[name])}" for name in shown)
        out.append(f"row {row['_row']}: {values}" if row.get("_row") is not None else values)
    return tuple(out)


def _text(name: str, value: object) -> str:
    if name == "ts" and isinstance(value, int) and _FIRST_NS <= value <= _LAST_NS:
        return format_time_ns(value)
    return str(value)
