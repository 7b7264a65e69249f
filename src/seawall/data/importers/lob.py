# SPDX-License-Identifier: MIT
"""Recorded Binance streams as Parquet tables: depth, trades, book ticker, mark price, books.

One file per stream, named ``binance_<market>_<ticker>_<yyyymmdd>_<stream>.parquet``, with
the receiver's clock in ``local_ts_ns`` and the exchange's in ``event_time_ms``.

A diff stream is no book before a snapshot comes.  The snapshot stands in a file beside it:
``<stem>_book_at_start.parquet`` (the book carried over from the day before) or the REST
answer inside the raw recording ``<stem>.raw.gz``; the depth importer puts it in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from seawall.data.importers.base import Batch, ImportOptions, read_table
from seawall.data.importers.binance_snapshot import (
    Snapshot,
    after_snapshot,
    book_beside,
    find_snapshot,
)
from seawall.data.importers.known import BINANCE_VENUES, binance_symbol, known_instrument
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument
from seawall.model.time import NS_PER_MS, parse_time_ns

_NAME = re.compile(
    r"^(?P<stem>binance_(?P<market>spot|usdm|cm)_(?P<ticker>[a-z0-9]+(?:_perp|_\d{6})?)"
    r"_(?P<date>\d{8}))_(?P<stream>depth|trades|bookticker|markprice|lob10_100ms|book_at_start)"
    r"\.parquet$"
)


@dataclass(frozen=True, slots=True)
class _Name:
    """What a file's name says."""

    stem: str
    venue: str
    symbol: str
    date: str
    stream: str


def _parse(path: Path) -> _Name | None:
    match = _NAME.match(path.name.lower())
    if match is None:
        return None
    venue = BINANCE_VENUES[match["market"]]
    symbol = binance_symbol(match["ticker"], venue)
    return _Name(match["stem"], venue, symbol, match["date"], match["stream"])


class LobImporter:
    """Parquet tables of recorded Binance streams."""

    name = "binance-lob"

    def recognises(self, path: Path) -> bool:
        """Tell by the name."""
        return _parse(path) is not None

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Steps as Binance publishes them, for the contracts that are known."""
        name = _named(path)
        venue, symbol = options.venue or name.venue, options.symbol or name.symbol
        known = known_instrument(venue, symbol)
        return [known] if known else []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield canonical rows.

        Sampled books (``lob10_100ms``) become ``features``, because a sample is no event
        and ten levels are no book to apply diffs to; ``kind="depth"`` makes each sample a
        ten-level snapshot instead.
        """
        name = _named(path)
        venue, symbol = options.venue or name.venue, options.symbol or name.symbol
        if name.stream == "book_at_start":
            venue, symbol = "reference", f"{name.stem.upper().replace('_', '-')}-BOOK/NONE"
        kinds = _STREAMS[name.stream]
        if name.stream == "lob10_100ms" and options.kind == "depth":
            kinds = (("depth", _sampled_depth),)
        for kind, frames in kinds:
            chunks = read_table(path, options.log, chunk_rows=options.chunk_rows)
            for frame in frames(chunks, path, name, options):
                if len(frame):
                    yield Batch(venue, symbol, kind, frame)


def _named(path: Path) -> _Name:
    name = _parse(path)
    if name is None:
        raise FormatError(
            "the name does not say which stream this is", where=str(path),
            mend="name it binance_<spot|usdm|cm>_<ticker>_<yyyymmdd>_<stream>.parquet",
        )  # fmt: skip
    return name


def _times(venue_column: str = "event_time_ms") -> tuple[pl.Expr, pl.Expr]:
    return (
        pl.col("local_ts_ns").alias("ts"),
        (pl.col(venue_column).cast(pl.Int64) * NS_PER_MS).alias("venue_ts"),
    )


_Chunks = Iterator[pl.DataFrame]


def _depth(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    snapshot: Snapshot | None = None
    for number, chunk in enumerate(chunks):
        frame = chunk.select(
            *_times(), "_row", "is_bid", "price", "qty",
            first_seq="first_update_id", seq="final_update_id",
            prev_seq=pl.col("prev_final_update_id").cast(pl.Int64),
            is_snapshot=pl.lit(value=False),
        )  # fmt: skip
        if number == 0:
            snapshot = _snapshot_beside(path, name, int(frame["ts"][0]), options)
            if snapshot is not None:
                yield snapshot.frame().with_columns(_row=pl.lit(-1, pl.Int64))
        yield frame if snapshot is None else after_snapshot(frame, snapshot, options.log)


def _snapshot_beside(
    path: Path, name: _Name, first_ts: int, options: ImportOptions
) -> Snapshot | None:
    book = book_beside((path.parent,), name.stem, first_ts - 1, options.log)
    if book is not None:
        return book
    for raw in (path.with_name(f"{name.stem}.raw.gz"), path.parent / "raw" / f"{name.stem}.raw.gz"):
        snapshot = find_snapshot(raw) if raw.is_file() else None
        if snapshot is not None:
            options.log.note(f"the book snapshot comes from {raw.name}")
            return snapshot
    options.log.note(
        "no book snapshot in or beside this file: the book is incomplete until every level "
        "has changed once"
    )
    return None


def _trades(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    for chunk in chunks:
        if "order_type" in chunk.columns:
            kinds = chunk["order_type"].drop_nulls().value_counts()
            for kind, count in kinds.filter(pl.col("order_type") != "MARKET").rows():
                options.log.note(f"{count} trades of order type {kind} are kept")
        yield chunk.select(
            *_times("trade_time_ms"), "_row", "price", "qty", seq="trade_id",
            taker_buy=~pl.col("is_buyer_maker"),
        )  # fmt: skip


def _top(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    for chunk in chunks:
        # Spot sends no event time: the venue's time stays null, that is, unknown.
        yield chunk.select(
            *_times(), "_row", "bid_price", "bid_qty", "ask_price", "ask_qty", seq="update_id"
        )


def _mark(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    for chunk in chunks:
        yield chunk.select(*_times(), "_row", "mark_price", "index_price", "funding_rate")


def _settled(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    """Funding that was settled: the last rate before the next funding time moved on."""
    last: pl.DataFrame | None = None
    for chunk in chunks:
        rows = chunk if last is None else pl.concat([last, chunk])
        last = rows.tail(1)
        moved = pl.col("next_funding_time_ms") > pl.col("next_funding_time_ms").shift()
        yield (
            rows.select("_row", moved, ts="local_ts_ns", rate=pl.col("funding_rate").shift())
            .filter("next_funding_time_ms")
            .drop("next_funding_time_ms")
        )


def _sampled(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    for chunk in chunks:
        yield chunk.select(*_times(), pl.exclude("local_ts_ns", "event_time_ms"))


def _sampled_depth(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    for chunk in chunks:
        yield ten_levels_to_depth(chunk.with_columns(*_times()))


def ten_levels_to_depth(frame: pl.DataFrame) -> pl.DataFrame:
    """Depth rows of books in wide form (``bid_price_1`` … ``ask_qty_10``), each a snapshot.

    Parameters
    ----------
    frame : polars.DataFrame
        With ``ts``, optionally ``venue_ts``, and the levels; null levels are left out.
    """
    if "venue_ts" not in frame.columns:
        frame = frame.with_columns(venue_ts=pl.lit(None, pl.Int64))
    parts = []
    for side, is_bid in (("bid", True), ("ask", False)):
        names = [c for c in frame.columns if c.startswith(f"{side}_price_")]
        parts += [
            frame.select(
                "ts", "venue_ts", _at=pl.int_range(pl.len()), is_snapshot=pl.lit(value=True),
                is_bid=pl.lit(value=is_bid), price=f"{side}_price_{level}",
                qty=f"{side}_qty_{level}",
            )
            for level in sorted(int(n.rsplit("_", 1)[1]) for n in names)
        ]  # fmt: skip
    rows = pl.concat(parts).drop_nulls(["price", "qty"]).sort("_at", maintain_order=True)
    return rows.drop("_at")


def _start(chunks: _Chunks, path: Path, name: _Name, options: ImportOptions) -> _Chunks:
    midnight = parse_time_ns(f"{name.date[:4]}-{name.date[4:6]}-{name.date[6:]}")
    options.log.note(
        "a book without a time: stored as a table at midnight; the depth file beside it "
        "brings it in as its snapshot"
    )
    for chunk in chunks:
        yield chunk.select(pl.lit(midnight, pl.Int64).alias("ts"), pl.all())


_STREAMS = {
    "depth": (("depth", _depth),),
    "trades": (("trades", _trades),),
    "bookticker": (("top", _top),),
    "markprice": (("mark", _mark), ("funding", _settled)),
    "lob10_100ms": (("features", _sampled),),
    "book_at_start": (("features", _start),),
}
