# SPDX-License-Identifier: MIT
"""freqtrade's data folder: ``BTC_USDT-1h.feather``, ``.json`` and ``.json.gz``.

Futures files are ``BTC_USDT_USDT-1h-futures.feather``; candles are stamped with their open
and trades files (``BTC_USDT-trades.feather``) hold timestamp, id, type, side, price, amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seawall.data.importers.bars import closed, venue_in
from seawall.data.importers.base import ROW, Batch, ImportOptions, bars_kind, to_ns
from seawall.data.importing.files import read_table
from seawall.data.importing.json import load_json
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument
from seawall.model.time import parse_duration_ns

_NAME = re.compile(
    r"^(?P<pair>[A-Z0-9]+(?:_[A-Z0-9]+){1,2})-(?P<frame>\d+[smhdwM]|trades)"
    r"(?P<futures>-futures)?\.(?:feather|parquet|json|json\.gz)$"
)
_CANDLE = ("date", "open", "high", "low", "close", "volume")
_TRADE = ("timestamp", "id", "type", "side", "price", "amount", "cost")


class FreqtradeImporter:
    """Reads candles and trades as freqtrade stores them."""

    name = "freqtrade"

    def recognises(self, path: Path) -> bool:
        """Tell by the name: pair, timeframe, format."""
        return _NAME.match(path.name) is not None

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Return nothing: the files do not describe their instruments."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield the file in one batch, or in chunks for feather and Parquet."""
        match = _NAME.match(path.name)
        if match is None:
            raise FormatError("not a name of freqtrade's", where=str(path),
                              mend="rename it, for example BTC_USDT-1h.feather")  # fmt: skip
        symbol = options.symbol or _symbol(match["pair"])
        # freqtrade keeps one folder per exchange.
        venue = options.venue or venue_in(path.parent.name) or venue_in(path.parent.parent.name)
        if not venue:
            venue = "unknown"
            options.log.note("no folder names the exchange: stored as 'unknown' (--venue)")
        for chunk in _chunks(path, options, match["frame"] == "trades"):
            if match["frame"] == "trades":
                yield Batch(venue, symbol, "trades", _trades(chunk, options))
            else:
                length = parse_duration_ns(match["frame"])
                ts = to_ns(chunk["date"], options.log, unit=options.time_unit)
                rows = chunk.with_columns(ts=ts).drop("date")
                yield Batch(venue, symbol, bars_kind(length), closed(rows, length, options))


def _symbol(pair: str) -> str:
    base, quote, *settle = pair.split("_")
    return f"{base}/{quote}:{settle[0]}" if settle else f"{base}/{quote}"


def _chunks(path: Path, options: ImportOptions, trades: bool) -> Iterator[pl.DataFrame]:
    if ".json" not in path.suffixes:
        yield from read_table(path, options.log, chunk_rows=options.chunk_rows)
        return
    rows = load_json(path, list[list[object]])
    names = _TRADE if trades else _CANDLE
    yield pl.DataFrame(
        rows, schema=list(names), orient="row", strict=False, infer_schema_length=None
    ).with_columns(pl.int_range(len(rows), dtype=pl.Int64).alias(ROW))


def _trades(chunk: pl.DataFrame, options: ImportOptions) -> pl.DataFrame:
    return chunk.select(
        to_ns(chunk["timestamp"], options.log, unit=options.time_unit).alias("ts"),
        pl.col("id").cast(pl.String).cast(pl.Int64, strict=False).alias("seq"),
        pl.col("price"),
        pl.col("amount").alias("qty"),
        (pl.col("side") == "buy").alias("taker_buy"),
        ROW,
    )
