# SPDX-License-Identifier: MIT
"""Canonical frames to event records: decimals become ticks and lots, once, here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.data.feed.sequence import broken_links, message_starts, messages_of, stale_messages
from seawall.model.errors import CatalogueError
from seawall.model.events import (
    MARK_FP_BITS,
    RATE_SCALE,
    BookState,
    EventFlag,
    EventKind,
    Events,
    empty_events,
)
from seawall.model.instrument import Instrument
from seawall.model.market import INFORMATION
from seawall.model.time import NS_PER_US

_INT32 = 2**31 - 1
_UINT32 = 2**32 - 1
_BUY = np.uint8(EventFlag.BUY)
_LAST = np.uint8(EventFlag.LAST)
_FIRST = np.uint8(EventFlag.FIRST)


def ticks_of(price: npt.NDArray[np.float64], instrument: Instrument) -> npt.NDArray[np.int64]:
    """Nearest ticks of prices.

    Raises
    ------
    CatalogueError
        When a price does not fit int32 ticks.
    """
    # Division by a decimal tick below one is inexact; its inverse is a whole number.
    tick = instrument.tick
    ticks = np.rint(price * float(1 / tick) if tick < 1 else price / float(tick)).astype(np.int64)
    if ticks.size and int(ticks.max()) > _INT32:
        raise CatalogueError(
            f"price {float(np.max(price))} is {int(ticks.max())} ticks of {tick}, more than int32",
            where=f"{instrument.venue} {instrument.symbol}",
            mend="import with a coarser --tick",
        )
    return ticks


def lots_of(quantity: npt.NDArray[np.float64], instrument: Instrument) -> npt.NDArray[np.int64]:
    """Nearest lots of quantities; what is positive stays at least one lot."""
    lot = instrument.lot
    lots = np.rint(quantity * float(1 / lot) if lot < 1 else quantity / float(lot)).astype(np.int64)
    return np.where((quantity > 0) & (lots == 0), 1, lots)


def events_of(
    frame: pl.DataFrame, kind: str, instrument: Instrument, stream: int, clock_offset_ns: int = 0
) -> Events:
    """Turn the rows of one series into event records.

    Parameters
    ----------
    frame : polars.DataFrame
        Canonical rows in order of time.
    kind : str
        A kind with prices: see :data:`REPLAYED`; metrics and news have functions of
        their own.
    instrument : Instrument
        Gives tick and lot.
    stream : int
        Number of the stream.
    clock_offset_ns : int
        Receiver minus venue clock, ns; added to venue times.

    Returns
    -------
    Events
        In order of time; records of one message stay together.
    """
    out = _CONVERT[kind](frame, instrument, clock_offset_ns)
    out["stream"] = stream
    return out


def _head(frame: pl.DataFrame, offset_ns: int) -> Events:
    """Make records with time, lag and sequence number filled in."""
    out = empty_events(len(frame))
    ts = frame["ts"].to_numpy()
    out["ts"] = ts
    if "venue_ts" in frame.columns:
        venue = frame["venue_ts"].fill_null(0).to_numpy()
        lag = (ts - venue - offset_ns) // NS_PER_US
        out["lag_us"] = np.where(venue > 0, np.clip(lag, 0, _UINT32), 0)
    if "seq" in frame.columns:
        # Modulo 2**32; unknown (-1) becomes 0.
        out["seq"] = np.maximum(frame["seq"].to_numpy(), 0) & _UINT32
    out["flags"] = EventFlag.LAST
    return out


def _trades(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    out = _head(frame, offset_ns)
    out["kind"] = EventKind.TRADE
    out["px"] = ticks_of(frame["price"].to_numpy(), instrument)
    out["qty"] = lots_of(frame["qty"].to_numpy(), instrument)
    out["flags"] |= _sides(frame).astype(np.uint8) * _BUY
    return out


def _sides(frame: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Taker bought; where the source does not say, the tick rule does.

    A trade above the last different price counts as bought, below it as sold (Lee and
    Ready, 1991, without quotes); before the first change it counts as sold.
    """
    if not frame["taker_buy"].null_count():
        return frame["taker_buy"].to_numpy()
    sign = pl.col("price").diff().sign()
    rule = pl.when(sign != 0).then(sign > 0).forward_fill().fill_null(value=False)
    return frame.select(pl.col("taker_buy").fill_null(rule)).to_series().to_numpy()


def _depth(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    messages = messages_of(frame)
    starts = message_starts(frame)
    lengths = np.diff(np.append(starts, len(frame)))
    stale = stale_messages(messages)
    if stale.any():
        frame = frame.filter(pl.Series(np.repeat(~stale, lengths)))
        starts, messages = message_starts(frame), messages_of(frame)
    out = _head(frame, offset_ns)
    shot = frame["is_snapshot"].to_numpy()
    out["kind"] = np.where(shot, EventKind.SNAPSHOT, EventKind.DELTA)
    out["px"] = ticks_of(frame["price"].to_numpy(), instrument)
    out["qty"] = lots_of(frame["qty"].to_numpy(), instrument)
    flags = frame["is_bid"].to_numpy().astype(np.uint8) * _BUY
    flags[np.append(starts[1:], len(frame)) - 1] |= _LAST
    flags[starts] |= shot[starts].astype(np.uint8) * _FIRST
    out["flags"] = flags
    return _with_gaps(out, starts[np.flatnonzero(broken_links(messages))])


def _with_gaps(events: Events, before: npt.NDArray[np.int64]) -> Events:
    """Put a record that declares the book gapped in front of the messages named."""
    if not before.size:
        return events
    status = events[before].copy()
    status["kind"] = EventKind.STATUS
    status["px"] = BookState.GAPPED
    status["qty"] = 0
    status["flags"] = EventFlag.LAST
    return np.insert(events, before, status)


def _top(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    out = np.repeat(_head(frame, offset_ns), 2)
    out["kind"] = EventKind.TOP
    for side, name, flags in ((0, "bid", EventFlag.BUY), (1, "ask", EventFlag.LAST)):
        out["px"][side::2] = ticks_of(frame[f"{name}_price"].to_numpy(), instrument)
        out["qty"][side::2] = lots_of(frame[f"{name}_qty"].to_numpy(), instrument)
        out["flags"][side::2] = flags
    return out


def _mark(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    out = np.repeat(_head(frame, offset_ns), 2)
    index = frame["index_price"].fill_null(float("nan")).to_numpy()
    for side, kind in ((0, EventKind.MARK), (1, EventKind.INDEX)):
        price = index if side else frame["mark_price"].to_numpy()
        scaled = np.nan_to_num(price) / float(instrument.tick) * 2**MARK_FP_BITS
        out["kind"][side::2] = kind
        out["qty"][side::2] = np.rint(scaled).astype(np.int64)
    known = np.isfinite(index) & (index > 0)
    out["flags"][0::2] = np.where(known, 0, EventFlag.LAST)
    keep = np.ones(len(out), bool)
    keep[1::2] = known
    return out[keep]


def _funding(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    out = _head(frame, offset_ns)
    out["kind"] = EventKind.FUNDING
    out["qty"] = np.rint(frame["rate"].to_numpy() * RATE_SCALE).astype(np.int64)
    return out


def _open_interest(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    out = _head(frame, offset_ns)
    out["kind"] = EventKind.OPEN_INTEREST
    out["qty"] = lots_of(frame["value"].to_numpy(), instrument)
    return out


def _liquidations(frame: pl.DataFrame, instrument: Instrument, offset_ns: int) -> Events:
    out = _head(frame, offset_ns)
    out["kind"] = EventKind.LIQUIDATION
    out["px"] = ticks_of(frame["price"].to_numpy(), instrument)
    out["qty"] = lots_of(frame["qty"].to_numpy(), instrument)
    out["flags"] |= frame["buy"].to_numpy().astype(np.uint8) * _BUY
    return out


_CONVERT: dict[str, Callable[[pl.DataFrame, Instrument, int], Events]] = {
    "depth": _depth,
    "funding": _funding,
    "liquidations": _liquidations,
    "mark": _mark,
    "open_interest": _open_interest,
    "top": _top,
    "trades": _trades,
}

REPLAYED = (*_CONVERT, *INFORMATION)
"""Kinds that become events; bars travel apart."""
