# SPDX-License-Identifier: MIT
"""Quotes and trades in one table, in order of time: what resilience and fills read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seawall.analytics.tables import ALIASES
from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

VENUE = {"venue_ts": 1, "trade_time_ms": 10**6, "event_time_ms": 10**6}
"""Columns with the venue's time, best first, and their unit in ns."""

BOOK = ("bid_px", "bid_qty", "ask_px", "ask_qty")


def merge_quotes_and_trades(
    trades: pl.DataFrame, quotes: pl.DataFrame, *, venue_clock: bool = False
) -> pl.DataFrame:
    """Rows of both: trades with the last quote before them, quotes with ``qty`` 0.

    Parameters
    ----------
    trades, quotes : polars.DataFrame
        Under the usual names; trades with ``side``, ``taker_buy`` or ``is_buyer_maker``.
    venue_clock : bool
        Order by the venue's time: a quote often arrives before the trade that made it.  What
        is found so is about the market, not about what one could have known.

    Returns
    -------
    polars.DataFrame
        Columns ts, bid_px, bid_qty, ask_px, ask_qty, mid, price, qty, side.  At one time
        the trades come first: they met the book that the quote then replaces.

    Raises
    ------
    FormatError
        When a column is missing.
    """
    import polars as pl

    ts = "venue_ts" if venue_clock else "ts"
    book = quotes.select(_find(quotes, ts), *(_find(quotes, n) for n in BOOK))
    prints = trades.select(
        _find(trades, ts), pl.col("price").cast(pl.Float64), _find(trades, "qty"), _side(trades)
    )
    rows = [
        prints.with_columns(_quote=pl.lit(0)),
        book.with_columns(
            price=0.5 * (pl.col("bid_px") + pl.col("ask_px")), qty=0.0, side=0.0, _quote=pl.lit(1)
        ),
    ]
    table = pl.concat(rows, how="diagonal").sort("ts", "_quote", maintain_order=True)
    table = table.with_columns(pl.col(BOOK).forward_fill()).drop_nulls("bid_px")
    mid = 0.5 * (pl.col("bid_px") + pl.col("ask_px"))
    return table.with_columns(mid=mid).select("ts", *BOOK, "mid", "price", "qty", "side")


def _find(table: pl.DataFrame, name: str) -> pl.Expr:
    import polars as pl

    if name == "venue_ts":
        for column, unit in VENUE.items():
            if column in table.columns and table[column].null_count() == 0:
                return (pl.col(column).cast(pl.Int64) * unit).alias("ts")
    for column in ALIASES.get(name, ()):
        if column in table.columns:
            kind = pl.Int64 if name == "ts" else pl.Float64
            return pl.col(column).cast(kind).alias(name)
    raise FormatError(
        f"the table lacks {name!r}", where=f"columns: {', '.join(table.columns[:12])}",
        mend=f"name it one of {', '.join(ALIASES.get(name, tuple(VENUE)))}",
    )  # fmt: skip


def _side(table: pl.DataFrame) -> pl.Expr:
    import polars as pl

    if "side" in table.columns:
        return pl.col("side").cast(pl.Float64)
    for column, bought in (("taker_buy", 1.0), ("is_buyer_maker", -1.0)):
        if column in table.columns:
            return pl.when(pl.col(column)).then(bought).otherwise(-bought).alias("side")
    raise FormatError("the trades have no side", mend="give side, taker_buy or is_buyer_maker")
