# SPDX-License-Identifier: MIT
"""The loop: take the first message, let time be its time, do what it says."""

from __future__ import annotations

from seawall.data.simulated.clock import on_clock
from seawall.data.simulated.compiled import borrow, compiled, entry
from seawall.data.simulated.flow import on_flow, renew_meta, send_limit
from seawall.data.simulated.layout import (
    A_NOISE,
    C_EVENTS,
    C_HEAP,
    C_LOG,
    C_NOW,
    G_META,
    G_PLACE,
    LIMIT,
    M_ARB,
    M_CANCEL,
    M_CLOCK,
    M_EXPIRE,
    M_FLOW,
    M_HALT,
    M_MAKER,
    M_SCRIPT,
    M_SUBMIT,
    M_VALUER,
    World,
)
from seawall.data.simulated.makers import call_maker, on_maker
from seawall.data.simulated.matching import cancel, submit
from seawall.data.simulated.queue import pop, push
from seawall.data.simulated.rng import below, exp, exponential, uniform
from seawall.data.simulated.script import on_script
from seawall.data.simulated.traders import on_arb, on_valuer

ROOM = 70_000
"""Log lines that one message can need at the very most; the loop stops before that."""


@compiled
def on_submit(
    w: World, b: int, agent: int, side: int, tif: int, px: int, qty: int, note: int, back: int
) -> None:
    """An order reaches its venue; ``back`` says who wants to know its id.

    Positive: the place in ``held``, plus one.  Negative: minus one minus the life in us.
    """
    id_ = submit(w, b, agent, side, tif, px, qty, note)
    if back > 0:
        w.held[back - 1] = id_
    elif back < 0 and id_ > 0 and tif == LIMIT:
        push(w, w.ctr[C_NOW] - (back + 1) * 1000, M_EXPIRE, b, agent, 0, 0, 0, 0, 0, id_)


@compiled
def dispatch(
    w: World, kind: int, b: int, agent: int, side: int, tif: int, px: int, qty: int, note: int,
    id_: int, origin: int,
) -> None:  # fmt: skip
    """Do what one message says."""
    if kind == M_SUBMIT:
        on_submit(w, b, agent, side, tif, px, qty, note, id_)
    elif kind == M_CANCEL:
        cancel(w, b, agent, id_, 0)
    elif kind == M_EXPIRE:
        cancel(w, b, agent, id_, 1)
    elif kind == M_MAKER:
        on_maker(w, agent, side)
    elif kind == M_FLOW:
        on_flow(w, b)
    elif kind == M_CLOCK:
        on_clock(w, origin)
    elif kind == M_VALUER:
        on_valuer(w, b)
    elif kind == M_ARB:
        on_arb(w, b)
    elif kind == M_SCRIPT:
        on_script(w, agent)
    elif kind == M_HALT:
        for k in range(len(w.books)):
            if w.books[k].venue == b:
                w.books[k].halted = side


@entry
def start(w: World, depth: int) -> None:
    """Fill the metaorder slots, seed the books with ``depth`` orders a side, wake agents."""
    for a in range(len(w.assets)):
        for k in range(w.metas.shape[1]):
            renew_meta(w, a, k)
            # A metaorder met at a random moment is longer than a fresh one and part done.
            stretch = exp(-2.0 * (uniform(w, G_META) - 1.0))
            w.metas[a, k].left = 1 + int(w.metas[a, k].left * stretch)
        noise = w.groups[A_NOISE]
        count = w.groups[A_NOISE + 1] - noise
        for b in range(w.assets[a].book_0, w.assets[a].book_1):
            for _ in range(2 * depth):
                lag = int(1e8 * exponential(w, G_PLACE))
                send_limit(w, a, b, noise + below(w, G_PLACE, count), lag)
        push(w, 1 + a, M_FLOW, a, 0, 0, 0, 0, 0, 0, 0)
        push(w, 1 + a, M_VALUER, a, 0, 0, 0, 0, 0, 0, 0)
        push(w, 1 + a, M_ARB, a, 0, 0, 0, 0, 0, 0, 0)
    for m in range(len(w.makers)):
        push(w, 1 + m * 1_000_000, M_MAKER, 0, m, 0, 0, 0, 0, 0, 0)
    if len(w.script) > 0:
        push(w, w.script[0].ts, M_SCRIPT, 0, 0, 0, 0, 0, 0, 0, 0)
    push(w, 0, M_CLOCK, 0, 0, 0, 0, 0, 0, 0, 0)


@entry
def run(owned: World, until: int, origin: int) -> int:
    """Process messages up to and including ``until`` (ns since the start).

    Returns
    -------
    int
        0 done, 1 the log is full: empty it and call again.
    """
    w = World(
        borrow(owned.orders), borrow(owned.levels), borrow(owned.books), borrow(owned.heap),
        borrow(owned.log), borrow(owned.tape), borrow(owned.cash), borrow(owned.pos),
        borrow(owned.makers), borrow(owned.assets), borrow(owned.accounts), borrow(owned.metas),
        borrow(owned.coins), borrow(owned.script), borrow(owned.held), borrow(owned.groups),
        borrow(owned.rng), borrow(owned.ctr), borrow(owned.par),
    )  # fmt: skip
    last = len(w.heap) - 1
    full = len(w.log) - ROOM
    while w.ctr[C_HEAP] > 0 and w.heap[0].ts <= until:
        if w.ctr[C_LOG] >= full:
            return 1
        pop(w)
        m = w.heap[last]
        w.ctr[C_NOW] = m.ts
        w.ctr[C_EVENTS] += 1
        kind, b = m.kind, m.book
        if kind <= M_EXPIRE:
            bid, ask = w.books[b].bid, w.books[b].ask
            dispatch(w, kind, b, m.agent, m.side, m.tif, m.px, m.qty, m.note, m.id, origin)
            if w.books[b].bid != bid or w.books[b].ask != ask:
                call_maker(w, b)
        else:
            dispatch(w, kind, b, m.agent, m.side, m.tif, m.px, m.qty, m.note, m.id, origin)
    return 0
