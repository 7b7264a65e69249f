# SPDX-License-Identifier: MIT
"""Temperature, entropy and kinetics of books: laws they must keep, and recorded books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.analytics.econophysics import active_depth, temperature_entropy
from seawall.analytics.econophysics.orders import orders_of_changes, orders_of_events
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.analytics.tables import columns_of
from seawall.model.errors import FormatError, ResearchError

LEVELS = 20
GRID = {"bin_bps": 1.0, "bins": 15}
LOB = "lob/binance_usdm_btcusdt_20240808_lob10_100ms.parquet"
FINE = {"bin_bps": 0.05, "bins": 10}


def book(bid_qtys: np.ndarray, ask_qtys: np.ndarray, mid: float = 10_000.0) -> dict[str, Any]:
    """One book with a level in the middle of each bin of one bps."""
    away = (np.arange(len(bid_qtys)) + 0.5) * 1e-4 * mid
    return {"bid_pxs": (mid - away)[None], "bid_qtys": np.array(bid_qtys, float)[None],
            "ask_pxs": (mid + away)[None], "ask_qtys": np.array(ask_qtys, float)[None]}  # fmt: skip


def entropy(columns: dict[str, Any], **params: float) -> Any:
    return run(analytic("book_entropy"), columns, GRID | params)


def temperature(columns: dict[str, Any], **params: float) -> Any:
    return run(analytic("book_temperature"), columns, GRID | params)


def test_an_even_book_has_entropy_one_and_a_single_level_zero() -> None:
    assert entropy(book(np.ones(15), np.ones(15)))["entropy"][0] == pytest.approx(1.0)
    lonely = np.array([5.0] + [0.0] * 14)
    got = entropy(book(lonely, lonely))
    assert got["entropy_bid"][0] == got["entropy_ask"][0] == 0.0
    assert got["entropy"][0] == pytest.approx(np.log(2) / np.log(30))  # two equal halves


@given(st.integers(0, 10_000), st.floats(0.01, 1e4))
def test_scaling_all_sizes_changes_neither_entropy_nor_temperature(seed: int, by: float) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.lognormal(size=(2, 15))
    a, b = (book(k * sizes[0], k * sizes[1]) for k in (1.0, by))
    assert np.allclose(entropy(a).values, entropy(b).values, equal_nan=True)
    assert np.allclose(temperature(a).values, temperature(b).values, equal_nan=True, rtol=1e-6)
    assert 0.0 <= entropy(a)["entropy"][0] <= 1.0


@given(st.integers(0, 10_000))
def test_entropy_is_that_of_the_definition(seed: int) -> None:
    sizes = np.random.default_rng(seed).lognormal(size=(2, 15))
    p = sizes.ravel() / sizes.sum()
    wanted = -(p * np.log(p)).sum() / np.log(p.size)
    assert entropy(book(*sizes))["entropy"][0] == pytest.approx(wanted, rel=1e-12)


def test_the_temperature_of_a_boltzmann_book_is_found_again() -> None:
    for t in (0.7, 3.0, 12.0):
        sizes = np.exp(-(np.arange(LEVELS) + 0.5) / t)
        got = temperature(book(sizes, 2 * sizes))
        assert got["temperature"][0] == pytest.approx(t, rel=1e-9)
        assert got["r2"][0] == pytest.approx(1.0)


def test_a_book_that_grows_away_from_the_touch_has_no_temperature_but_an_inverse() -> None:
    sizes = np.exp((np.arange(LEVELS) + 0.5) / 4.0)
    got = temperature(book(sizes, sizes))
    assert np.isnan(got["temperature"][0])
    assert got["inverse"][0] == pytest.approx(-0.25)
    few = temperature(book(np.ones(4), np.ones(4)))
    assert np.isnan(few["inverse"][0])  # fewer bins than are needed for a fit
    assert few["bins"][0] == 3.0


def orders(rows: list[tuple[float, ...]]) -> dict[str, Any]:
    names = ("ts", "order_side", "action", "order_px", "order_qty", "bid_px", "ask_px")
    columns = dict(zip(names, np.array(rows, float).T, strict=True))
    return columns | {"ts": (columns["ts"] * 1e9).astype(np.int64)}


ORDERS = [
    # s, side, action, price, size, bid, ask: the first row only says where the bests are
    (100.0, 1, 1, 999.0, 1.0, 999.0, 1001.0),
    (110.5, 1, 1, 998.0, 2.0, 999.0, 1001.0),  # 20 bps above b - A, A = 30 bps
    (111.0, -1, 1, 1003.0, 1.0, 999.0, 1001.0),  # 10 bps below a + A
    (112.0, 1, -1, 997.0, 4.0, 999.0, 1001.0),  # cancelled 10 bps above b - A
    (113.0, 1, 1, 1005.0, 1.0, 999.0, 1003.0),  # crosses: counts at the best ask, 50 bps
    (114.0, -1, 1, 1050.0, 9.0, 999.0, 1003.0),  # too far away
    (121.0, 1, 1, 998.0, 1.0, 999.0, 1003.0),
]


def test_kinetics_of_a_window_worked_by_hand() -> None:
    got = run(analytic("book_kinetics"), orders(ORDERS), {"window": 10.0, "active_bps": 30.0})
    assert np.isnan(got["kinetic"][:6]).all()  # a window counts when it has ended
    # velocities 2, -1, -1, 5 bps/s with masses 2, 1, 4, 1
    assert got["kinetic"][6] == pytest.approx(0.5 * (2 * 4 + 1 + 4 + 25))
    assert got["momentum"][6] == pytest.approx(4 - 1 - 4 + 5)
    assert got["orders"][6] == 4.0
    assert got["temperature"][6] == pytest.approx(2 * 19.0 / 4)


def test_kinetic_temperature_scales_with_size_and_with_one_over_the_window_squared() -> None:
    base = orders(ORDERS)
    twice = base | {"order_qty": 2 * base["order_qty"]}
    slow = base | {"ts": (base["ts"] - 100 * 10**9) * 2 + 200 * 10**9}
    one = run(analytic("book_kinetics"), base, {"window": 10.0})["temperature"][6]
    two = run(analytic("book_kinetics"), twice, {"window": 10.0})["temperature"][6]
    half = run(analytic("book_kinetics"), slow, {"window": 20.0})["temperature"][6]
    assert two == pytest.approx(2 * one)
    assert half == pytest.approx(one / 4)


def test_level_two_kinetics_see_the_changes_between_two_books() -> None:
    bids, asks = np.array([999.0, 998.0, 997.0]), np.array([1001.0, 1002.0, 1003.0])
    qty = np.array([[1, 1, 1], [3, 1, 1], [3, 0.5, 1], [3, 0.5, 1]], float)
    ask_pxs = np.tile(asks, (4, 1))
    ask_pxs[2] = [1000.5, 1001.0, 1002.0]  # a new best of 1; 1003 falls out of sight
    ask_pxs[3] = ask_pxs[2]
    columns = {"ts": np.array([100, 111, 112, 121]) * 10**9, "bid_pxs": np.tile(bids, (4, 1)),
               "bid_qtys": qty, "ask_pxs": ask_pxs, "ask_qtys": np.ones((4, 3))}  # fmt: skip
    got = run(analytic("book_kinetics_l2"), columns, {"window": 10.0, "active_bps": 30.0})
    # +2 at the best bid (3 bps/s), -0.5 one below (2), +1 at 1000.5 on the ask side (-3.5)
    assert got["changes"][3] == 3.0
    assert got["momentum"][3] == pytest.approx(2 * 3 - 0.5 * 2 - 3.5)
    assert got["kinetic"][3] == pytest.approx(0.5 * (2 * 9 + 0.5 * 4 + 3.5**2))


def test_a_book_that_stands_still_has_no_energy_and_none_is_made_up() -> None:
    one = book(np.ones(5), np.ones(5))
    still = {k: np.repeat(v, 50, axis=0) for k, v in one.items()}
    got = run(analytic("book_kinetics_l2"), still | {"ts": np.arange(50) * 10**9})
    assert np.isnan(got["kinetic"]).all()
    assert (got["windows"] == 0.0).all()


def test_the_active_depth_is_found_where_orders_follow_the_price() -> None:
    rng = np.random.default_rng(3)
    rows = []
    mid = 1_000.0
    for w in range(300):
        speed = abs(rng.normal())
        mid += rng.choice([-1, 1]) * speed
        for _ in range(20):
            near = rng.random() < 0.5
            away = rng.uniform(0, 8) if near else rng.uniform(20, 80)  # bps
            size = (speed if near else 3.0) * rng.lognormal(0, 0.1 if near else 1.0)
            rows.append((10.0 * w + 5, 1, 1, mid * (1 - away * 1e-4), size, mid - 0.01, mid + 0.01))
    got = active_depth.fit(**orders(rows))
    assert 6.0 < got.depth < 14.0
    assert got.correlation > 0.9
    with pytest.raises(ResearchError, match="windows"):
        active_depth.fit(**orders(rows[:40]))


def test_recorded_books_have_entropies_and_rarely_a_temperature(
    recorded: Callable[[str], Any],
) -> None:
    one = analytic("book_entropy")
    columns = columns_of(one, recorded(LOB))
    got = run(one, columns, FINE)
    values = got["entropy"][np.isfinite(got["entropy"])]
    assert values.size > 3_400
    assert values.min() >= 0.0
    assert values.max() <= 1.0
    heat = run(analytic("book_temperature"), columns, FINE | {"min_bins": 5})
    share = np.isfinite(heat["temperature"]).mean()
    assert 0.0 < share < 0.5  # most of these books are no exponential, and it says so


def test_the_plane_of_a_recording_has_four_quarters_and_no_look_ahead(
    recorded: Callable[[str], Any],
) -> None:
    columns = columns_of(temperature_entropy.ANALYTIC, recorded(LOB))
    given_ = {"window": 1.0, "active_bps": 0.5, "bin_bps": 0.05, "bins": 10.0, "samples": 200.0}
    arrays = [columns[n] for n in temperature_entropy.ANALYTIC.inputs]
    got = temperature_entropy.fit(*arrays, **given_)
    assert got.windows > 300
    assert (got.quarter[:50] == -1).all()
    assert sum(got.counts) == np.sum((got.quarter >= 0) & np.isfinite(got.forward))
    assert 0.0 < got.p_moves <= 1.0
    half = temperature_entropy.fit(*(a[:2_000] for a in arrays), **given_)
    n = half.windows
    assert np.array_equal(half.quarter, got.quarter[:n])
    assert np.array_equal(half.temperature, got.temperature[:n])
    with pytest.raises(ResearchError, match="too few"):
        temperature_entropy.fit(*(a[:100] for a in arrays), **given_)


def test_a_window_is_above_the_median_of_those_before_it_and_holes_are_unknown() -> None:
    x = np.array([1.0, 2.0, 3.0, 2.5, 0.0, np.nan, 9.0, 9.0, 9.0, 10.0])
    got = temperature_entropy.above_past_median(x, 3)
    assert got.tolist() == [-1, -1, -1, 1, 0, -1, -1, -1, -1, 1]


def test_shuffled_quarters_are_not_judged_to_mean_anything() -> None:
    rng = np.random.default_rng(0)
    p = [
        temperature_entropy.judge(rng.integers(0, 4, 400), rng.exponential(size=400), 99, k)[1]
        for k in range(40)
    ]
    assert 0.3 < np.mean(p) < 0.7
    quarter = rng.integers(0, 4, 400)
    means, p_true = temperature_entropy.judge(quarter, 1.0 + (quarter == 2), 99, 0)
    assert means == pytest.approx((1.0, 1.0, 2.0, 1.0))
    assert p_true == 0.01


def test_orders_out_of_events_leave_fills_out_and_see_the_bests_of_their_time() -> None:
    events = pl.DataFrame({
        "ts": [5, 10, 20, 30], "buy": [True, True, False, True],
        "created": [True, True, False, False], "px": [9.0, 9.0, 11.0, 9.0],
        "qty": [1.0, 2.0, 3.0, 0.0],
    })  # fmt: skip
    quotes = pl.DataFrame({"ts": [10, 20], "bid_px": [9.0, 9.5], "ask_px": [11.0, 11.5]})
    got = orders_of_events(events, quotes)
    assert got["ts"].tolist() == [10, 20]  # no quote is known at 5; at 30 it was filled
    assert got["order_side"].tolist() == [1.0, -1.0]
    assert got["action"].tolist() == [1.0, -1.0]
    assert got["bid_px"].tolist() == [9.0, 9.5]
    with pytest.raises(FormatError, match="'qty'"):
        orders_of_events(events.drop("qty"), quotes)


def test_what_trades_took_from_a_level_is_no_cancellation() -> None:
    changes = pl.DataFrame({
        "ts": [1, 2, 3, 4], "is_bid": [True] * 4, "px": [9.0] * 4, "qty": [5.0, 8.0, 4.0, 4.5],
    })  # fmt: skip
    quotes = pl.DataFrame({"ts": [0], "bid_px": [9.0], "ask_px": [11.0]})
    trades = pl.DataFrame({"ts": [3, 4], "px": [9.0, 9.0], "qty": [3.0, 0.5],
                           "buyer_maker": [True, True]})  # fmt: skip
    bare = orders_of_changes(changes, quotes)
    assert bare["order_qty"].tolist() == [3.0, 4.0, 0.5]
    assert bare["action"].tolist() == [1.0, -1.0, 1.0]
    net = orders_of_changes(changes, quotes, trades)
    assert net["order_qty"].tolist() == [3.0, 1.0, 1.0]
    assert net["action"].tolist() == [1.0, -1.0, 1.0]


def test_kinetics_of_a_day_of_single_orders(recorded: Callable[[str], Any]) -> None:
    day = "2015-05-01_00-16h.parquet"
    events = recorded(f"lob/bitstamp_btcusd_l3_events_{day}").filter(pl.col("action") != "changed")
    quotes = recorded(f"lob/bitstamp_btcusd_lob10_{day}")
    got = orders_of_events(
        events.select(
            (pl.col("timestamp") * 1_000_000).alias("ts"),
            (pl.col("direction") == "bid").alias("buy"),
            (pl.col("action") == "created").alias("created"),
            pl.col("price").alias("px"), (pl.col("volume") * 1e-8).alias("qty"),
        ),
        quotes.select(
            (pl.col("timestamp") * 1_000_000).alias("ts"),
            pl.col("bid_price_1").alias("bid_px"), pl.col("ask_price_1").alias("ask_px"),
        ),
    )  # fmt: skip
    assert got["ts"].size > 150_000
    params = {"window": 60.0, "active_bps": 30.0}
    values = run(analytic("book_kinetics"), got, params)
    assert np.nanmax(values["windows"]) > 900
    assert np.nanmin(values["kinetic"]) >= 0.0
    # a median of the windows before lies in the middle of those that come
    assert 0.3 < np.nanmean(values["ratio"] > 1.0) < 0.7
    depth = active_depth.fit(**got, window=60.0)
    assert depth.correlation > 0.2
    assert depth.depth == depth.grid[0]  # sizes at the touch go with the price: no wider depth
