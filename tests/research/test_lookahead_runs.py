# SPDX-License-Identifier: MIT
"""Strategies that know the future are found by their orders."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from seawall.engine.run import Engine
from seawall.engine.settings import EngineSettings, FillSettings
from seawall.engine.strategy import Strategy, TargetStrategy
from seawall.model.errors import ResearchError
from seawall.model.events import BarField, Stream, empty_bars
from seawall.model.instrument import perpetual
from seawall.model.market import Market
from seawall.research.lookahead_runs import check_strategy

MINUTE_NS = 60_000_000_000
SYMBOL = "BTC/USDT:USDT"
QUIET = EngineSettings(fills=FillSettings(slippage=Decimal(0), volume_cap=Decimal(0)))


@pytest.fixture(scope="module")
def market() -> Market:
    n, rng = 300, np.random.default_rng(4)
    bars = empty_bars(n)
    close = np.round(10_000 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))).astype(np.int64)
    bars[BarField.TS] = np.arange(1, n + 1) * MINUTE_NS
    bars[BarField.CLOSE] = close
    bars[BarField.OPEN] = close + rng.integers(-20, 21, n)
    bars[BarField.HIGH] = np.maximum(close, bars[BarField.OPEN]) + 5
    bars[BarField.LOW] = np.minimum(close, bars[BarField.OPEN]) - 5
    bars[BarField.VOLUME] = 1_000_000
    instrument = perpetual(SYMBOL, "0.01", "0.001")
    return Market((instrument,), (Stream("sim", SYMBOL, "bars_1m"),), bars=bars)


def through_engine(make):
    def run(market):
        engine = Engine(market, make(market), QUIET)
        engine.feed(market.events, market.bars)
        return engine.finish()

    return run


class Trend(Strategy):
    """Honest: long while the close is above the mean of the last ten."""

    def on_start(self):
        self.last = deque(maxlen=10)
        self.long = False

    def on_bar(self, bar):
        self.last.append(bar.close)
        above = bar.close > sum(self.last) / len(self.last)
        if above != self.long:
            self.long = above
            self.target_quantity(1.0 if above else 0.0)


class Closer(Trend):
    """Honest: sends an order when the data end."""

    def on_stop(self):
        self.sell(0.5)


class Amender(Strategy):
    """Honest: follows the market with one limit order."""

    def on_start(self):
        self.order = 0

    def on_bar(self, bar):
        price = round(bar.close * 0.99, 2)
        if not self.order or not self.amend(self.order, price=price):
            self.order = self.buy(1.0, price=price)


class Oracle(Trend):
    """Dishonest: was given the data and looks at the next close."""

    def __init__(self, market):
        self.closes = market.bars[BarField.CLOSE] * 0.01

    def on_bar(self, bar):
        ahead = min(bar.i + 1, len(self.closes) - 1)
        up = self.closes[ahead] > bar.close
        if up != self.long:
            self.long = up
            self.target_quantity(1.0 if up else 0.0)


class Threshold(Trend):
    """Dishonest: its threshold is the mean of all the data."""

    def __init__(self, market):
        self.mean = float(market.bars[BarField.CLOSE].mean()) * 0.01

    def on_bar(self, bar):
        above = bar.close > self.mean
        if above != self.long:
            self.long = above
            self.target_quantity(1.0 if above else 0.0)


class Unseeded(Trend):
    """Tosses a coin that nobody can toss again."""

    def on_bar(self, bar):
        if np.random.default_rng().random() < 0.5:
            self.buy(1.0)


class Idle(Strategy):
    """Never trades."""


@pytest.mark.parametrize("make", [lambda m: Trend(), lambda m: Closer(), lambda m: Amender()])
def test_an_honest_strategy_passes(market, make):
    report = check_strategy(through_engine(make), market, n_cuts=15)
    assert report.clean, report.sentence()
    assert report.compared > 10


def test_a_strategy_that_reads_the_next_close_is_found(market):
    report = check_strategy(through_engine(Oracle), market, n_cuts=15)
    assert not report.clean
    assert max(leak.reach for leak in report.leaks) == 1
    assert "next row" in report.mend
    first = report.leaks[0]
    assert first.ts == market.bars[BarField.TS, first.row]


def test_a_strategy_with_a_threshold_of_the_whole_sample_is_found(market):
    report = check_strategy(through_engine(Threshold), market, n_cuts=15)
    assert not report.clean
    assert "whole sample" in report.mend


def test_a_vectorised_rule_is_checked_through_the_engine_as_well(market):
    def centred(c):
        smooth = np.convolve(c["close"], np.ones(9) / 9, mode="same")
        return (c["close"] > smooth).astype(float)

    def trailing(c):
        sums = np.cumsum(np.insert(c["close"], 0, 0.0))
        ahead = np.arange(1, len(c["close"]) + 1)
        back = np.maximum(ahead - 9, 0)
        return (c["close"] > (sums[ahead] - sums[back]) / (ahead - back)).astype(float)

    found = check_strategy(through_engine(lambda m: TargetStrategy(centred)), market, n_cuts=15)
    clean = check_strategy(through_engine(lambda m: TargetStrategy(trailing)), market, n_cuts=15)
    assert not found.clean
    assert clean.clean, clean.sentence()


def test_a_strategy_that_is_random_is_told_apart(market):
    report = check_strategy(through_engine(lambda m: Unseeded()), market)
    assert not report.deterministic


def test_a_strategy_that_does_nothing_cannot_pass(market):
    with pytest.raises(ResearchError, match="no order"):
        check_strategy(through_engine(lambda m: Idle()), market)


def test_two_streams_keep_their_own_bars_in_the_altered_future(market):
    other = perpetual("ETH/USDT:USDT", "0.01", "0.001")
    bars = np.repeat(market.bars, 2, axis=1)
    bars[BarField.STREAM] = np.arange(bars.shape[1]) % 2
    bars[1:5, 1::2] //= 10
    both = replace(
        market, instruments=(*market.instruments, other),
        streams=(*market.streams, Stream("sim", other.symbol, "bars_1m")), bars=bars,
    )  # fmt: skip

    class Each(Strategy):
        def on_start(self):
            self.before = {}

        def on_bar(self, bar):
            if bar.close > self.before.get(bar.symbol, bar.close) * 1.005:
                self.buy(0.1, symbol=bar.symbol)
            self.before[bar.symbol] = bar.close

    report = check_strategy(through_engine(lambda m: Each()), both, n_cuts=8)
    assert report.clean, report.sentence()
