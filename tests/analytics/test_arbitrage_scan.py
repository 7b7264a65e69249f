# SPDX-License-Identifier: MIT
"""What a scan finds, what it rejects, and why; worked by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seawall.analytics.arbitrage.bar_gaps import Series, scan_bars
from seawall.analytics.arbitrage.funding_history import Settled, scan_funding
from seawall.analytics.arbitrage.relations import Costs, Kind
from seawall.analytics.arbitrage.scan import Finding, scan_market
from seawall.model.errors import ResearchError, SettingsError

from .market_helpers import MS, START, instrument, quotes

FREE = Costs(taker_bps=0.0, transfer_bps=0.0, parity_bps=0.0, latency_ms=50.0, stale_s=10.0)
HOUR = 3_600 * 10**9
A, B = instrument("BTC/USDT", "alpha", "0.0010"), instrument("BTC/USDT", "beta", "0.0010")


def calm(ms: int, which: int, shift: float = 0.0) -> tuple[int, int, float, float, float, float]:
    return (ms, which, 1_000.0 + shift, 2.0, 1_000.1 + shift, 3.0)


def only(rows: list[tuple[int, int, float, float, float, float]], costs: Costs) -> Finding:
    (found,) = scan_market(quotes((A, B), rows), costs).findings
    return found


def test_a_gap_that_lasts_is_found_with_its_size_and_profit() -> None:
    rows = [calm(0, 0), calm(0, 1), calm(100, 1, 5.0), calm(300, 1, 5.0), calm(400, 1)]
    found = only(rows, FREE)
    (o,) = found.opportunities
    assert found.kind is Kind.CROSS
    assert o.way == "buy BTC/USDT at alpha, sell BTC/USDT at beta"
    assert o.ts == START + 100 * MS
    assert o.duration_ms == 200.0
    assert o.size == pytest.approx(2.0)
    assert o.profit == pytest.approx(2.0 * (1_005.0 - 1_000.1))
    assert o.quote == "USDT"


def test_every_moment_is_counted_once_under_its_first_reason() -> None:
    rows = [calm(0, 0), calm(0, 1), calm(100, 1, 5.0), calm(300, 1, 5.0), calm(400, 1)]
    found = only(rows, FREE)
    assert sum(found.counts.values()) == found.moments == 4
    assert found.counts == {"no gap": 2, "accepted": 2}


@pytest.mark.parametrize(
    ("costs", "shift", "reason"),
    [
        (replace(FREE, taker_bps=30.0), 5.0, "fees"),
        (replace(FREE, transfer_bps=60.0), 5.0, "transfer"),
        (replace(FREE, min_notional=3_000.0), 5.0, "too small"),
        (replace(FREE, alarm_bps=40.0), 5.0, "venue alarm"),
        (FREE, -0.05, "no gap"),
    ],
)
def test_what_eats_a_gap_is_named(costs: Costs, shift: float, reason: str) -> None:
    rows = [calm(0, 0), calm(0, 1), *(calm(100 * k, 1, shift) for k in range(1, 6))]
    assert only(rows, costs).counts[reason] >= 4


def test_a_gap_shorter_than_the_latency_is_gone() -> None:
    rows = [calm(0, 0), calm(0, 1), calm(100, 1, 5.0), calm(140, 1), calm(500, 0), calm(600, 1)]
    found = only(rows, FREE)
    assert not found.opportunities
    assert found.counts["gone before the order acts"] == 1
    assert len(only(rows, replace(FREE, latency_ms=30.0)).opportunities) == 1


def test_a_book_that_fell_silent_is_not_traded_on() -> None:
    rows = [calm(0, 0), calm(0, 1), *(calm(1_000 * k, 1, 5.0) for k in range(1, 30))]
    assert only(rows, FREE).counts["stale book"] >= 18


def test_nothing_of_the_future_is_known() -> None:
    rng = np.random.default_rng(1)
    rows = [calm(0, 0), calm(0, 1)]
    rows += [calm(37 * k, int(rng.integers(2)), float(rng.normal(0, 2.0))) for k in range(1, 200)]
    whole = only(rows, FREE).opportunities
    cut = only(rows[:120], FREE).opportunities
    until = START + rows[119][0] * MS - 200 * MS
    early = [o for o in whole if o.ts < until]
    assert len(early) > 10
    # What an opportunity lasted may still be open at the cut; all else is the same.
    same = [replace(o, duration_ms=0.0) for o in cut if o.ts < until]
    assert same == [replace(o, duration_ms=0.0) for o in early]


def test_spot_against_perpetual_pays_both_legs_twice_and_the_money() -> None:
    perp = instrument("BTC/USDT:USDT", "alpha")
    rows = [calm(0, 0), calm(0, 1), *(calm(100 * k, 1, 2.0) for k in range(1, 10))]
    costs = Costs(latency_ms=10.0, stale_s=100.0, hold_hours=24.0, financing_year=0.0365)
    (found,) = scan_market(quotes((A, perp), rows), costs).findings
    assert found.kind is Kind.CARRY
    gross = 1_002.0 / 1_000.1
    fees = (1 - 2 * 5e-4) / (1 + 2 * 1e-3)
    assert found.best_after_fees_bps == pytest.approx((gross * fees - 1) * 1e4, abs=1e-6)
    # One basis point of money a day, less three times one basis point of interest received.
    assert found.best_net_bps == pytest.approx(found.best_after_fees_bps - 1.0 + 3.0, abs=1e-6)


def test_a_triangle_of_one_venue_is_seen() -> None:
    legs = (A, instrument("ETH/BTC", "alpha"), instrument("ETH/USDT", "alpha"))
    legs = (legs[0], replace(legs[1], tick=A.tick), legs[2])
    rows = []
    for k in range(8):
        rows += [
            (100 * k, 0, 9.9, 50.0, 10.0, 50.0), (100 * k, 1, 1.9, 50.0, 2.0, 50.0),
            (100 * k, 2, 21.0, 50.0, 21.1, 50.0),
        ]  # fmt: skip
    report = scan_market(quotes(legs, rows), replace(FREE, alarm_bps=1e4))
    (found,) = [f for f in report.findings if f.kind is Kind.TRIANGLE]
    assert found.best_gross_bps == pytest.approx((21.0 / 20.0 - 1) * 1e4)
    assert found.opportunities[0].quote == "USDT"
    assert found.opportunities[0].profit == pytest.approx(25.0 * 1.0)  # 50 A buy 25 B


def test_one_book_or_wild_costs_are_refused() -> None:
    with pytest.raises(ResearchError, match="two"):
        scan_market(quotes((A,), [calm(0, 0)]), FREE)
    with pytest.raises(SettingsError, match="latency_ms"):
        Costs(latency_ms=-1.0)


def settled(venue: str, rates: np.ndarray) -> Settled:
    return Settled(venue, "BTC/USDT:USDT", np.arange(rates.size, dtype=np.int64) * 8 * HOUR, rates)


def test_funding_carry_earns_only_what_settles_after_it_was_opened() -> None:
    rates = np.full(400, 0.001)
    rates[300:] = -0.001
    costs = Costs(taker_bps=5.0, financing_year=0.0)
    (one,) = scan_funding((settled("alpha", rates),), costs, memory_hours=24.0, carry_hours=24.0)
    # Known from the fourth settlement; the mean of three turns at the second bad one.
    assert one.trades == 1
    assert one.gross_bps == pytest.approx(1e4 * (0.001 * (300 - 4) - 2 * 0.001))
    assert one.net_bps == pytest.approx(one.gross_bps - 20.0)
    assert one.counts["position held"] == 300 - 3 + 1
    assert sum(one.counts.values()) == one.moments


def test_rates_at_rest_are_in_the_dead_zone_and_pay_for_nothing() -> None:
    (one,) = scan_funding((settled("alpha", np.full(500, 0.0001)),), Costs())
    assert one.trades == 0
    assert one.counts["inside the clamp's dead zone"] > 480
    assert one.net_bps == 0.0


def test_two_venues_with_one_rate_leave_nothing() -> None:
    rates = np.random.default_rng(0).normal(0, 0.002, 400)
    found = scan_funding((settled("alpha", rates), settled("beta", rates)), Costs())
    (pair,) = [f for f in found if f.name.startswith("alpha / beta")]
    assert pair.trades == 0
    assert pair.gross_bps == 0.0


def bars(venue: str, quote: str, close: np.ndarray, base: str = "BTC") -> Series:
    ts = np.arange(1, close.size + 1, dtype=np.int64) * HOUR
    return Series(venue, base, quote, ts, np.concatenate((close[:1], close[:-1])), close)


def test_a_gap_of_bars_is_traded_at_the_next_opens() -> None:
    price = np.full(300, 100.0)
    high = price.copy()
    high[100:150] *= 1.006
    (one,) = scan_bars((bars("alpha", "USD", price), bars("beta", "USD", high)), Costs())
    assert one.cost_bps == pytest.approx(20.0 + 2.0)
    assert one.tried == 50
    # The open is the last close here: what was seen is what is traded.
    assert one.net_bps == pytest.approx(1e4 * np.log(1.006) - 22.0)
    assert one.counts["accepted"] == 50
    assert sum(one.counts.values()) == one.moments == 299


def test_an_unknown_exchange_rate_cancels_against_a_reference_coin() -> None:
    rng = np.random.default_rng(2)
    btc, eth = (np.exp(np.cumsum(rng.normal(0, 0.01, 400))) for _ in range(2))
    won = 1_200 * np.exp(np.cumsum(rng.normal(0, 0.01, 400)))
    found = scan_bars(
        (
            bars("binance", "USDT", btc), bars("upbit", "KRW", btc * won),
            bars("binance", "USDT", eth, "ETH"), bars("upbit", "KRW", eth * won, "ETH"),
        ),
        Costs(),
    )  # fmt: skip
    (one,) = found  # BTC itself has no price of the won to be judged by
    assert one.name.endswith("against BTC")
    assert one.p99_bps < 1e-6
    assert one.tried == 0


def test_two_venues_without_a_common_coin_are_refused() -> None:
    flat = np.ones(50)
    with pytest.raises(ResearchError, match="no coin"):
        scan_bars((bars("alpha", "USD", flat), bars("beta", "USD", flat, "ETH")), Costs())


def test_recorded_books_of_three_markets_leave_nothing_after_fees(
    test_data: Path, tmp_path: Path
) -> None:
    from seawall.data import Catalogue, Select, import_files

    files = [
        test_data / "lob" / "raw" / f"binance_{m}_20240808.raw.gz"
        for m in ("spot_btcusdt", "cm_btcusd_perp")
    ]
    if not all(f.is_file() for f in files):
        pytest.skip("no raw recordings of 2024-08-08")
    catalogue = Catalogue(tmp_path)
    import_files(catalogue, files)
    told = {(e.venue, e.symbol) for e in catalogue.list()}
    market = catalogue.market([Select(v, s) for v, s in sorted(told)])
    (found,) = scan_market(market).findings
    assert found.moments > 50_000
    assert not found.opportunities
    assert found.best_after_fees_bps < 0.0
    assert set(found.counts) <= {"no gap", "fees", "stale book"}
