# SPDX-License-Identifier: MIT
"""The input's book rows as nautilus_trader deltas and trades."""

from __future__ import annotations

from nautilus_trader.model.data import OrderBookDelta, TradeTick
from nautilus_trader.model.enums import AggressorSide, BookAction, OrderSide, RecordFlag
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import FIXED_SCALAR
from venue import INSTRUMENT_ID

PRICE_PRECISION, SIZE_PRECISION = 1, 3
PRICE_RAW = int(FIXED_SCALAR) // 10**PRICE_PRECISION
SIZE_RAW = int(FIXED_SCALAR) // 10**SIZE_PRECISION
KIND_TRADE = 1


def data_of(book, rows=None) -> list[OrderBookDelta | TradeTick]:
    """The first `rows` rows, or all, in the order of the file."""
    names = ("ts_ns", "kind", "is_bid", "px_ticks", "qty_lots")
    n_snapshot = int(book["n_snapshot"])
    data: list[OrderBookDelta | TradeTick] = []
    columns = [book[name][:rows].tolist() for name in names]
    for row, (ts, kind, flag, ticks, lots) in enumerate(zip(*columns, strict=True)):
        px_raw, qty_raw = ticks * PRICE_RAW, lots * SIZE_RAW
        if kind == KIND_TRADE:
            aggressor = AggressorSide.BUYER if flag else AggressorSide.SELLER
            data.append(
                TradeTick.from_raw(
                    INSTRUMENT_ID,
                    px_raw,
                    PRICE_PRECISION,
                    qty_raw,
                    SIZE_PRECISION,
                    aggressor,
                    TradeId(str(row)),
                    ts,
                    ts,
                )
            )
            continue
        side = OrderSide.BUY if flag else OrderSide.SELL
        action = BookAction.UPDATE if lots else BookAction.DELETE
        flags = RecordFlag.F_LAST
        if row < n_snapshot:
            action = BookAction.ADD
            flags = RecordFlag.F_LAST if row == n_snapshot - 1 else RecordFlag.F_SNAPSHOT
        data.append(
            OrderBookDelta.from_raw(
                INSTRUMENT_ID,
                action,
                side,
                px_raw,
                PRICE_PRECISION,
                qty_raw,
                SIZE_PRECISION,
                0,
                flags,
                row,
                ts,
                ts,
            )
        )
    return data
