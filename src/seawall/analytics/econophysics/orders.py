# SPDX-License-Identifier: MIT
"""Columns of single orders out of level-3 events, and an approximation out of level-2 changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seawall.model.errors import FormatError

if TYPE_CHECKING:
    import polars as pl

OrderColumns = dict[str, npt.NDArray[Any]]
"""``ts``, ``order_side``, ``action``, ``order_px``, ``order_qty``, ``bid_px``, ``ask_px``."""


def _with_bests(orders: pl.DataFrame, quotes: pl.DataFrame) -> OrderColumns:
    import polars as pl

    for name in ("ts", "bid_px", "ask_px"):
        if name not in quotes.columns:
            raise FormatError(
                f"the quotes have no column {name!r}", mend="give ts, bid_px and ask_px"
            )
    # Backward and exact: bests as they stand once the order is there.
    joined = orders.sort("ts").join_asof(
        quotes.select("ts", "bid_px", "ask_px").sort("ts"), on="ts", strategy="backward"
    )
    known = joined.filter(pl.col("bid_px").is_not_null() & pl.col("ask_px").is_not_null())
    names = ("ts", "order_side", "action", "order_px", "order_qty", "bid_px", "ask_px")
    out: OrderColumns = {n: known[n].cast(pl.Float64).to_numpy() for n in names[1:]}
    return {"ts": known["ts"].to_numpy().astype(np.int64), **out}


def orders_of_events(events: pl.DataFrame, quotes: pl.DataFrame) -> OrderColumns:
    """Orders that came or were cancelled, out of level-3 events; fills are neither.

    Parameters
    ----------
    events : polars.DataFrame
        ``ts`` in ns, ``buy`` (whether the order buys), ``created`` (else it was deleted), ``px``,
        ``qty`` (at creation, or what was left at deletion: 0 means that it was filled).
    quotes : polars.DataFrame
        ``ts``, ``bid_px``, ``ask_px``.

    Raises
    ------
    FormatError
        When a column is missing.
    """
    import polars as pl

    for name in ("ts", "buy", "created", "px", "qty"):
        if name not in events.columns:
            raise FormatError(
                f"the events have no column {name!r}", mend="give ts, buy, created, px and qty"
            )
    return _with_bests(
        events.filter(pl.col("qty") > 0.0).select(
            "ts",
            pl.when("buy").then(1.0).otherwise(-1.0).alias("order_side"),
            pl.when("created").then(1.0).otherwise(-1.0).alias("action"),
            pl.col("px").alias("order_px"),
            pl.col("qty").alias("order_qty"),
        ),
        quotes,
    )


def orders_of_changes(
    changes: pl.DataFrame, quotes: pl.DataFrame, trades: pl.DataFrame | None = None
) -> OrderColumns:
    """Orders as far as level-2 changes show them: an approximation, to be labelled as such.

    A level that grows counts as one order submitted, one that shrinks as one cancelled, less what
    trades took there between the change before and this one.  The first change of a level only
    tells its size.

    Parameters
    ----------
    changes : polars.DataFrame
        ``ts`` in ns, ``is_bid``, ``px`` and ``qty``, the new size of the level.
    quotes : polars.DataFrame
        ``ts``, ``bid_px``, ``ask_px``.
    trades : polars.DataFrame, optional
        ``ts``, ``px``, ``qty`` and ``buyer_maker`` (whether the resting order bought).

    Raises
    ------
    FormatError
        When a column is missing.
    """
    import polars as pl

    for name in ("ts", "is_bid", "px", "qty"):
        if name not in changes.columns:
            raise FormatError(
                f"the changes have no column {name!r}", mend="give ts, is_bid, px and qty"
            )
    level = ["is_bid", "px"]
    rows = changes.sort("ts", maintain_order=True).with_columns(
        (pl.col("qty") - pl.col("qty").shift(1).over(level)).alias("change")
    )
    if trades is not None:
        taken = trades.sort("ts").select(
            "ts", "px", pl.col("buyer_maker").alias("is_bid"),
            pl.col("qty").cum_sum().over(["buyer_maker", "px"]).alias("taken"),
        )  # fmt: skip
        rows = rows.join_asof(taken, on="ts", by=level, check_sortedness=False).with_columns(
            pl.col("taken").fill_null(0.0)
        )
        since = pl.col("taken") - pl.col("taken").shift(1).over(level).fill_null(0.0)
        rows = rows.with_columns((pl.col("change") + since).alias("change"))
    rows = rows.drop_nulls("change").filter(pl.col("change").abs() > 1e-12)
    return _with_bests(
        rows.select(
            "ts",
            pl.when("is_bid").then(1.0).otherwise(-1.0).alias("order_side"),
            pl.when(pl.col("change") > 0.0).then(1.0).otherwise(-1.0).alias("action"),
            pl.col("px").alias("order_px"),
            pl.col("change").abs().alias("order_qty"),
        ),
        quotes,
    )
