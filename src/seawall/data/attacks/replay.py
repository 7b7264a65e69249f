# SPDX-License-Identifier: MIT
"""The true book of a recording, replayed as far as one asks."""

from __future__ import annotations

import numpy as np

from seawall.data.attacks.labels import Ints
from seawall.data.attacks.scope import Scope
from seawall.model.events import EventFlag, EventKind, Events, empty_events


class BookReplay:
    """Book of one depth stream.

    Parameters
    ----------
    events : Events
        All events of the market.
    rows : ndarray of int64
        Those that are depth records of one stream, in order.
    """

    def __init__(self, events: Events, rows: Ints) -> None:
        part = events[rows]
        self._ts = part["ts"].tolist()
        self._rows = list(
            zip(
                part["px"].tolist(),
                part["qty"].tolist(),
                (part["flags"] & EventFlag.BUY != 0).tolist(),
                ((part["kind"] == EventKind.SNAPSHOT) & (part["flags"] & EventFlag.FIRST != 0)),
                strict=True,
            )
        )
        self._at = 0
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}

    def advance(self, until_ns: int) -> None:
        """Take in all records received up to and including a time."""
        n = self._at
        while n < len(self._ts) and self._ts[n] <= until_ns:
            px, qty, buy, clear = self._rows[n]
            if clear:
                self.bids.clear()
                self.asks.clear()
            side = self.bids if buy else self.asks
            if qty > 0:
                side[px] = qty
            else:
                side.pop(px, None)
            n += 1
        self._at = n

    def best(self) -> tuple[int, int]:
        """Best bid and ask in ticks; 0 where a side is empty."""
        return max(self.bids, default=0), min(self.asks, default=0)

    def displayed(self) -> float:
        """Mean quantity of the ten best levels of each side, lots."""
        near = sorted(self.bids, reverse=True)[:10], sorted(self.asks)[:10]
        shown = [self.bids[p] for p in near[0]] + [self.asks[p] for p in near[1]]
        return float(np.mean(shown)) if shown else 0.0

    def snapshot(self, ts: int, stream: int, shift: int = 0, keep: float = 1.0) -> Events:
        """Whole book as one message, moved by ticks and thinned.

        Parameters
        ----------
        ts : int
            Receive time, ns UTC.
        shift : int
            Ticks.
        keep : float
            Share of the quantity of each level; a level keeps at least one lot.
        """
        levels = [(p, q, EventFlag.BUY) for p, q in sorted(self.bids.items(), reverse=True)]
        levels += [(p, q, EventFlag(0)) for p, q in sorted(self.asks.items())]
        levels = [(p + shift, q, f) for p, q, f in levels if p + shift > 0]
        out = empty_events(len(levels))
        if not levels:
            return out
        out["ts"], out["stream"], out["kind"] = ts, stream, EventKind.SNAPSHOT
        out["px"] = [p for p, _, _ in levels]
        out["qty"] = thin(np.array([q for _, q, _ in levels], np.int64), keep)
        out["flags"] = [int(f) for _, _, f in levels]
        out["flags"][0] |= np.uint8(EventFlag.FIRST)
        out["flags"][-1] |= np.uint8(EventFlag.LAST)
        return out


def thin(qty: Ints, keep: float) -> Ints:
    """Quantities times a share; what is above zero stays above zero."""
    if keep == 1.0:
        return qty
    out: Ints = np.where(qty > 0, np.maximum(np.rint(qty * keep), 1), 0).astype(np.int64)
    return out


def stream_rows(events: Events, rows: Ints) -> dict[int, Ints]:
    """Rows by stream."""
    stream = events["stream"][rows]
    return {int(s): rows[stream == s] for s in np.unique(stream)}


def touches(scope: Scope, depth: Ints, side: int) -> list[tuple[Ints, Ints]]:
    """Times and prices of the best level of a side, by the book and by the feed of best prices.

    Parameters
    ----------
    depth : ndarray of int64
        Depth records of one stream.
    side : int
        1 bid, -1 ask.

    Returns
    -------
    list of (ts, px)
        One or two series of int64; price 0 where the side is empty.
    """
    events = scope.market.events
    ts, first = np.unique(events["ts"][depth], return_index=True)
    book = BookReplay(events, depth)
    px = np.zeros(len(ts), np.int64)
    best = 0
    changed = events["px"][depth].astype(np.int64)
    mine = (events["flags"][depth] & EventFlag.BUY != 0) == (side > 0)
    shot = events["kind"][depth] == EventKind.SNAPSHOT
    for k, (now, a, b) in enumerate(
        zip(ts.tolist(), first.tolist(), [*first[1:].tolist(), len(depth)], strict=True)
    ):
        book.advance(now)
        # Only a change at the touch or beyond moves it; walking all levels is slow.
        near = mine[a:b] & ((changed[a:b] - best) * side >= 0)
        if best <= 0 or shot[a:b].any() or near.any():
            best = book.best()[0 if side > 0 else 1]
        px[k] = best
    out = [(ts.astype(np.int64), px)]
    rows = scope.events((int(EventKind.TOP),), until_end=True)
    if rows.size:
        rows = rows[(events["flags"][rows] & EventFlag.BUY != 0) == (side > 0)]
        out.append((events["ts"][rows].astype(np.int64), events["px"][rows].astype(np.int64)))
    return out
