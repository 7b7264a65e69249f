# SPDX-License-Identifier: MIT
"""The account statement, and latency taken from recorded lags."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from seawall.engine.latency import latency_from_feed
from seawall.engine.run import Engine
from seawall.engine.settings import (
    AccountSettings,
    EngineSettings,
    FillSettings,
    LatencySettings,
)
from seawall.engine.strategy import Bar, Strategy
from seawall.model.account import Account
from seawall.model.errors import DataError
from seawall.model.events import Stream, empty_bars, empty_events
from seawall.model.instrument import Instrument, perpetual, spot
from seawall.model.market import Market

EXACT = EngineSettings(
    latency=LatencySettings(0, 0),
    fills=FillSettings(slippage=Decimal(0), volume_cap=Decimal(0)),
    account=AccountSettings(deposits=(("USDT", Decimal(10_000)),)),
)


class BuyOnce(Strategy):
    """Buys two at the first bar and reads the account at every bar."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []

    def on_bar(self, bar: Bar) -> None:
        if not self.accounts:
            self.buy(2.0)
        self.accounts.append(self.account())


def run(instrument: Instrument, closes: list[int]) -> list[Account]:
    bars = empty_bars(len(closes))
    bars[0] = np.arange(1, len(closes) + 1) * 60_000_000_000
    bars[1:5] = closes
    market = Market((instrument,), (Stream("sim", instrument.symbol, "bars_1m"),), bars=bars)
    strategy = BuyOnce()
    engine = Engine(market, strategy, EXACT)
    engine.feed(market.events, bars)
    return strategy.accounts


def test_a_statement_shows_the_position_at_its_entry_and_mark() -> None:
    first, _, last = run(perpetual("BTC/USDT:USDT", "0.1", "0.001"), [1000, 1000, 1100])
    assert first.positions == ()
    (position,) = last.positions
    assert position.quantity == 2
    assert position.entry_price == Decimal(100)
    assert position.mark_price == Decimal(110)
    assert position.unrealized == Decimal(20)
    # Taker fee 5 bps of 200.
    assert position.fees == Decimal("0.1")
    assert last.equity == pytest.approx(10_000 - 0.1 + 20)


def test_every_balance_is_the_sum_of_its_ledger() -> None:
    for account in run(spot("BTC/USDT", "0.1", "0.001"), [1000, 1000, 1100]):
        assert all(balance.is_conserved for balance in account.balances)
    usdt = next(b for b in account.balances if b.currency == "USDT")
    # 2 x 100 and 10 bps of fee left the account.
    assert usdt.cash == Decimal("9799.8")


def test_a_ledger_that_does_not_add_up_is_seen() -> None:
    from dataclasses import replace

    (account, *_) = run(spot("BTC/USDT", "0.1", "0.001"), [1000])
    assert not replace(account.balances[0], fees=Decimal(1)).is_conserved


def test_latency_is_drawn_from_the_recorded_lags() -> None:
    events = empty_events(100)
    events["lag_us"] = np.arange(100)
    latency = latency_from_feed(events, entry_factor=2.0, pairs=50, seed=3)
    assert len(latency.sampled) == 50
    assert {entry % 2_000 for entry, _ in latency.sampled} == {0}
    assert all(1_000 <= response <= 99_000 for _, response in latency.sampled)
    assert latency == latency_from_feed(events, entry_factor=2.0, pairs=50, seed=3)


def test_a_feed_without_lags_gives_no_latency() -> None:
    with pytest.raises(DataError, match="no lag"):
        latency_from_feed(empty_events(3))
