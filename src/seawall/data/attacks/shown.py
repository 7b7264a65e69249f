# SPDX-License-Identifier: MIT
"""Shown and pulled orders in a recorded book: spoofing, layering, stuffing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.data.attacks.assemble import Written, assemble
from seawall.data.attacks.labels import Bools, Ints
from seawall.data.attacks.replay import BookReplay, stream_rows, touches
from seawall.data.attacks.scope import BOOK_KINDS, Scope
from seawall.model.errors import DataError
from seawall.model.events import EventFlag, EventKind, Events


@dataclass(frozen=True, slots=True)
class Show:
    """One order that is shown from ``start_ns`` until just after ``end_ns``."""

    side: int
    px: int
    qty: int
    start_ns: int
    end_ns: int


class Levels:
    """History of every level of one depth stream.

    Parameters
    ----------
    events : Events
        All events of the market.
    rows : ndarray of int64
        Depth records of the stream up to the end of the window.
    """

    def __init__(self, events: Events, rows: Ints) -> None:
        part = events[rows]
        self.rows = rows
        self.ts = part["ts"].astype(np.int64)
        self._qty = part["qty"].astype(np.int64)
        key = part["px"].astype(np.int64) * 2 + (part["flags"] & EventFlag.BUY != 0)
        self._order = np.argsort(key, kind="stable")
        self._key = key[self._order]
        first = (part["kind"] == EventKind.SNAPSHOT) & (part["flags"] & EventFlag.FIRST != 0)
        self.clears = np.flatnonzero(first)
        self.last_ns: dict[int, int] = {}

    def of(self, side: int, px: int) -> Ints:
        """Places of a level's records, in order."""
        key = 2 * px + (side > 0)
        low, high = np.searchsorted(self._key, (key, key + 1))
        out: Ints = self._order[low:high]
        return out

    def quantity(self, level: Ints, ts: int) -> int:
        """Lots at a level after all records up to and including a time."""
        n = int(np.searchsorted(self.ts[level], ts, "right")) - 1
        if n < 0:
            return 0
        cleared = int(np.searchsorted(self.ts[self.clears], ts, "right")) - 1
        if cleared >= 0 and self.clears[cleared] > level[n]:
            return 0
        return int(self._qty[level[n]])

    def before_clear(self, start_ns: int, end_ns: int) -> int:
        """End of a show that is over before the book is told anew."""
        clears = self.ts[self.clears]
        n = int(np.searchsorted(clears, start_ns, "right"))
        return min(end_ns, int(clears[n]) - 1) if n < len(clears) else end_ns

    def free(self, show: Show) -> bool:
        """Whether no other show of ours is on that level at that time; books it if so."""
        key = 2 * show.px + (show.side > 0)
        if self.last_ns.get(key, -1) >= show.start_ns:
            return False
        self.last_ns[key] = show.end_ns
        return True


def put(show: Show, levels: Levels, clean: Events, events: Events, forged: Bools) -> Events:
    """Add an order to its level: changes what is told of the level, and returns two records."""
    level = levels.of(show.side, show.px)
    ts = levels.ts[level]
    low, high = np.searchsorted(ts, (show.start_ns, show.end_ns), "right")
    during = levels.rows[level[low:high]]
    events["qty"][during] = clean["qty"][during] + show.qty
    forged[during] = True
    near = int(np.searchsorted(levels.ts, show.start_ns, "right")) - 1
    out = clean[levels.rows[[max(near, 0)] * 2]].copy()
    out["kind"], out["px"] = EventKind.DELTA, show.px
    out["flags"] = EventFlag.LAST | (EventFlag.BUY if show.side > 0 else 0)
    out["ts"] = show.start_ns, show.end_ns
    out["qty"] = (
        levels.quantity(level, show.start_ns) + show.qty, levels.quantity(level, show.end_ns)
    )  # fmt: skip
    return out


def _plan(scope: Scope, book: BookReplay) -> list[list[Show]]:
    """Shows by episode, with prices relative to the touch: ``px`` is the distance yet."""
    spec, rng = scope.spec, scope.rng
    out: list[list[Show]] = []
    if spec.kind == "quote_stuffing":
        pairs = max(1, round(0.5 * spec.strength * (scope.end_ns - scope.start_ns) * 1e-9))
        starts = np.sort(rng.integers(scope.start_ns, scope.end_ns, pairs))
        book.advance(scope.start_ns)
        most = max(2, int(book.displayed()))
        for start in starts.tolist():
            side = 1 if rng.integers(2) else -1
            life = int(rng.integers(5_000_000, 45_000_000))
            qty = int(rng.integers(1, most))
            out.append([Show(side, int(rng.integers(1, 20)), qty, start, start + life)])
        return out
    time, side = scope.start_ns, 1
    while True:
        life = round(1e9 * spec.param("life_s") * (0.75 + 0.5 * rng.random()))
        if time + life >= scope.end_ns:
            return out
        book.advance(time)
        qty = max(1, round(spec.strength * book.displayed()))
        first = max(1, int(spec.param("distance")))
        count = int(spec.param("levels")) if spec.kind == "layering" else 1
        out.append([Show(side, first + k, qty, time, time + life) for k in range(count)])
        time += life + round(1e9 * spec.param("pause_s") * (0.5 + rng.random()))
        side = -side if spec.param("alternate") else side


def show_orders(scope: Scope) -> Written:
    """Show orders behind the touch and pull them; the level is as it was afterwards.

    An order goes when the true touch reaches its price, and before the book is told anew.
    """
    market = scope.market
    by_stream = stream_rows(market.events, scope.need(EventKind.DELTA))
    rows = max(by_stream.values(), key=len)
    rows = rows[np.isin(market.events["kind"][rows], BOOK_KINDS)]
    levels = Levels(market.events, rows)
    events, forged = market.events.copy(), np.zeros(market.events.size, np.bool_)
    edges = {side: touches(scope, rows, side) for side in (1, -1)}
    windows: list[tuple[int, int, int]] = []
    extra: list[tuple[Events, bool]] = []
    for episode in _plan(scope, BookReplay(market.events, rows)):
        shown = [s for s in (_fit(show, levels, edges[show.side]) for show in episode) if s]
        extra += [(put(show, levels, market.events, events, forged), True) for show in shown]
        if shown:
            ends = max(s.end_ns for s in shown) + 1
            windows.append((min(s.start_ns for s in shown), ends, shown[0].side))
    if not windows:
        raise DataError(
            f"no order of {scope.spec.kind} fits between the moves of the touch",
            where=f"{(scope.end_ns - scope.start_ns) * 1e-9:.1f} s",
            mend="make the window longer, or the distance larger",
        )
    made, mask = assemble(market, scope.spec, events, forged, extra)
    table = np.array(windows, np.int64)
    bars = np.zeros(market.bars.shape[1], np.bool_)
    if scope.spec.kind == "quote_stuffing":
        rate = 2e9 * len(extra) / (scope.end_ns - scope.start_ns)
        return Written(made, mask, bars, rate)
    return Written(made, mask, bars, scope.spec.strength, table[:, :2], table[:, 2])


def _fit(show: Show, levels: Levels, edges: list[tuple[Ints, Ints]]) -> Show | None:
    """Place a show behind the touch and end it before the touch comes; None if it cannot be."""
    side, places = show.side, []
    for ts, px in edges:
        near = int(np.searchsorted(ts, show.start_ns, "right")) - 1
        if near < 0 or px[near] <= 0:
            return None
        places.append((int(px[near]), near))
    # The farther of the two touches, so that the order is behind both.
    price = side * min(side * px for px, _ in places) - side * show.px
    end = levels.before_clear(show.start_ns, show.end_ns)
    for (ts, px), (_, near) in zip(edges, places, strict=True):
        high = int(np.searchsorted(ts, end, "right"))
        reached = np.flatnonzero((px[near + 1 : high] - price) * side <= 0)
        if reached.size:
            end = int(ts[near + 1 + reached[0]]) - 1
    made = Show(side, price, show.qty, show.start_ns, end)
    return made if price > 0 and end > show.start_ns and levels.free(made) else None
