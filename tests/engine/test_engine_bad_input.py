# SPDX-License-Identifier: MIT
"""What the engine refuses, and how it says so."""

from __future__ import annotations

import math
import traceback
from itertools import pairwise

import numpy as np
import pytest

from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings
from seawall.engine.strategy import Bar, OrderNote, Strategy, TargetStrategy, Tick
from seawall.model.errors import DataError, EngineError, OrderError
from seawall.model.events import Stream, empty_bars
from seawall.model.market import Market
from seawall.model.order import Side

from .stage import T0, Stage, coin, delta, records, snapshot, trade
from .test_bars import FLAT, FREE, MINUTE, bars_of

BOOK = ({99: 10}, {101: 10})


def on_bars(strategy: object) -> Engine:
    market = Market((coin(),), (Stream("sim", "BTC/USDT:USDT", "bars_1m"),))
    return Engine(market, strategy, FREE)  # type: ignore[arg-type]


@pytest.mark.parametrize("quantity", [math.nan, math.inf, -math.inf, 0.0, -1.0, 1e-9, 1e300])
def test_a_quantity_that_cannot_be_traded_is_an_error_that_names_it(quantity: float) -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    with pytest.raises(OrderError, match=r"quantity|lot") as error:
        stage.buy(quantity)
    assert error.value.mend
    assert not stage.engine.open_orders(None)


@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf, -5.0, 1e300, 99.5])
@pytest.mark.parametrize("term", ["price", "stop", "take_profit", "trail"])
def test_a_price_that_is_none_is_an_error(price: float, term: str) -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    with pytest.raises(OrderError, match=r"price|tick"):
        stage.buy(1, **{term: price})
    assert not stage.engine.open_orders(None)


@pytest.mark.parametrize("wanted", [math.nan, math.inf, -math.inf, 1e300])
def test_a_target_that_is_no_quantity_is_an_error(wanted: float) -> None:
    stage = Stage().play(snapshot(0, *BOOK), trade(1, 100, 1, buys=True))
    with pytest.raises(OrderError, match="target"):
        stage.engine.send_target(wanted, None)
    with pytest.raises(OrderError, match="target"):
        stage.engine.send_weight(wanted, None)


def test_vectorised_targets_must_be_quantities_and_as_many_as_bars() -> None:
    endless = on_bars(TargetStrategy(lambda b: b["close"] * np.inf))
    with pytest.raises(EngineError, match="no quantity"):
        endless.feed(None, bars_of(FLAT, FLAT))
    short = on_bars(TargetStrategy(lambda b: b["close"][1:]))
    with pytest.raises(EngineError, match="targets for"):
        short.feed(None, bars_of(FLAT, FLAT))


def test_two_triggers_contradict_each_other() -> None:
    stage = Stage().play(snapshot(0, *BOOK))
    with pytest.raises(OrderError, match="more than one trigger"):
        stage.buy(1, stop=105.0, take_profit=90.0)


def test_an_unknown_symbol_is_named_beside_the_known_ones() -> None:
    stage = Stage(coin(symbol="A/USDT:USDT"), coin(symbol="B/USDT:USDT"))
    stage.play(snapshot(0, *BOOK))
    with pytest.raises(EngineError, match="DOGE") as error:
        stage.buy(1, symbol="DOGE/USDT")
    assert "A/USDT:USDT" in error.value.mend
    with pytest.raises(EngineError, match="which instrument"):
        stage.buy(1)


def test_a_chunk_that_goes_back_in_time_is_refused_and_changes_nothing() -> None:
    stage = Stage().play(snapshot(10, *BOOK))
    before = stage.engine.world.copy()
    with pytest.raises(EngineError, match="back in time"):
        stage.play(delta(9, Side.BUY, 98, 1))
    assert np.array_equal(before, stage.engine.world)
    stage.play(delta(10, Side.BUY, 98, 1))


def test_records_out_of_order_within_a_market_are_refused() -> None:
    with pytest.raises(DataError, match="back in time"):
        Market((coin(),), (), records([trade(2, 1, 1, buys=True), trade(1, 1, 1, buys=True)]))


class Broken(Strategy):
    """Raises in one hook."""

    def __init__(self, hook: str) -> None:
        self.hook = hook

    def _maybe(self, hook: str) -> None:
        if hook == self.hook:
            raise ZeroDivisionError(f"in {hook}")

    def on_start(self) -> None:
        self._maybe("on_start")

    def on_bar(self, bar: Bar) -> None:
        self._maybe("on_bar")
        self.buy(1)

    def on_trade(self, trade: Tick) -> None:
        self._maybe("on_trade")
        self.buy(1)

    def on_order(self, note: OrderNote) -> None:
        self._maybe("on_order")


@pytest.mark.parametrize("hook", ["on_start", "on_bar", "on_order", "on_trade"])
def test_an_error_in_a_strategy_comes_through_and_ends_the_run(hook: str) -> None:
    if hook == "on_trade":
        market = Market((coin(),), (Stream("sim", "BTC/USDT:USDT", "trades"),))
        engine = Engine(market, Broken(hook), FREE)
        feed = lambda ms: engine.feed(records([trade(ms, 100, 1, buys=True)]))  # noqa: E731
    else:
        engine = on_bars(Broken(hook))
        feed = lambda ms: engine.feed(None, bars_of(FLAT, FLAT, FLAT, first=1 + ms))  # noqa: E731
    with pytest.raises(ZeroDivisionError, match=hook) as error:
        feed(0)
    frames = [f.name for f in traceback.extract_tb(error.value.__traceback__)]
    assert frames[-2:] == [hook, "_maybe"]
    with pytest.raises(EngineError, match="cut short"):
        feed(10)
    with pytest.raises(EngineError, match="cut short"):
        engine.finish()


def test_an_empty_market_gives_an_empty_outcome() -> None:
    for engine in (on_bars(Strategy()), Stage().engine):
        engine.feed()
        engine.feed(None, empty_bars())
        outcome = engine.finish()
        assert (outcome.fills.size, outcome.orders.size, outcome.equity.size) == (0, 0, 0)
        assert outcome.initial_equity == 1_000_000
        assert len(outcome.fingerprint) == 64


def test_a_market_without_instruments_is_refused() -> None:
    with pytest.raises(DataError, match="at least one instrument"):
        Market((), ())


def test_waiting_before_the_first_record_does_not_move_the_clock_past_it() -> None:
    stage = Stage().wait(50)
    stage.play(snapshot(0, *BOOK))
    assert stage.engine.now_ns == T0


def test_a_timer_set_from_a_bar_rings_although_nothing_else_happens() -> None:
    class Late(Strategy):
        def on_start(self) -> None:
            self.rang: list[int] = []

        def on_bar(self, bar: Bar) -> None:
            if bar.i == 2:
                self.every("60s")

        def on_timer(self, ts: int) -> None:
            assert ts == self.now_ns
            self.rang.append(ts)

    strategy = Late()
    engine = on_bars(strategy)
    engine.feed(None, bars_of(*[FLAT] * 6))
    first = T0 + 3 * MINUTE
    assert strategy.rang[0] > first
    assert [b - a for a, b in pairwise(strategy.rang)] == [MINUTE] * (len(strategy.rang) - 1)
    assert len(strategy.rang) >= 2


def test_finishing_twice_gives_the_same_outcome() -> None:
    stage = Stage(settings=EngineSettings()).play(snapshot(0, *BOOK))
    stage.buy(1, price=98)
    stage.play(trade(20, 100, 1, buys=True))
    assert stage.outcome().fingerprint == stage.outcome().fingerprint
