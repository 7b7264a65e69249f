# SPDX-License-Identifier: MIT
"""A stage for the engine: market records by hand, orders at chosen moments.

Time is counted in milliseconds from ``T0``; prices are ticks and quantities lots, and
the instruments that :func:`coin` makes have a tick and a lot of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from seawall.engine import layout as L
from seawall.engine.outcome import Outcome
from seawall.engine.run import Engine
from seawall.engine.settings import (
    AccountSettings,
    EngineSettings,
    FillSettings,
    LatencySettings,
)
from seawall.engine.strategy import FillNote, OrderNote, Strategy
from seawall.model.events import MARK_FP_BITS, EventFlag, EventKind, Stream, empty_events
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind, MarginTier
from seawall.model.market import Market
from seawall.model.order import OrderState, RejectReason, Side

MS = 1_000_000
T0 = 1_700_000_000_000 * MS

NO_FEES = (FeeTier(Decimal(0), Decimal(0)),)
ROOMY = (MarginTier(Decimal("1e12"), Decimal("0.05"), Decimal("0.005")),)

PLAIN = EngineSettings(
    latency=LatencySettings(0, 0),
    fills=FillSettings(slippage=Decimal(0), impact=Decimal(0), volume_cap=Decimal(0)),
    account=AccountSettings(deposits=(("USDT", Decimal(1_000_000)),)),
    stale_ns=0,
    equity_every_ns=0,
)
"""No latency, no slippage, no impact, no staleness, a million of balance."""


def with_fills(base: EngineSettings = PLAIN, **changes: Any) -> EngineSettings:
    """Settings with other fill settings."""
    return replace(base, fills=replace(base.fills, **changes))


def with_account(base: EngineSettings = PLAIN, **changes: Any) -> EngineSettings:
    """Settings with other account settings."""
    return replace(base, account=replace(base.account, **changes))


def with_latency(entry_ms: float, response_ms: float) -> EngineSettings:
    """Plain settings with constant latencies, ms."""
    return replace(PLAIN, latency=LatencySettings(int(entry_ms * MS), int(response_ms * MS)))


def coin(
    kind: InstrumentKind = InstrumentKind.LINEAR,
    symbol: str = "",
    tick: str = "1",
    lot: str = "1",
    **terms: Any,
) -> Instrument:
    """Instrument without fees; a derivative has a twentieth initial margin."""
    names = {
        InstrumentKind.SPOT: "BTC/USDT",
        InstrumentKind.LINEAR: "BTC/USDT:USDT",
        InstrumentKind.INVERSE: "BTC/USD:BTC",
    }
    terms.setdefault("fees", NO_FEES)
    if kind is not InstrumentKind.SPOT:
        terms.setdefault("margin_tiers", ROOMY)
    return Instrument(symbol or names[kind], "sim", kind, Decimal(tick), Decimal(lot), **terms)


def event(
    ms: float, kind: EventKind, px: int = 0, qty: int = 0, *, stream: int = 0, flags: int = 2,
    lag_ms: float = 0,
) -> np.void:  # fmt: skip
    """One record; a whole message unless told otherwise."""
    out = empty_events(1)
    lag = int(lag_ms * 1000)
    out[0] = (T0 + int(ms * MS), qty, px, lag, stream, int(kind), flags, 0)
    row: np.void = out[0]
    return row


def records(rows: Iterable[np.void]) -> np.ndarray:
    """Array of records."""
    rows = list(rows)
    out = empty_events(len(rows))
    for k, row in enumerate(rows):
        out[k] = row
    return out


def snapshot(
    ms: float, bids: Mapping[int, int], asks: Mapping[int, int], *, stream: int = 0,
    lag_ms: float = 0,
) -> list[np.void]:  # fmt: skip
    """Records of a whole book."""
    levels = [(px, q, 1) for px, q in bids.items()] + [(px, q, 0) for px, q in asks.items()]
    out = []
    for k, (px, qty, bid) in enumerate(levels):
        flags = bid | (EventFlag.FIRST if k == 0 else 0)
        flags |= EventFlag.LAST if k == len(levels) - 1 else 0
        out.append(
            event(ms, EventKind.SNAPSHOT, px, qty, stream=stream, flags=int(flags), lag_ms=lag_ms)
        )
    return out


def delta(
    ms: float, side: Side, px: int, qty: int, *, stream: int = 0, last: bool = True,
    lag_ms: float = 0,
) -> np.void:  # fmt: skip
    """A level now holds so many lots."""
    flags = (1 if side is Side.BUY else 0) | (2 if last else 0)
    return event(ms, EventKind.DELTA, px, qty, stream=stream, flags=flags, lag_ms=lag_ms)


def trade(
    ms: float, px: int, qty: int, *, buys: bool, stream: int = 0, lag_ms: float = 0
) -> np.void:
    """A trade; ``buys`` says that the taker bought."""
    flags = 2 | int(buys)
    return event(ms, EventKind.TRADE, px, qty, stream=stream, flags=flags, lag_ms=lag_ms)


class Listener(Strategy):
    """Does nothing and remembers what it is told."""

    def __init__(self) -> None:
        self.fills: list[FillNote] = []
        self.notes: list[OrderNote] = []

    def on_fill(self, fill: FillNote) -> None:
        self.fills.append(fill)

    def on_order(self, note: OrderNote) -> None:
        self.notes.append(note)


@dataclass
class Ended:
    """One row of the order log, readable."""

    state: OrderState
    reason: RejectReason
    filled: int
    qty: int
    px: int
    ended_ms: float


class Stage:
    """An engine whose market and orders the test writes down moment by moment."""

    def __init__(
        self,
        *instruments: Instrument,
        feeds: tuple[str, ...] = ("depth",),
        settings: EngineSettings = PLAIN,
    ) -> None:
        self.instruments = instruments or (coin(),)
        streams = tuple(Stream(i.venue, i.symbol, feed) for i in self.instruments for feed in feeds)
        self.listener = Listener()
        self.engine = Engine(Market(self.instruments, streams), self.listener, settings)

    def play(self, *rows: np.void | list[np.void]) -> Stage:
        """Feed records, one message after the other."""
        flat = [r for row in rows for r in (row if isinstance(row, list) else [row])]
        self.engine.feed(records(flat))
        return self

    def wait(self, ms: float) -> Stage:
        """Let the time pass up to a moment, without market records."""
        self.engine.feed(None, until=T0 + int(ms * MS))
        return self

    def buy(self, qty: float, **terms: Any) -> int:
        """Send a buy order."""
        return self.engine.send(Side.BUY, qty, **terms)

    def sell(self, qty: float, **terms: Any) -> int:
        """Send a sell order."""
        return self.engine.send(Side.SELL, qty, **terms)

    def ended(self) -> dict[int, Ended]:
        """Finish; the order log by order number (1, 2, ...)."""
        rows = self.engine.finish().orders
        return {
            int(r["id"]): Ended(
                OrderState(int(r["state"])), RejectReason(int(r["reason"])), int(r["filled"]),
                int(r["qty"]), int(r["px"]), (int(r["end_ts"]) - T0) / MS,
            )
            for r in rows
        }  # fmt: skip

    def fills(self) -> list[tuple[int, int, int, int]]:
        """Finish; (side, lots, price, maker) of every fill."""
        rows = self.engine.finish().fills
        return [(int(r["side"]), int(r["qty"]), int(r["px"]), int(r["maker"])) for r in rows]

    def outcome(self) -> Outcome:
        """Finish the run."""
        return self.engine.finish()

    def ledger(self, ccy: int = 0) -> dict[str, int]:
        """A currency's row, money units."""
        w = self.engine.world
        row = int(w[L.O_CCY]) + ccy * L.CCY_COLS
        names = ("cash", "deposit", "trade", "realized", "fees", "funding", "interest")
        out = {name: int(w[row + k]) for k, name in enumerate(names)}
        out["insurance"] = int(w[row + L.C_INSURANCE])
        return out

    def cell(self, column: int, inst: int = 0) -> int:
        """A word of an instrument's row."""
        w = self.engine.world
        return int(w[int(w[L.O_INST]) + inst * L.INST_COLS + column])

    @property
    def position(self) -> int:
        """Lots held at the venue."""
        return self.cell(L.I_POS)

    @property
    def scale(self) -> int:
        """Money units per unit of currency."""
        return int(10**self.engine.collector.decimals)


def conserved(row: Mapping[str, int]) -> bool:
    """Whether every unit of cash is explained."""
    explained = row["deposit"] + row["trade"] + row["realized"] - row["fees"]
    explained += row["funding"] - row["interest"] + row["insurance"]
    return row["cash"] == explained


def mark(ms: float, ticks: float, *, stream: int = 0) -> np.void:
    """A mark price, in ticks and parts of a tick."""
    return event(ms, EventKind.MARK, 0, round(ticks * (1 << MARK_FP_BITS)), stream=stream)


def funding(ms: float, rate: str, *, stream: int = 0) -> np.void:
    """A funding stamp."""
    return event(ms, EventKind.FUNDING, 0, int(Decimal(rate) * 10**9), stream=stream)


def top(ms: float, bid: int, bid_qty: int, ask: int, ask_qty: int, *, stream: int = 0):  # type: ignore[no-untyped-def]
    """Two records of a top-of-book message."""
    return [
        event(ms, EventKind.TOP, bid, bid_qty, stream=stream, flags=1),
        event(ms, EventKind.TOP, ask, ask_qty, stream=stream, flags=2),
    ]
