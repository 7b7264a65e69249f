# SPDX-License-Identifier: MIT
"""The book against a dictionary, through the engine, with windows small enough to move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.engine import layout as L
from seawall.model.events import BookState, EventKind
from seawall.model.order import OrderState, Side

from .stage import PLAIN, Stage, delta, event, snapshot, trade

BUY, SELL = Side.BUY, Side.SELL
TOP = 4
SMALL = replace(PLAIN, book_ticks=256, top_levels=TOP)


@dataclass
class Reference:
    """Two dictionaries of price to lots."""

    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)

    def set(self, side: Side, px: int, qty: int) -> None:
        book = self.bids if side is BUY else self.asks
        book.pop(px, None)
        if qty:
            book[px] = qty

    def best(self) -> tuple[int, int, int, int]:
        bid, ask = max(self.bids, default=0), min(self.asks, default=0)
        return bid, self.bids.get(bid, 0), ask, self.asks.get(ask, 0)

    def imbalance(self) -> float:
        bid = sum(self.bids[p] for p in sorted(self.bids, reverse=True)[:TOP])
        ask = sum(self.asks[p] for p in sorted(self.asks)[:TOP])
        return (bid - ask) / (bid + ask) if bid + ask else 0.0


def levels(stage: Stage, side: int) -> dict[int, int]:
    """Every level of a side, read from the words of the world: window and far map."""
    w = stage.engine.world
    book, ticks, far = stage.cell(L.I_BOOK), int(w[L.H_BOOK_TICKS]), int(w[L.H_BOOK_FAR])
    size = ticks + (ticks >> 6) + 2 * far
    start = book + L.BOOK_HEAD + side * size
    shift = int(w[book + L.B_SIDE0 + 8 * side + L.S_SHIFT])
    out = {}
    for pos in np.flatnonzero(w[start : start + ticks]).tolist():
        px = pos - shift if side == 0 else shift - pos
        out[px] = int(w[start + pos])
    prices = w[start + ticks + (ticks >> 6) :][:far]
    lots = w[start + ticks + (ticks >> 6) + far :][:far]
    for slot in np.flatnonzero(prices).tolist():
        assert int(prices[slot]) not in out, "a level stands in one place only"
        out[int(prices[slot])] = int(lots[slot])
    return out


def compare(stage: Stage, reference: Reference, *, whole: bool) -> None:
    seen = tuple(stage.cell(c) for c in (L.I_BID, L.I_BIDQ, L.I_ASK, L.I_ASKQ))
    assert seen == reference.best()
    assert stage.engine.imbalance(None) == pytest.approx(reference.imbalance(), abs=1e-15)
    if whole:
        assert levels(stage, 0) == reference.bids
        assert levels(stage, 1) == reference.asks


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("near"), st.booleans(), st.integers(1, 30), st.integers(0, 4)),
        st.tuples(st.just("far"), st.booleans(), st.integers(1, 3_000), st.integers(0, 3)),
        st.tuples(st.just("jump"), st.booleans(), st.integers(1, 900), st.just(0)),
        st.tuples(st.just("clear"), st.booleans(), st.integers(1, 5), st.integers(1, 3)),
    ),
    max_size=120,
)


@given(STEPS)
@settings(max_examples=150)
def test_the_book_equals_a_dictionary_after_every_change(steps: list) -> None:  # type: ignore[type-arg]
    stage, reference = Stage(settings=SMALL), Reference()
    mid = 5_000
    stage.play(snapshot(0, {mid - 1: 1}, {mid + 1: 1}))
    reference.set(BUY, mid - 1, 1)
    reference.set(SELL, mid + 1, 1)
    for n, (what, bid, distance, qty) in enumerate(steps):
        side = BUY if bid else SELL
        if what == "jump":
            mid = max(3_100, mid + (distance if bid else -distance))
            continue
        if what == "clear":
            book = reference.bids if bid else reference.asks
            for px in sorted(book, reverse=bid)[:distance]:
                stage.play(delta(n + 1, side, px, 0))
                reference.set(side, px, 0)
        else:
            px = mid - distance if bid else mid + distance
            stage.play(delta(n + 1, side, px, qty))
            reference.set(side, px, qty)
        compare(stage, reference, whole=False)
    compare(stage, reference, whole=True)
    assert stage.engine.world[L.H_FAR_LOST] == 0


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_a_long_walk_with_wide_tails_keeps_every_level(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stage, reference = Stage(settings=SMALL), Reference()
    stage.play(snapshot(0, {10_000: 5}, {10_010: 5}))
    reference.set(BUY, 10_000, 5)
    reference.set(SELL, 10_010, 5)
    mid, rows = 10_005, []
    for n in range(1_200):
        mid = max(6_000, mid + int(rng.integers(-12, 13)) * int(rng.random() < 0.2))
        side = BUY if rng.random() < 0.5 else SELL
        distance = min(5_000, 1 + int(abs(rng.standard_t(1.5)) * 20))
        px = mid - distance if side is BUY else mid + distance
        qty = int(rng.integers(0, 5))
        rows.append(delta(n + 1, side, px, qty))
        reference.set(side, px, qty)
        if n % 100 == 99:
            stage.play(*rows)
            rows = []
            compare(stage, reference, whole=True)


def test_a_snapshot_replaces_every_level_of_both_sides() -> None:
    stage = Stage(settings=SMALL)
    stage.play(snapshot(0, {99: 1, 50: 2}, {101: 3, 9_000: 4}), delta(1, BUY, 98, 5))
    stage.play(snapshot(2, {80_000: 7}, {80_005: 8}))
    assert (levels(stage, 0), levels(stage, 1)) == ({80_000: 7}, {80_005: 8})
    assert stage.engine.best_bid(None) == 80_000


def test_a_snapshot_may_leave_a_side_empty() -> None:
    stage = Stage().play(snapshot(0, {99: 1}, {101: 3})).play(snapshot(1, {98: 1}, {}))
    assert (stage.cell(L.I_BID), stage.cell(L.I_ASK), stage.cell(L.I_ASKQ)) == (98, 0, 0)


def state(stage: Stage) -> BookState:
    return BookState(stage.cell(L.I_STATE))


def test_changes_before_a_snapshot_make_no_good_book() -> None:
    stage = Stage().play(delta(0, BUY, 99, 5), delta(1, SELL, 101, 5))
    assert state(stage) is BookState.EMPTY
    assert not stage.engine.book_is_good(None)
    stage.play(snapshot(2, {99: 1}, {101: 1}))
    assert state(stage) is BookState.GOOD


def test_a_crossed_book_is_crossed_until_it_is_not() -> None:
    stage = Stage().play(snapshot(0, {99: 1}, {101: 1}), delta(1, BUY, 101, 4))
    assert state(stage) is BookState.CROSSED
    stage.buy(1, price=50)
    stage.play(delta(2, SELL, 110, 1))
    assert stage.ended()[1].state is OrderState.REJECTED
    stage.play(delta(3, SELL, 101, 0))
    assert state(stage) is BookState.GOOD


def test_a_message_is_judged_at_its_end_only() -> None:
    stage = Stage().play(snapshot(0, {99: 1}, {101: 1}))
    stage.play(delta(1, BUY, 101, 4, last=False), delta(1, SELL, 101, 0, last=True))
    assert state(stage) is BookState.GOOD


def test_a_gap_lasts_until_the_next_snapshot() -> None:
    stage = Stage().play(snapshot(0, {99: 1}, {101: 1}))
    stage.play(event(1, EventKind.STATUS, int(BookState.GAPPED)))
    stage.play(delta(2, BUY, 98, 4), delta(3, BUY, 102, 1), delta(4, BUY, 102, 0))
    assert state(stage) is BookState.GAPPED
    stage.play(snapshot(5, {99: 1}, {101: 1}))
    assert state(stage) is BookState.GOOD


def test_the_mark_is_the_mid_and_else_the_last_trade() -> None:
    stage = Stage().play(trade(0, 90, 1, buys=True), snapshot(1, {99: 1}, {102: 1}))
    assert stage.cell(L.I_MARK_FP) == 100.5 * 1024
    stage.play(trade(2, 95, 1, buys=True), snapshot(3, {99: 1}, {}))
    assert stage.cell(L.I_MARK_FP) == 95 * 1024


def test_the_width_of_the_window_changes_no_fill() -> None:
    fills = []
    for ticks in (256, 4_096):
        stage = Stage(settings=replace(PLAIN, book_ticks=ticks))
        stage.play(snapshot(0, {9_000 - 37 * k: 2 for k in range(60)}, {9_001: 1}))
        stage.sell(90)
        stage.sell(30, price=6_900)
        stage.play(delta(1, SELL, 20_000, 1))
        fills.append(stage.fills())
    assert fills[0] == fills[1]
    assert len(fills[0]) > 50
