# SPDX-License-Identifier: MIT
"""Rows that detectors read, out of the events of a market: one per message and per trade.

The book is rebuilt from snapshots and changes; the best quotes come from the ticker where
there is one, because it tells every change at once.  A row holds only what had been
received by its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.jit import Table, entry, step
from seawall.model.errors import ResearchError
from seawall.model.events import BookState, EventFlag, EventKind, Events
from seawall.model.instrument import Instrument
from seawall.model.market import Market

LEVELS: Final = 10
"""Levels of the book in a row."""

REACH: Final = 0.2
"""Prices farther than this fraction from the median are never near the touch: not kept."""

TRADE, DELTA, SNAPSHOT, TOP, STATUS = (
    int(EventKind.TRADE), int(EventKind.DELTA), int(EventKind.SNAPSHOT), int(EventKind.TOP),
    int(EventKind.STATUS),
)  # fmt: skip
BUY, LAST, FIRST = int(EventFlag.BUY), int(EventFlag.LAST), int(EventFlag.FIRST)
GAPPED = int(BookState.GAPPED)
BID, ASK, TOP_BID, TOP_BID_QTY, TOP_ASK, TOP_ASK_QTY, READY, CHANGES = range(8)
PX, QTY, SIDE, CHANGED = range(4)

Column = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]


@step
def settle(book: Ints, best: Ints) -> None:
    """Move the best prices to where quantity is; -1 and the width mean none."""
    width = book.shape[1]
    while best[BID] >= 0 and book[0, best[BID]] == 0:
        best[BID] -= 1
    while best[ASK] < width and book[1, best[ASK]] == 0:
        best[ASK] += 1


@step
def change(book: Ints, best: Ints, side: int, i: int, qty: int) -> None:
    """Set one level."""
    book[side, i] = qty
    if qty > 0:
        if side == 0:
            best[BID] = max(best[BID], i)
        else:
            best[ASK] = min(best[ASK], i)


@step
def levels_of(book: Ints, best: Ints, at: int, out: Table, qtys: Table, side: int) -> None:
    """Write the levels of a side; where there are fewer, sizes of zero one tick apart."""
    i = best[side]
    k = 0
    last = i
    width = book.shape[1]
    while k < out.shape[1] and 0 <= i < width:
        if book[side, i] > 0:
            out[at, k], qtys[at, k] = i, book[side, i]
            last = i
            k += 1
        i += 1 if side == 1 else -1
    while k < out.shape[1]:
        last += 1 if side == 1 else -1
        out[at, k], qtys[at, k] = last, 0.0
        k += 1


@entry
def build(
    events: Events, base: int, width: int, ticker: bool, depth: bool, ts: Ints, sent: Ints,
    bid_pxs: Table, bid_qtys: Table, ask_pxs: Table, ask_qtys: Table, top: Table, flow: Table,
) -> int:  # fmt: skip
    """Replay the events of one instrument into rows; gives the number of rows."""
    book = np.zeros((2, width), np.int64)
    best = np.zeros(8, np.int64)
    best[BID], best[ASK] = -1, width
    n = 0
    for e in range(events.size):
        kind, flags = int(events[e].kind), int(events[e].flags)
        qty = int(events[e].qty)
        i = int(events[e].px) - base
        buy = flags & BUY
        if kind == STATUS:
            if i + base == GAPPED:
                best[READY] = 0
            continue
        if kind in (DELTA, SNAPSHOT):
            if kind == SNAPSHOT and flags & FIRST:
                book[:] = 0
                best[BID], best[ASK], best[READY] = -1, width, 1
            best[CHANGES] += 1
            if 0 <= i < width:
                change(book, best, 0 if buy else 1, i, qty)
            if flags & LAST:
                settle(book, best)
        elif kind == TOP:
            if buy:
                best[TOP_BID], best[TOP_BID_QTY] = i, qty
            else:
                best[TOP_ASK], best[TOP_ASK_QTY] = i, qty
            best[CHANGES] += 1
        elif kind != TRADE:
            continue
        if kind != TRADE and not flags & LAST:
            continue
        whole = best[READY] == 1 and best[BID] >= 0 and best[ASK] < width and best[BID] < best[ASK]
        quoted = best[TOP_BID_QTY] > 0 and best[TOP_ASK_QTY] > 0
        if (depth and not whole) or (ticker and not quoted):
            if kind != TRADE:
                best[CHANGES] = 0
            continue
        ts[n] = events[e].ts
        sent[n] = events[e].ts - np.int64(events[e].lag_us) * 1000
        if depth:
            levels_of(book, best, n, bid_pxs, bid_qtys, 0)
            levels_of(book, best, n, ask_pxs, ask_qtys, 1)
        else:
            bid_pxs[n, 0], bid_qtys[n, 0] = best[TOP_BID], best[TOP_BID_QTY]
            ask_pxs[n, 0], ask_qtys[n, 0] = best[TOP_ASK], best[TOP_ASK_QTY]
        if ticker:
            top[n, 0], top[n, 1] = best[TOP_BID], best[TOP_BID_QTY]
            top[n, 2], top[n, 3] = best[TOP_ASK], best[TOP_ASK_QTY]
        else:
            top[n, 0], top[n, 1] = bid_pxs[n, 0], bid_qtys[n, 0]
            top[n, 2], top[n, 3] = ask_pxs[n, 0], ask_qtys[n, 0]
        flow[n, PX] = i
        if kind == TRADE:
            flow[n, QTY], flow[n, SIDE], flow[n, CHANGED] = qty, 1.0 if buy else -1.0, 0.0
        else:
            flow[n, PX] = 0.5 * (top[n, 0] + top[n, 2])
            flow[n, QTY], flow[n, SIDE], flow[n, CHANGED] = 0.0, 0.0, best[CHANGES]
            best[CHANGES] = 0
        n += 1
    return n


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of one instrument, by the names that analytics use.

    Parameters
    ----------
    instrument : Instrument
        Whose rows these are.
    columns : mapping of str to array
        ``ts``, ``sent`` (time of the venue); ``bid_pxs``, ``bid_qtys``, ``ask_pxs``,
        ``ask_qtys``; ``bid_px``, ``bid_qty``, ``ask_px``, ``ask_qty``; ``price`` (of the trade,
        else the mid), ``qty`` (0: no trade), ``side`` (0: no trade), ``changes`` (records of
        the message).
    ticker, depth : bool
        Whether the best quotes, or the levels, were published.
    """

    instrument: Instrument
    columns: dict[str, Column]
    ticker: bool
    depth: bool

    @property
    def level(self) -> str:
        """What the feed shows: ``L2`` levels, ``L1`` best quotes."""
        return "L2" if self.depth else "L1"


def streams_of(market: Market, instrument: Instrument) -> list[int]:
    """Numbers of the streams of an instrument."""
    mine = (instrument.venue, instrument.symbol)
    return [n for n, s in enumerate(market.streams) if (s.venue, s.symbol) == mine]


def rows_of(market: Market, instrument: Instrument, levels: int = LEVELS) -> Rows:
    """Make the rows of one instrument of a market.

    Raises
    ------
    ResearchError
        When the market has neither a book nor best quotes of it.
    """
    events = market.events[np.isin(market.events["stream"], streams_of(market, instrument))]
    kinds = set(np.unique(events["kind"]).tolist())
    ticker, depth = TOP in kinds, bool(kinds & {DELTA, SNAPSHOT})
    if not (ticker or depth):
        raise ResearchError(
            f"no quotes of {instrument.symbol}",
            where=instrument.venue,
            mend="the detectors of events need a depth or ticker feed; import one",
        )
    priced = np.isin(events["kind"], (TRADE, DELTA, SNAPSHOT, TOP))
    px = events["px"][priced].astype(np.int64)
    middle = float(np.median(px))
    near = px[np.abs(px - middle) <= REACH * middle]
    base, width = int(near.min()), int(near.max() - near.min()) + 1
    trades = events["kind"] == TRADE
    room = int(np.count_nonzero(trades | (((events["flags"] & LAST) > 0) & ~trades)))
    wide = levels if depth else 1
    ts, sent = np.zeros(room, np.int64), np.zeros(room, np.int64)
    books = [np.zeros((room, wide)) for _ in range(4)]
    top, flow = np.zeros((room, 4)), np.zeros((room, 4))
    n = build(np.ascontiguousarray(events), base, width, ticker, depth, ts, sent, *books, top, flow)
    tick, lot = float(instrument.tick), float(instrument.lot)
    columns: dict[str, Column] = {"ts": ts[:n], "sent": sent[:n]}
    names = ("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys")
    for name, book in zip(names, books, strict=True):
        columns[name] = (book[:n] + base) * tick if name.endswith("pxs") else book[:n] * lot
    for k, name in enumerate(("bid_px", "bid_qty", "ask_px", "ask_qty")):
        value = top[:n, k]
        columns[name] = (value + base) * tick if name.endswith("px") else value * lot
    columns["price"] = (flow[:n, PX] + base) * tick
    columns["qty"], columns["side"] = flow[:n, QTY] * lot, flow[:n, SIDE].copy()
    columns["changes"] = flow[:n, CHANGED].copy()
    return Rows(instrument, columns, ticker, depth)
