# SPDX-License-Identifier: MIT
"""What a strategy knows and when: its money, its orders in quiet times, late trades, the world."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from seawall.engine.run import Engine
from seawall.engine.strategy import Metric, News, OrderNote, Strategy, Tick
from seawall.model.events import EventKind, Stream
from seawall.model.instrument import FeeTier, InstrumentKind
from seawall.model.market import Market
from seawall.model.order import Side

from .stage import (
    MS,
    PLAIN,
    T0,
    Stage,
    coin,
    delta,
    event,
    records,
    snapshot,
    trade,
    with_account,
    with_fills,
    with_latency,
)

LINEAR, INVERSE, SPOT = InstrumentKind.LINEAR, InstrumentKind.INVERSE, InstrumentKind.SPOT
TENTH = (FeeTier(Decimal("0.001"), Decimal("0.001")),)

# --- money ---------------------------------------------------------------------------------------


def slow_stage(kind: InstrumentKind) -> Stage:
    """Orders act at once, their reports take twenty milliseconds."""
    held = {
        LINEAR: (("USDT", Decimal(1_000_000)),),
        SPOT: (("USDT", Decimal(1_000_000)), ("BTC", Decimal(500))),
        INVERSE: (("BTC", Decimal(100)),),
    }[kind]
    account = with_account(deposits=held, report_currency=held[0][0])
    settings = replace(account, latency=with_latency(0, 20).latency)
    tick = "0.5" if kind is INVERSE else "1"
    return Stage(coin(kind, tick=tick, fees=TENTH), feeds=("trades",), settings=settings)


def equity(stage: Stage) -> float:
    """Equity as the strategy is told it."""
    return stage.engine.equity()


def test_equity_knows_of_a_fill_when_its_report_arrives_and_not_before() -> None:
    stage = slow_stage(LINEAR)
    stage.play(trade(0, 100, 1, buys=True))
    stage.buy(10)
    stage.play(trade(1, 100, 1, buys=True), trade(10, 110, 1, buys=True))
    assert stage.position == 10, "the venue has filled us"
    assert equity(stage) == 1_000_000, "neither the profit of 100 nor the fee of 1 is known"
    assert stage.engine.account().positions == ()
    stage.play(trade(30, 110, 1, buys=True))
    assert equity(stage) == 1_000_000 + 100 - 1
    (position,) = stage.engine.account().positions
    assert (position.quantity, position.unrealized) == (10, 100)


def test_an_account_shows_what_a_closing_fill_realized_once_it_is_told() -> None:
    stage = slow_stage(LINEAR)
    stage.play(trade(0, 100, 1, buys=True))
    stage.buy(10)
    stage.play(trade(1, 100, 1, buys=True), trade(30, 120, 1, buys=True))
    stage.sell(4)
    stage.play(trade(31, 120, 1, buys=True))
    before = stage.engine.account()
    assert (before.positions[0].quantity, before.balances[0].realized) == (10, 0)
    assert before.positions[0].entry_price == 100
    stage.play(trade(60, 120, 1, buys=True))
    after = stage.engine.account()
    assert (after.positions[0].quantity, after.balances[0].realized) == (6, 80)


@pytest.mark.parametrize("kind", [LINEAR, INVERSE, SPOT])
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(90, 110)), min_size=1, max_size=12))
@tries(max_examples=25, deadline=None)
def test_told_equity_is_what_a_venue_without_delay_would_have_shown_earlier(
    kind: InstrumentKind, steps: list[tuple[int, int]]
) -> None:
    # One deal every fifty milliseconds at one price each, reports after twenty: what is told
    # ten after a deal is the account before it, at the new price.
    stage = slow_stage(kind)
    stage.play(trade(0, 100, 1, buys=True))
    for n, (lots, px) in enumerate(steps):
        at = 50 * n + 1
        stage.play(trade(at, px, 1, buys=True))
        if lots:
            (stage.buy if lots > 0 else stage.sell)(abs(lots))
        before = equity(stage)
        account = stage.engine.account()
        stage.play(trade(at + 1, px, 1, buys=True), trade(at + 10, px, 1, buys=True))
        world = stage.engine.world.copy()
        assert equity(stage) == pytest.approx(before, rel=1e-12)
        later = stage.engine.account()
        assert later.balances == account.balances
        assert later.positions == account.positions
        assert np.array_equal(stage.engine.world, world), "asking changes nothing"
        stage.play(trade(at + 30, px, 1, buys=True))
    told, row = stage.engine.account(), stage.ledger()
    scale = Decimal(stage.scale)
    assert told.balances[0].cash == Decimal(row["cash"]) / scale


# --- quiet times ----


class Waiter(Strategy):
    """Sends one order at the first trade and notes the clock of all it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def on_start(self) -> None:
        self.every("100ms")

    def on_trade(self, trade: Tick) -> None:
        if not self.heard:
            self.buy(1, price=90)
        self.heard.append(("trade", (trade.ts - T0) / MS))

    def on_order(self, note: OrderNote) -> None:
        self.heard.append((note.state.name, (self.now_ns - T0) / MS))

    def on_timer(self, ts: int) -> None:
        if ts > T0 and len(self.heard) < 5:
            self.heard.append(("timer", (ts - T0) / MS))


def waiting(*rows: np.void, cut: int | None = None) -> list[tuple[str, float]]:
    instrument = coin(LINEAR)
    waiter = Waiter()
    market = Market((instrument,), (Stream("sim", instrument.symbol, "trades"),))
    engine = Engine(market, waiter, with_latency(5, 5))
    whole = records(rows)
    for part in (whole,) if cut is None else (whole[:cut], whole[cut:]):
        engine.feed(part)
    return waiter.heard


@pytest.mark.parametrize("cut", [None, 1, 2])
def test_an_order_is_answered_in_its_time_although_the_venue_is_quiet(cut: int | None) -> None:
    rows = (trade(0, 100, 1, buys=True), trade(20_000, 100, 1, buys=True),
            trade(20_001, 100, 1, buys=True))  # fmt: skip
    assert waiting(*rows, cut=cut)[:4] == [
        ("trade", 0.0), ("WORKING", 10.0), ("timer", 100.0), ("timer", 200.0),
    ]  # fmt: skip


def test_a_feed_that_lags_is_waited_for() -> None:
    # The feed lags by 150 ms: at the first timer, records from before the order's arrival
    # may still come; at the second none can.
    late = [trade(0, 100, 1, buys=True, lag_ms=150), trade(20_000, 100, 1, buys=True)]
    assert waiting(*late)[:4] == [
        ("trade", 0.0), ("timer", 100.0), ("WORKING", 100.0), ("timer", 200.0),
    ]  # fmt: skip


# --- late trades ----


def queued(late_ms: float) -> Stage:
    """One lot resting behind ten, the queue pessimistic."""
    settings = with_fills(queue="pessimistic", late_trade_ns=int(late_ms * MS))
    stage = Stage(feeds=("depth", "trades"), settings=settings)
    stage.play(snapshot(0, {99: 10}, {101: 10}))
    stage.buy(1, price=99)
    return stage.play(delta(1, Side.BUY, 98, 1))


def test_a_trade_that_comes_after_its_depth_change_shortens_the_queue_once() -> None:
    stage = queued(50)
    stage.play(delta(10, Side.BUY, 99, 4), trade(12, 99, 6, buys=False, stream=1))
    assert stage.position == 0, "six of ten are gone, four stand ahead"
    stage.play(trade(20, 99, 4, buys=False, stream=1))
    assert stage.position == 0, "exactly the queue"
    stage.play(trade(21, 99, 1, buys=False, stream=1))
    assert stage.position == 1


@pytest.mark.parametrize(("late_ms", "trade_ms"), [(0, 12), (5, 80)])
def test_without_the_setting_or_after_its_time_a_trade_counts_for_itself(
    late_ms: float, trade_ms: float
) -> None:
    stage = queued(late_ms)
    stage.play(delta(10, Side.BUY, 99, 4), trade(trade_ms, 99, 6, buys=False, stream=1))
    assert stage.position == 1


def test_a_trade_that_comes_before_its_depth_change_is_not_touched_by_the_setting() -> None:
    stage = queued(50)
    stage.play(trade(10, 99, 6, buys=False, stream=1), delta(12, Side.BUY, 99, 4))
    assert stage.position == 0
    stage.play(trade(20, 99, 5, buys=False, stream=1))
    assert stage.position == 1


# --- metrics and news ----


class Reader(Strategy):
    """Writes down what it learns of the world, and between which trades."""

    def __init__(self) -> None:
        self.read: list[object] = []

    def on_trade(self, trade: Tick) -> None:
        self.read.append(trade.ts)

    def on_metric(self, metric: Metric) -> None:
        assert metric.ts == self.now_ns
        self.read.append((metric.venue, metric.symbol, metric.name, metric.value))

    def on_news(self, news: News) -> None:
        self.read.append(news.fields["title"])


def test_metrics_and_news_reach_their_hooks_in_the_order_of_receiving() -> None:
    streams = (
        Stream("sim", "BTC/USDT:USDT", "trades"),
        Stream("chain", "BTC/USD", "metric", columns=("fees", "active")),
        Stream("press", "CRYPTO/USD", "news"),
    )
    market = Market((coin(LINEAR),), streams, news={2: [{"title": "old"}, {"title": "fork"}]})
    value = int(np.float64(-12.25).view(np.int64))
    rows = records([
        trade(0, 100, 1, buys=True),
        event(1, EventKind.METRIC, 1, value, stream=1),
        event(2, EventKind.NEWS, 0, 1, stream=2),
        trade(2, 101, 1, buys=True),
    ])  # fmt: skip
    reader = Reader()
    engine = Engine(market, reader, PLAIN)
    engine.feed(rows)
    assert reader.read == [T0, ("chain", "BTC/USD", "active", -12.25), "fork", T0 + 2 * MS]
    assert market.instrument_of_stream() == [0, -1, -1]


def test_a_strategy_without_those_hooks_is_not_woken_by_them() -> None:
    streams = (Stream("sim", "BTC/USDT:USDT", "trades"), Stream("chain", "X/Y", "metric"))
    waiter = Waiter()
    engine = Engine(Market((coin(LINEAR),), streams), waiter, PLAIN)
    engine.feed(records([event(ms, EventKind.METRIC, 0, 0, stream=1) for ms in range(5)]))
    assert waiter.heard == []
