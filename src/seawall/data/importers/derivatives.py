# SPDX-License-Identifier: MIT
"""Funding histories of several venues, Coinglass series, tables of liquidations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seawall.data.importers.base import (
    Batch,
    ImportOptions,
    ccxt_symbol,
    columns_of,
    read_table,
    to_ns,
)
from seawall.model.instrument import Instrument
from seawall.model.time import NS_PER_HOUR, NS_PER_MIN, NS_PER_MS

_FUNDING = {"exchange", "symbol", "time_utc", "funding_rate"}
_COINGLASS = {"timestamp", "funding_close", "oi_close", "cvd_close", "price_close"}
_LIQUIDATIONS = {"timestamp", "longUsd", "shortUsd", "totalUsd"}

_VENUES = {
    "binance": "binanceusdm", "bybit": "bybit", "dydx": "dydx", "gate": "gate", "htx": "htx",
    "huobi": "htx", "kucoin": "kucoinfutures", "mexc": "mexc", "okx": "okx",
}  # fmt: skip


class FundingImporter:
    """Settled funding rates, one row per venue, contract and settlement."""

    name = "funding-history"

    def recognises(self, path: Path) -> bool:
        """Tell by the columns."""
        return set(columns_of(path)) == _FUNDING

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """None: a rate tells no steps."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield one batch per venue and contract; a rate holds for one interval."""
        for chunk in read_table(path, options.log, chunk_rows=options.chunk_rows):
            ts = to_ns(chunk["time_utc"], options.log, unit=options.time_unit)
            rows = chunk.with_columns(ts=ts, rate=pl.col("funding_rate"))
            groups = rows.partition_by(["exchange", "symbol"], as_dict=True, maintain_order=True)
            for (exchange, ticker), part in groups.items():
                venue = _VENUES.get(str(exchange).lower(), str(exchange).lower())
                symbol = ccxt_symbol(str(ticker), settle="quote")
                yield Batch(venue, symbol, "funding", part.select("ts", "_row", "rate"))


class CoinglassImporter:
    """Coinglass: price, funding, open interest and volume delta; or liquidations per hour.

    Both are aggregates over an interval whose begin is the time given, so they are known
    only at its end: that is their ``ts``.
    """

    name = "coinglass"

    def recognises(self, path: Path) -> bool:
        """Tell by the columns."""
        columns = set(columns_of(path))
        return columns >= _COINGLASS or columns >= _LIQUIDATIONS

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """None: aggregates tell no steps."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield bars without volume, open interest (USD) and all columns as metrics."""
        # Series of one kind share their columns: the two layouts are stored apart.
        symbol = options.symbol or "BTC/USDT:USDT"
        frame = pl.concat(read_table(path, options.log, chunk_rows=options.chunk_rows))
        if "longUsd" in frame.columns:
            options.log.note("hourly aggregate of many venues: stored as metric, known at the end")
            rows = frame.with_columns(ts=pl.col("timestamp") * NS_PER_MS + NS_PER_HOUR)
            yield Batch("coinglass", "LIQUIDATIONS/BTC", "metric", _free(rows))
            return
        venue = options.venue or "binanceusdm"
        rows = frame.with_columns(ts=pl.col("timestamp") * NS_PER_MS + 5 * NS_PER_MIN)
        options.log.note("open interest is in USD; a value is known at the end of its 5 minutes")
        yield Batch(venue, symbol, "open_interest", rows.select("ts", "_row", value="oi_close"))
        yield Batch("coinglass", symbol, "metric", _free(rows))


def _free(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("ts", pl.exclude("ts", "timestamp", "datetime_utc"))
