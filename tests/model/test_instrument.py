# SPDX-License-Identifier: MIT
"""The instrument owns the scale between decimals and integers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.model.errors import InstrumentError, OrderError
from seawall.model.instrument import (
    FeeTier,
    Instrument,
    InstrumentKind,
    perpetual,
    rate_units,
    spot,
)

STEPS = st.sampled_from(["0.01", "0.5", "1", "0.00001", "25", "0.003"])


def test_a_symbol_names_base_quote_and_settle() -> None:
    cases = {
        "BTC/USDT": ("BTC", "USDT", "USDT"),
        "BTC/USDT:USDT": ("BTC", "USDT", "USDT"),
        "BTC/USD:BTC": ("BTC", "USD", "BTC"),
        "ETH/USDC:USDT-261225": ("ETH", "USDC", "USDT"),
        "BTC/USD:BTC-261225-100000-C": ("BTC", "USD", "BTC"),
    }
    for symbol, parts in cases.items():
        it = Instrument(symbol, "sim", InstrumentKind.SPOT, Decimal(1), Decimal(1))
        assert (it.base, it.quote, it.settle) == parts


@given(STEPS, st.integers(1, 10**9))
def test_whole_ticks_and_lots_survive_the_way_out_and_back(step: str, n: int) -> None:
    it = spot("BTC/USDT", step, step)
    assert it.ticks(it.price(n)) == it.ticks_exact(it.price(n)) == n
    assert it.lots(it.quantity(n)) == it.lots_exact(it.quantity(n)) == n


@given(STEPS, st.decimals(Decimal("0.000001"), Decimal(10**6), places=6))
def test_ticks_are_nearest_and_lots_never_more_than_asked(step: str, value: Decimal) -> None:
    it = spot("BTC/USDT", step, step)
    exact = Fraction(value) / Fraction(step)
    assert abs(it.ticks(value) - exact) <= Fraction(1, 2)
    assert it.lots(value) == exact.numerator // exact.denominator


def test_binary_floats_are_read_by_their_shortest_text() -> None:
    it = spot("BTC/USDT", "0.1", "0.1")
    assert it.ticks_exact(0.1 + 0.2) == 3
    assert it.ticks(0.1) == 1
    assert it.lots(0.3) == 3


@pytest.mark.parametrize("price", ["100.005", "0", "-0.01", "0.004"])
def test_an_order_price_off_the_tick_is_refused_with_the_tick_named(price: str) -> None:
    with pytest.raises(OrderError) as refused:
        spot("BTC/USDT", "0.01", "0.001").ticks_exact(price)
    assert "0.01" in refused.value.mend
    assert "BTC/USDT" in refused.value.where


@pytest.mark.parametrize("quantity", ["0.0005", "0", "-1", "0.0015"])
def test_an_order_quantity_off_or_below_the_lot_is_refused(quantity: str) -> None:
    with pytest.raises(OrderError, match="lot"):
        spot("BTC/USDT", "0.01", "0.001").lots_exact(quantity)


@pytest.mark.parametrize("field", ["tick", "lot", "contract_size"])
def test_a_step_of_zero_is_refused(field: str) -> None:
    steps = {"tick": Decimal(1), "lot": Decimal(1), "contract_size": Decimal(1)} | {
        field: Decimal(0)
    }
    with pytest.raises(InstrumentError, match=field):
        Instrument("BTC/USDT", "sim", InstrumentKind.SPOT, **steps)


def test_a_symbol_without_a_quote_and_an_instrument_without_fees_are_refused() -> None:
    with pytest.raises(InstrumentError, match="ccxt"):
        spot("BTCUSDT", "1", "1")
    with pytest.raises(InstrumentError, match="fee"):
        Instrument("A/B", "sim", InstrumentKind.SPOT, Decimal(1), Decimal(1), fees=())


def test_the_fee_tier_is_the_highest_reached() -> None:
    tiers = tuple(
        FeeTier(Decimal(m), Decimal(t), Decimal(v))
        for m, t, v in (("0.001", "0.001", 0), ("0.0008", "0.0009", 1000), ("0", "0.0005", 5000))
    )
    it = Instrument("A/B", "sim", InstrumentKind.SPOT, Decimal(1), Decimal(1), fees=tiers)
    assert it.fee_at(Decimal(0)) is tiers[0]
    assert it.fee_at(Decimal("999.99")) is tiers[0]
    assert it.fee_at(Decimal(1000)) is tiers[1]
    assert it.fee_at(Decimal(10**9)) is tiers[2]


def test_a_perpetual_settled_in_its_base_is_inverse_and_pays_funding() -> None:
    assert perpetual("BTC/USD:BTC", "0.5", "1").kind is InstrumentKind.INVERSE
    linear = perpetual("BTC/USDT:USDT", "0.1", "0.001")
    assert linear.kind is InstrumentKind.LINEAR
    assert linear.funding_interval_ns == 8 * 3600 * 10**9
    assert linear.margin_tiers
    assert spot("BTC/USDT", "1", "1").margin_tiers == ()


@given(st.integers(-(10**9), 10**9))
def test_rates_are_whole_billionths(units: int) -> None:
    assert rate_units(Decimal(units).scaleb(-9)) == units
