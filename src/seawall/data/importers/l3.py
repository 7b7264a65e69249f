# SPDX-License-Identifier: MIT
"""Order-level feeds (L3) of Bitstamp and Bitfinex, folded into price levels (L2).

Each order's change moves the total of a level; the totals are running sums of those moves in
units of 10^-8, as integers, so that a level whose orders are all gone is exactly empty.

What such a file cannot say stays unsaid: an order that rested before the first row is not in
the book until the first message that tells its remaining size, because knowing it earlier
would be knowing the future.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from seawall.data.importers.base import Batch, ImportOptions, columns_of, read_table
from seawall.data.importers.lob import ten_levels_to_depth
from seawall.model.instrument import Instrument, spot
from seawall.model.time import NS_PER_MS, NS_PER_US, parse_time_ns

_UNIT = 100_000_000
_SYMBOL = "BTC/USD"
_UNDATED_START = parse_time_ns("2001-01-01")
_BITSTAMP = {"id", "timestamp", "exchange.timestamp", "price", "volume", "action", "direction"}
_BITFINEX = {"seq", "is_snapshot", "order_id", "price", "amount"}
_TRADES = {"timestamp", "price", "amount", "id"}


def levels_from_orders(events: pl.DataFrame) -> pl.DataFrame:
    """Totals of price levels after each message, from changes of single orders.

    Parameters
    ----------
    events : polars.DataFrame
        In order of time: ``msg`` (message number), ``order``, ``is_bid``, ``price`` and
        ``units`` (remaining size of the order after the event, int64, 0 = gone).

    Returns
    -------
    polars.DataFrame
        ``msg``, ``is_bid``, ``price``, ``units`` (new total of the level): one row per
        level that the message changed.
    """
    before = events.with_columns(
        _n=pl.int_range(pl.len()),
        _price=pl.col("price").shift().over("order"),
        _units=pl.col("units").shift().over("order").fill_null(0),
        _bid=pl.col("is_bid").shift().over("order"),
    )
    away = before.filter(pl.col("_units") > 0).select(
        "_n", "msg", is_bid="_bid", price="_price", move=-pl.col("_units")
    )
    towards = before.filter(pl.col("units") > 0).select(
        "_n", "msg", "is_bid", "price", move="units"
    )
    moves = pl.concat([away, towards]).sort("_n", maintain_order=True)
    totals = moves.with_columns(units=pl.col("move").cum_sum().over("is_bid", "price"))
    return totals.unique(["msg", "is_bid", "price"], keep="last", maintain_order=True).select(
        "msg", "is_bid", "price", "units"
    )


class BitstampOrdersImporter:
    """Order events of Bitstamp as depth; also its trades and its own ten-level books."""

    name = "bitstamp-orders"

    def recognises(self, path: Path) -> bool:
        """Tell by the columns; trades and books also need the venue in the name."""
        columns = set(columns_of(path))
        if columns == _BITSTAMP:
            return True
        ours = path.name.lower().startswith("bitstamp_btcusd")
        return ours and (columns == _TRADES or "ask_price_10" in columns)

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """BTC/USD with the cent and the satoshi as steps."""
        return [spot(options.symbol or _SYMBOL, "0.01", "0.00000001", venue="bitstamp")]

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield canonical rows.

        The exchange's own ten-level books become ``features``; ``kind="depth"`` makes each
        a snapshot.  Trades carry no side: the taker's side is null, unknown.
        """
        columns = set(columns_of(path))
        frame = pl.concat(read_table(path, options.log, chunk_rows=options.chunk_rows))
        frame = frame.with_columns(ts=pl.col("timestamp") * NS_PER_MS)
        symbol = options.symbol or _SYMBOL
        if columns == _BITSTAMP:
            yield Batch("bitstamp", symbol, "depth", _bitstamp_depth(frame, options))
        elif columns == _TRADES:
            rows = frame.select("ts", "_row", "price", qty="amount", seq="id",
                                taker_buy=pl.lit(None, pl.Boolean))  # fmt: skip
            yield Batch("bitstamp", symbol, "trades", rows)
        elif options.kind == "depth":
            yield Batch("bitstamp", symbol, "depth", ten_levels_to_depth(frame))
        else:
            yield Batch("bitstamp", symbol, "features", frame.drop("timestamp", "_row"))


def _bitstamp_depth(frame: pl.DataFrame, options: ImportOptions) -> pl.DataFrame:
    events = frame.select(
        "_row", "ts", order="id", is_bid=pl.col("direction") == "bid", price="price",
        # A deletion tells what was left when it happened; nothing is left after it.
        units=pl.when(pl.col("action") == "deleted").then(0).otherwise(pl.col("volume")),
    )  # fmt: skip
    # Messages of one order overtake each other: a creation or change that comes after the
    # deletion is older than it, because order ids are never used twice.
    gone = (pl.col("units") == 0).cast(pl.Int32).cum_max().over("order").cast(pl.Boolean)
    late = events.select(gone & (pl.col("units") > 0)).to_series()
    options.log.note(f"{late.sum()} changes that came after the deletion of their order are void")
    events = events.filter(~late)
    resting = frame.unique("id", keep="first").filter(pl.col("action") != "created")
    options.log.note(
        f"{len(resting)} orders rested before the first row: they enter the book with their "
        "first change and are missing from it until then"
    )
    events = events.with_columns(msg=pl.int_range(pl.len()))
    return _depth_rows(levels_from_orders(events), events)


def _depth_rows(levels: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    at = events.unique("msg", keep="first", maintain_order=True).drop("is_bid", "price", "units")
    rows = levels.join(at, on="msg", how="left", maintain_order="left")
    shot = pl.col("is_snapshot") if "is_snapshot" in rows.columns else pl.lit(value=False)
    return rows.select(
        "_row", "ts", "is_bid", "price", seq="msg", is_snapshot=shot,
        venue_ts=pl.lit(None, pl.Int64), qty=pl.col("units") / _UNIT,
    )  # fmt: skip


class BitfinexOrdersImporter:
    """Raw book (R0) of Bitfinex without times, as depth on an invented clock."""

    name = "bitfinex-orders"

    def recognises(self, path: Path) -> bool:
        """Tell by the columns."""
        return set(columns_of(path)) == _BITFINEX

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """None: Bitfinex rounds prices to five significant digits, not to a tick."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield depth rows; message ``n`` gets the time 2001-01-01 plus ``n`` microseconds."""
        options.log.note(
            "the source has no times: message n is stamped 2001-01-01 plus n microseconds; "
            "the order is real, the times are not"
        )
        frame = pl.concat(read_table(path, options.log, chunk_rows=options.chunk_rows))
        events = frame.select(
            "_row", "is_snapshot", msg="seq", order="order_id",
            ts=_UNDATED_START + pl.col("seq") * NS_PER_US,
            is_bid=pl.col("amount") > 0, price="price",
            units=pl.when(pl.col("price") == 0).then(0)
            .otherwise((pl.col("amount").abs() * _UNIT).round().cast(pl.Int64)),
        )  # fmt: skip
        rows = _depth_rows(levels_from_orders(events), events)
        yield Batch(options.venue or "bitfinex", options.symbol or _SYMBOL, "depth", rows)
