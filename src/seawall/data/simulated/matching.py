# SPDX-License-Identifier: MIT
"""The venues: price-time priority on integers, order by order.

A level belongs to one side at a time because a book is never crossed, so both sides
share one array of levels.  Best prices are kept, and found again by a walk when a level
empties.
"""

from __future__ import annotations

from typing import TypeAlias

from seawall.data.simulated.compiled import compiled, entry
from seawall.data.simulated.layout import (
    ADD,
    C_FREE,
    C_LIVE,
    C_LOG,
    C_NOW,
    C_NUMBER,
    CANCEL,
    DROP,
    EXEC,
    FOK,
    IOC,
    MARKET,
    POST,
    R_BAND,
    R_FOK,
    R_FULL,
    R_HALT,
    R_POST,
    R_UNKNOWN,
    REJECT,
    REST,
    SLOT_BITS,
    TAKE,
    WINDOW,
    Array,
    World,
)

Commands: TypeAlias = Array
_MASK = (1 << SLOT_BITS) - 1
_RATE = 1_000_000_000


@compiled
def write(
    w: World, what: int, b: int, side: int, px: int, qty: int, id_: int, other: int,
    agent: int, agent2: int, note: int, tif: int,
) -> None:  # fmt: skip
    """Append one line to the order log."""
    line = w.log[w.ctr[C_LOG]]
    w.ctr[C_LOG] += 1
    line.ts = w.ctr[C_NOW]
    line.type, line.book, line.side, line.tif = what, b, side, tif
    line.px, line.qty = px, qty
    line.id, line.other = id_, other
    line.agent, line.agent2, line.note = agent, agent2, note


@compiled
def move(w: World, b: int, buyer: int, seller: int, px: int, qty: int) -> int:
    """Move quantity and money between two agents without fees; returns the notional.

    Open interest is the sum of long positions and changes with both parties.
    """
    book = w.books[b]
    notional = px * qty * book.mult
    old_b, old_s = w.pos[buyer, b], w.pos[seller, b]
    book.oi += max(old_b + qty, 0) - max(old_b, 0) + max(old_s - qty, 0) - max(old_s, 0)
    w.pos[buyer, b] = old_b + qty
    w.pos[seller, b] = old_s - qty
    w.cash[buyer] -= notional
    w.cash[seller] += notional
    return notional


@compiled
def settle(w: World, b: int, buyer: int, seller: int, px: int, qty: int, buyer_takes: int) -> None:
    """Move quantity and money between two agents; fees go to the venue."""
    book = w.books[b]
    notional = move(w, b, buyer, seller, px, qty)
    taker = (notional * book.taker_fee + _RATE // 2) // _RATE
    maker = (notional * book.maker_fee + _RATE // 2) // _RATE
    w.cash[buyer] -= taker if buyer_takes else maker
    w.cash[seller] -= maker if buyer_takes else taker
    book.fee_box += taker + maker


@compiled
def unlink(w: World, b: int, slot: int) -> None:
    """Take an order out of its queue, free its slot, and find the best price again."""
    o = w.orders[slot]
    book = w.books[b]
    i = o.px - book.base
    level = w.levels[b, i]
    level.qty -= o.qty
    if o.prev > 0:
        w.orders[o.prev].next = o.next
    else:
        level.head = o.next
    if o.next > 0:
        w.orders[o.next].prev = o.prev
    else:
        level.tail = o.prev
    if level.head == 0:
        if o.side > 0 and o.px == book.bid:
            while i >= 0 and w.levels[b, i].head == 0:
                i -= 1
            book.bid = book.base + i
        elif o.side < 0 and o.px == book.ask:
            while i < WINDOW and w.levels[b, i].head == 0:
                i += 1
            book.ask = book.base + i
    o.id = 0
    o.next = w.ctr[C_FREE]
    w.ctr[C_FREE] = slot
    w.ctr[C_LIVE] -= 1


@compiled
def cancel(w: World, b: int, agent: int, id_: int, silent: int) -> int:
    """Cancel an order by id; an id that does not rest is refused.  Returns 1 if done."""
    slot = id_ & _MASK
    o = w.orders[slot]
    if id_ <= 0 or o.id != id_ or o.agent != agent or w.books[b].halted:
        if not silent:
            reason = R_HALT if w.books[b].halted else R_UNKNOWN
            write(w, REJECT, b, 0, 0, 0, id_, 0, agent, -1, reason, 0)
        return 0
    write(w, CANCEL, b, o.side, o.px, o.qty, id_, 0, agent, -1, o.note, 0)
    unlink(w, b, slot)
    return 1


@compiled
def available(w: World, b: int, agent: int, side: int, px: int, enough: int) -> int:
    """Lots of others that a taker could reach at ``px`` or better, up to ``enough``."""
    book = w.books[b]
    total = 0
    p = book.ask if side > 0 else book.bid
    while (p - px) * side <= 0 and 0 <= p - book.base < WINDOW and total < enough:
        slot = w.levels[b, p - book.base].head
        while slot > 0:
            if w.orders[slot].agent != agent:
                total += w.orders[slot].qty
            slot = w.orders[slot].next
        p += side
    return total


@compiled
def rest(w: World, b: int, agent: int, side: int, px: int, qty: int, note: int, id_: int) -> None:
    """Put an order at the end of its level's queue."""
    slot = id_ & _MASK
    o = w.orders[slot]
    o.id, o.agent, o.book, o.side, o.note = id_, agent, b, side, note
    o.px, o.qty, o.next = px, qty, 0
    book = w.books[b]
    level = w.levels[b, px - book.base]
    o.prev = level.tail
    if level.tail > 0:
        w.orders[level.tail].next = slot
    else:
        level.head = slot
    level.tail = slot
    level.qty += qty
    if side > 0:
        book.bid = max(book.bid, px)
    else:
        book.ask = min(book.ask, px)
    w.ctr[C_LIVE] += 1


@compiled
def take(w: World, b: int, agent: int, side: int, px: int, qty: int, note: int, id_: int) -> int:
    """Match against the other side; own resting orders met on the way are cancelled.

    Returns the lots left over.
    """
    book = w.books[b]
    while qty > 0:
        best = book.ask if side > 0 else book.bid
        i = best - book.base
        if (best - px) * side > 0 or i < 0 or i >= WINDOW:
            break
        slot = w.levels[b, i].head
        o = w.orders[slot]
        if o.agent == agent:
            write(w, CANCEL, b, -side, best, o.qty, o.id, id_, agent, agent, o.note, 0)
            unlink(w, b, slot)
            continue
        fill = min(qty, o.qty)
        write(w, EXEC, b, side, best, fill, o.id, id_, o.agent, agent, note, 0)
        if side > 0:
            settle(w, b, agent, o.agent, best, fill, 1)
        else:
            settle(w, b, o.agent, agent, best, fill, 0)
        book.last = best
        book.volume += fill
        qty -= fill
        if fill == o.qty:
            unlink(w, b, slot)
        else:
            o.qty -= fill
            w.levels[b, i].qty -= fill
    return qty


@compiled
def submit(w: World, b: int, agent: int, side: int, tif: int, px: int, qty: int, note: int) -> int:
    """Accept, match and rest one order.  Returns its id, 0 when it was refused."""
    book = w.books[b]
    if tif == MARKET:
        px = book.base + WINDOW - 1 if side > 0 else book.base
    marketable = px >= book.ask if side > 0 else px <= book.bid
    reason = 0
    if book.halted:
        reason = R_HALT
    elif qty <= 0 or px < book.base or px >= book.base + WINDOW:
        reason = R_BAND
    elif tif == POST and marketable:
        reason = R_POST
    elif w.ctr[C_FREE] == 0:
        reason = R_FULL
    elif tif == FOK and available(w, b, agent, side, px, qty) < qty:
        reason = R_FOK
    if reason:
        write(w, REJECT, b, side, px, qty, 0, 0, agent, -1, reason, tif)
        return 0
    slot = w.ctr[C_FREE]
    w.ctr[C_NUMBER] += 1
    id_ = (w.ctr[C_NUMBER] << SLOT_BITS) | slot
    if not marketable and tif != IOC and tif != FOK and tif != MARKET:
        w.ctr[C_FREE] = w.orders[slot].next
        write(w, ADD, b, side, px, qty, id_, 0, agent, -1, note, tif)
        rest(w, b, agent, side, px, qty, note, id_)
        return id_
    # The slot leaves the free list before matching, which frees others onto it.
    w.ctr[C_FREE] = w.orders[slot].next
    write(w, TAKE, b, side, px, qty, id_, 0, agent, -1, note, tif)
    left = take(w, b, agent, side, px, qty, note, id_)
    if left > 0 and (tif == IOC or tif == MARKET or tif == FOK):
        write(w, DROP, b, side, px, left, id_, 0, agent, -1, note, tif)
    elif left > 0:
        write(w, REST, b, side, px, left, id_, 0, agent, -1, note, tif)
        rest(w, b, agent, side, px, left, note, id_)
        return id_
    w.orders[slot].next = w.ctr[C_FREE]
    w.ctr[C_FREE] = slot
    return id_


@entry
def submit_many(w: World, commands: Commands) -> None:
    """Feed the venue alone: rows of MESSAGE with kind 0 (submit) or 1 (cancel)."""
    for i in range(len(commands)):
        c = commands[i]
        w.ctr[C_NOW] = c.ts
        if c.kind == 0:
            submit(w, c.book, c.agent, c.side, c.tif, c.px, c.qty, c.note)
        else:
            cancel(w, c.book, c.agent, c.id, 0)
