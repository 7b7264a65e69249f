# SPDX-License-Identifier: MIT
"""Tardis downloads: CSV, CSV.gz or the same columns as Parquet.

Columns as documented by Tardis; ``timestamp`` is the exchange's and ``local_timestamp`` the
receiver's time, both in microseconds.  Rows of one book message share the local timestamp.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
from seawall.data.importers.known import binance_symbol, known_instrument
from seawall.data.importers.lob import ten_levels_to_depth
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument

_HEAD = {"exchange", "symbol", "timestamp", "local_timestamp"}
_VENUES = {
    "binance": "binance", "binance-us": "binanceus", "binance-futures": "binanceusdm",
    "binance-delivery": "binancecoinm", "bybit-spot": "bybit", "okex": "okx", "okex-swap": "okx",
    "okex-futures": "okx", "huobi": "htx", "huobi-dm-swap": "htx",
    "huobi-dm-linear-swap": "htx", "gate-io": "gate", "gate-io-futures": "gate",
    "kraken": "kraken", "cryptofacilities": "krakenfutures", "bitfinex-derivatives": "bitfinex",
    "coinbase": "coinbase", "kucoin-futures": "kucoinfutures",
}  # fmt: skip
_DERIBIT_MONTH = re.compile(r"^(\w+)-(\d{1,2})([A-Z]{3})(\d\d)(?:-(\d+)-([CP]))?$")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


class TardisImporter:
    """Files of Tardis, told by their columns."""

    name = "tardis"

    def recognises(self, path: Path) -> bool:
        """Tell by the four columns every file of Tardis begins with."""
        columns = set(columns_of(path))
        return columns >= _HEAD and _layout_of(path, columns) is not None

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Steps of the contracts that are known."""
        first = next(read_table(path, options.log, chunk_rows=1_000), None)
        if first is None or first.is_empty():
            return []
        found = first.select("exchange", "symbol").unique(maintain_order=True).rows()
        known = [known_instrument(*_where(str(e), str(s))) for e, s in found]
        return [one for one in known if one is not None]

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield one batch per instrument and chunk.

        Raises
        ------
        FormatError
            When the columns fit none of the documented layouts.
        """
        columns = set(columns_of(path))
        kinds = _layout_of(path, columns)
        if kinds is None:
            raise FormatError(
                f"columns {', '.join(sorted(columns - _HEAD))} are no layout of Tardis",
                where=str(path), mend="import it as a generic table with --map",
            )  # fmt: skip
        for chunk in read_table(path, options.log, chunk_rows=options.chunk_rows):
            rows = chunk.with_columns(
                ts=to_ns(chunk["local_timestamp"], options.log, unit="us"),
                venue_ts=to_ns(chunk["timestamp"], options.log, unit="us"),
            )
            groups = rows.partition_by(["exchange", "symbol"], as_dict=True, maintain_order=True)
            for (exchange, ticker), part in groups.items():
                venue, symbol = _where(str(exchange), str(ticker))
                for kind, make in kinds:
                    frame = make(part)
                    if len(frame):
                        yield Batch(options.venue or venue, options.symbol or symbol, kind, frame)


def _where(exchange: str, ticker: str) -> tuple[str, str]:
    """Venue and symbol in ccxt's spelling of Tardis' exchange and instrument."""
    venue = _VENUES.get(exchange, exchange)
    name = ticker.upper()
    if venue.startswith("binance"):
        return venue, binance_symbol(name, venue)
    if venue == "deribit":
        return venue, deribit_symbol(name)
    if exchange.endswith(("-swap", "-futures")) or venue in ("bitmex", "bybit") or "PERP" in name:
        name = re.sub(r"[-_]?(SWAP|PERPETUAL|PERP)$", "", name).replace("XBT", "BTC")
        symbol = ccxt_symbol(name)
        inverse = symbol.endswith("/USD") and exchange != "bybit-spot"
        if exchange == "bybit-spot":
            return venue, symbol
        return venue, ccxt_symbol(name, settle="base" if inverse else "quote")
    try:
        return venue, ccxt_symbol(name)
    except FormatError:
        return venue, f"{name}/USD"


def deribit_symbol(name: str) -> str:
    """Symbol in the ccxt form of an instrument name of Deribit.

    >>> deribit_symbol("BTC-30JUL21-24000-P")
    'BTC/USD:BTC-210730-24000-P'
    """
    dated = _DERIBIT_MONTH.match(name)
    if dated is None:
        base, _, quote = name.removesuffix("-PERPETUAL").partition("_")
        return f"{base}/{quote}:{quote}" if quote else f"{base}/USD:{base}"
    base, day, month, year, strike, right = dated.groups()
    date = f"{year}{_MONTHS.index(month) + 1:02d}{int(day):02d}"
    tail = f"-{strike}-{right}" if strike else ""
    return f"{base}/USD:{base}-{date}{tail}"


_Make = Callable[[pl.DataFrame], pl.DataFrame]
_Kinds = tuple[tuple[str, _Make], ...]
_TIMES = ("ts", "venue_ts", "_row")


def _trades(part: pl.DataFrame) -> pl.DataFrame:
    return part.select(
        *_TIMES, "price", seq=pl.col("id").cast(pl.Int64, strict=False), qty="amount",
        taker_buy=_is_buy(),
    )  # fmt: skip


def _is_buy() -> pl.Expr:
    side = pl.col("side")
    return pl.when(side == "buy").then(statement=True).when(side == "sell").then(statement=False)


def _liquidations(part: pl.DataFrame) -> pl.DataFrame:
    # "buy" bought back a short position, "sell" sold a long one: the side of the forced order.
    return part.select(*_TIMES, "price", qty="amount", buy=_is_buy())


def _depth(part: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("is_snapshot").cast(pl.String).str.to_lowercase()
    return part.select(*_TIMES, "price", is_snapshot=text == "true",
                       is_bid=pl.col("side") == "bid", qty="amount")  # fmt: skip


def _quotes(part: pl.DataFrame) -> pl.DataFrame:
    return part.select(*_TIMES, "bid_price", "ask_price", bid_qty="bid_amount",
                       ask_qty="ask_amount")  # fmt: skip


def _mark(part: pl.DataFrame) -> pl.DataFrame:
    rows = part.select(*_TIMES, "mark_price", "index_price", "funding_rate")
    return rows.filter(pl.col("mark_price").is_not_null())


def _interest(part: pl.DataFrame) -> pl.DataFrame:
    rows = part.select("ts", "_row", value=pl.col("open_interest").cast(pl.Float64, strict=False))
    moved = rows["value"].ne_missing(rows["value"].shift())
    return rows.filter(moved & rows["value"].is_not_null())


def _chain(part: pl.DataFrame) -> pl.DataFrame:
    words = ("exchange", "symbol", "type", "underlying_index")
    expiry = pl.col("expiration").cast(pl.Int64, strict=False) * 1_000
    others = (*words, *_TIMES, "timestamp", "local_timestamp", "expiration")
    numbers = [c for c in part.columns if c not in others]
    return part.select(
        *_TIMES, *words, expiry.alias("expiry_ts"),
        *(pl.col(c).cast(pl.Float64, strict=False) for c in numbers),
    )  # fmt: skip


def _book_snapshots(part: pl.DataFrame) -> pl.DataFrame:
    renamed = {}
    for column in part.columns:
        level = re.match(r"(ask|bid)s\[(\d+)\]\.(price|amount)$", column)
        if level is not None:
            what = "qty" if level[3] == "amount" else "price"
            renamed[column] = f"{level[1]}_{what}_{int(level[2]) + 1}"
    return ten_levels_to_depth(part.rename(renamed))


def _layout_of(path: Path, columns: set[str]) -> _Kinds | None:
    """Kinds that a file's rows become; liquidations have the columns of trades."""
    rest = columns - _HEAD
    for marks, kinds in _LAYOUTS:
        if marks <= rest:
            forced = kinds[0][0] == "trades" and "liquidations" in path.name.lower()
            return (("liquidations", _liquidations),) if forced else kinds
    return None


_LAYOUTS: tuple[tuple[set[str], _Kinds], ...] = (
    ({"is_snapshot", "side", "price", "amount"}, (("depth", _depth),)),
    ({"asks[0].price", "bids[0].price"}, (("depth", _book_snapshots),)),
    ({"strike_price", "expiration", "mark_iv"}, (("options", _chain),)),
    ({"funding_rate", "mark_price", "index_price"}, (("mark", _mark),
                                                     ("open_interest", _interest))),
    ({"bid_price", "ask_price", "bid_amount", "ask_amount"}, (("top", _quotes),)),
    ({"id", "side", "price", "amount"}, (("trades", _trades),)),
)  # fmt: skip
