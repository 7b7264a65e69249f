# SPDX-License-Identifier: MIT
"""Tables of bars: one symbol or many in long format, whatever their columns are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seawall.data.importers.base import (
    ROW,
    Batch,
    ImportOptions,
    bars_kind,
    ccxt_symbol,
    columns_of,
    read_table,
    split_ticker,
    to_ns,
)
from seawall.data.importing.symbols import QUOTES
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument
from seawall.model.time import parse_duration_ns

OHLC = ("open", "high", "low", "close")
_TIMES = ("ts", "open_time", "date", "timestamp", "datetime", "time", "unix")
_SYMBOLS = ("symbol", "ticker", "pair", "instrument", "market")
_VOLUMES = ("volume", "volume_base", "base_volume", "vol", "amount")
VENUES = (
    "binance", "binanceusdm", "binancecoinm", "bitstamp", "upbit", "yahoo", "kraken", "coinbase",
    "bybit", "okx", "kucoin", "gate", "bitfinex", "huobi", "htx", "mexc", "deribit", "ftx",
)  # fmt: skip


class BarsImporter:
    """Reads CSV, Parquet and feather with open, high, low, close, a volume and a time.

    Venue, quote currency and, for a file of one symbol, the symbol are taken from the
    words of the file's name where the options do not give them.
    """

    name = "bars"

    def recognises(self, path: Path) -> bool:
        """Tell whether the columns are those of bars."""
        return _columns(columns_of(path)) is not None

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Return nothing: such files do not describe their instruments."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield one batch per symbol and chunk.

        Raises
        ------
        FormatError
            When the symbol or the length of a bar cannot be told.
        """
        found = _columns(columns_of(path))
        if found is None:
            raise FormatError(
                "no table of bars: open, high, low, close, volume and a time are needed",
                where=str(path), mend="name the columns: --kind bars_1h --map open=<column> ...",
            )  # fmt: skip
        venue = options.venue or venue_in(path.name)
        if not venue:
            venue = "unknown"
            options.log.note("the file does not name a venue: stored as 'unknown' (--venue)")
        length = 0
        symbols: dict[str, str] = {}
        for chunk in read_table(path, options.log, chunk_rows=options.chunk_rows):
            rows = _renamed(chunk, found, options)
            if not length:
                length = bar_length(rows, options, str(path))
            if "ticker" in rows.columns:
                symbols |= _symbols(rows["ticker"], symbols, path, options)
                groups = rows.partition_by("ticker", as_dict=True, maintain_order=True)
                parts = [(symbols[str(key[0])], part) for key, part in groups.items()]
            else:
                parts = [(one_symbol(path, options), rows)]
            for symbol, part in parts:
                yield Batch(venue, symbol, bars_kind(length), closed(part, length, options))


def closed(rows: pl.DataFrame, length_ns: int, options: ImportOptions) -> pl.DataFrame:
    """Move stamps from the open of the bar to its close, unless they are closes already."""
    shift = 0 if options.bars_closed else length_ns
    return rows.with_columns(ts=pl.col("ts") + shift).drop("ticker", strict=False)


def bar_length(rows: pl.DataFrame, options: ImportOptions, where: str) -> int:
    """Length of a bar, ns: the option, or the commonest difference of times.

    Raises
    ------
    FormatError
        When there are not two times to compare.
    """
    if options.interval:
        return parse_duration_ns(options.interval)
    over = ["ticker"] if "ticker" in rows.columns else []
    step = pl.col("ts").diff().over(over) if over else pl.col("ts").diff()
    steps = rows.select(step.alias("d")).filter(pl.col("d") > 0)["d"]
    if steps.is_empty():
        raise FormatError("one bar only: its length is unknown", where=where,
                          mend="give --interval, for example 1h")  # fmt: skip
    counts = steps.value_counts().sort(["count", "d"], descending=[True, False])
    return int(counts["d"][0])


def venue_in(name: str) -> str:
    """Venue that a file's name mentions, empty when none."""
    words = re.split(r"[^a-z0-9]+", name.lower())
    return next((w for w in words if w in VENUES), "")


def _columns(columns: tuple[str, ...]) -> dict[str, str] | None:
    """Source column of each canonical one, none when this is no table of bars."""
    lower = {c.lower(): c for c in reversed(columns)}
    found = {name: lower[name] for name in OHLC if name in lower}
    for name, choices in (("ts", _TIMES), ("volume", _VOLUMES), ("ticker", _SYMBOLS)):
        match = next((lower[c] for c in choices if c in lower), None)
        if match is not None:
            found[name] = match
    return found if {*OHLC, "ts", "volume"} <= set(found) else None


def _renamed(chunk: pl.DataFrame, found: dict[str, str], options: ImportOptions) -> pl.DataFrame:
    ts = to_ns(chunk[found["ts"]], options.log, unit=options.time_unit)
    columns = [pl.col(found[n]).cast(pl.Float64, strict=False).alias(n) for n in (*OHLC, "volume")]
    if "ticker" in found:
        columns.append(pl.col(found["ticker"]).cast(pl.String).alias("ticker"))
    return chunk.select(*columns, ROW).with_columns(ts=ts)


def _symbols(
    tickers: pl.Series, known: dict[str, str], path: Path, options: ImportOptions
) -> dict[str, str]:
    """Symbol of each ticker.

    When the file's name has a quote currency and not every ticker ends in it, tickers are
    bare coins: WBTC in a file of USD prices is WBTC/USD and not W/BTC.
    """
    names = [str(t) for t in tickers.unique(maintain_order=True) if t not in known]
    if options.symbol and len(names) + len(known) == 1:
        return {names[0]: options.symbol} if names else {}
    quote = _quote_in(path.name)
    bare = bool(quote) and not all(n.upper().endswith(quote) for n in names)
    plain = [n for n in names if bare and "/" not in n and "-" not in n]
    made = {n: f"{n.upper()}/{quote}" for n in plain}
    return made | {n: ccxt_symbol(n) for n in names if n not in made}


def _quote_in(name: str) -> str:
    words = re.split(r"[^A-Z0-9]+", name.upper())
    return next((w for w in words if w in QUOTES and w not in ("BTC", "ETH", "BNB")), "")


def one_symbol(path: Path, options: ImportOptions) -> str:
    """Symbol of a file of one symbol: the option, or the words of its name.

    Raises
    ------
    FormatError
        When no word of the name is a ticker.
    """
    if options.symbol:
        return options.symbol
    words = re.split(r"[^A-Z0-9]+", path.name.upper())
    if "PERP" in words and (at := words.index("PERP")):
        symbol = f"{words[at - 1]}/USD:USD"
        options.log.note(f"perpetual of unstated settlement: taken as {symbol} (--symbol)")
        return symbol
    for word in words:
        try:
            base, quote = split_ticker(word)
        except FormatError:
            continue
        return f"{base}/{quote}"
    raise FormatError(
        "the file does not say which symbol it holds", where=str(path),
        mend="give --symbol BASE/QUOTE",
    )  # fmt: skip
