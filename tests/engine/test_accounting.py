# SPDX-License-Identifier: MIT
"""Accounting against an oracle of fractions: no unit is lost, whatever happens.

The oracle knows nothing of the engine's ledger.  It adds up what was paid for every
fill, in exact fractions rounded where the contract rounds (a fee up, a rebate and a
receipt down, an inverse value to the nearest unit), and asks that the equity of the
engine is the deposit plus all of that plus the value of what is held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.engine import layout as L
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind

from .stage import Stage, coin, conserved, funding, mark, trade, with_account

LINEAR, INVERSE, SPOT = InstrumentKind.LINEAR, InstrumentKind.INVERSE, InstrumentKind.SPOT


def value(instrument: Instrument, lots: int, px: Fraction, scale: int) -> Fraction:
    """Signed value of lots at a price in ticks, money units, exact."""
    quantity = Fraction(instrument.lot) * Fraction(instrument.contract_size) * lots
    price = Fraction(instrument.tick) * px
    if instrument.kind is not INVERSE:
        return quantity * price * scale
    return -quantity / price * scale if lots else Fraction(0)


def nearest(x: Fraction) -> int:
    """Nearest whole number, halves away from zero."""
    return floor(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1)


def fee(amount: int, rate: Fraction) -> int:
    """Fee on an absolute amount: costs are rounded up, rebates down."""
    return ceil(amount * rate) if rate >= 0 else -floor(amount * -rate)


@dataclass
class Oracle:
    """What an account must hold after its fills and stamps."""

    instrument: Instrument
    scale: int
    deposit: int
    position: int = 0
    paid: int = 0  # value of all fills, as booked
    fees: int = 0
    funding: int = 0
    trail: list[int] = field(default_factory=list)

    def fill(self, side: int, lots: int, px: int, rate: Fraction) -> None:
        booked = nearest(value(self.instrument, side * lots, Fraction(px), self.scale))
        closes = min(lots, abs(self.position)) if self.position * side < 0 else 0
        if self.instrument.kind is INVERSE and 0 < closes < lots:
            # A flip is booked as a close and an opening, each rounded.
            close = nearest(value(self.instrument, side * closes, Fraction(px), self.scale))
            booked = close + (booked - close)
        self.paid += booked
        self.fees += fee(abs(booked), rate)
        self.position += side * lots

    def stamp(self, px: Fraction, rate: Fraction) -> None:
        held = value(self.instrument, self.position, px, self.scale)
        notional = floor(abs(held))
        if (self.position > 0) == (rate > 0):
            self.funding -= ceil(notional * abs(rate))
        else:
            self.funding += floor(notional * abs(rate))

    def equity(self, px: Fraction) -> Fraction:
        """Equity with what is held at a price, money units."""
        held = value(self.instrument, self.position, px, self.scale)
        return self.deposit - self.paid - self.fees + self.funding + held


def engine_equity(stage: Stage) -> int:
    """Cash plus unrealized profit from the engine's integers, at the mark."""
    w = stage.engine.world
    fp = stage.cell(L.I_MARK_FP)
    px = Fraction(fp, 1024)
    held = value(stage.instruments[0], stage.position, px, stage.scale) if fp else Fraction(0)
    sign = 1 if held >= 0 else -1
    del w
    return stage.ledger()["cash"] + sign * floor(abs(held)) - stage.cell(L.I_COST)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fill"] * 6 + ["funding", "mark"]),
        st.sampled_from([1, -1]),
        st.integers(1, 400),
        st.integers(900, 1_100),
        st.integers(-5_000, 5_000),
    ),
    min_size=1,
    max_size=25,
)
RATES = st.integers(-300_000, 2_000_000)  # of 1e-9: from three hundredths of a percent rebate


def fees_at(rate: int) -> tuple[FeeTier, ...]:
    return (FeeTier(Decimal(rate) / 10**9, Decimal(rate) / 10**9),)


def play(stage: Stage, oracle: Oracle, steps: list, rate: int) -> None:  # type: ignore[type-arg]
    """Play steps on stage and oracle, and compare after every one."""
    for n, (what, side, lots, px, parts) in enumerate(steps):
        ms = 10 * n + 1
        if what == "fill":
            stage.play(trade(ms, px, 1, buys=True))
            (stage.buy if side > 0 else stage.sell)(lots * float(stage.instruments[0].lot))
            stage.play(trade(ms + 1, px, 1, buys=True))
            oracle.fill(side, lots, px, Fraction(rate, 10**9))
        elif what == "mark":
            stage.play(mark(ms, px + parts / 10_000))
        else:
            fp = stage.cell(L.I_MARK_FP)
            stage.play(funding(ms, str(Decimal(parts) / 10**9)))
            if fp and parts:
                oracle.stamp(Fraction(fp, 1024), Fraction(parts, 10**9))
        row = stage.ledger()
        assert conserved(row)
        assert stage.position == oracle.position
        assert row["fees"] == oracle.fees
        assert row["funding"] == oracle.funding
        if not oracle.position:
            assert stage.cell(L.I_COST) == 0
            assert row["cash"] == oracle.deposit - oracle.paid - oracle.fees + oracle.funding


@given(STEPS, RATES)
@settings(max_examples=60)
def test_a_linear_account_equals_the_oracle_after_every_step(steps: list, rate: int) -> None:  # type: ignore[type-arg]
    instrument = coin(LINEAR, tick="0.01", lot="0.001", fees=fees_at(rate))
    stage = Stage(instrument, feeds=("trades",))
    oracle = Oracle(instrument, stage.scale, stage.ledger()["cash"])
    play(stage, oracle, steps, rate)
    held = oracle.equity(Fraction(stage.cell(L.I_MARK_FP), 1024))
    assert abs(engine_equity(stage) - held) < 1


@given(STEPS, RATES)
@settings(max_examples=60)
def test_an_inverse_account_equals_the_oracle_after_every_step(steps: list, rate: int) -> None:  # type: ignore[type-arg]
    instrument = coin(INVERSE, tick="0.5", lot="1", contract_size=Decimal(100), fees=fees_at(rate))
    account = with_account(deposits=(("BTC", Decimal(1_000_000)),), report_currency="BTC")
    stage = Stage(instrument, feeds=("trades",), settings=account)
    oracle = Oracle(instrument, stage.scale, stage.ledger()["cash"])
    play(stage, oracle, steps, rate)
    held = oracle.equity(Fraction(stage.cell(L.I_MARK_FP), 1024))
    assert abs(engine_equity(stage) - held) < 1


@given(STEPS, RATES)
@settings(max_examples=60)
def test_a_spot_account_holds_what_it_bought_and_paid(steps: list, rate: int) -> None:  # type: ignore[type-arg]
    instrument = coin(SPOT, tick="0.01", lot="0.001", fees=fees_at(rate))
    rich = with_account(
        deposits=(("USDT", Decimal(10_000_000)), ("BTC", Decimal(1_000))),
        report_currency="USDT",
    )
    stage = Stage(instrument, feeds=("trades",), settings=rich)
    start = stage.ledger(0)["cash"], stage.ledger(1)["cash"]
    oracle = Oracle(instrument, stage.scale, start[0])
    for n, (_, side, lots, px, _) in enumerate(steps):
        stage.play(trade(10 * n, px, 1, buys=True))
        (stage.buy if side > 0 else stage.sell)(lots / 1_000)
        stage.play(trade(10 * n + 1, px, 1, buys=True))
        oracle.fill(side, lots, px, Fraction(rate, 10**9))
        money, base = stage.ledger(0), stage.ledger(1)
        assert conserved(money)
        assert conserved(base)
        assert money["cash"] == start[0] - oracle.paid - oracle.fees
        assert base["cash"] - start[1] == oracle.position * stage.scale // 1_000
        assert money["trade"] == -oracle.paid


@given(st.lists(st.tuples(st.sampled_from([1, -1]), st.integers(1, 40)), max_size=12))
@settings(max_examples=40)
def test_realized_profit_of_partial_closes_adds_up_to_the_whole(
    parts: list[tuple[int, int]],
) -> None:
    stage = Stage(coin(LINEAR), feeds=("trades",))
    oracle = Oracle(stage.instruments[0], stage.scale, stage.ledger()["cash"])
    for n, (side, lots) in enumerate(parts):
        px = 100 + (7 * n) % 13
        stage.play(trade(10 * n, px, 1, buys=True))
        (stage.buy if side > 0 else stage.sell)(lots)
        stage.play(trade(10 * n + 1, px, 1, buys=True))
        oracle.fill(side, lots, px, Fraction(0))
    left = oracle.position
    if left:
        (stage.sell if left > 0 else stage.buy)(abs(left))
        stage.play(trade(10_000, 111, 1, buys=True))
        stage.play(trade(10_001, 111, 1, buys=True))
        # The order met the last price before the first of these trades.
        last = int(stage.outcome().fills["px"][-1])
        oracle.fill(-1 if left > 0 else 1, abs(left), last, Fraction(0))
    out = stage.outcome()
    assert int(out.fills["realized"].sum()) == stage.ledger()["realized"] == -oracle.paid


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=1, max_size=8),
    st.integers(1, 9_000_000),
)
@settings(max_examples=30)
def test_interest_is_charged_every_hour_on_what_is_borrowed(
    steps: list[tuple[bool, int]], rate: int
) -> None:
    hour = 3_600_000
    borrow = with_account(
        deposits=(("USDT", Decimal(1_000)),), spot_margin=True, leverage=Decimal(5),
        borrow_rate_hourly=Decimal(rate) / 10**9,
    )  # fmt: skip
    stage = Stage(coin(SPOT), feeds=("trades",), settings=borrow)
    stage.play(trade(0, 100, 1, buys=True))
    expected = 0
    for n, (buys, lots) in enumerate(steps):
        (stage.buy if buys else stage.sell)(lots)
        stage.play(trade(n * hour + 5, 100, 1, buys=True))
        before = stage.ledger()
        base = stage.ledger(1)
        stage.play(trade((n + 1) * hour + 1, 100, 1, buys=True))
        due = ceil(Fraction(max(0, -before["cash"]) * rate, 10**9))
        expected += due
        assert conserved(stage.ledger())
        assert conserved(stage.ledger(1))
        if base["cash"] >= 0:
            assert stage.ledger()["interest"] == expected
