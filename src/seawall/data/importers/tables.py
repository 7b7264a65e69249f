# SPDX-License-Identifier: MIT
"""Tables that are no market events: option chains, on-chain and macro series, news, labels.

They keep the source's columns beside ``ts``, the moment from which a row may be known.
Daily series are stamped with the *end* of their day for that reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from seawall.data.importers.base import (
    Batch,
    ImportLog,
    ImportOptions,
    ccxt_symbol,
    columns_of,
    read_table,
    to_ns,
)
from seawall.data.importing.files import format_of
from seawall.model.instrument import Instrument
from seawall.model.time import NS_PER_DAY, NS_PER_MS, format_time_ns, parse_time_ns

_UNDATED = parse_time_ns("2001-01-01")
_DATE = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)")
_Make = Callable[[pl.DataFrame, Path, ImportLog], Iterator[tuple[str, str, str, pl.DataFrame]]]


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of a table: the columns that mark it, and what it becomes.

    Parameters
    ----------
    marks : frozenset of str
        Columns that must be there.
    make : callable
        Rows, path and log to ``(venue, symbol, kind, frame)``.
    """

    marks: frozenset[str]
    make: _Make


class TablesImporter:
    """Every table of :data:`LAYOUTS`."""

    name = "tables"

    def recognises(self, path: Path) -> bool:
        """Tell by the columns."""
        return format_of(path) != "" and layout_of(columns_of(path)) is not None

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """None: these tables tell no steps."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield the rows under the source's own column names."""
        layout = layout_of(columns_of(path))
        if layout is None:
            return
        frame = _typed(pl.concat(read_table(path, options.log, chunk_rows=options.chunk_rows)))
        for venue, symbol, kind, rows in layout.make(frame, path, options.log):
            yield Batch(options.venue or venue, options.symbol or symbol, kind, rows)


def layout_of(columns: tuple[str, ...]) -> Layout | None:
    """First layout whose marks are all among the columns."""
    have = {c.strip() for c in columns}
    return next((one for one in LAYOUTS if one.marks <= have), None)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers out of a table that was read as text; a column with any word stays text."""
    frame = frame.rename({c: c.strip() for c in frame.columns})
    numbers = []
    for name in (c for c in frame.columns if frame[c].dtype == pl.String):
        column = frame[name].str.strip_chars()
        cast = column.cast(pl.Float64, strict=False)
        if cast.null_count() == column.null_count() < len(column):
            numbers.append(cast.alias(name))
    return frame.with_columns(numbers)


def _row_times(ts: pl.Series | pl.Expr, frame: pl.DataFrame, *drop: str) -> pl.DataFrame:
    named = ts.alias("ts")
    return frame.with_columns(named).select("ts", pl.exclude("ts", *drop))


def _end_of_day(frame: pl.DataFrame, column: str, log: ImportLog) -> pl.DataFrame:
    log.note(f"daily values are stamped with the end of the day in {column!r}: known only then")
    return _row_times(to_ns(frame[column], log) + NS_PER_DAY, frame, column)


_Rows = Iterator[tuple[str, str, str, pl.DataFrame]]


def _onchain_one(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    column = "time" if "time" in frame.columns else "Date"
    venue = "cryptoquant" if column == "Date" else "coinmetrics"
    yield venue, "BTC/USD", "metric", _end_of_day(frame, column, log)


def _onchain_many(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    for (asset,), part in frame.partition_by("asset", as_dict=True, maintain_order=True).items():
        rows = _end_of_day(part.drop("asset"), "time", log)
        yield "coinmetrics", f"{str(asset).upper()}/USD", "metric", rows


def _macro(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    yield "macro", "CRYPTO/USD", "metric", _end_of_day(frame, "date", log)


def _chain_hourly(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    expiry = to_ns(frame["expiry_date"], log) + 8 * 3_600_000_000_000
    rows = frame.with_columns(expiry.alias("expiry_ts"), _iv("bid_iv", 0.0), _iv("ask_iv", 999.0))
    log.note("bid_iv 0 and ask_iv 999 mean that there is no quote: null here")
    base = str(frame["instrument_name"][0]).split("-", 1)[0]
    ts = to_ns(frame["date"], log)
    yield "deribit", f"{base}/USD:{base}", "options", _row_times(ts, rows, "date")


def _iv(column: str, none: float) -> pl.Expr:
    return pl.when(pl.col(column) == none).then(None).otherwise(pl.col(column)).alias(column)


def _chain_prices(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    base = str(frame["base_currency"][0])
    expiry = _deribit_expiry(frame["expire_date"], log)
    ts = frame["creation_timestamp"].cast(pl.Int64) * NS_PER_MS
    rows = frame.with_columns(expiry.alias("expiry_ts"))
    yield "deribit", f"{base}/USD:{base}", "options", _row_times(ts, rows)


def _deribit_expiry(column: pl.Series, log: ImportLog) -> pl.Series:
    dates = column.str.to_date("%d%b%y", strict=False)
    if dates.null_count():
        dates = column.str.to_date("%Y-%m-%d", strict=False)
    return dates.to_physical().cast(pl.Int64) * NS_PER_DAY + 8 * 3_600_000_000_000


def _chain_snapshot(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    # ``creation`` is when an instrument was listed; the youngest listing is the earliest
    # moment at which the snapshot can have been taken.
    listed = to_ns(frame["creation"], log)
    ts = int(listed.max() or 0)  # type: ignore[arg-type]
    log.note(
        "the chain does not say when it was taken: stamped with its youngest listing, "
        f"{format_time_ns(ts)}, so it is that old or younger"
    )
    base = "ETH" if "eth" in path.name.lower() else "BTC"
    rows = frame.with_columns(
        to_ns(frame["maturity"], log).alias("expiry_ts"), listed.alias("listed_ts")
    )
    yield (
        "deribit",
        f"{base}/USD:{base}",
        "options",
        _row_times(pl.lit(ts, pl.Int64), rows, "creation", "maturity"),
    )


def _news(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    log.note("polarity and class are machine-made: noisy input, not truth")
    yield "news", "CRYPTO/USD", "news", _row_times(to_ns(frame["date"], log), frame, "date")


def _pump_events(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    ts = to_ns(frame["date"] + " " + frame["hour"], log)
    log.note("times are announced times, not times of price moves")
    rows = frame.with_columns(ts=ts, pair=pl.col("symbol") + "/BTC")
    yield from _labels(rows, "PUMPS/TELEGRAM")


def _pump_logs(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    ts = to_ns(frame["timestamp"], log)
    pair = pl.col("coin") + "/" + pl.col("pair").fill_null("BTC")
    log.note("one row per announcing channel: one pump can appear several times")
    yield from _labels(frame.with_columns(ts=ts, pair=pair), "PUMPS/CHANNELS")


def _labels(rows: pl.DataFrame, symbol: str) -> _Rows:
    rows = rows.with_columns(label=pl.lit("pump"))
    for (name,), part in rows.partition_by("exchange", as_dict=True, maintain_order=True).items():
        yield str(name).lower(), symbol, "labels", part


def _natural(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    # A one-minute move is known when its minute is over.
    ts = to_ns(frame["timestamp"], log) + 60_000_000_000
    rows = _row_times(ts, frame, "timestamp").with_columns(label=pl.lit("natural"))
    yield "binance", "NATURAL/ALL", "labels", rows


def _pump_features(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    window = re.search(r"_(\d+)S\.", path.name)
    seconds = int(window[1]) if window else 0
    rows = frame.with_columns(window_s=pl.lit(seconds))
    ts = to_ns(frame["date"], log) + seconds * 1_000_000_000
    yield "binance", f"WINDOWS{seconds}S/ALL", "features", _row_times(ts, rows, "date")


def _pump_trades(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    rows = frame.select(
        "_row", "price", ts=pl.col("timestamp").cast(pl.Int64) * NS_PER_MS, qty="amount",
        taker_buy=pl.col("side") == "buy",
    )  # fmt: skip
    yield "binance", ccxt_symbol(str(frame["symbol"][0])), "trades", rows


def _groups(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    ts = to_ns(frame["last_time_checked"], log)
    yield "telegram", "PUMPS/GROUPS", "features", _row_times(ts, frame)


def _phrasebank(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    yield "phrasebank", "FINANCE/NEWS", "labels", _reference(frame, path, log)


def _reference_table(frame: pl.DataFrame, path: Path, log: ImportLog) -> _Rows:
    name = path.name.split(".")[0].replace("_", "-").upper()
    yield "reference", f"{name}/NONE", "features", _reference(frame, path, log)


def _reference(frame: pl.DataFrame, path: Path, log: ImportLog) -> pl.DataFrame:
    match = _DATE.search(path.name)
    ts = parse_time_ns("-".join(match.groups())) if match else _UNDATED
    log.note(f"a table without times: all rows are stamped {format_time_ns(ts)}")
    return _row_times(pl.lit(ts, pl.Int64), frame)


def _layout(marks: str, make: _Make) -> Layout:
    return Layout(frozenset(marks.split()), make)


LAYOUTS: tuple[Layout, ...] = (
    _layout("asset time PriceUSD SplyCur", _onchain_many),
    _layout("time PriceUSD CapMVRVCur SplyCur", _onchain_one),
    _layout("Date MVRV_ratio SOPR_ratio", _onchain_one),
    _layout("date fear_greed_index", _macro),
    _layout("date instrument_name expiry_date mark_iv bid_iv ask_iv", _chain_hourly),
    _layout("creation_timestamp underlying_price mark_price expire_date", _chain_prices),
    _layout("creation maturity mark_iv strike option_type", _chain_snapshot),
    _layout("date source title polarity subjectivity", _news),
    _layout("symbol group date hour exchange", _pump_events),
    _layout("channel_id coin exchange pair timestamp", _pump_logs),
    _layout("timestamp close symbol return Type", _natural),
    _layout("date pump_index std_rush_order gt", _pump_features),
    _layout("symbol timestamp side price amount btc_volume", _pump_trades),
    _layout("group_name group_code last_time_checked", _groups),
    _layout("label sentence", _phrasebank),
    _layout("settlement_date spot strike implied_vol zero_rate", _reference_table),
    _layout("case option_type expected_price abs_tol", _reference_table),
    _layout("model case atm_vol expected_alpha", _reference_table),
    _layout("strike_pct shifted_lognormal_vol_pct expected_alpha", _reference_table),
    _layout("Option_expiry Year_frac", _reference_table),
    _layout("Type Option_expiry 10Y", _reference_table),
)
"""Layouts in the order in which they are tried."""
