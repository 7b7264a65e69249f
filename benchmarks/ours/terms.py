# SPDX-License-Identifier: MIT
"""The terms of the contract in this engine's words: instruments, markets, settings, fills."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from arrays import fills_array
from contract import FEE_RATE, LATENCY_NS, LOT, START_CASH, TICK
from seawall.engine.outcome import Outcome
from seawall.engine.settings import (
    AccountSettings,
    EngineSettings,
    FillSettings,
    LatencySettings,
)
from seawall.model.events import BarField, EventFlag, EventKind, Stream, empty_bars, empty_events
from seawall.model.instrument import FeeTier, Instrument, perpetual, spot
from seawall.model.market import Market

BAR_TICK, BAR_LOT = "0.01", "0.001"
UNIT_LOTS = 1_000
MINUTE_NS = 60_000_000_000
KIND_TRADE = 1
SYMBOL, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"


def bar_instrument() -> Instrument:
    """A spot pair with the contract's fee for makers and takers."""
    fee = Decimal(str(FEE_RATE))
    return replace(spot(SYMBOL, BAR_TICK, BAR_LOT), fees=(FeeTier(fee, fee),))


def bar_settings() -> EngineSettings:
    """Whole fills at the next open, nothing but the fee on top."""
    return EngineSettings(
        latency=LatencySettings(0, 0),
        fills=FillSettings(slippage=Decimal(0), volume_cap=Decimal(0)),
        account=AccountSettings(deposits=(("USDT", Decimal(int(START_CASH))),)),
    )


def bar_market(bars: dict[str, np.ndarray]) -> Market:
    """The bars as integer ticks and lots, stamped at their close."""
    columns = empty_bars(len(bars["close"]))
    columns[BarField.TS] = np.asarray(bars["ts_ns"]) + MINUTE_NS
    prices = (BarField.OPEN, BarField.HIGH, BarField.LOW, BarField.CLOSE)
    for field, name in zip(prices, ("open", "high", "low", "close"), strict=True):
        columns[field] = np.rint(np.asarray(bars[name]) / float(BAR_TICK))
    columns[BarField.VOLUME] = np.rint(np.asarray(bars["volume"]) / float(BAR_LOT))
    return Market((bar_instrument(),), (Stream("sim", SYMBOL, "bars_1m"),), bars=columns)


def bar_fills(outcome: Outcome, bars: dict[str, np.ndarray]) -> np.ndarray:
    """Bar index, price and signed units of every fill."""
    fills = outcome.fills
    where = (fills["ts"] - int(bars["ts_ns"][0])) // MINUTE_NS
    px = np.round(fills["px"] * float(BAR_TICK), 2)
    return fills_array(where, px, fills["side"] * fills["qty"] / UNIT_LOTS)


def book_instrument() -> Instrument:
    """A linear perpetual without fees."""
    free = FeeTier(Decimal(0), Decimal(0))
    return replace(perpetual(PERPETUAL, str(TICK), str(LOT), venue="sim"), fees=(free,))


def book_settings(queue: str, queue_power: int = 3) -> EngineSettings:
    """Constant latency each way; nothing that only this engine models."""
    return EngineSettings(
        latency=LatencySettings(LATENCY_NS, LATENCY_NS),
        fills=FillSettings(
            queue=queue,  # type: ignore[arg-type]
            queue_power=queue_power,
            impact=Decimal(0),
            consumed_half_ns=0,
        ),
        account=AccountSettings(deposits=(("USDT", Decimal(int(START_CASH))),)),
    )


def book_market(book: dict[str, np.ndarray]) -> Market:
    """Every row one message, except the snapshot, which is one."""
    is_trade = book["kind"] == KIND_TRADE
    n_snapshot = int(book["n_snapshot"])
    events = empty_events(len(is_trade))
    events["ts"] = book["ts_ns"]
    events["qty"] = book["qty_lots"]
    events["px"] = book["px_ticks"]
    events["stream"] = is_trade
    events["kind"] = np.where(is_trade, int(EventKind.TRADE), int(EventKind.DELTA))
    events["flags"] = np.where(book["is_bid"] == 1, int(EventFlag.BUY), 0) | int(EventFlag.LAST)
    events["kind"][:n_snapshot] = int(EventKind.SNAPSHOT)
    events["flags"][: n_snapshot - 1] &= ~np.uint8(EventFlag.LAST)
    if n_snapshot:
        events["flags"][0] |= int(EventFlag.FIRST)
    streams = (Stream("sim", PERPETUAL, "depth"), Stream("sim", PERPETUAL, "trades"))
    return Market((book_instrument(),), streams, events=events)


def book_fills(outcome: Outcome) -> np.ndarray:
    """Time at the venue, price and signed lots of every fill, in the order of time."""
    fills = outcome.fills
    signed = fills["side"] * fills["qty"]
    order = np.lexsort((signed, fills["ts"]))
    return fills_array(fills["ts"][order], np.round(fills["px"] * TICK, 1)[order], signed[order])
