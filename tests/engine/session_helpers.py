# SPDX-License-Identifier: MIT
"""A made-up stream of messages, and strategies that trade on it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from seawall.engine.session import Connection, SessionPlan
from seawall.engine.settings import EngineSettings
from seawall.engine.strategy import FillNote, Strategy
from seawall.model.events import Stream
from seawall.model.instrument import perpetual

START_MS = 1_700_000_000_000
PLACE = f"{Path(__file__)}:Quoter"


class Quoter(Strategy):
    """Quotes both sides every 50 ms and takes now and then."""

    size = 0.01

    def on_start(self) -> None:
        self.rounds = 0
        self.filled = 0.0
        self.every("50ms")

    def on_timer(self, ts: int) -> None:
        bid, ask = self.best_bid(), self.best_ask()
        if not bid or not ask or bid >= ask:
            return
        self.rounds += 1
        if self.rounds % 4 == 0:
            self.cancel_all()
        if self.position() < 0.1:
            self.buy(self.size, price=bid, post_only=True)
        if self.position() > -0.1:
            self.sell(self.size, price=ask, post_only=True)
        if self.rounds % 9 == 0:
            self.target_quantity(0.0)

    def on_fill(self, fill: FillNote) -> None:
        self.filled += fill.quantity


class OtherQuoter(Quoter):
    """The same with another size from the 40th round on."""

    def on_timer(self, ts: int) -> None:
        self.size = 0.02 if self.rounds > 40 else 0.01
        super().on_timer(ts)


def quoter(_: SessionPlan) -> Strategy:
    """Make the strategy again, for a replay."""
    return Quoter()


def plan(strategy: str = PLACE) -> SessionPlan:
    """Plan of a session on one perpetual."""
    instrument = perpetual("BTC/USDT:USDT", "0.1", "0.001", venue="binanceusdm")
    streams = tuple(
        Stream("binanceusdm", "BTC/USDT:USDT", feed, "made-up", -1_000_000)
        for feed in ("depth", "trades")
    )
    connection = Connection((0,), ("btcusdt",))
    return SessionPlan((instrument,), streams, (connection,), EngineSettings(), strategy)


def messages(n: int = 1_500, seed: int = 1) -> list[tuple[int, bytes]]:
    """Receive times and texts: a snapshot, changes around a wandering price, trades."""
    rng = random.Random(seed)
    out: list[tuple[int, bytes]] = []
    mid, update, ms = 600_000, 1_000, START_MS
    book: tuple[dict[int, int], dict[int, int]] = (
        {mid - k: rng.randint(100, 5_000) for k in range(1, 40)},
        {mid + k: rng.randint(100, 5_000) for k in range(1, 40)},
    )
    body: dict[str, Any] = {
        "lastUpdateId": update,
        "E": ms,
        "bids": [_level(*level) for level in book[0].items()],
        "asks": [_level(*level) for level in book[1].items()],
    }
    out.append((_received(ms), _text(body)))
    for k in range(n):
        ms += rng.randint(1, 15)
        if rng.random() < 0.3:
            buy = rng.random() < 0.5
            px = min(book[1]) if buy else max(book[0])
            trade = {
                "e": "trade", "E": ms, "T": ms, "s": "BTCUSDT", "t": k, "p": f"{px / 10:.2f}",
                "q": f"{rng.randint(1, 400) / 1000:.3f}", "X": "MARKET", "m": not buy,
            }  # fmt: skip
            out.append((_received(ms), _text({"stream": "btcusdt@trade", "data": trade})))
            continue
        changes = _wander(book, rng)
        first, update, before = update + 1, update + rng.randint(1, 9), update
        depth = {
            "e": "depthUpdate", "E": ms, "T": ms - 1, "s": "BTCUSDT", "U": first, "u": update,
            "pu": before, "b": changes[0], "a": changes[1],
        }  # fmt: skip
        out.append((_received(ms), _text({"stream": "btcusdt@depth@0ms", "data": depth})))
    return out


def _wander(
    book: tuple[dict[int, int], dict[int, int]], rng: random.Random
) -> tuple[list[list[str]], list[list[str]]]:
    """Change some levels of a book that never crosses; return the changes per side."""
    changes: tuple[list[list[str]], list[list[str]]] = ([], [])
    for _ in range(rng.randint(1, 5)):
        side = rng.randrange(2)
        best = (max, min)[side](book[side])
        other = (min, max)[side](book[1 - side])
        px = best + (1 if side else -1) * rng.randint(-1, 8)
        if (px <= other) if side else (px >= other):
            continue
        qty = 0 if rng.random() < 0.4 and len(book[side]) > 20 else rng.randint(1, 5_000)
        if qty:
            book[side][px] = qty
        else:
            book[side].pop(px, None)
        changes[side].append(_level(px, qty))
    return changes


def _received(ms: int) -> int:
    return ms * 1_000_000 + 2_500_000


def _level(px: int, qty: int) -> list[str]:
    return [f"{px / 10:.2f}", f"{qty / 1000:.3f}"]


def _text(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
