# SPDX-License-Identifier: MIT
"""One market record: what it does to book, marks, our orders and our money."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from seawall.engine.kernel.bits import as_bits, as_float
from seawall.engine.kernel.book import best_price, clear_book, set_level
from seawall.engine.kernel.jit import inlined, internal
from seawall.engine.kernel.liquidate import check_liquidation, close_by_force
from seawall.engine.kernel.margin import forget_bands
from seawall.engine.kernel.money import settle_funding
from seawall.engine.kernel.queue import after_snapshot, book_reaches, level_changed, trade_hits
from seawall.engine.kernel.rest import DELISTED, check_stops
from seawall.engine.kernel.sample import unit_rate
from seawall.engine.kernel.take import forget_level
from seawall.engine.layout import (
    B_SIDE0,
    H_FUNDING,
    H_MARGIN_POS,
    H_TRIGGER_MARK,
    I_ASK,
    I_ASKQ,
    I_BAND_HI,
    I_BAND_LO,
    I_BID,
    I_BIDQ,
    I_BOOK,
    I_HAS_BOOK,
    I_HAS_MARK,
    I_INDEX_FP,
    I_LAST,
    I_MARK_FP,
    I_N_LIVE,
    I_OWN_ASK,
    I_OWN_ASK_HIGH,
    I_OWN_BID,
    I_OWN_BID_LOW,
    I_POS,
    I_REMEMBERS,
    I_SEEN,
    I_SETTLE,
    I_STATE,
    I_STOPS,
    S_BEST,
    S_QTY,
)
from seawall.model.events import MARK_FP_BITS, BookState, EventFlag, EventKind

TRADE = int(EventKind.TRADE)
DELTA = int(EventKind.DELTA)
SNAPSHOT = int(EventKind.SNAPSHOT)
TOP = int(EventKind.TOP)
MARK = int(EventKind.MARK)
INDEX = int(EventKind.INDEX)
FUNDING = int(EventKind.FUNDING)
STATUS = int(EventKind.STATUS)
BUY = int(EventFlag.BUY)
LAST = int(EventFlag.LAST)
FIRST = int(EventFlag.FIRST)
GOOD = int(BookState.GOOD)
CROSSED = int(BookState.CROSSED)
GAPPED = int(BookState.GAPPED)


@inlined
def show_best(w, ip, b, side):
    """Copy the best level of a side of the book into the instrument's row."""
    head = b + B_SIDE0 + 8 * side
    best = w[head + S_BEST]
    at = ip + I_BID + side  # bid and ask stand side by side, so do their quantities
    w[at] = best_price(w, b, side)
    w[at + I_BIDQ - I_BID] = w[w[head + S_QTY] + best] if best >= 0 else 0


@internal
def mark_changed(w, inst, ip):
    """A new mark price: stops on marks, then liquidation."""
    if w[ip + I_STOPS] > 0 and w[H_TRIGGER_MARK]:
        check_stops(w, ip, w[ip + I_MARK_FP] >> MARK_FP_BITS)
    if w[H_MARGIN_POS] > 0 and w[ip + I_POS] != 0:
        if w[ip + I_BAND_LO] <= w[ip + I_MARK_FP] <= w[ip + I_BAND_HI]:
            return
        check_liquidation(w, inst)


@inlined
def mark_from_mid(w, inst, ip):
    """Without a mark feed the mark is the mid price, else the last trade."""
    if w[ip + I_HAS_MARK]:
        return
    fp = w[ip + I_LAST] << MARK_FP_BITS
    if w[ip + I_BID] > 0 and w[ip + I_ASK] > 0:
        fp = (w[ip + I_BID] + w[ip + I_ASK]) << (MARK_FP_BITS - 1)
    if fp <= 0 or fp == w[ip + I_MARK_FP]:
        return
    w[ip + I_MARK_FP] = fp
    if w[H_MARGIN_POS] > 0 or w[ip + I_STOPS] > 0:
        mark_changed(w, inst, ip)


@inlined
def on_trade(w, inst, ip, px, qty, flags):
    """A trade: last price, queue, stops."""
    w[ip + I_LAST] = px
    if w[ip + I_HAS_BOOK] == 0:
        w[ip + I_STATE] = GOOD
        mark_from_mid(w, inst, ip)
    if w[ip + I_N_LIVE] > 0:
        trade_hits(w, ip, px, qty, flags & BUY != 0)
        if w[ip + I_STOPS] > 0 and not w[H_TRIGGER_MARK]:
            check_stops(w, ip, px)


@inlined
def _touch_own(w, ip, side, px, qty, kind):
    """What a changed level does to our orders; the conditions are cheap, the calls rare."""
    if qty == 0 and w[ip + I_REMEMBERS]:
        forget_level(w, ip, px if side == 1 else -px)
    if side == 0:
        if w[ip + I_OWN_BID_LOW] <= px <= w[ip + I_OWN_BID]:
            level_changed(w, ip, 1, px, qty)
    elif w[ip + I_OWN_ASK] <= px <= w[ip + I_OWN_ASK_HIGH]:
        level_changed(w, ip, -1, px, qty)
    if kind == DELTA and (
        (w[ip + I_ASK] > 0 and w[ip + I_OWN_BID] >= w[ip + I_ASK])
        or w[ip + I_OWN_ASK] <= w[ip + I_BID]
    ):
        book_reaches(w, ip)


@inlined
def on_level(w, inst, ip, px, qty, flags, kind):
    """A level of a depth book, from a diff or within a snapshot."""
    b = w[ip + I_BOOK]
    if b == 0:
        return
    if kind == SNAPSHOT and flags & FIRST:
        clear_book(w, b, px)
        show_best(w, ip, b, 0)
        show_best(w, ip, b, 1)
        w[ip + I_STATE] = GOOD
        w[ip + I_HAS_BOOK] = 1
    elif w[ip + I_HAS_BOOK] != 1:  # diffs without a snapshot: a book, but not a good one
        clear_book(w, b, px)
        w[ip + I_HAS_BOOK] = 1
    side = 0 if flags & BUY else 1
    set_level(w, b, side, px, qty)
    show_best(w, ip, b, side)
    if w[ip + I_N_LIVE] > 0:
        _touch_own(w, ip, side, px, qty, kind)
        if kind == SNAPSHOT and flags & LAST:
            after_snapshot(w, ip)


@inlined
def end_of_message(w, inst, ip, ts):
    """After the last record of a book message: crossed or good, and the mark."""
    w[ip + I_SEEN] = ts
    state = w[ip + I_STATE]
    if w[ip + I_BID] > 0 and w[ip + I_ASK] > 0 and w[ip + I_BID] >= w[ip + I_ASK]:
        if state == GOOD:
            w[ip + I_STATE] = CROSSED
    elif state == CROSSED:
        w[ip + I_STATE] = GOOD
    mark_from_mid(w, inst, ip)


@internal
def on_top(w, inst, ip, px, qty, flags, ts):
    """Best level of a side from a top-of-book feed; ignored where depth is known."""
    if w[ip + I_HAS_BOOK] == 1:
        return
    w[ip + I_HAS_BOOK] = 2
    side = 1 if flags & BUY else -1
    if side > 0:
        before, w[ip + I_BID] = w[ip + I_BID], px
        w[ip + I_BIDQ] = qty
    else:
        before, w[ip + I_ASK] = w[ip + I_ASK], px
        w[ip + I_ASKQ] = qty
    if flags & LAST:
        if w[ip + I_STATE] != GAPPED:
            w[ip + I_STATE] = GOOD
        end_of_message(w, inst, ip, ts)
    if w[ip + I_N_LIVE] > 0:
        if before > 0 and side * (px - before) < 0:
            level_changed(w, ip, side, before, 0)  # the best has fallen back: nothing is there
        level_changed(w, ip, side, px, qty)
        if flags & LAST:
            book_reaches(w, ip)


@internal
def on_rare(w, inst, ip, kind, px, qty):
    """Marks, funding and status: a few records per second at most."""
    if kind == MARK:
        w[ip + I_HAS_MARK] = 1
        w[ip + I_MARK_FP] = qty
        mark_changed(w, inst, ip)
    elif kind == INDEX:
        w[ip + I_INDEX_FP] = qty
    elif kind == FUNDING:
        if w[ip + I_POS] != 0:
            forget_bands(w)
            amount = settle_funding(w, ip, qty) * unit_rate(w, w[ip + I_SETTLE])
            w[H_FUNDING] = as_bits(as_float(w[H_FUNDING]) + amount)
            if w[H_MARGIN_POS] > 0:
                check_liquidation(w, inst)
    elif kind == STATUS:
        if px == DELISTED:
            last = w[ip + I_LAST]
            if last == 0:
                last = (w[ip + I_MARK_FP] + 512) >> MARK_FP_BITS
            close_by_force(w, inst, last, 0)
        w[ip + I_STATE] = px
