# SPDX-License-Identifier: MIT
"""The one event queue: a binary heap ordered by (time, sequence)."""

from __future__ import annotations

from seawall.data.simulated.compiled import compiled, entry
from seawall.data.simulated.layout import C_HEAP, C_LOST, C_SEQ, World


@compiled
def _copy(w: World, to: int, source: int) -> None:
    heap = w.heap
    a, c = heap[to], heap[source]
    a.ts, a.seq, a.id, a.agent, a.px, a.qty = c.ts, c.seq, c.id, c.agent, c.px, c.qty
    a.note, a.book, a.side, a.kind, a.tif = c.note, c.book, c.side, c.kind, c.tif


@compiled
def push(
    w: World, ts: int, kind: int, b: int, agent: int, side: int, tif: int, px: int, qty: int,
    note: int, id_: int,
) -> None:  # fmt: skip
    """Put a message into the queue; equal times come out in the order they went in."""
    heap = w.heap
    n = w.ctr[C_HEAP]
    if n >= len(heap) - 1:
        w.ctr[C_LOST] += 1  # the driver refuses the run
        return
    w.ctr[C_HEAP] = n + 1
    w.ctr[C_SEQ] += 1
    i = n
    while i > 0:
        up = (i - 1) >> 1
        if heap[up].ts <= ts:  # the newcomer has the larger sequence
            break
        _copy(w, i, up)
        i = up
    m = heap[i]
    m.ts, m.seq, m.id, m.agent, m.px, m.qty = ts, w.ctr[C_SEQ], id_, agent, px, qty
    m.note, m.book, m.side, m.kind, m.tif = note, b, side, kind, tif


@compiled
def pop(w: World) -> None:
    """Move the first message to the last row of the heap array and close the gap."""
    heap = w.heap
    last = len(heap) - 1
    _copy(w, last, 0)
    n = w.ctr[C_HEAP] - 1
    w.ctr[C_HEAP] = n
    ts, seq = heap[n].ts, heap[n].seq
    i = 0
    while True:
        c = 2 * i + 1
        if c >= n:
            break
        r = c + 1
        if r < n and (
            heap[r].ts < heap[c].ts or (heap[r].ts == heap[c].ts and heap[r].seq < heap[c].seq)
        ):
            c = r
        if heap[c].ts > ts or (heap[c].ts == ts and heap[c].seq > seq):
            break
        _copy(w, i, c)
        i = c
    if n > 0:
        _copy(w, i, n)


@entry
def plan(w: World, ts: int, kind: int, b: int, side: int) -> None:
    """Put a message into the queue from outside."""
    push(w, ts, kind, b, 0, side, 0, 0, 0, 0, 0)
