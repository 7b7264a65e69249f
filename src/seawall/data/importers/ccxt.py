# SPDX-License-Identifier: MIT
"""Dumps of ccxt's ``fetch_ohlcv`` and ``fetch_trades`` as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from seawall.data.importers.bars import bar_length, closed, one_symbol, venue_in
from seawall.data.importers.base import ROW, Batch, ImportOptions, bars_kind, to_ns
from seawall.data.importing.json import load_json
from seawall.model.errors import FormatError
from seawall.model.instrument import Instrument

_OHLCV = ("ts", "open", "high", "low", "close", "volume")


class CcxtImporter:
    """Reads a JSON list of ``[ms, open, high, low, close, volume]`` or of unified trades.

    Candles are stamped with their open; the symbol of trades is in each of them, that of
    candles in the options or in the name of the file.
    """

    name = "ccxt"

    def recognises(self, path: Path) -> bool:
        """Tell by the first bytes: a list of lists of numbers, or of trades."""
        if not path.name.lower().endswith((".json", ".json.gz")):
            return False
        rows = load_json(path, Any)
        if not isinstance(rows, list) or not rows:
            return False
        first = rows[0]
        return _is_candle(first) or _is_trade(first)

    def instruments(self, path: Path, options: ImportOptions) -> list[Instrument]:
        """Return nothing: ccxt describes instruments in its markets, not in candles."""
        return []

    def read(self, path: Path, options: ImportOptions) -> Iterator[Batch]:
        """Yield one batch per symbol.

        Raises
        ------
        FormatError
            When the file is neither, or a row has another shape.
        """
        rows = load_json(path, list[Any])
        if not rows:
            raise FormatError("the list is empty", where=str(path), mend="fetch the data again")
        venue = options.venue or venue_in(path.name) or "unknown"
        if _is_candle(rows[0]):
            yield from _candles(rows, venue, path, options)
        elif _is_trade(rows[0]):
            yield from _trades(rows, venue, path, options)
        else:
            raise FormatError("neither candles nor trades of ccxt", where=str(path))


def _is_candle(row: object) -> bool:
    return isinstance(row, list) and len(row) == 6 and isinstance(row[0], int)


def _is_trade(row: object) -> bool:
    return isinstance(row, dict) and {"timestamp", "price", "amount"} <= row.keys()


def _candles(rows: list[Any], venue: str, path: Path, options: ImportOptions) -> Iterator[Batch]:
    keep = []
    for n, row in enumerate(rows):
        if _is_candle(row):
            keep.append((n, *row))
        else:
            options.log.refuse(str(path), n, "no candle of six numbers", repr(row))
    schema = {ROW: pl.Int64, "ts": pl.Int64} | dict.fromkeys(_OHLCV[1:], pl.Float64)
    frame = pl.DataFrame(keep, schema=schema, orient="row", strict=False)
    frame = frame.with_columns(to_ns(frame["ts"], options.log, unit=options.time_unit))
    length = bar_length(frame, options, str(path))
    symbol = one_symbol(path, options)
    yield Batch(venue, symbol, bars_kind(length), closed(frame, length, options))


def _trades(rows: list[Any], venue: str, path: Path, options: ImportOptions) -> Iterator[Batch]:
    by_symbol: dict[str, list[tuple[Any, ...]]] = {}
    for n, row in enumerate(rows):
        if not _is_trade(row):
            options.log.refuse(str(path), n, "no trade of ccxt", repr(row))
            continue
        side = row.get("side")
        taker_buy = None if side not in ("buy", "sell") else side == "buy"
        symbol = str(row.get("symbol") or "") or one_symbol(path, options)
        cells = (
            n,
            row["timestamp"],
            _number(row.get("id")),
            row["price"],
            row["amount"],
            taker_buy,
        )
        by_symbol.setdefault(options.symbol or symbol, []).append(cells)
    schema = {ROW: pl.Int64, "ts": pl.Int64, "seq": pl.Int64, "price": pl.Float64,
              "qty": pl.Float64, "taker_buy": pl.Boolean}  # fmt: skip
    for symbol, cells_of in by_symbol.items():
        frame = pl.DataFrame(cells_of, schema=schema, orient="row", strict=False)
        ts = to_ns(frame["ts"], options.log, unit=options.time_unit)
        frame = frame.with_columns(ts)
        if ts.is_sorted() and (frame["seq"] >= 0).all():
            # ccxt orders the trades of one millisecond by their ids as text: 10 before 9.
            frame = frame.sort("ts", "seq")
        yield Batch(venue, symbol, "trades", frame)


def _number(identity: object) -> int:
    """Trade id as a number; ids that are none (UUIDs) count as unknown."""
    try:
        return int(str(identity))
    except ValueError:
        return -1
