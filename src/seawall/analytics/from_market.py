# SPDX-License-Identifier: MIT
"""Tables for analytics out of a market's events and bars, recorded or simulated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation.rows import LEVELS as LEVELS_KEPT
from seawall.analytics.manipulation.rows import Rows, rows_of, streams_of
from seawall.model.errors import ResearchError
from seawall.model.events import BarField, EventFlag, EventKind
from seawall.model.instrument import Instrument
from seawall.model.market import Market

if TYPE_CHECKING:
    import polars as pl

BAR_INPUTS: Final = frozenset(
    (
        "open",
        "high",
        "low",
        "close",
        "volume",
        "turnover",
        "signed_volume",
        "value",
        "returns",
        "buys",
        "sells",
    )
)
"""Inputs that are read off bars."""

TRADE_INPUTS: Final = frozenset(("price", "qty", "side", "order_px"))
LEVELS: Final = {"bid_pxs": "bid_price", "bid_qtys": "bid_qty", "ask_pxs": "ask_price",
                 "ask_qtys": "ask_qty"}  # fmt: skip
Column = npt.NDArray[Any]


def instrument_of(market: Market, symbol: str = "", venue: str = "") -> Instrument:
    """First instrument of a market that has this symbol and venue; empty fits all.

    Raises
    ------
    ResearchError
        When there is none.
    """
    for one in market.instruments:
        if symbol in ("", one.symbol) and venue in ("", one.venue):
            return one
    held = ", ".join(f"{i.symbol} at {i.venue}" for i in market.instruments)
    raise ResearchError(
        f"there is no {symbol or 'instrument'} at {venue or 'any venue'}",
        where="market",
        mend=f"it holds {held}",
    )


def table_of(
    market: Market, instrument: Instrument, inputs: Sequence[str], *, bar_s: float = 1.0,
    levels: int = LEVELS_KEPT,
) -> pl.DataFrame:  # fmt: skip
    """Rows in order of time that an analytic with these inputs reads.

    Bars where it reads bars: those of the market, else made of its trades.  Else one row per
    trade, per message of the book, or per both, with the quotes known at the time; ``mid`` is
    that before the row for a trade.

    Parameters
    ----------
    market : Market
        Where the events are.
    instrument : Instrument
        Whose.
    inputs : sequence of str
        Names from ``spec.INPUTS``.
    bar_s : float
        Length of a bar that is made of trades, seconds.
    levels : int
        Levels of the book on each side; where there are fewer, sizes of zero.

    Raises
    ------
    ResearchError
        When the market has neither what is read nor what it can be made of.
    """
    if BAR_INPUTS & set(inputs):
        bars = None if "buys" in inputs else _bars(market, instrument)
        return bars if bars is not None else bars_of(_events(market, instrument, ()), bar_s)
    if {"duration", "order_px"} & set(inputs):
        from seawall.analytics.from_orders import orders_table, waits_table

        both = _events(market, instrument, ("bid_px", "price"))
        return waits_table(both) if "duration" in inputs else orders_table(market, instrument, both)
    return _events(market, instrument, inputs, levels)


def _bars(market: Market, instrument: Instrument) -> pl.DataFrame | None:
    import polars as pl

    mine = np.isin(market.bars[BarField.STREAM], streams_of(market, instrument))
    if not mine.any():
        return None
    rows = np.asarray(market.bars)[:, mine]
    tick, lot = float(instrument.tick), float(instrument.lot)
    columns: dict[str, Column] = {"ts": rows[BarField.TS]}
    for name in ("open", "high", "low", "close"):
        columns[name] = rows[BarField[name.upper()]] * tick
    columns["volume"] = rows[BarField.VOLUME] * lot
    return pl.DataFrame(columns)


def _events(
    market: Market, instrument: Instrument, inputs: Sequence[str], levels: int = LEVELS_KEPT
) -> pl.DataFrame:
    import polars as pl

    wanted = set(inputs)
    try:
        rows = rows_of(market, instrument, levels)
    except ResearchError:
        return _trades(market, instrument)
    columns = _flat(rows)
    mid = 0.5 * (columns["bid_price"] + columns["ask_price"])
    is_trade = columns["qty"] > 0.0
    columns["mid"] = np.where(is_trade, np.concatenate((mid[:1], mid[:-1])), mid)
    quoted = bool({n for n in wanted if n.startswith(("bid_", "ask_"))}) or "changes" in wanted
    traded = bool(TRADE_INPUTS & wanted) or not quoted
    keep = np.full(mid.size, True) if quoted and traded else (is_trade if traded else ~is_trade)
    return pl.DataFrame({name: values[keep] for name, values in columns.items()})


def _flat(rows: Rows) -> dict[str, Column]:
    """Columns with one per level."""
    got = rows.columns
    columns: dict[str, Column] = {n: got[n] for n in ("ts", "sent", "price", "qty", "side",
                                                      "changes")}  # fmt: skip
    for name, column in (("bid_px", "bid_price"), ("bid_qty", "bid_qty"), ("ask_px", "ask_price"),
                         ("ask_qty", "ask_qty")):  # fmt: skip
        columns[column] = got[name]
    for name, prefix in LEVELS.items():
        columns |= {f"{prefix}_{k + 1}": got[name][:, k] for k in range(got[name].shape[1])}
    return columns


def _trades(market: Market, instrument: Instrument) -> pl.DataFrame:
    import polars as pl

    events = market.events
    events = events[np.isin(events["stream"], streams_of(market, instrument))]
    events = events[events["kind"] == EventKind.TRADE]
    if not events.size:
        raise ResearchError(
            f"no trades, quotes or bars of {instrument.symbol}",
            where=instrument.venue,
            mend="`seawall data list` shows what there is",
        )
    bought = (events["flags"] & int(EventFlag.BUY)) > 0
    return pl.DataFrame({
        "ts": events["ts"], "sent": events["ts"] - events["lag_us"].astype(np.int64) * 1_000,
        "price": events["px"] * float(instrument.tick),
        "qty": events["qty"] * float(instrument.lot), "side": np.where(bought, 1.0, -1.0),
    })  # fmt: skip


def bars_of(trades: pl.DataFrame, seconds: float) -> pl.DataFrame:
    """Bars of equal length made of trades; a length without a trade has no bar.

    Parameters
    ----------
    trades : polars.DataFrame
        With ``ts`` (ns), ``price``, ``qty`` and ``side`` (+1, -1), and ``mid`` where known.
    seconds : float
        Length; ``ts`` of a bar is its close.

    Raises
    ------
    ResearchError
        When the length is not above 0.
    """
    import polars as pl

    step = int(seconds * 1e9)
    if step <= 0:
        raise ResearchError(f"bars of {seconds:g} s", where="bars", mend="give seconds above 0")
    price, qty = pl.col("price"), pl.col("qty")
    extra = [pl.col("mid").last()] if "mid" in trades.columns else []
    return (
        trades.filter(qty > 0.0)
        .group_by((pl.col("ts") // step + 1) * step, maintain_order=True)
        .agg(
            price.first().alias("open"), price.max().alias("high"), price.min().alias("low"),
            price.last().alias("close"), qty.sum().alias("volume"),
            (qty * price).sum().alias("turnover"),
            (qty * pl.col("side")).sum().alias("signed_volume"),
            (pl.col("side") > 0.0).sum().alias("buys"),
            (pl.col("side") < 0.0).sum().alias("sells"), *extra,
        )
        .sort("ts")
    )  # fmt: skip
