# SPDX-License-Identifier: MIT
"""Orders of every type on books written by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from seawall.engine import layout as L
from seawall.model.order import OrderState, RejectReason, Side, TimeInForce

from .stage import (
    MS,
    PLAIN,
    T0,
    Stage,
    coin,
    delta,
    mark,
    snapshot,
    top,
    trade,
    with_fills,
    with_latency,
)

BUY, SELL = Side.BUY, Side.SELL
BOOK = ({99: 10, 98: 20, 97: 40}, {101: 5, 102: 10, 103: 20})
STATE, REASON = OrderState, RejectReason


def staged(**terms: object) -> Stage:
    return Stage(**terms).play(snapshot(0, *BOOK))  # type: ignore[arg-type]


def tick(ms: float) -> object:
    """A change far from everything, so that time passes at the venue."""
    return delta(ms, BUY, 50, int(ms) + 1)


def test_a_market_order_walks_the_levels_and_pays_each_level_its_price() -> None:
    stage = staged()
    stage.buy(12)
    stage.play(tick(1))
    assert stage.fills() == [(1, 5, 101, 0), (1, 7, 102, 0)]


def test_what_the_book_cannot_fill_of_a_market_order_is_cancelled() -> None:
    stage = staged()
    stage.sell(100)
    stage.play(tick(1))
    order = stage.ended()[1]
    assert (order.state, order.reason, order.filled) == (
        STATE.CANCELLED, REASON.NO_LIQUIDITY, 70,
    )  # fmt: skip
    assert stage.cell(L.I_PENDING) == 0


def test_a_market_order_reaches_levels_beyond_the_window_of_the_book() -> None:
    narrow = replace(PLAIN, book_ticks=256)
    stage = Stage(settings=narrow).play(snapshot(0, {99: 1}, {101: 1, 9_000: 5, 8_000: 3}))
    stage.buy(5)
    stage.play(tick(1))
    assert stage.fills() == [(1, 1, 101, 0), (1, 3, 8_000, 0), (1, 1, 9_000, 0)]


def test_a_limit_order_takes_up_to_its_price_and_rests_with_the_remainder() -> None:
    stage = staged()
    stage.buy(8, price=101)
    stage.play(tick(1))
    assert stage.fills() == [(1, 5, 101, 0)]
    stage.play(tick(2), tick(3))
    assert stage.position == 5, "the liquidity that it took must not come back as a maker fill"
    stage.play(trade(4, 101, 3, buys=False))
    assert stage.position == 8


def test_an_immediate_or_cancel_order_never_rests() -> None:
    stage = staged()
    stage.buy(8, price=101, tif=TimeInForce.IOC)
    stage.play(tick(1))
    order = stage.ended()[1]
    assert (order.state, order.filled) == (STATE.CANCELLED, 5)


def test_a_fill_or_kill_order_is_filled_whole_or_not_at_all() -> None:
    stage = staged()
    stage.buy(15, price=102, tif=TimeInForce.FOK)
    stage.buy(16, price=102, tif=TimeInForce.FOK)
    stage.play(tick(1))
    orders = stage.ended()
    assert (orders[1].state, orders[1].filled) == (STATE.FILLED, 15)
    assert (orders[2].state, orders[2].filled) == (STATE.CANCELLED, 0)
    assert orders[2].reason is REASON.FOK_NOT_FILLABLE


def test_a_good_till_date_order_ends_at_its_date_and_not_before() -> None:
    stage = staged()
    stage.buy(1, price=98, tif=TimeInForce.GTD, expire_ns=T0 + 50 * MS)
    stage.play(tick(1), tick(50))
    assert stage.engine.open_orders(None)
    stage.play(tick(51))
    order = stage.ended()[1]
    assert (order.state, order.ended_ms) == (STATE.EXPIRED, 50)


def test_an_order_that_arrives_after_its_date_expires_without_trading() -> None:
    stage = staged(settings=with_latency(20, 0))
    stage.buy(1, price=101, tif=TimeInForce.GTD, expire_ns=T0 + 10 * MS)
    stage.play(tick(30))
    order = stage.ended()[1]
    assert (order.state, order.filled) == (STATE.EXPIRED, 0)


def test_an_expiry_comes_before_a_later_command_also_when_both_are_due_at_once() -> None:
    stage = staged(settings=with_latency(20, 0))
    order = stage.buy(1, price=98, tif=TimeInForce.GTD, expire_ns=T0 + 40 * MS)
    stage.play(tick(30))
    stage.engine.cancel(order)  # reaches the venue at 50 ms
    stage.play(tick(60))
    assert (stage.ended()[1].state, stage.ended()[1].ended_ms) == (STATE.EXPIRED, 40)


def test_a_post_only_order_rests_and_is_refused_when_it_would_take() -> None:
    stage = staged()
    stage.buy(1, price=100, post_only=True)
    stage.buy(1, price=101, post_only=True)
    stage.play(tick(1))
    orders = stage.ended()
    assert orders[1].state is STATE.WORKING
    assert (orders[2].state, orders[2].reason) == (
        STATE.REJECTED, REASON.POST_ONLY_WOULD_TAKE,
    )  # fmt: skip


def test_a_reduce_only_order_is_cut_to_the_position() -> None:
    stage = staged()
    stage.buy(4)
    stage.play(tick(1))
    stage.sell(10, reduce_only=True)
    stage.play(tick(2))
    assert stage.position == 0
    assert stage.cell(L.I_PENDING) == 0, "lots that were cut are no longer on their way"


def test_a_reduce_only_order_that_would_open_is_refused() -> None:
    stage = staged()
    stage.sell(1, reduce_only=True)
    stage.play(tick(1))
    assert stage.ended()[1].reason is REASON.REDUCE_ONLY_WOULD_OPEN


def test_two_resting_reduce_only_orders_never_turn_the_position_around() -> None:
    stage = staged()
    stage.buy(4)
    stage.play(tick(1))
    stage.sell(4, price=105, reduce_only=True)
    stage.sell(4, price=105, reduce_only=True)
    stage.play(tick(2), trade(3, 106, 100, buys=True))
    assert stage.position == 0
    assert stage.ended()[3].state is STATE.CANCELLED


def test_a_stop_waits_for_its_trigger_and_then_takes() -> None:
    stage = staged(feeds=("depth", "trades"))
    stage.buy(2, stop=105)
    stage.play(tick(1), trade(2, 104, 1, buys=True))
    assert stage.position == 0
    stage.play(trade(3, 105, 1, buys=True))
    assert stage.fills() == [(1, 2, 101, 0)]


def test_a_stop_already_passed_acts_on_arrival() -> None:
    stage = staged().play(trade(1, 100, 1, buys=True))
    stage.sell(2, stop=100)
    stage.play(tick(2))
    assert stage.fills() == [(-1, 2, 99, 0)]


def test_a_stop_limit_rests_at_its_price_after_its_trigger() -> None:
    stage = staged()
    stage.buy(2, stop=105, price=100)
    stage.play(tick(1), trade(2, 105, 1, buys=True), tick(3))
    assert stage.position == 0
    stage.play(trade(4, 99, 1, buys=False))
    assert stage.fills() == [(1, 2, 100, 1)]


def test_a_take_profit_triggers_on_the_other_side_than_a_stop() -> None:
    stage = staged()
    stage.buy(4)
    stage.play(tick(1))
    stage.sell(4, take_profit=110)
    stage.play(trade(2, 90, 1, buys=False), tick(3))
    assert stage.position == 4
    stage.play(trade(4, 110, 1, buys=True))
    assert stage.position == 0


def test_a_trailing_stop_follows_the_best_price_at_its_distance() -> None:
    stage = staged().play(trade(1, 100, 1, buys=True))
    stage.buy(4)
    stage.play(tick(2))
    stage.sell(4, trail=5)
    stage.play(tick(3), trade(4, 120, 1, buys=True), trade(5, 116, 1, buys=False))
    assert stage.position == 4
    stage.play(trade(6, 115, 1, buys=False))
    assert stage.position == 0
    assert stage.outcome().orders["trigger"][-1] == 115


def test_stops_can_look_at_the_mark_price() -> None:
    stage = staged(settings=with_fills(trigger="mark"))
    stage.buy(1)
    stage.play(mark(1, 100))
    stage.sell(1, stop=95)
    stage.play(tick(2), trade(3, 90, 1, buys=False))
    assert stage.position == 1
    stage.play(mark(4, 95))
    assert stage.position == 0


def test_one_cancels_the_other() -> None:
    stage = staged()
    stage.buy(1, price=97, group=7)
    stage.buy(1, stop=105, group=7)
    stage.buy(1, price=96)
    stage.play(tick(1), trade(2, 105, 1, buys=True))
    orders = stage.ended()
    assert orders[2].state is STATE.FILLED
    assert orders[1].state is STATE.CANCELLED
    assert orders[3].state is STATE.WORKING


def test_bracket_children_wait_for_their_parent_and_cancel_one_another() -> None:
    stage = staged()
    listener = stage.listener
    entry, _, _ = listener.bracket(BUY, 3, price=100, stop=90, take_profit=110)
    stage.play(tick(1), trade(2, 110, 9, buys=True), trade(3, 95, 1, buys=False))
    assert stage.fills() == [(1, 3, 100, 1)], "a trade below fills the entry; nothing else yet"
    stage.play(tick(4), trade(5, 111, 9, buys=True), tick(6))
    orders = stage.ended()
    assert (orders[3].state, orders[2].state) == (STATE.FILLED, STATE.CANCELLED)
    assert stage.position == 0
    assert not stage.engine.is_open(entry)


def test_bracket_children_take_over_what_the_parent_filled() -> None:
    stage = staged()
    entry, _, _ = stage.listener.bracket(BUY, 9, price=100, stop=90, take_profit=110)
    stage.play(tick(1), trade(2, 100, 2, buys=False))
    stage.engine.cancel(entry)
    stage.play(tick(3), tick(4))
    orders = stage.ended()
    assert (orders[1].state, orders[1].filled) == (STATE.CANCELLED, 2)
    assert (orders[2].qty, orders[3].qty) == (2, 2)


def test_a_profit_order_filled_in_part_leaves_the_stop_to_protect_the_remainder() -> None:
    stage = staged()
    stage.listener.bracket(BUY, 5, price=101, stop=90, take_profit=110)
    stage.play(tick(1), tick(2), trade(3, 110, 2, buys=True))
    assert stage.position == 3
    stage.play(trade(4, 90, 1, buys=False), tick(5))
    assert stage.position == 0
    assert {o.state for o in stage.ended().values()} == {STATE.FILLED, STATE.CANCELLED}


def test_children_of_a_refused_entry_are_not_sent() -> None:
    stage = Stage(coin(min_notional=1_000)).play(snapshot(0, *BOOK))
    stage.buy(20)
    stage.play(tick(1))
    entry, protect, profit = stage.listener.bracket(BUY, 1, price=100, stop=90, take_profit=110)
    stage.play(tick(2))
    assert not stage.engine.open_orders(None)
    assert [stage.engine.is_open(order) for order in (entry, protect, profit)] == [False] * 3
    states = [stage.ended()[n].state for n in (2, 3, 4)]
    assert states == [STATE.REJECTED, STATE.CANCELLED, STATE.CANCELLED]


def test_a_child_of_a_parent_that_has_just_been_filled_is_sent_with_what_it_filled() -> None:
    stage = staged(settings=with_latency(0, 50))
    entry = stage.buy(20)
    stage.play(tick(1))
    stage.sell(20, stop=90, parent=entry)  # the answer to the entry is still on its way
    stage.play(tick(2), tick(3))
    child = stage.ended()[2]
    assert (child.state, child.qty) == (STATE.WORKING, 20)


def test_a_cancelled_parent_ends_its_children() -> None:
    stage = staged()
    entry, _, _ = stage.listener.bracket(BUY, 5, price=98, stop=90, take_profit=110)
    stage.play(tick(1))
    stage.engine.cancel(entry)
    stage.play(tick(2))
    assert not stage.engine.open_orders(None)


def test_cancelling_one_of_a_pair_also_ends_what_waits_for_it() -> None:
    stage = staged()
    entry = stage.buy(5, price=97, group=3)
    stage.buy(1, stop=105, group=3)
    stage.sell(5, stop=80, parent=entry)
    stage.play(tick(1), trade(2, 105, 1, buys=True), tick(3))
    assert not stage.engine.open_orders(None)


def test_an_amend_that_only_shrinks_keeps_the_place_in_the_queue() -> None:
    stage = staged()
    order = stage.buy(5, price=99)
    stage.play(tick(1), delta(2, BUY, 99, 30))
    stage.engine.amend(order, 0.0, 3.0)
    stage.play(tick(3), trade(4, 99, 12, buys=False))
    assert stage.position == 2, "10 lots stood ahead, the trade of 12 reaches us with 2"


@pytest.mark.parametrize("change", [{"price": 99.0, "quantity": 6.0}, {"price": 98.0}])
def test_an_amend_that_grows_or_moves_goes_to_the_end_of_the_queue(change: dict) -> None:
    stage = staged()
    order = stage.buy(5, price=99)
    stage.play(tick(1), delta(2, BUY, 99, 30))
    stage.engine.amend(order, change["price"], change.get("quantity", 0.0))
    stage.play(tick(3), trade(4, int(change["price"]), 12, buys=False))
    assert stage.position == 0


def test_an_amend_to_less_than_what_is_filled_cancels() -> None:
    stage = staged()
    order = stage.buy(5, price=100)
    stage.play(tick(1), trade(2, 100, 3, buys=False))
    stage.engine.amend(order, 0.0, 2.0)
    stage.play(tick(3))
    assert (stage.ended()[1].state, stage.ended()[1].filled) == (STATE.CANCELLED, 3)


def test_a_partly_filled_post_only_order_moved_through_the_book_is_cancelled() -> None:
    stage = staged()
    order = stage.buy(5, price=100, post_only=True)
    stage.play(tick(1), trade(2, 100, 3, buys=False))
    stage.engine.amend(order, 102.0, 0.0)
    stage.play(tick(3))
    ended = stage.ended()[1]
    assert (ended.state, ended.reason) == (STATE.CANCELLED, REASON.POST_ONLY_WOULD_TAKE)


def test_a_reduce_only_order_that_grows_by_an_amend_still_only_reduces() -> None:
    stage = staged()
    stage.buy(4)
    stage.play(tick(1))
    order = stage.sell(2, price=105, reduce_only=True)
    stage.play(tick(2))
    stage.engine.amend(order, 99.0, 9.0)
    stage.play(tick(3))
    assert stage.position == 0


@pytest.mark.parametrize(
    ("mode", "old", "new"),
    [
        ("cancel_newest", STATE.WORKING, STATE.CANCELLED),
        ("cancel_oldest", STATE.CANCELLED, STATE.FILLED),
        ("cancel_both", STATE.CANCELLED, STATE.CANCELLED),
    ],
)
def test_own_orders_never_trade_with_each_other(mode: str, old: STATE, new: STATE) -> None:
    stage = staged(settings=with_fills(self_trade=mode))
    stage.sell(2, price=101)
    stage.play(tick(1))
    stage.buy(3, price=101)
    stage.play(tick(2))
    orders = stage.ended()
    assert (orders[1].state, orders[2].state) == (old, new)
    cancelled = orders[1] if old is STATE.CANCELLED else orders[2]
    assert cancelled.reason is REASON.SELF_TRADE


def test_own_orders_inside_the_spread_are_seen_by_self_trade_prevention() -> None:
    stage = staged()
    stage.sell(2, price=100)
    stage.play(tick(1))
    stage.buy(2, price=100)
    stage.play(tick(2))
    orders = stage.ended()
    assert orders[1].state is STATE.WORKING
    assert (orders[2].state, orders[2].reason) == (STATE.CANCELLED, REASON.SELF_TRADE)


def test_top_of_book_gives_no_more_than_it_shows() -> None:
    stage = Stage(feeds=("top",)).play(top(0, 99, 4, 101, 6))
    stage.buy(10)
    stage.play(top(1, 99, 4, 101, 6))
    order = stage.ended()[1]
    assert (order.filled, order.state) == (6, STATE.CANCELLED)


def test_trades_alone_fill_at_the_last_price_with_slippage_up_to_the_limit() -> None:
    stage = Stage(feeds=("trades",), settings=with_fills(slippage=Decimal("0.02")))
    stage.play(trade(0, 1000, 1, buys=True))
    stage.buy(2)
    stage.buy(2, price=1005)
    stage.play(trade(1, 1000, 1, buys=True))
    assert stage.fills() == [(1, 2, 1020, 0), (1, 2, 1005, 0)]
