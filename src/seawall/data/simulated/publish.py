# SPDX-License-Identifier: MIT
"""Feeds of a run: what each venue published, with send and receive times and faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seawall.data.simulated import layout as at
from seawall.data.simulated.faults import apply_faults, receive_times

if TYPE_CHECKING:
    from seawall.data.simulated.result import SimulatedMarket


@dataclass(frozen=True, slots=True)
class Feeds:
    """Rows of every feed per book, in the order of arrival.

    ``got`` columns are receive times, ns UTC on our clock; ``ts`` columns of the rows are
    ns since the start of the warm-up on the true clock.
    """

    depth: tuple[at.Array, ...]
    depth_got: tuple[at.Array, ...]
    depth_gap: tuple[at.Array, ...]
    top: tuple[at.Array, ...]
    top_got: tuple[at.Array, ...]
    trades: tuple[at.Array, ...]
    trades_got: tuple[at.Array, ...]
    tape: tuple[at.Array, ...]
    tape_got: tuple[at.Array, ...]


def _snapshot_times(market: SimulatedMarket, start: int) -> tuple[at.Array, at.Array]:
    """When whole books are published: at the start, now and then, and after a gap."""
    config = market.config
    end = start + int(config.duration_s * 1e9)
    every = int(config.snapshot_every_s * 1e9)
    pairs = [(t, b) for t in range(start, end, every) for b in range(config.books)]
    pairs += [
        (start + fault.end_ns + 300_000_000, fault.book)
        for fault in market.faults
        if fault.kind == "gap"
    ]
    pairs.sort()
    ts, book = np.array(pairs, dtype=np.int64).T
    return np.ascontiguousarray(ts), np.ascontiguousarray(book)


def _arrive(
    rows: at.Array, message: at.Array, market: SimulatedMarket, book: int, feed: int
) -> tuple[at.Array, at.Array]:
    """Send one feed's rows over its line; rows of one message stay together."""
    config = market.config
    origin = market.origin_ns
    rng = np.random.Generator(np.random.PCG64([config.seed, 2, book, feed]))
    first = np.flatnonzero(np.diff(message, prepend=-1))
    sent = rows["ts"][first] + origin
    got = receive_times(sent, config.faults, rng)
    order = np.arange(len(first))
    if feed == 0:
        mine = tuple(f for f in market.faults if f.kind != "outage" and f.book == book)
        moved = tuple(
            type(f)(f.kind, f.book, f.start_ns + config.start_ns, f.end_ns + config.start_ns)
            for f in mine
        )
        order, got = apply_faults(sent, got, moved)
    length = np.diff(first, append=len(rows))
    size = length[order]
    ends = np.cumsum(size)
    inner = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - size, size)
    index = np.repeat(first[order], size) + inner
    return rows[index], np.repeat(got, size)


def _gaps(rows: at.Array) -> at.Array:
    """Mark the first row of every depth message whose predecessor is missing."""
    new = np.flatnonzero(np.diff(rows["seq"] * 2 + rows["snapshot"], prepend=-1) != 0)
    head = rows[new]
    reached = np.maximum.accumulate(np.concatenate(([0], head["seq"][:-1])))
    bad = (head["snapshot"] == 0) & (head["before"] > reached)
    out = np.zeros(len(rows), dtype=bool)
    out[new[bad]] = True
    return out


def publish(market: SimulatedMarket) -> Feeds:
    """Derive all feeds of a run from its order log."""
    from seawall.data.simulated.feeds import DEPTH, TOP, derive

    config = market.config
    start = int(config.warmup_s * 1e9)
    snaps, snap_books = _snapshot_times(market, start)
    room = len(market.log) + 8_192 * len(snaps)
    depth, top = np.zeros(2 * room, DEPTH), np.zeros(len(market.log), TOP)
    bases = market.world.books["base"].copy()
    interval = max(1, config.depth_interval_ms * 1_000_000)
    n, m = derive(market.log, bases, start, interval, snaps, snap_books, depth, top)
    depth, top = depth[:n], top[:m]
    log = market.log[market.log["ts"] > start]
    seq = np.flatnonzero(market.log["ts"] > start)
    is_trade = log["type"] == at.EXEC
    trades, trade_seq = log[is_trade], seq[is_trade]
    tape = market.tape[market.tape["ts"] >= start]
    parts: list[list[at.Array]] = [[] for _ in range(9)]
    for b in range(config.books):
        rows = depth[depth["book"] == b]
        rows, got = _arrive(rows, rows["seq"] * 2 + rows["snapshot"], market, b, 0)
        best = top[top["book"] == b]
        mine = trades["book"] == b
        slow = tape[tape["book"] == b]
        values = [rows, got, _gaps(rows), *_arrive(best, np.arange(len(best)), market, b, 1)]
        values += _arrive(trades[mine], trade_seq[mine], market, b, 2)
        values += _arrive(slow, np.arange(len(slow)), market, b, 3)
        for part, value in zip(parts, values, strict=True):
            part.append(value)
    return Feeds(*(tuple(part) for part in parts))
