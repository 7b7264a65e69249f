# SPDX-License-Identifier: MIT
"""Files of Binance's public archive (data.binance.vision): one CSV in a zip.

The layout is told by the file's name (``BTCUSDT-aggTrades-2024-08-08.zip``,
``BTCUSDT-1h-2024-08.zip``); spot files have no header, futures files have one since 2022 or
so.  Spot and futures cannot be told apart by the name: the folders of the archive
(``spot``, ``futures/um``, ``futures/cm``) or the columns say it, else ``--venue``.
Times are milliseconds, in spot files from 2025 on microseconds; each row tells by its size.
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
    columns_of,
    read_table,
    to_ns,
)
from seawall.data.importers.known import BINANCE_VENUES, binance_symbol, known_instrument
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument

_NAME = re.compile(
    r"^(?P<ticker>[A-Z0-9]+(?:_PERP|_\d{6})?)-(?P<what>[A-Za-z]+|\d{1,2}(?:s|m|h|d|w|mo))"
    r"-(?P<date>\d{4}-\d\d(?:-\d\d)?)\.(?:zip|csv|csv\.gz)$"
)
_KLINES = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_COLUMNS: dict[str, tuple[str, ...]] = {
    "klines": _KLINES,
    "aggTrades": ("agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id",
                  "transact_time", "is_buyer_maker", "is_best_match"),
    "trades": ("id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "is_best_match"),
    "bookTicker": ("update_id", "best_bid_price", "best_bid_qty", "best_ask_price",
                   "best_ask_qty", "transaction_time", "event_time"),
    "bookDepth": ("timestamp", "percentage", "depth", "notional"),
    "fundingRate": ("calc_time", "funding_interval_hours", "last_funding_rate"),
    "metrics": ("create_time", "symbol", "sum_open_interest", "sum_open_interest_value",
                "count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio",
                "count_long_short_ratio", "sum_taker_long_short_vol_ratio"),
    "liquidationSnapshot": ("time", "side", "order_type", "time_in_force", "original_quantity",
                            "price", "average_price", "order_status", "last_fill_quantity",
                            "accumulated_fill_quantity"),
}  # fmt: skip
_FUTURES_ONLY = ("bookTicker", "bookDepth", "fundingRate", "metrics", "liquidationSnapshot")


@dataclass(frozen=True, slots=True)
class _File:
    """What path and columns say about a file."""

    ticker: str
    what: str
    interval: str
    venue: str
    symbol: str


class BinanceArchiveImporter:
    """Zips of the public archive: klines, trades, aggTrades, book tickers, funding, metrics."""

    name = "binance-archive"

    def recognises(self, path: Path) -> bool:
        """Tell by the name."""
        match = _NAME.match(path.name)
        return match is not None and (match["what"] in _COLUMNS or match["what"][0].isdigit())

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Steps of the contracts that are known."""
        file = _file_of(path, options)
        known = known_instrument(file.venue, file.symbol)
        return [known] if known else []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield canonical rows; aggregated trades become trades.

        Percentage bands of ``bookDepth`` are no book and become ``features``; ``metrics``
        become ``metric``, and their open interest also ``open_interest``.
        """
        file = _file_of(path, options)
        names = _COLUMNS[file.what]
        for chunk in read_table(path, options.log, names=names, chunk_rows=options.chunk_rows):
            chunk = _renamed(chunk, file.what, path)
            for kind, frame in _MAKERS[file.what](chunk, options.log):
                kind = f"bars_{_interval(file.interval, path)}" if kind == "bars" else kind
                yield Batch(file.venue, file.symbol, kind, frame)


def _file_of(path: Path, options: ImportOptions) -> _File:
    match = _NAME.match(path.name)
    if match is None:
        raise FormatError(
            "the name is none of Binance's archive", where=str(path),
            mend="keep the archive's name, for example BTCUSDT-aggTrades-2024-08-08.zip",
        )  # fmt: skip
    ticker, what = match["ticker"], match["what"]
    interval = what if what[0].isdigit() else ""
    what = "klines" if interval else what
    venue = options.venue or _venue_of(path, ticker, what, options.log)
    symbol = options.symbol or binance_symbol(ticker, venue)
    return _File(ticker, what, interval, venue, symbol)


def _venue_of(path: Path, ticker: str, what: str, log: ImportLog) -> str:
    folders = {p.lower() for p in path.parts}
    market = next((m for m in ("um", "cm", "spot") if m in folders), "")
    if market:
        return BINANCE_VENUES[market]
    if ticker.endswith("USD") or "USD_" in ticker:
        return "binancecoinm"
    if "_" in ticker or what in _FUTURES_ONLY or "base_qty" in columns_of(path):
        return "binanceusdm"
    columns = columns_of(path)
    futures = {"trades": 6, "aggTrades": 7}.get(what)
    if futures is not None:
        return "binanceusdm" if len(columns) == futures else "binance"
    log.note("neither folder nor columns tell spot from futures: taken as spot (--venue)")
    return "binance"


def _interval(text: str, path: Path) -> str:
    if text.endswith("mo"):
        raise FormatError("a month is no fixed length", where=str(path), mend="use 1d files")
    return text


def _renamed(chunk: pl.DataFrame, what: str, path: Path) -> pl.DataFrame:
    """Bring names that differ between markets to one spelling; check that all are there."""
    same = {"base_qty": "quote_qty", "base_volume": "quote_volume",
            "taker_buy_base_volume": "taker_buy_quote_volume"}  # fmt: skip
    frame = chunk.rename({c: same[c] for c in chunk.columns if c in same})
    needed = [c for c in _COLUMNS[what] if c not in ("is_best_match", "ignore", "quote_qty")]
    lacking = [c for c in needed if c not in frame.columns]
    if lacking:
        raise FormatError(
            f"{what} without {', '.join(lacking)}; there are {', '.join(frame.columns)}",
            where=str(path), mend="fetch the file again or import it with --map",
        )  # fmt: skip
    return frame


_Made = Iterator[tuple[str, pl.DataFrame]]


def _maker() -> pl.Expr:
    text = pl.col("is_buyer_maker").str.to_lowercase()
    return pl.when(text == "false").then(statement=True).when(text == "true").then(statement=False)


def _klines(rows: pl.DataFrame, log: ImportLog) -> _Made:
    # close_time is the last unit inside the bar (…999): the bar is known one unit later.
    raw = rows["close_time"].cast(pl.Int64, strict=False)
    frame = rows.with_columns(ts=to_ns(raw + 1, log))
    yield "bars", frame.select("ts", "_row", "open", "high", "low", "close", "volume")


def _trades(rows: pl.DataFrame, log: ImportLog) -> _Made:
    frame = rows.with_columns(ts=to_ns(rows["time"], log))
    yield "trades", frame.select("ts", "_row", "price", "qty", seq="id", taker_buy=_maker())


def _agg_trades(rows: pl.DataFrame, log: ImportLog) -> _Made:
    log.note("aggregated trades: fills of one taker order at one price are one trade")
    frame = rows.with_columns(ts=to_ns(rows["transact_time"], log))
    yield (
        "trades",
        frame.select("ts", "_row", "price", qty="quantity", seq="agg_trade_id", taker_buy=_maker()),
    )


def _book_ticker(rows: pl.DataFrame, log: ImportLog) -> _Made:
    ts = to_ns(rows["event_time"], log)
    frame = rows.with_columns(ts=ts, venue_ts=to_ns(rows["transaction_time"], log))
    yield "top", frame.select(
        "ts", "venue_ts", "_row", seq="update_id", bid_price="best_bid_price",
        bid_qty="best_bid_qty", ask_price="best_ask_price", ask_qty="best_ask_qty",
    )  # fmt: skip


def _book_depth(rows: pl.DataFrame, log: ImportLog) -> _Made:
    log.note("bookDepth holds totals inside percentage bands, not a book: stored as features")
    frame = rows.with_columns(ts=to_ns(rows["timestamp"], log))
    numbers = pl.col("percentage", "depth", "notional").cast(pl.Float64, strict=False)
    yield "features", frame.select("ts", "_row", numbers)


def _funding(rows: pl.DataFrame, log: ImportLog) -> _Made:
    frame = rows.with_columns(ts=to_ns(rows["calc_time"], log))
    yield "funding", frame.select("ts", "_row", rate="last_funding_rate")


def _metrics(rows: pl.DataFrame, log: ImportLog) -> _Made:
    ts = to_ns(rows["create_time"], log)
    frame = rows.with_columns(ts=ts).sort("ts", maintain_order=True)
    yield "open_interest", frame.select("ts", "_row", value="sum_open_interest")
    ratios = [c for c in _COLUMNS["metrics"] if c not in ("create_time", "symbol")]
    yield (
        "metric",
        frame.select("ts", "_row", *(pl.col(c).cast(pl.Float64, strict=False) for c in ratios)),
    )


def _liquidations(rows: pl.DataFrame, log: ImportLog) -> _Made:
    frame = rows.with_columns(ts=to_ns(rows["time"], log))
    yield "liquidations", frame.select(
        "ts", "_row", price="average_price", qty="accumulated_fill_quantity",
        buy=pl.col("side").str.to_uppercase() == "BUY",
    )  # fmt: skip


_MAKERS: dict[str, Callable[[pl.DataFrame, ImportLog], _Made]] = {
    "klines": _klines, "trades": _trades, "aggTrades": _agg_trades, "bookTicker": _book_ticker,
    "bookDepth": _book_depth, "fundingRate": _funding, "metrics": _metrics,
    "liquidationSnapshot": _liquidations,
}  # fmt: skip
