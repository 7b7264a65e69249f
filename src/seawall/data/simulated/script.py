# SPDX-License-Identifier: MIT
"""Scripted agents: one step at a time, against the book as the step finds it."""

from __future__ import annotations

from seawall.data.simulated.compiled import compiled
from seawall.data.simulated.layout import (
    ADD,
    C_NOW,
    C_NUMBER,
    EXEC,
    IOC,
    LIMIT,
    M_SCRIPT,
    POST,
    S_ANCHOR,
    S_CANCEL,
    S_DEPEG,
    S_DRY,
    S_DUMP,
    S_GUARD,
    S_LIMIT,
    S_SHOW,
    S_SNIPE,
    S_SWEEP,
    S_TAKE,
    S_WASH,
    SLOT_BITS,
    TAKE,
    WINDOW,
    World,
)
from seawall.data.simulated.makers import on_maker
from seawall.data.simulated.matching import cancel, settle, submit, write
from seawall.data.simulated.queue import push
from seawall.data.simulated.rng import ln

_MASK = (1 << SLOT_BITS) - 1
_PPM = 1_000_000
_ALL = 1 << 24  # lots; a sweep is held by its price, not by its size


@compiled
def displayed(w: World, b: int) -> int:
    """Mean quantity of the ten best levels of each side, lots."""
    book = w.books[b]
    total, n = 0, 0
    for side in range(-1, 2, 2):
        i = (book.bid if side > 0 else book.ask) - book.base
        seen, steps = 0, 0
        while seen < 10 and steps < 1000 and 0 <= i < WINDOW:
            if w.levels[b, i].qty > 0:
                total += w.levels[b, i].qty
                seen += 1
            i -= side
            steps += 1
        n += seen
    return total // max(1, n)


@compiled
def dry(w: World, b: int, permille: int) -> None:
    """Send a share of the makers away at once, or let them come back."""
    book = w.books[b]
    book.dry = permille * (book.maker_1 - book.maker_0) // 1000
    for m in range(book.maker_0, book.maker_0 + book.dry):
        on_maker(w, m, 1)
        book.calls += 1  # this look answered no call


@compiled
def cross(w: World, b: int, agent: int, side: int, lots: int, note: int) -> None:
    """Let the first two accounts of a script trade at the touch without queueing."""
    book = w.books[b]
    px = book.ask if side > 0 else book.bid
    w.ctr[C_NUMBER] += 2
    maker = (w.ctr[C_NUMBER] - 1) << SLOT_BITS
    taker = w.ctr[C_NUMBER] << SLOT_BITS
    write(w, ADD, b, -side, px, lots, maker, 0, agent, -1, note, LIMIT)
    write(w, TAKE, b, side, px, lots, taker, 0, agent + 1, -1, note, IOC)
    write(w, EXEC, b, side, px, lots, maker, taker, agent, agent + 1, note, 0)
    if side > 0:
        settle(w, b, agent + 1, agent, px, lots, 1)
    else:
        settle(w, b, agent, agent + 1, px, lots, 0)
    book.last = px
    book.volume += lots


@compiled
def wash(w: World, k: int) -> None:
    """Two accounts meet where nobody else can come between.

    That is inside the spread, or, while the spread is a tick, at the touch ahead of the
    queue, as venues that take part in it let them.  The lots make up what is missing to
    the share of the volume since the anchor.
    """
    step = w.script[k]
    b, side, book = step.book, step.side, w.books[step.book]
    washed = w.held[step.anchor + 2]
    others = book.volume - w.held[step.anchor + 1] - washed
    due = others * step.qty // (_PPM - step.qty) - washed
    if due < step.offset:
        return
    lots = max(step.offset, due // 4)
    before = book.volume
    if book.ask - book.bid > 1:
        px = book.ask - 1 if side > 0 else book.bid + 1
        submit(w, b, step.agent, -side, LIMIT, px, lots, step.note)
        submit(w, b, step.agent + 1, side, IOC, px, lots, step.note)
    else:
        cross(w, b, step.agent, side, lots, step.note)
    w.held[step.anchor + 2] += book.volume - before


@compiled
def sweep(w: World, k: int) -> None:
    """Take up to a price that is measured from the anchor, and stay there.

    What stays makes the price: without it the book would be empty in between, and its
    other side as far away as before.
    """
    step = w.script[k]
    b, side, agent = step.book, step.side, step.agent
    book = w.books[b]
    cancel(w, b, agent, w.held[step.slot], 1)
    px = w.held[step.anchor] * (_PPM + step.offset) // (2 * _PPM)
    other = book.ask if side > 0 else book.bid
    if (px - other) * side >= 0 and 0 <= other - book.base < WINDOW:
        submit(w, b, agent, side, IOC, px, _ALL, step.note)
    w.held[step.slot] = submit(w, b, agent, side, POST, px, step.qty, step.note)


@compiled
def dump(w: World, k: int) -> None:
    """Close a share of the position that the agent has by now."""
    step = w.script[k]
    pos = w.pos[step.agent, step.book]
    lots = abs(pos) * step.qty // 1000
    if lots == 0:
        return
    side = -1 if pos > 0 else 1
    book = w.books[step.book]
    other = book.ask if side > 0 else book.bid
    px = other + side * (other * step.offset // _PPM)
    submit(w, step.book, step.agent, side, IOC, px, lots, step.note)


@compiled
def outside_ticks(w: World, b: int, informed: int) -> float:
    """Price of book ``b`` by the other books' mids, or by the true value; 0 unknown."""
    book = w.books[b]
    asset = w.assets[book.asset]
    scale = book.tick * w.coins[book.coin].dollars / (1.0 + book.basis)
    if informed:
        return asset.value / scale
    total, n = 0.0, 0.0
    for k in range(asset.book_0, asset.book_1):
        other = w.books[k]
        if k != b and other.bid >= other.base and other.ask < other.base + WINDOW:
            mid = 0.5 * (other.bid + other.ask) * other.tick * w.coins[other.coin].dollars
            total += other.share * mid / (1.0 + other.basis)
            n += other.share
    return total / n / scale if n > 0.0 else 0.0


@compiled
def snipe(w: World, k: int) -> None:
    """Take quotes that are stale against what is known elsewhere."""
    step = w.script[k]
    book = w.books[step.book]
    fair = outside_ticks(w, step.book, step.side)
    edge = fair * step.offset * 1e-6
    if fair <= 0.0:
        return
    if fair - edge > book.ask:
        submit(w, step.book, step.agent, 1, IOC, int(fair - edge), step.qty, step.note)
    elif fair + edge < book.bid:
        submit(w, step.book, step.agent, -1, IOC, int(fair + edge) + 1, step.qty, step.note)


@compiled
def guard(w: World, k: int) -> None:
    """Pull an order before it can be hit."""
    step = w.script[k]
    id_ = w.held[step.slot]
    o = w.orders[id_ & _MASK]
    if id_ <= 0 or o.id != id_:
        return
    book = w.books[step.book]
    best = book.bid if o.side > 0 else book.ask
    if abs(best - o.px) <= step.offset:
        cancel(w, step.book, step.agent, id_, 1)


@compiled
def act(w: World, k: int) -> None:
    """Steps that need a book with two sides."""
    step = w.script[k]
    b, side, op = step.book, step.side, step.op
    book = w.books[b]
    best = book.bid if side > 0 else book.ask
    other = book.ask if side > 0 else book.bid
    if op == S_LIMIT or op == S_SHOW:
        px = best - side * step.offset
        px = min(px, other - 1) if side > 0 else max(px, other + 1)
        qty = step.qty
        if op == S_SHOW:
            qty = max(1, w.held[step.anchor + 3] * qty // 1000)
        w.held[step.slot] = submit(w, b, step.agent, side, LIMIT, px, qty, step.note)
    elif op == S_TAKE:
        submit(w, b, step.agent, side, IOC, other - side * step.offset, step.qty, step.note)
    elif op == S_WASH:
        wash(w, k)
    elif op == S_ANCHOR:
        w.held[step.anchor] = book.bid + book.ask
        w.held[step.anchor + 1] = book.volume
        w.held[step.anchor + 2] = 0
        w.held[step.anchor + 3] = displayed(w, b)
    elif op == S_DUMP:
        dump(w, k)
    elif op == S_SNIPE:
        snipe(w, k)


@compiled
def on_script(w: World, k: int) -> None:
    """Carry out one step and call the next."""
    step = w.script[k]
    if k + 1 < len(w.script):
        push(w, max(w.ctr[C_NOW], w.script[k + 1].ts), M_SCRIPT, 0, k + 1, 0, 0, 0, 0, 0, 0)
    book = w.books[step.book]
    if step.op == S_DRY:
        dry(w, step.book, step.qty)
    elif step.op == S_CANCEL:
        cancel(w, step.book, step.agent, w.held[step.slot], 1)
    elif step.op == S_GUARD:
        guard(w, k)
    elif step.op == S_SWEEP:
        if w.held[step.anchor] > 0:
            sweep(w, k)
    elif step.op == S_DEPEG:
        coin = w.coins[book.coin]
        coin.goal = ln(1.0 + step.offset * 1e-6)
        coin.speed = step.qty * 1e-3
    elif book.bid >= book.base and book.ask < book.base + WINDOW:
        act(w, k)
