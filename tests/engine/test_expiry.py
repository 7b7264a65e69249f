# SPDX-License-Identifier: MIT
"""Expiry: dated contracts are settled in cash against fractions, and nothing is left over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from seawall.engine import layout as L
from seawall.engine.run import Engine
from seawall.engine.strategy import Bar, FillNote, OrderNote, Strategy
from seawall.model.events import MARK_FP_BITS, EventKind, Stream, empty_bars
from seawall.model.instrument import Instrument, InstrumentKind
from seawall.model.market import Market
from seawall.model.order import OrderState, RejectReason

from .stage import (
    MS,
    PLAIN,
    T0,
    Stage,
    coin,
    conserved,
    event,
    mark,
    records,
    trade,
    with_account,
)

FUTURE, OPTION, INVERSE = InstrumentKind.FUTURE, InstrumentKind.OPTION, InstrumentKind.INVERSE
LINEAR, SPOT = InstrumentKind.LINEAR, InstrumentKind.SPOT
UNIT = 10**8
EXPIRY_MS = 1_000
COINS = {"deposits": (("BTC", Decimal(100)),), "report_currency": "BTC"}


def future(**terms: object) -> Instrument:
    terms.setdefault("symbol", "BTC/USDT:USDT-231225")
    return coin(FUTURE, expiry_ns=T0 + EXPIRY_MS * MS, **terms)  # type: ignore[arg-type]


def option(strike: str, *, call: bool, **terms: object) -> Instrument:
    right = "C" if call else "P"
    terms.setdefault("symbol", f"BTC/USDT:USDT-231225-{strike}-{right}")
    return coin(
        OPTION, expiry_ns=T0 + EXPIRY_MS * MS, strike=Decimal(strike), is_call=call, **terms
    )  # type: ignore[arg-type]


def coin_option(strike: str, *, call: bool) -> Instrument:
    right = "C" if call else "P"
    return option(
        strike, call=call, symbol=f"BTC/USD:BTC-231225-{strike}-{right}", tick="0.0005", lot="0.1"
    )


def index(ms: float, price: str | float, tick: str = "1", *, stream: int = 0) -> np.void:
    """An index price in quote currency."""
    fp = round(Fraction(str(price)) / Fraction(tick) * (1 << MARK_FP_BITS))
    return event(ms, EventKind.INDEX, 0, fp, stream=stream)


def held(instrument: Instrument, lots: int, px: int, **account: object) -> Stage:
    """A stage that holds so many lots, dealt at a price in ticks."""
    base = with_account(**account) if account else PLAIN
    stage = Stage(instrument, feeds=("trades",), settings=base)
    stage.play(trade(0, px, 1, buys=True))
    step = float(instrument.lot)
    (stage.buy if lots > 0 else stage.sell)(abs(lots) * step)
    stage.play(trade(1, px, 1, buys=True))
    assert stage.position == lots
    return stage


def after(stage: Stage, px: int = 1) -> Stage:
    """Play one more record, later than the expiry."""
    return stage.play(trade(EXPIRY_MS + 1, px, 1, buys=True))


# --- golden ledgers ----


def test_a_future_is_settled_at_the_index_before_its_expiry() -> None:
    stage = held(future(), 10, 100)
    stage.play(index(900, 130.5))
    after(stage, 90)
    # 10 x (130.5 - 100) = 305, whatever its own last trade was.
    assert stage.ledger()["realized"] == 305 * UNIT
    assert stage.ledger()["cash"] == (1_000_000 + 305) * UNIT
    assert (stage.position, stage.cell(L.I_COST), stage.cell(L.I_POS_KNOWN)) == (0, 0, 0)
    (_, last) = stage.outcome().fills
    assert (int(last["settlement"]), int(last["liquidation"]), int(last["fee"])) == (1, 0, 0)
    assert (int(last["realized"]), int(last["position"])) == (305 * UNIT, 0)
    assert int(last["ts"]) == T0 + EXPIRY_MS * MS


def test_an_index_stamped_with_the_expiry_counts_and_a_later_one_does_not() -> None:
    stage = held(future(), 10, 100)
    stage.play(index(EXPIRY_MS, 120), index(EXPIRY_MS + 0.001, 200))
    assert stage.ledger()["realized"] == 200 * UNIT


def test_without_an_index_a_future_is_settled_at_its_mark_and_then_at_its_last_trade() -> None:
    marked = held(future(), -4, 100)
    marked.play(mark(900, 90))
    assert after(marked, 70).ledger()["realized"] == 40 * UNIT
    traded = held(future(), -4, 100)
    traded.play(trade(900, 95, 1, buys=True))
    assert after(traded, 70).ledger()["realized"] == 20 * UNIT


def test_a_call_in_the_money_pays_the_distance_and_one_out_of_it_nothing() -> None:
    # 5 calls at 100 bought for 12: 60 paid as cost. Index 130: 5 x 30 = 150, profit 90.
    stage = held(option("100", call=True), 5, 12)
    stage.play(index(900, 130))
    assert after(stage).ledger()["realized"] == 90 * UNIT
    # Index 99.5: worth nothing, the premium is lost.
    stage = held(option("100", call=True), 5, 12)
    stage.play(index(900, 99.5))
    assert after(stage).ledger()["realized"] == -60 * UNIT


def test_a_put_that_was_sold_pays_out_of_the_writers_account() -> None:
    # 3 puts at 200 sold for 7: 21. Index 180.25: 3 x 19.75 = 59.25; -38.25.
    stage = held(option("200", call=False), -3, 7)
    stage.play(index(900, 180.25))
    assert after(stage).ledger()["realized"] == -3_825 * UNIT // 100


def test_an_inverse_call_pays_coin_by_the_distance_over_the_index() -> None:
    # 20 lots of 0.1 at 40,000, bought for 100 ticks = 0.05 BTC each: cost 0.1 BTC.
    # Index 50,000: 2 x 10,000 / 50,000 = 0.4 BTC; profit 0.3 BTC.
    stage = held(coin_option("40000", call=True), 20, 100, **COINS)
    stage.play(index(900, 50_000, "0.0005"))
    assert after(stage).ledger()["realized"] == 3 * stage.scale // 10
    # 1/3 of a coin is rounded towards zero: index 60,000: 2 x 20,000 / 60,000 = 0.666...
    stage = held(coin_option("40000", call=True), 20, 100, **COINS)
    stage.play(index(900, 60_000, "0.0005"))
    assert after(stage).ledger()["realized"] == 2 * stage.scale // 3 - stage.scale // 10


def test_an_inverse_future_is_settled_in_coin() -> None:
    dated = coin(INVERSE, "BTC/USD:BTC-231225", tick="0.5", expiry_ns=T0 + EXPIRY_MS * MS)
    stage = held(dated, 1_000, 40_000, **COINS)  # 1,000 USD at 20,000
    stage.play(index(900, 25_000, "0.5"))
    # 1,000 (1/20,000 - 1/25,000) = 0.01 BTC
    assert after(stage).ledger()["realized"] == stage.scale // 100


# --- what stands for the index ----


def test_spot_of_the_same_pair_stands_for_an_index_that_no_feed_gives() -> None:
    dated, pair = option("100", call=True), coin(SPOT, tick="0.5")
    stage = Stage(pair, dated, feeds=("trades",))
    stage.play(trade(0, 200, 1, buys=True), trade(0, 12, 1, buys=True, stream=1))
    stage.buy(5, symbol=dated.symbol)
    stage.play(trade(1, 250, 1, buys=True))  # 125 USDT
    stage.play(trade(EXPIRY_MS + 1, 100, 1, buys=True))
    assert stage.ledger()["realized"] == (5 * 25 - 5 * 12) * UNIT


# --- orders and knowledge ----


def test_open_orders_end_at_the_expiry_and_later_ones_are_refused() -> None:
    stage = held(future(), 10, 100)
    resting = stage.buy(1, price=50)
    stage.play(trade(10, 100, 1, buys=True))
    after(stage)
    late = stage.buy(1, price=50)
    stage.play(trade(EXPIRY_MS + 2, 100, 1, buys=True), trade(EXPIRY_MS + 3, 100, 1, buys=True))
    ended = stage.ended()
    assert ended[resting >> 12].state is OrderState.CANCELLED
    assert ended[resting >> 12].ended_ms == EXPIRY_MS
    assert (ended[late >> 12].state, ended[late >> 12].reason) == (
        OrderState.REJECTED, RejectReason.BOOK_NOT_GOOD,
    )  # fmt: skip


def test_an_order_on_its_way_at_the_expiry_finds_a_contract_that_has_ended() -> None:
    slow = replace(PLAIN, latency=replace(PLAIN.latency, entry_ns=5 * MS))
    stage = Stage(future(), feeds=("trades",), settings=slow)
    stage.play(trade(EXPIRY_MS - 2, 100, 1, buys=True))
    stage.buy(1)
    stage.play(trade(EXPIRY_MS + 10, 100, 1, buys=True))
    assert stage.position == 0
    assert [o.state for o in stage.ended().values()] == [OrderState.REJECTED]


class Teller(Strategy):
    """Buys once and writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def on_trade(self, trade: object) -> None:
        if not self.told:
            self.buy(2)
            self.told.append(("sent", 0))

    def on_fill(self, fill: FillNote) -> None:
        self.told.append((fill.side.name, round(fill.quantity)))

    def on_order(self, note: OrderNote) -> None:
        self.told.append((note.state.name, 0))


def test_a_strategy_is_told_of_the_settlement_after_the_response_latency() -> None:
    stage = Stage(future(), feeds=("trades",), settings=replace(PLAIN, latency=replace(
        PLAIN.latency, response_ns=20 * MS)))  # fmt: skip
    teller = Teller()
    engine = Engine(Market(stage.instruments, stage.engine.streams), teller, stage.engine.settings)
    rows = [trade(t, 100, 1, buys=True) for t in (0, 1, 100, EXPIRY_MS + 5, EXPIRY_MS + 30)]
    engine.feed(records(rows[:4]))
    assert teller.told == [("sent", 0), ("WORKING", 0), ("BUY", 2), ("FILLED", 0)]
    assert teller.position() == 2, "the report of the settlement is on its way"
    engine.feed(records(rows[4:]))
    assert teller.told[4:] == [("SELL", 2), ("FILLED", 0)]
    assert engine.finish().fills["position"].tolist() == [2, 0]


def test_other_contracts_of_the_account_live_on() -> None:
    dated, lasting = future(), coin(LINEAR)
    stage = Stage(dated, lasting, feeds=("trades",))
    stage.play(trade(0, 100, 1, buys=True), trade(0, 100, 1, buys=True, stream=1))
    stage.buy(3, symbol=dated.symbol)
    stage.buy(4, symbol=lasting.symbol)
    stage.play(trade(1, 100, 1, buys=True), trade(1, 100, 1, buys=True, stream=1))
    stage.play(trade(EXPIRY_MS + 1, 110, 1, buys=True, stream=1))
    assert (stage.cell(L.I_POS, 0), stage.cell(L.I_POS, 1)) == (0, 4)
    assert stage.engine.world[L.H_MARGIN_POS] == 1
    stage.play(trade(EXPIRY_MS + 2, 1, 1, buys=True, stream=1))
    assert stage.cell(L.I_POS, 1) in (0, 4)


# --- bars --------------------------------------------------------------------------------


class Holder(Strategy):
    """Holds two from the first bar on, and tries again at every bar."""

    def on_bar(self, bar: Bar) -> None:
        self.buy(2)


@pytest.mark.parametrize("chunks", [1, 2, 5])
def test_on_bars_a_future_is_settled_after_the_bar_that_closes_at_its_expiry(chunks: int) -> None:
    hour = 3_600_000_000_000
    dated = coin(FUTURE, "BTC/USDT:USDT-231225", expiry_ns=T0 + 3 * hour)
    streams = (Stream("sim", dated.symbol, "bars_1h"),)
    bars = empty_bars(5)
    bars[0] = T0 + hour * np.arange(1, 6)
    bars[1:5] = [100, 100, 110, 140, 150]
    bars[5] = 1_000
    engine = Engine(Market((dated,), streams), Holder(), PLAIN)
    for part in np.array_split(np.arange(5), chunks):
        engine.feed(None, np.ascontiguousarray(bars[:, part]))
    fills = engine.finish().fills
    # Bought 2 at 100 and 2 at 110 (the opens of the second and third bar): 420 paid.
    # The third bar closes at 110 as the contract ends: 4 x 110 = 440.
    assert fills["settlement"].tolist() == [0, 0, 1]
    assert int(fills["realized"][-1]) == 20 * UNIT
    assert int(fills["px"][-1]) == 110


# --- the oracle ----


@given(
    st.sampled_from(["future", "call", "put", "coin call", "coin put"]),
    st.integers(1, 900),
    st.booleans(),
    st.integers(1, 300),
    st.integers(20_000, 90_000),
    st.integers(0, 99),
)
@tries(max_examples=80, deadline=None)
def test_settlement_equals_fractions_to_the_unit_and_conserves_every_unit(
    what: str, lots: int, long: bool, px: int, price: int, cents: int
) -> None:
    exact = Fraction(price) + Fraction(cents, 100)
    call, strike = "call" in what, Fraction(40_000)
    if "coin" in what:
        instrument = coin_option("40000", call=call)
        account = COINS
    else:
        instrument = future() if what == "future" else option("40000", call=call)
        account = {"deposits": (("USDT", Decimal(10**8)),)}
    side = 1 if long else -1
    stage = held(instrument, side * lots, px, **account)
    tick = Fraction(instrument.tick)
    fp = round(exact / tick * 1024)
    stage.play(index(900, str(Decimal(price) + Decimal(cents) / 100), str(instrument.tick)))
    after(stage)
    seen = Fraction(fp, 1024) * tick  # the index as the record carries it
    inside = max(Fraction(0), seen - strike if call else strike - seen)
    each = seen if what == "future" else inside / seen if "coin" in what else inside
    size = Fraction(instrument.lot) * Fraction(instrument.contract_size) * lots
    paid = size * tick * px * stage.scale
    worth = int(size * each * stage.scale)  # towards zero
    row = stage.ledger()
    assert row["realized"] == side * (worth - paid)
    assert conserved(row)
    assert (stage.position, stage.cell(L.I_COST)) == (0, 0)
    assert stage.engine.world[L.H_FAULTS] == stage.engine.world[L.H_MARGIN_POS] == 0


def test_a_dated_contract_without_a_position_ends_quietly() -> None:
    stage = Stage(future(), feeds=("trades",))
    stage.play(trade(0, 100, 1, buys=True))
    after(stage)
    assert stage.engine.finish().fills.size == 0
