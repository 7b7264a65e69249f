# SPDX-License-Identifier: MIT
"""From the order log to what a venue publishes: conflated depth, snapshots, best prices."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from seawall.data.simulated.compiled import compiled, entry
from seawall.data.simulated.layout import ADD, CANCEL, EXEC, LOG, REST, WINDOW, Array

DEPTH = np.dtype(
    [
        ("ts", "<i8"),
        ("seq", "<i8"),  # last log row that the message covers, plus one
        ("first", "<i8"),
        ("before", "<i8"),  # seq of the message before, -1 for a snapshot
        ("qty", "<i8"),
        ("px", "<i4"),
        ("book", "<i2"),
        ("side", "i1"),
        ("snapshot", "u1"),
    ],
    align=True,
)
"""A changed level; rows of one message share ``book``, ``seq`` and ``snapshot``."""

TOP = np.dtype(
    [
        ("ts", "<i8"),
        ("seq", "<i8"),
        ("bid_qty", "<i8"),
        ("ask_qty", "<i8"),
        ("bid", "<i4"),
        ("ask", "<i4"),
        ("book", "<i8"),
    ],
    align=True,
)
"""Best prices after a change."""


Line: TypeAlias = Any  # a record of LOG, see KINDS
Lines: TypeAlias = Array
Rows: TypeAlias = Array
Tops: TypeAlias = Array
Plane: TypeAlias = Array
Vector: TypeAlias = Array
Pair: TypeAlias = tuple[int, int]
KINDS = {
    "Line": np.zeros(1, LOG)[0],
    "Lines": np.zeros(1, LOG),
    "Rows": np.zeros(1, DEPTH),
    "Tops": np.zeros(1, TOP),
    "Plane": np.zeros((1, 1), np.int64),
    "Vector": np.zeros(1, np.int64),
    "Pair": (0, 0),
}
"""Types of the annotations below, by example."""

_NOW, _TOLD, _MARK = 0, 1, 2  # planes of the level state
_BID, _ASK, _KEY_B, _KEY_A, _COUNT, _SEQ, _LOW, _HIGH = range(8)  # columns of the book state


@compiled
def _apply(line: Line, base: int, levels: Plane, state: Vector, touched: Vector) -> None:
    """Carry one line of the log into the signed level quantities (asks are negative)."""
    what = line.type
    change = line.qty * line.side
    if what == CANCEL:
        change = -change
    elif what != ADD and what != REST and what != EXEC:
        return  # an EXEC bears the taker's side, and the resting side is the other one
    i = line.px - base
    levels[_NOW, i] += change
    state[_LOW], state[_HIGH] = min(state[_LOW], i), max(state[_HIGH], i)
    if levels[_MARK, i] == 0:
        levels[_MARK, i] = 1
        touched[state[_COUNT]] = i
        state[_COUNT] += 1
    if levels[_NOW, i] > 0:
        state[_BID] = max(state[_BID], i)
    elif levels[_NOW, i] < 0:
        state[_ASK] = min(state[_ASK], i)
    while state[_BID] >= 0 and levels[_NOW, state[_BID]] <= 0:
        state[_BID] -= 1
    while state[_ASK] < WINDOW and levels[_NOW, state[_ASK]] >= 0:
        state[_ASK] += 1


@compiled
def _write(out: Rows, n: int, px: int, signed: int, side: int) -> int:
    row = out[n]
    row.px, row.qty, row.side = px, abs(signed), side
    return n + 1


@compiled
def _stamp(out: Rows, a: int, n: int, ts: int, b: int, seq: int, before: int) -> None:
    for k in range(a, n):
        row = out[k]
        row.ts, row.book, row.seq, row.before = ts, b, seq, before
        row.first = before + 1 if before >= 0 else seq
        row.snapshot = 1 if before < 0 else 0


@compiled
def _flush(
    out: Rows, n: int, ts: int, seq: int, b: int, base: int, levels: Plane, state: Vector,
    touched: Vector,
) -> int:  # fmt: skip
    """Publish the touched levels of a book that differ from what was last told."""
    start = n
    for k in range(state[_COUNT]):
        i = touched[k]
        levels[_MARK, i] = 0
        q, p = levels[_NOW, i], levels[_TOLD, i]
        if q == p:
            continue
        if p != 0 and (q == 0 or (p > 0) != (q > 0)):
            n = _write(out, n, base + i, 0, 1 if p > 0 else -1)
        if q != 0:
            n = _write(out, n, base + i, q, 1 if q > 0 else -1)
        levels[_TOLD, i] = q
    state[_COUNT] = 0
    if n > start:
        _stamp(out, start, n, ts, b, seq, state[_SEQ])
        state[_SEQ] = seq
    return n


@compiled
def _snapshot(out: Rows, n: int, ts: int, b: int, base: int, levels: Plane, state: Vector) -> int:
    """Publish all levels of a book as last told."""
    start = n
    for i in range(state[_LOW], state[_HIGH] + 1):
        q = levels[_TOLD, i]
        if q != 0:
            n = _write(out, n, base + i, q, 1 if q > 0 else -1)
    _stamp(out, start, n, ts, b, state[_SEQ], -1)
    return n


@compiled
def _top(out: Tops, m: int, line: Line, seq: int, base: int, levels: Plane, state: Vector) -> int:
    """Publish the best prices when they or their quantities changed."""
    bid, ask = state[_BID], state[_ASK]
    if bid < 0 or ask >= WINDOW:
        return m
    bid_qty, ask_qty = levels[_NOW, bid], -levels[_NOW, ask]
    key_b, key_a = (bid << 32) + bid_qty, (ask << 32) + ask_qty
    if key_b == state[_KEY_B] and key_a == state[_KEY_A]:
        return m
    state[_KEY_B], state[_KEY_A] = key_b, key_a
    row = out[m]
    row.ts, row.seq, row.book = line.ts, seq, line.book
    row.bid, row.bid_qty, row.ask, row.ask_qty = base + bid, bid_qty, base + ask, ask_qty
    return m + 1


@entry
def derive(
    log: Lines, bases: Vector, start: int, interval: int, snaps_ts: Vector, snaps_book: Vector,
    depth: Rows, top: Tops,
) -> Pair:  # fmt: skip
    """Replay the order log into depth messages and best prices.

    Parameters
    ----------
    log : ndarray of LOG
        The whole log, warm-up included.
    bases : ndarray of int64
        Price of level 0 of each book.
    start : int
        Time at which the feeds begin; what was before only builds the books.
    interval : int
        Conflation, ns; 1 publishes every change.
    snaps_ts, snaps_book : ndarray of int64
        When to publish a whole book, ascending.
    depth, top : ndarray of DEPTH and TOP
        Room for the output.

    Returns
    -------
    int, int
        Rows used in ``depth`` and ``top``.
    """
    books = len(bases)
    levels = np.zeros((books, 3, WINDOW), np.int64)
    state = np.zeros((books, 8), np.int64)
    state[:, _BID] = -1
    state[:, _ASK] = state[:, _LOW] = WINDOW
    touched = np.zeros((books, 1 << 16), np.int64)
    n = m = s = 0
    due = start
    for r in range(len(log)):
        line = log[r]
        if line.ts > due:
            for b in range(books):
                # What changed before the start was never told to anyone.
                n = _flush(depth, n, due, r, b, bases[b], levels[b], state[b], touched[b])
                if due == start:
                    n = 0
                    state[b, _SEQ] = r
            while s < len(snaps_ts) and snaps_ts[s] <= due:
                b = snaps_book[s]
                n = _snapshot(depth, n, due, b, bases[b], levels[b], state[b])
                s += 1
            due += ((line.ts - due - 1) // interval + 1) * interval
        b = line.book
        _apply(line, bases[b], levels[b], state[b], touched[b])
        if line.ts > start and (
            r + 1 == len(log) or log[r + 1].ts != line.ts or log[r + 1].book != b
        ):
            m = _top(top, m, line, r + 1, bases[b], levels[b], state[b])
    return n, m
