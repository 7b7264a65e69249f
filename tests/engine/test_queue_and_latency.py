# SPDX-License-Identifier: MIT
"""Queue positions, consumed liquidity, own impact, and time on the way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.engine import layout as L
from seawall.engine.settings import LatencySettings
from seawall.model.order import OrderState, RejectReason, Side

from .stage import (
    MS,
    PLAIN,
    T0,
    Stage,
    delta,
    snapshot,
    top,
    trade,
    with_fills,
    with_latency,
)

BUY, SELL = Side.BUY, Side.SELL
MODELS = ("pessimistic", "probabilistic", "optimistic")


def tick(ms: float, lag_ms: float = 0) -> np.void:
    return delta(ms, BUY, 50, int(ms) + 1, lag_ms=lag_ms)


def resting(model: str, ahead: int = 10, **fills: object) -> Stage:
    """One lot of our own behind so many at 99."""
    stage = Stage(settings=with_fills(queue=model, **fills))
    stage.play(snapshot(0, {99: ahead, 90: 500}, {101: 50}))
    stage.buy(8, price=99)
    return stage.play(tick(1))


# --- the queue --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "filled"),
    [
        # 10 ahead; 10 join behind; 6 cancel; a trade of 8.
        # pessimistic: nobody ahead left: 10 - 8 = 2 stay, nothing for us.
        ("pessimistic", 0),
        # probabilistic, power 2: front 10, behind 10: half of 6 = 3 left in front: 7 ahead;
        # the trade of 8 reaches us with 1.
        ("probabilistic", 1),
        # optimistic: all 6 stood ahead: 4 ahead, 4 for us.
        ("optimistic", 4),
    ],
)
def test_the_worked_example_of_the_three_queue_models(model: str, filled: int) -> None:
    stage = resting(model)
    stage.play(delta(2, BUY, 99, 20), delta(3, BUY, 99, 14), trade(4, 99, 8, buys=False))
    assert stage.position == filled


def test_a_trade_that_the_book_then_shows_is_not_counted_as_cancels() -> None:
    for model in MODELS:
        stage = resting(model)
        stage.play(trade(2, 99, 4, buys=False), delta(3, BUY, 99, 6))
        stage.play(trade(4, 99, 5, buys=False), delta(5, BUY, 99, 1), trade(6, 99, 2, buys=False))
        assert stage.position == 1, model


def test_a_trade_through_our_price_fills_us_whole() -> None:
    for model in MODELS:
        stage = resting(model).play(trade(2, 98, 1, buys=False))
        assert stage.fills() == [(1, 8, 99, 1)], model


def test_a_trade_on_the_other_side_or_of_the_other_taker_leaves_us_alone() -> None:
    stage = resting("optimistic", ahead=0 + 1)
    stage.play(trade(2, 99, 50, buys=True), trade(3, 101, 50, buys=True))
    assert stage.position == 0


def test_two_own_orders_at_a_price_share_what_a_trade_brings() -> None:
    stage = resting("pessimistic")
    stage.buy(5, price=99)
    stage.play(tick(2), trade(3, 99, 13, buys=False))
    assert stage.position == 3
    stage.play(delta(4, BUY, 99, 4), trade(5, 99, 7, buys=False))
    # Nothing recorded is ahead of either now: five to the first, two to the second.
    assert stage.position == 10
    assert [int(f["order_id"]) for f in stage.outcome().fills] == [1, 1, 2]


def test_the_book_moving_to_our_price_fills_what_it_shows_there() -> None:
    stage = resting("pessimistic")
    stage.play(delta(2, BUY, 99, 0), delta(3, SELL, 99, 3))
    assert stage.position == 3
    stage.play(delta(4, SELL, 99, 20))
    assert stage.fills() == [(1, 3, 99, 1), (1, 5, 99, 1)]


def test_a_book_known_to_be_wrong_fills_nobody() -> None:
    from seawall.model.events import BookState, EventKind

    from .stage import event

    stage = resting("optimistic").play(event(2, EventKind.STATUS, int(BookState.GAPPED)))
    stage.play(delta(3, SELL, 95, 20))
    assert stage.position == 0
    stage.play(trade(4, 98, 1, buys=False))
    assert stage.position == 8, "trades are facts also then"


def test_a_snapshot_shortens_the_queue_of_levels_that_it_no_longer_shows() -> None:
    stage = resting("pessimistic").play(snapshot(2, {98: 5}, {101: 5}))
    stage.play(trade(3, 99, 2, buys=False))
    assert stage.position == 2


def test_a_snapshot_beyond_our_price_fills_us() -> None:
    stage = resting("pessimistic").play(snapshot(2, {95: 5}, {97: 50}))
    assert stage.position == 8


@pytest.mark.parametrize(("model", "filled"), [("pessimistic", 0), ("probabilistic", 5)])
def test_without_a_book_the_pessimist_waits_for_a_trade_through(model: str, filled: int) -> None:
    stage = Stage(feeds=("trades",), settings=with_fills(queue=model))
    stage.play(trade(0, 101, 1, buys=True))
    stage.buy(5, price=99)
    stage.play(trade(1, 101, 1, buys=True), trade(2, 99, 9, buys=False))
    assert stage.position == filled
    stage.play(trade(3, 98, 1, buys=False))
    assert stage.position == 5


def test_behind_the_top_of_the_book_the_queue_is_what_is_shown_when_it_comes_to_us() -> None:
    stage = Stage(feeds=("top", "trades"), settings=with_fills(queue="pessimistic"))
    stage.play(top(0, 100, 7, 102, 7))
    stage.buy(5, price=99)
    stage.play(top(1, 100, 7, 102, 7), top(2, 99, 30, 102, 7), trade(3, 99, 20, buys=False))
    assert stage.position == 0
    stage.play(top(4, 99, 10, 102, 7), trade(5, 99, 12, buys=False))
    assert stage.position == 2


def test_a_best_price_that_falls_away_leaves_us_alone_at_the_front() -> None:
    stage = Stage(feeds=("top", "trades"), settings=with_fills(queue="pessimistic"))
    stage.play(top(0, 100, 7, 102, 7))
    stage.buy(5, price=100)
    stage.play(top(1, 100, 7, 102, 7), top(2, 99, 30, 102, 7), trade(3, 100, 2, buys=False))
    assert stage.position == 2


MARKET = st.lists(
    st.tuples(st.sampled_from(["trade", "level"]), st.integers(0, 25)), min_size=1, max_size=40
)


@given(MARKET, st.integers(0, 30), st.integers(1, 40), st.integers(1, 4))
@settings(max_examples=60)
def test_one_resting_order_never_gets_more_from_a_more_pessimistic_model(
    market: list[tuple[str, int]], ahead: int, lots: int, power: int
) -> None:
    """For one order that rests on the same records the order of the models is a theorem.

    Its place is never further back under the more optimistic model: all three subtract
    the same trades, and of the cancels none, a share, or all; and both steps keep an
    order of two places.  Several orders need not obey it, because a fill changes margin
    and what other orders may do.
    """
    filled = []
    for model in MODELS:
        stage = Stage(settings=with_fills(queue=model, queue_power=power))
        stage.play(snapshot(0, {99: ahead, 90: 500} if ahead else {90: 500}, {101: 50}))
        stage.buy(lots, price=99)
        stage.play(tick(1))
        path = []
        for n, (what, qty) in enumerate(market):
            if what == "trade" and qty:
                stage.play(trade(n + 2, 99, qty, buys=False))
            elif what == "level":
                stage.play(delta(n + 2, BUY, 99, qty))
            path.append(stage.position)
        filled.append(path)
    for worse, better in pairwise(filled):
        assert all(a <= b for a, b in zip(worse, better, strict=True))


@given(MARKET, st.integers(0, 30), st.integers(1, 40), st.sampled_from(MODELS))
@settings(max_examples=60)
def test_an_order_never_gets_more_than_was_traded_at_its_price(
    market: list[tuple[str, int]], ahead: int, lots: int, model: str
) -> None:
    stage = Stage(settings=with_fills(queue=model))
    stage.play(snapshot(0, {99: ahead, 90: 500} if ahead else {90: 500}, {101: 50}))
    stage.buy(lots, price=99)
    stage.play(tick(1))
    traded = 0
    for n, (what, qty) in enumerate(market):
        if what == "trade" and qty:
            stage.play(trade(n + 2, 99, qty, buys=False))
            traded += qty
        elif what == "level":
            stage.play(delta(n + 2, BUY, 99, qty))
        assert stage.position <= min(lots, traded)


# --- what we took, and what we moved ------------------------------------------------------------


def test_what_one_order_took_the_next_does_not_get() -> None:
    stage = Stage().play(snapshot(0, {99: 10}, {101: 5, 102: 10}))
    stage.buy(3)
    stage.buy(4)
    stage.play(tick(1))
    assert stage.fills() == [(1, 3, 101, 0), (1, 2, 101, 0), (1, 2, 102, 0)]


def test_what_was_taken_comes_back_with_its_half_life() -> None:
    stage = Stage(settings=with_fills(consumed_half_ns=100 * MS))
    stage.play(snapshot(0, {99: 10}, {101: 8, 110: 50}))
    stage.buy(8)
    stage.play(tick(1), tick(101))
    stage.buy(8)  # after one half-life four are back
    stage.play(tick(102))
    assert stage.fills()[1:] == [(1, 4, 101, 0), (1, 4, 110, 0)]


def test_a_level_that_left_the_book_takes_our_memory_with_it() -> None:
    stage = Stage().play(snapshot(0, {99: 10}, {101: 5, 110: 50}))
    stage.buy(1, price=95)
    stage.buy(5)
    stage.play(tick(1), delta(2, SELL, 101, 0), delta(3, SELL, 101, 6))
    stage.buy(6)
    stage.play(tick(4))
    assert stage.fills()[1:] == [(1, 6, 101, 0)]


def test_the_memory_of_a_long_walk_keeps_the_largest_levels() -> None:
    asks = {101 + k: 2 + (20 if k == 0 else 0) for k in range(20)}
    stage = Stage().play(snapshot(0, {99: 10}, {**asks, 200: 900}))
    stage.buy(sum(asks.values()))
    stage.play(tick(1))
    stage.buy(1)
    stage.play(tick(2))
    assert stage.fills()[-1][2] != 101, "the best level was the largest: it is not given twice"


def test_own_impact_moves_the_price_against_the_next_order_and_fades() -> None:
    moved = with_fills(impact=Decimal("0.5"), impact_half_ns=100 * MS)
    stage = Stage(settings=moved)
    stage.play(snapshot(0, {99: 900}, {101 + k: 2 for k in range(40)}))
    stage.buy(16)  # walks 8 levels, 101 to 108: half of 8 ticks, 4, stand against us
    stage.play(tick(1))
    stage.buy(1)
    stage.play(tick(2))
    assert stage.fills()[-1][2] == 109 + 3, "a millisecond later a little less than 4"
    stage.play(tick(1_002))
    stage.buy(1)  # ten half-lives later nothing is left of it, nor of the memory
    stage.play(tick(1_003), tick(60_000))
    assert stage.fills()[-1][2] < 112


def test_impact_never_makes_a_limit_order_pay_more_than_its_limit() -> None:
    moved = with_fills(impact=Decimal(1), impact_half_ns=10_000 * MS)
    stage = Stage(settings=moved)
    stage.play(snapshot(0, {99: 900}, {101 + k: 2 for k in range(40)}))
    stage.buy(20)
    stage.play(tick(1))
    stage.buy(2, price=112)
    stage.play(tick(2))
    limit = [f for f in stage.outcome().fills if f["order_id"] == 2]
    assert all(f["px"] <= 112 for f in limit)


def test_an_order_that_takes_nothing_moves_nothing() -> None:
    stage = Stage(settings=with_fills(impact=Decimal(1)))
    stage.play(snapshot(0, {99: 900}, {101: 2}))
    stage.sell(1, price=101)
    stage.play(tick(1))
    stage.buy(1)  # stopped by self-trade prevention
    stage.play(tick(2))
    assert stage.cell(L.I_IMPACT) == 0


# --- time on the way ----------------------------------------------------------------------------


def test_an_order_meets_the_market_of_its_arrival_not_of_its_sending() -> None:
    stage = Stage(settings=with_latency(10, 0)).play(snapshot(0, {99: 10}, {101: 10}))
    stage.buy(1)
    stage.play(delta(5, SELL, 101, 0, last=False), delta(5, SELL, 103, 10), tick(11))
    assert stage.fills() == [(1, 1, 103, 0)]


def test_an_answer_comes_after_the_way_back() -> None:
    stage = Stage(settings=with_latency(10, 7)).play(snapshot(0, {99: 10}, {101: 10}))
    stage.buy(1)
    stage.play(tick(11))
    assert stage.position == 1
    assert stage.engine.position(None) == 0, "nobody has told the strategy"
    assert stage.engine.open_orders(None)
    stage.wait(16.9)
    assert not stage.listener.fills
    stage.wait(17)
    assert [(f.ts - T0) / MS for f in stage.listener.fills] == [17]
    assert stage.engine.position(None) == 1
    assert not stage.engine.open_orders(None)
    assert (stage.outcome().fills["ts"][0] - T0) / MS == 10


def test_the_lag_of_the_feed_lets_the_venue_be_ahead_of_what_we_see() -> None:
    stage = Stage(settings=with_latency(5, 5))
    stage.play(snapshot(0, {99: 10}, {101: 10}, lag_ms=50))
    stage.buy(1)
    # Received at 40, but it happened at the venue at -10: before the order arrives.
    stage.play(delta(40, SELL, 101, 0, last=False, lag_ms=50), delta(40, SELL, 104, 9, lag_ms=50))
    assert stage.position == 0
    stage.play(tick(56, lag_ms=50))
    assert stage.fills() == [(1, 1, 104, 0)]
    assert (stage.outcome().fills["ts"][0] - T0) / MS == 5


def test_an_answer_never_comes_before_what_caused_it_was_seen() -> None:
    stage = Stage(settings=with_latency(1, 1))
    stage.play(snapshot(0, {99: 10}, {101: 10}, lag_ms=30))
    stage.buy(8, price=100)
    stage.play(tick(40, lag_ms=30), trade(60, 100, 8, buys=False, lag_ms=30))
    stage.wait(70)
    assert [(f.ts - T0) / MS for f in stage.listener.fills] == [60]


def test_a_cancel_that_races_a_fill_loses_when_it_arrives_later() -> None:
    stage = Stage(settings=with_latency(10, 10)).play(snapshot(0, {99: 10}, {101: 10}))
    order = stage.buy(1, price=100)
    stage.play(tick(20))
    stage.wait(30)
    assert stage.engine.cancel(order)
    stage.play(trade(39, 100, 1, buys=False), tick(41))
    assert stage.ended()[1].state is OrderState.FILLED


def test_a_cancel_that_races_a_fill_wins_when_it_arrives_first() -> None:
    stage = Stage(settings=with_latency(10, 10)).play(snapshot(0, {99: 10}, {101: 10}))
    order = stage.buy(1, price=100)
    stage.play(tick(20))
    stage.wait(30)
    assert stage.engine.cancel(order)
    stage.play(tick(40), trade(41, 100, 1, buys=False))
    assert stage.ended()[1].state is OrderState.CANCELLED


def test_commands_keep_their_order_also_when_the_later_one_is_faster() -> None:
    slow_fast = replace(PLAIN, latency=LatencySettings(sampled=((40 * MS, MS), (MS, MS))))
    for seed in range(6):
        stage = Stage(settings=replace(slow_fast, seed=seed))
        stage.play(snapshot(0, {99: 10}, {101: 10}))
        order = stage.buy(1, price=98)
        stage.engine.cancel(order)
        stage.play(tick(50), tick(100))
        assert stage.ended()[1].state is OrderState.CANCELLED


def _sampled(seed: int) -> np.ndarray:
    pairs = tuple((k * MS, (9 - k) * MS) for k in range(1, 9))
    stage = Stage(settings=replace(PLAIN, latency=LatencySettings(sampled=pairs), seed=seed))
    stage.play(snapshot(0, {99: 1_000}, {101: 1_000}))
    for k in range(1, 400):
        if k % 20 == 1:
            stage.buy(1)
        stage.play(tick(k))
    return stage.outcome().fills["ts"]


def test_sampled_latency_is_the_same_for_a_seed_and_differs_between_seeds() -> None:
    assert np.array_equal(_sampled(3), _sampled(3))
    assert not np.array_equal(_sampled(3), _sampled(4))
    ways = (_sampled(3) - T0) // MS - np.arange(0, 400, 20)[: _sampled(3).size]
    assert set(ways) <= set(range(1, 9))
    assert len(set(ways)) > 3


def test_a_stale_book_refuses_orders_that_open() -> None:
    stage = Stage(settings=replace(PLAIN, stale_ns=100 * MS))
    stage.play(snapshot(0, {99: 10}, {101: 10}))
    stage.wait(50)
    assert stage.engine.book_is_good(None)
    stage.wait(101)
    assert not stage.engine.book_is_good(None)
    stage.buy(1)
    stage.play(trade(150, 101, 1, buys=True))
    assert stage.ended()[1].reason is RejectReason.BOOK_NOT_GOOD
    stage.play(tick(160))
    assert stage.engine.book_is_good(None)
