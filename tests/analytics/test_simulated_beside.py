# SPDX-License-Identifier: MIT
"""Price paths of many coins, and the book of one coin in another beside the agents' market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.from_market import table_of
from seawall.analytics.from_markets import joint_table, triangle
from seawall.analytics.registry import analytic
from seawall.analytics.simulated import Simulation
from seawall.analytics.spec import run
from seawall.analytics.tables import columns_of
from seawall.data.simulated.beside.cross import CrossConfig, with_cross
from seawall.data.simulated.beside.paths import PathConfig, Paths, paths
from seawall.data.simulated.result import SimulatedMarket
from seawall.model.errors import DataError, SettingsError

DAY = 86_400.0


@pytest.fixture(scope="module")
def hours() -> Paths:
    return paths(PathConfig(2_000, 3_600.0, 12))


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return Simulation(seed=7).run(60.0)[0]


@settings(max_examples=20, deadline=None)
@given(
    bars=st.integers(1, 40), coins=st.integers(1, 12), seed=st.integers(0, 2**31),
    bar_s=st.sampled_from([1.0, 60.0, 3_600.0, DAY]),
)  # fmt: skip
def test_bars_of_a_path_are_sound(bars: int, coins: int, seed: int, bar_s: float) -> None:
    got = paths(PathConfig(bars, bar_s, coins, seed, steps=6))
    assert got.close.shape == (bars, coins)
    assert (got.low <= np.minimum(got.open, got.close)).all()
    assert (got.high >= np.maximum(got.open, got.close)).all()
    assert (got.low > 0.0).all()
    assert (np.abs(got.signed_volume) <= got.volume).all()
    assert (got.buys >= 0.0).all()
    assert (got.sells >= 0.0).all()
    assert np.array_equal(got.open[1:], got.close[:-1])
    assert (np.diff(got.ts) == round(bar_s * 1e9)).all()
    assert got.frame().height == bars
    assert got.closes().height == bars * coins


def test_the_same_settings_give_the_same_paths_and_another_seed_others(hours: Paths) -> None:
    assert np.array_equal(paths(hours.config).close, hours.close)
    assert not np.array_equal(paths(replace(hours.config, seed=8)).close, hours.close)


def test_settings_that_make_no_path_are_refused() -> None:
    for bars, bar_s, coins in ((0, 60.0, 1), (5, 0.0, 1), (5, 60.0, 13), (5, 60.0, 0)):
        with pytest.raises(SettingsError):
            PathConfig(bars, bar_s, coins)


def test_returns_have_the_volatility_that_the_path_had(hours: Paths) -> None:
    config = replace(hours.config, jumps_per_year=0.0)
    calm = paths(config)
    moves = np.diff(np.log(calm.close), axis=0)
    scaled = moves / (calm.true_vol[1:] * np.sqrt(3_600.0 / (365.0 * DAY)))
    np.testing.assert_allclose(scaled.std(axis=0), 1.0, atol=0.06)
    daily = calm.daily_vol / (calm.true_vol / np.sqrt(365.0))
    assert np.sqrt((daily**2).mean()) == pytest.approx(1.0, abs=0.02)


def test_coins_of_a_sector_move_together_more_than_others(hours: Paths) -> None:
    c = np.corrcoef(np.diff(np.log(hours.close), axis=0).T)
    same = np.equal.outer(np.arange(12) % 3, np.arange(12) % 3)
    assert c[same & ~np.eye(12, dtype=bool)].mean() > c[~same].mean() + 0.05
    assert c.min() > 0.2


def test_correlation_rises_with_the_variance_of_the_market() -> None:
    def gap(crisis: float) -> float:
        made = paths(PathConfig(6_000, 3_600.0, 6, crisis=crisis, spread=(0.5, 0.0)))
        moves = np.diff(np.log(made.close), axis=0)
        wild = made.true_vol[1:, 0] > np.quantile(made.true_vol[:, 0], 0.7)
        parts = [np.corrcoef(moves[rows].T)[~np.eye(6, dtype=bool)] for rows in (wild, ~wild)]
        return float(parts[0].mean() - parts[1].mean())

    assert gap(0.6) > 0.1
    assert abs(gap(0.0)) < 0.05


def test_trades_follow_activity_with_the_power_that_was_set() -> None:
    fit = analytic("invariance_fit").fit
    assert fit is not None
    for power in (2.0 / 3.0, 0.9):
        made = paths(PathConfig(400, DAY, trades_power=power))
        true = made.true_vol[:, 0] / np.sqrt(365.0)
        found = fit(true, made.turnover[:, 0], made.buys[:, 0] + made.sells[:, 0])
        assert found.slope == pytest.approx(power, abs=4.0 * found.slope_error)


def test_jumps_of_the_path_are_found_where_they_were(hours: Paths) -> None:
    made = paths(PathConfig(6_000, 60.0, jumps_per_year=800.0, jump=0.05, spread=(0.1, 0.1)))
    one = analytic("lee_mykland")
    jump = run(one, columns_of(one, made.frame()))["jump"]
    found, true = np.flatnonzero(np.nan_to_num(jump) != 0.0), np.flatnonzero(made.jumped)
    known = true[true > 800]
    assert known.size >= 3
    assert np.isin(known, found).mean() > 0.7
    assert np.isin(found, true).mean() > 0.7


def test_the_cross_book_follows_the_ratio_of_the_two_coins(market: SimulatedMarket) -> None:
    whole = with_cross(market)
    cross = whole.instruments[-1]
    assert cross.symbol == "ETH/BTC"
    assert (np.diff(whole.events["ts"]) >= 0).all()
    table = table_of(whole, cross, ("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"))
    levels = table.select(pl.selectors.starts_with("bid_price_")).to_numpy()
    assert (np.diff(levels, axis=1) < 0.0).all()
    assert (table["bid_price_1"] < table["ask_price_1"]).all()
    joint = joint_table(whole, ("bid_pxs_2", "bid_pxs_3"))
    mids = joint.select("mid_1", "mid_2", "mid_3").to_numpy()
    gap_bps = 1e4 * np.log(mids[:, 1] * mids[:, 0] / mids[:, 2])
    assert np.abs(gap_bps).max() < 20.0
    assert np.median(np.abs(gap_bps)) < 3.0


def test_a_cross_without_error_or_lag_closes_its_triangle_to_a_tick(
    market: SimulatedMarket,
) -> None:
    exact = with_cross(market, CrossConfig(error_bps=0.0, lag_s=0.0, every_s=0.05))
    joint = joint_table(exact, ("bid_pxs_2", "bid_pxs_3"))
    mids = joint.select("mid_1", "mid_2", "mid_3").to_numpy()[5:]
    tick_bps = 1e4 * 1e-6 / 0.0433
    gap_bps = 1e4 * np.log(mids[:, 1] * mids[:, 0] / mids[:, 2])
    assert np.median(np.abs(gap_bps)) < 2.0 * tick_bps


def test_a_triangle_is_found_among_books_in_any_order(market: SimulatedMarket) -> None:
    whole = with_cross(market)
    for order in (whole.instruments, whole.instruments[::-1]):
        found = [i.symbol for i in triangle(order)]
        assert found == ["BTC/USDT", "ETH/BTC", "ETH/USDT"]
    assert triangle(market.instruments) == []


def test_a_cross_of_one_coin_is_refused(market: SimulatedMarket) -> None:
    with pytest.raises(DataError, match="no cross"):
        with_cross(market, CrossConfig(base=0, quote=0))
    with pytest.raises(DataError, match="no cross"):
        with_cross(market, CrossConfig(base=2))
