# SPDX-License-Identifier: MIT
"""Ledgers worked by hand; the arithmetic stands in the comments."""

from __future__ import annotations

from decimal import Decimal

import pytest

from seawall.engine import layout as L
from seawall.model.instrument import FeeTier, Instrument, InstrumentKind, MarginTier

from .stage import (
    PLAIN,
    Stage,
    coin,
    conserved,
    funding,
    mark,
    trade,
    with_account,
)

LINEAR, INVERSE, SPOT = InstrumentKind.LINEAR, InstrumentKind.INVERSE, InstrumentKind.SPOT
UNIT = 10**8
DAY = 86_400_000.0


def on_trades(*instruments: Instrument, **account: object) -> Stage:
    settings = with_account(**account) if account else PLAIN
    return Stage(*instruments, feeds=("trades",), settings=settings)


def deal(stage: Stage, ms: float, lots: float, px: int, stream: int = 0, **terms: object) -> None:
    """Trade so many lots (signed) at a price, all at once."""
    stage.play(trade(ms, px, 1, buys=True, stream=stream))
    (stage.buy if lots > 0 else stage.sell)(abs(lots), **terms)
    stage.play(trade(ms + 1, px, 1, buys=True, stream=stream))


def test_buying_in_two_parts_closing_in_part_and_turning_around() -> None:
    stage = on_trades(coin(LINEAR))
    deal(stage, 0, 10, 100)
    deal(stage, 10, 20, 130)
    # 10 x 100 + 20 x 130 = 3,600 for 30: 120 each.
    assert stage.cell(L.I_COST) == 3_600 * UNIT
    deal(stage, 20, -12, 150)
    # 12 of 30 leave: cost 1,440; sold for 1,800: profit 360.
    assert stage.ledger()["realized"] == 360 * UNIT
    assert stage.cell(L.I_COST) == 2_160 * UNIT
    deal(stage, 30, -28, 110)
    # 18 close at 110: 1,980 - 2,160 = -180; 10 open short at 110.
    assert stage.ledger()["realized"] == 180 * UNIT
    assert (stage.position, stage.cell(L.I_COST)) == (-10, -1_100 * UNIT)
    deal(stage, 40, 10, 90)
    # Short 10 from 110, back at 90: +200.
    assert stage.ledger()["cash"] == (1_000_000 + 380) * UNIT
    assert [int(r) for r in stage.outcome().fills["realized"]] == [
        0, 0, 360 * UNIT, -180 * UNIT, 200 * UNIT,
    ]  # fmt: skip


def test_a_share_of_the_cost_that_is_no_whole_unit_stays_with_the_position() -> None:
    # Three lots of 1e-8 at 1, 1 and 2 units: cost 4 of 3 lots. One leaves with
    # floor(4/3) = 1, another of the two with floor(3/2) = 1, the last with what is left, 2.
    stage = on_trades(coin(LINEAR, tick="0.00000001", lot="1"))
    for ms, px in ((0, 1), (10, 1), (20, 2)):
        deal(stage, ms, 1, px)
    costs = [stage.cell(L.I_COST)]
    for ms in (30, 40, 50):
        deal(stage, ms, -1, 2)
        costs.append(stage.cell(L.I_COST))
    assert costs == [4, 3, 2, 0]
    assert stage.ledger()["realized"] == 3 * 2 - 4


def test_an_inverse_contract_earns_coin_by_the_difference_of_reciprocals() -> None:
    stage = on_trades(
        coin(INVERSE, tick="0.5"), deposits=(("BTC", Decimal(1)),), report_currency="BTC"
    )
    deal(stage, 0, 1_000, 40_000)  # 1,000 contracts of 1 USD at 20,000 USD
    deal(stage, 10, -1_000, 50_000)  # and out at 25,000 USD
    # 1,000 (1/20,000 - 1/25,000) = 0.05 - 0.04 = 0.01 BTC
    assert stage.ledger()["realized"] == 1_000_000
    deal(stage, 20, -1_000, 50_000)
    deal(stage, 30, 1_000, 40_000)
    # Short: 1,000 (1/20,000 - 1/25,000) with the other sign: it lost when the price...
    # fell from 25,000 to 20,000, a short earns 0.05 - 0.04 = 0.01 BTC again.
    assert stage.ledger()["realized"] == 2_000_000


def test_funding_is_paid_once_per_stamp_on_the_mark_and_only_by_who_holds() -> None:
    stage = on_trades(coin(LINEAR))
    stage.play(trade(0, 100, 1, buys=True), mark(1, 100), funding(2, "0.001"))
    assert stage.ledger()["funding"] == 0, "nothing is held at the stamp"
    deal(stage, 10, 7, 100)
    stage.play(mark(20, 110.5), funding(21, "0.0001"))
    # 7 x 110.5 = 773.5; a long pays 0.07735.
    assert stage.ledger()["funding"] == -7_735_000
    stage.play(mark(22, 120), funding(30, "-0.0003"))
    # 7 x 120 = 840; a long receives 0.252.
    assert stage.ledger()["funding"] == -7_735_000 + 25_200_000
    deal(stage, 40, -14, 100)
    stage.play(mark(50, 100), funding(51, "0.001"))
    # Short 7 at 100: receives 0.7.
    assert stage.ledger()["funding"] == -7_735_000 + 25_200_000 + 70_000_000
    deal(stage, 60, 7, 100)
    stage.play(funding(70, "0.01"))
    assert stage.ledger()["funding"] == 87_465_000, "nothing is held any more"


def test_a_funding_payment_rounds_up_and_a_receipt_down() -> None:
    stage = on_trades(coin(LINEAR, tick="0.00000001"))
    deal(stage, 0, 5, 7)  # worth 35 units of 1e-8
    stage.play(mark(10, 7), funding(11, "0.1"))
    assert stage.ledger()["funding"] == -4  # 3.5 is paid as 4
    stage.play(funding(12, "-0.1"))
    assert stage.ledger()["funding"] == -4 + 3  # 3.5 is received as 3


def test_inverse_funding_is_paid_in_coin() -> None:
    stage = on_trades(coin(INVERSE), deposits=(("BTC", Decimal(1)),), report_currency="BTC")
    deal(stage, 0, 10_000, 50_000)
    stage.play(mark(10, 40_000), funding(11, "0.0001"))
    # 10,000 USD at 40,000 are 0.25 BTC; a ten-thousandth is 0.000025 BTC.
    assert stage.ledger()["funding"] == -2_500


def test_the_order_of_stamp_and_fill_decides_who_pays() -> None:
    stage = on_trades(coin(LINEAR))
    stage.play(trade(0, 100, 1, buys=True), mark(0, 100))
    stage.buy(10)  # reaches the venue at once, but nothing has happened there since
    stage.play(funding(0, "0.01"), funding(5, "0.01"))
    # The order acts before the second stamp: 10 x 100 x 0.01 = 10.
    assert stage.ledger()["funding"] == -10 * UNIT


TIERS = (
    FeeTier(Decimal("0.001"), Decimal("0.002")),
    FeeTier(Decimal("0.0005"), Decimal("0.001"), Decimal(1_000)),
    FeeTier(Decimal("-0.0001"), Decimal("0.0005"), Decimal(3_000)),
)


def test_fees_follow_the_value_traded_in_thirty_days() -> None:
    stage = on_trades(coin(LINEAR, fees=TIERS))
    fees = []

    def pay(ms: float, lots: int) -> None:
        before = stage.ledger()["fees"]
        deal(stage, ms, lots, 100)
        fees.append((stage.ledger()["fees"] - before) / UNIT)

    pay(0, 9)  # 900 at 0.2 %
    pay(10, 1)  # 900 before: still 0.2 %
    pay(20, -10)  # 1,000 before: 0.1 %
    pay(29 * DAY, 10)  # 2,000 in the window: 0.1 %
    pay(29 * DAY + 10, -10)  # 3,000: 0.05 %
    pay(30 * DAY, 10)  # day 0 has left: 2,000: 0.1 %
    pay(100 * DAY, -10)  # all has left: 0.2 %
    assert fees == [1.8, 0.2, 1.0, 1.0, 0.5, 1.0, 2.0]


def test_small_fills_count_for_the_fee_tier_too() -> None:
    stage = on_trades(coin(LINEAR, tick="0.1", lot="0.001", fees=TIERS))
    for n in range(3):
        deal(stage, 10 * n, 0.999, 3_336)  # 333.2664: 999.80 in all
    for n in range(3, 5):
        deal(stage, 10 * n, 0.001, 1_010)  # 0.101: above 1,000 after the second
    before = stage.ledger()["fees"]
    deal(stage, 100, 1.0, 1_000)
    assert stage.ledger()["fees"] - before == UNIT // 10, "100 at 0.1 %"


def test_a_maker_is_paid_its_rebate() -> None:
    stage = on_trades(coin(LINEAR, fees=(FeeTier(Decimal("-0.0001"), Decimal("0.0005")),)))
    stage.play(trade(0, 100, 1, buys=True))
    stage.buy(10, price=99)
    stage.play(trade(1, 100, 1, buys=True), trade(2, 98, 1, buys=False))
    assert stage.ledger()["fees"] == -990 * UNIT // 10_000


# --- liquidation --------------------------------------------------------------------------------

TEN_FOLD = {"margin_mode": "isolated", "leverage": Decimal(10)}
CENT = {"tick": "0.01", "lot": "0.001", "margin_tiers": (
    MarginTier(Decimal("1e12"), Decimal("0.05"), Decimal("0.005")),)}  # fmt: skip


def _survives(stage: Stage, ticks: int) -> bool:
    stage.play(mark(_survives.ms, ticks))  # type: ignore[attr-defined]
    _survives.ms += 1  # type: ignore[attr-defined]
    return stage.position != 0


_survives.ms = 1_000  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lots", "last_good", "first_bad"),
    [
        # long: 60,000 (1 - 1/10) / (1 - 0.005) = 54,271.3568
        (1, 5_427_136, 5_427_135),
        # short: 60,000 (1 + 1/10) / (1 + 0.005) = 65,671.6418
        (-1, 6_567_164, 6_567_165),
    ],
)
def test_a_linear_isolated_position_is_liquidated_at_its_price_to_the_tick(
    lots: int, last_good: int, first_bad: int
) -> None:
    stage = on_trades(
        coin(LINEAR, liquidation_fee=Decimal("0.005"), **CENT),
        deposits=(("USDT", Decimal(100_000)),), **TEN_FOLD,
    )  # fmt: skip
    deal(stage, 0, lots, 6_000_000)
    assert stage.cell(L.I_ISO) == 6_000 * UNIT
    assert _survives(stage, last_good)
    assert not _survives(stage, first_bad)
    ledger = stage.ledger()
    assert conserved(ledger)
    # 6,000 were at stake. The loss at the mark, and 0.5 % of the value as fee, fit in...
    price = first_bad
    loss = abs(6_000_000 - price) * UNIT // 100
    charge = -(-price * UNIT // 100 * 5 // 1_000)
    assert ledger["realized"] == -loss
    assert ledger["fees"] == charge
    assert ledger["insurance"] == max(0, loss + charge - 6_000 * UNIT)
    assert stage.cell(L.I_ISO) == 0


@pytest.mark.parametrize(
    ("lots", "last_good", "first_bad"),
    [
        # long: 60,000 (1 + 0.005) / (1 + 1/10) = 54,818.1818
        (60_000, 5_481_819, 5_481_818),
        # short: 60,000 (1 - 0.005) / (1 - 1/10) = 66,333.3333
        (-60_000, 6_633_333, 6_633_334),
    ],
)
def test_an_inverse_isolated_position_is_liquidated_at_its_price_to_the_tick(
    lots: int, last_good: int, first_bad: int
) -> None:
    stage = on_trades(
        coin(INVERSE, tick="0.01", margin_tiers=CENT["margin_tiers"]),
        deposits=(("BTC", Decimal(10)),), report_currency="BTC", **TEN_FOLD,
    )  # fmt: skip
    deal(stage, 0, lots, 6_000_000)
    assert stage.cell(L.I_ISO) == UNIT // 10
    assert _survives(stage, last_good)
    assert not _survives(stage, first_bad)
    assert conserved(stage.ledger())


def test_an_isolated_loss_beyond_its_margin_is_borne_by_the_insurance() -> None:
    stage = on_trades(
        coin(LINEAR, liquidation_fee=Decimal("0.01")),
        deposits=(("USDT", Decimal(10_000)),), **TEN_FOLD,
    )  # fmt: skip
    deal(stage, 0, 10, 100)
    stage.play(mark(10, 80))
    # Margin 100. Loss 200, fee 1 % of 800 = 8: 108 more than the margin.
    ledger = stage.ledger()
    assert (ledger["realized"], ledger["fees"]) == (-200 * UNIT, 8 * UNIT)
    assert ledger["insurance"] == 108 * UNIT
    assert ledger["cash"] == 9_900 * UNIT


def test_isolated_margin_grows_and_shrinks_with_the_position() -> None:
    stage = on_trades(coin(LINEAR), deposits=(("USDT", Decimal(10_000)),), **TEN_FOLD)
    deal(stage, 0, 10, 100)
    deal(stage, 10, 10, 120)
    assert stage.cell(L.I_ISO) == 220 * UNIT  # a tenth of 1,000 and of 1,200
    deal(stage, 20, -5, 120)
    assert stage.cell(L.I_ISO) == 165 * UNIT
    deal(stage, 30, -25, 110)
    assert stage.cell(L.I_ISO) == 110 * UNIT  # short 10 at 110


def test_isolated_margin_without_a_leverage_follows_the_tiers() -> None:
    stage = on_trades(coin(LINEAR), deposits=(("USDT", Decimal(10_000)),), margin_mode="isolated")
    deal(stage, 0, 10, 100)
    assert stage.cell(L.I_ISO) == 50 * UNIT


def test_cross_margin_is_shared_by_two_positions() -> None:
    a, b = coin(LINEAR, "A/USDT:USDT"), coin(LINEAR, "B/USDT:USDT")
    stage = on_trades(a, b, deposits=(("USDT", Decimal(200)),))
    deal(stage, 0, 10, 100, 0, symbol=a.symbol)
    deal(stage, 10, -10, 100, 1, symbol=b.symbol)
    # Both fall by 30: the short earns what the long loses.
    stage.play(mark(20, 70, stream=1), mark(21, 70, stream=0))
    assert (stage.position, stage.cell(L.I_POS, 1)) == (10, -10)
    # The long at 60 alone: 200 - 400 + 300 = 100 against 0.005 (600 + 700) = 6.5.
    stage.play(mark(30, 60, stream=0))
    assert stage.position == 10
    # At 50.6: 200 - 494 + 300 = 6 against 0.005 (506 + 700) = 6.03: under water.
    stage.play(mark(40, 50.7, stream=0))
    assert stage.position == 10  # 7 against 6.035
    stage.play(mark(41, 50.6, stream=0))
    assert stage.position == 0
    # Closed at 51 (the nearest tick): -490, fee 0.5 % of 510 = 2.55.
    ledger = stage.ledger()
    assert ledger["realized"] == -490 * UNIT
    assert ledger["fees"] == 255 * UNIT // 100
    assert stage.cell(L.I_POS, 1) == -10, "the short stands: 7.45 against 3.5"
    stage.play(mark(50, 71, stream=1))
    assert stage.cell(L.I_POS, 1) == 0, "200 - 490 - 2.55 + 290 = -2.55: it goes too"
    ledger = stage.ledger()
    # Closed at 71: +290, fee 0.5 % of 710 = 3.55; what is missing the fund bears.
    assert ledger["insurance"] == 610 * UNIT // 100
    assert ledger["cash"] == 0
    assert conserved(ledger)


def test_maintenance_is_tiered_with_its_deduction() -> None:
    tiers = (
        MarginTier(Decimal(1_000), Decimal("0.01"), Decimal("0.005")),
        MarginTier(Decimal(10_000), Decimal("0.02"), Decimal("0.01"), Decimal(5)),
        MarginTier(Decimal(100_000), Decimal("0.1"), Decimal("0.05"), Decimal(405)),
    )
    stage = on_trades(coin(LINEAR, margin_tiers=tiers), deposits=(("USDT", Decimal(1_000)),))
    deal(stage, 0, 100, 100)
    # 10,000: 0.01 x 10,000 - 5 = 95 to keep. Equity 1,000 + 100 (p - 100).
    # At p = 90.9: equity 90, value 9,090, to keep 85.9. At 90.8: 80 against 85.8.
    stage.play(mark(10, 90.9))
    assert stage.position == 100
    stage.play(mark(11, 90.8))
    assert stage.position == 0


def test_a_tier_that_jumps_liquidates_at_the_very_mark_at_which_it_jumps() -> None:
    tiers = (
        MarginTier(Decimal(1_010), Decimal("0.01"), Decimal("0.005")),
        MarginTier(Decimal(10_000), Decimal("0.5"), Decimal("0.25")),
    )
    stage = on_trades(coin(LINEAR, margin_tiers=tiers), deposits=(("USDT", Decimal(100)),))
    deal(stage, 0, -10, 100)
    # Short 10 at 101: worth 1,010, to keep 5.05. A tenth higher: 1,011 needs 252.75.
    stage.play(mark(10, 100), mark(11, 101))
    assert stage.position == -10
    stage.play(mark(12, 101.1))
    assert stage.position == 0


def test_the_initial_margin_of_a_tier_decides_what_may_be_opened() -> None:
    tiers = (
        MarginTier(Decimal(1_000), Decimal("0.01"), Decimal("0.005")),
        MarginTier(Decimal(10_000), Decimal("0.5"), Decimal("0.25"), Decimal(245)),
    )
    stage = on_trades(coin(LINEAR, margin_tiers=tiers), deposits=(("USDT", Decimal(100)),))
    deal(stage, 0, 10, 100)  # 1,000 at 1 %: 10
    assert stage.position == 10
    deal(stage, 10, 1, 100)  # 1,100 is in the next tier: 550
    assert stage.position == 10


def test_a_cap_on_leverage_needs_more_margin_than_the_tier() -> None:
    stage = on_trades(coin(LINEAR), deposits=(("USDT", Decimal(100)),), leverage=Decimal(2))
    deal(stage, 0, 3, 100)  # 300 at a half needs 150
    assert stage.position == 0
    deal(stage, 10, 2, 100)
    assert stage.position == 2


def test_a_borrowed_balance_is_no_loss_for_the_insurance() -> None:
    perp, spot = coin(LINEAR), coin(SPOT)
    stage = on_trades(
        perp, spot, deposits=(("USDT", Decimal(1_000)),), spot_margin=True, leverage=Decimal(3)
    )
    deal(stage, 0, 15, 100, 1, symbol="BTC/USDT")  # 500 borrowed
    assert stage.ledger()["cash"] == -500 * UNIT
    deal(stage, 10, 1, 100, 0, symbol="BTC/USDT:USDT")
    assert conserved(stage.ledger())
    assert stage.ledger()["insurance"] == 0


# --- currencies ---------------------------------------------------------------------------------


def test_deposits_in_several_currencies_are_valued_at_the_marks() -> None:
    spot = coin(SPOT)
    alt = coin(SPOT, "ETH/BTC", tick="0.01")
    stage = on_trades(
        spot, alt, report_currency="USDT",
        deposits=(("USDT", Decimal(100)), ("BTC", Decimal(2)), ("ETH", Decimal(10))),
    )  # fmt: skip
    stage.play(trade(0, 20_000, 1, buys=True), trade(1, 5, 1, buys=True, stream=1))
    # 100 + 2 x 20,000 + 10 x 0.05 x 20,000 = 50,100
    assert stage.engine.equity() == pytest.approx(50_100)


def test_a_currency_that_nothing_prices_is_refused() -> None:
    from seawall.model.errors import EngineError

    with pytest.raises(EngineError, match="DOGE"):
        on_trades(coin(LINEAR), deposits=(("DOGE", Decimal(1)),))


def test_profit_of_an_inverse_contract_is_reported_in_dollars_at_the_mark() -> None:
    stage = on_trades(coin(INVERSE), deposits=(("BTC", Decimal(1)),), report_currency="USD")
    deal(stage, 0, 10_000, 20_000)
    stage.play(trade(10, 25_000, 1, buys=True))
    # 1 BTC + 10,000 (1/20,000 - 1/25,000) = 1.1 BTC, at 25,000: 27,500.
    assert stage.engine.equity() == pytest.approx(27_500)


def test_more_lots_than_fit_into_32_bits_close_in_part_exactly() -> None:
    stage = on_trades(coin(LINEAR, tick="0.00000001", lot="1"))
    many = 6_000_000_000
    deal(stage, 0, many, 1_001)
    deal(stage, 10, -(many // 3), 1_003)
    assert stage.cell(L.I_COST) == 2 * many // 3 * 1_001
    assert stage.ledger()["realized"] == many // 3 * 2
