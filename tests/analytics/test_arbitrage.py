# SPDX-License-Identifier: MIT
"""Fair values, bounds and edges against closed forms, linear programmes and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from seawall.analytics.arbitrage import (
    basis,
    cointegration,
    cross_edge,
    funding_rate,
    pair_spread,
    perp_bounds,
    triangle_edge,
)
from seawall.analytics.arbitrage.unit_root import dickey_fuller
from seawall.analytics.spec import Result, run
from seawall.model.errors import ResearchError

BPS = 1e-4


def book(bid: float, ask: float, size: float = 1.0, levels: int = 1) -> list[np.ndarray]:
    step = np.arange(levels)
    return [
        (bid - step)[None, :], np.full((1, levels), size), (ask + step)[None, :],
        np.full((1, levels), size),
    ]  # fmt: skip


def edge_of(analytic: object, books: list[list[np.ndarray]], **params: float) -> Result:
    columns = {}
    for number, one in enumerate(books, start=1):
        tail = "" if number == 1 else f"_{number}"
        for name, values in zip(("bid_pxs", "bid_qtys", "ask_pxs", "ask_qtys"), one, strict=True):
            columns[name + tail] = values
    return run(analytic, columns, params)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("premium_bp", "rate_bp"),
    [(-20, -15), (-4, 1), (-3, 1), (1, 1), (6, 1), (10, 5), (20, 15)],
)
def test_the_funding_rate_is_flat_in_the_dead_zone_and_follows_outside(
    premium_bp: float, rate_bp: float
) -> None:
    columns = {"ts": np.array([0]), "perp_px": [1 + premium_bp * BPS], "spot_px": [1.0]}
    got = run(funding_rate.ANALYTIC, columns)
    assert got["rate"][0] == pytest.approx(rate_bp * BPS, abs=1e-12)
    assert got["annual"][0] == pytest.approx(rate_bp * BPS * 3 * 365, abs=1e-9)


def test_the_premium_is_averaged_by_time_and_begins_anew_at_a_settlement() -> None:
    hour = 3_600 * 10**9
    ts = np.array([0, 6, 8, 9]) * hour
    columns = {"ts": ts, "perp_px": [1.001, 1.003, 1.009, 1.009], "spot_px": np.ones(4)}
    got = run(funding_rate.ANALYTIC, columns)["average"]
    # Six hours of 10 bp are behind the second row; the third begins a new interval.
    assert got[1] == pytest.approx(0.001)
    assert got[2] == pytest.approx(0.009)
    assert got[3] == pytest.approx(0.009)


def test_the_bounds_of_a_perpetual_are_those_of_the_clamp() -> None:
    interest = 0.0001
    year = interest * 3 * 365
    columns = {"perp_px": [1.0, 1.0009, 0.9990], "spot_px": np.ones(3)}
    params = {"long_rate": year, "short_rate": year, "cost": 2.0}
    got = run(perp_bounds.ANALYTIC, columns, params)
    assert got["upper"][0] == pytest.approx(6.0 + 2.0)
    assert got["lower"][0] == pytest.approx(-4.0 - 2.0)
    assert got["side"].tolist() == [0.0, -1.0, 1.0]
    assert got["edge"][1] == pytest.approx(9.0 - 8.0)
    # With iota = r the fair premium is nil; without interest phi is 1 / (1 - r).
    assert got["fair"][0] == pytest.approx(0.0, abs=1e-12)
    free = run(perp_bounds.ANALYTIC, columns, {"long_rate": year, "interest": 0.0})
    assert free["fair"][0] * BPS + 1.0 == pytest.approx(1.00010001, abs=1e-9)


def test_the_basis_is_annualised_and_costs_weigh_more_near_the_expiry() -> None:
    columns = {"perp_px": [102.0, 102.0], "spot_px": [100.0, 100.0], "years": [0.25, 0.02]}
    got = run(basis.ANALYTIC, columns, {"financing": 0.05, "costs": 30.0})
    assert got["simple"] == pytest.approx([0.08, 1.0])
    assert got["log"][0] == pytest.approx(math.log(1.02) / 0.25)
    assert got["carry"] == pytest.approx([0.08 - 0.05 - 0.012, 1.0 - 0.05 - 0.15])


def test_the_triangle_of_the_literature_gains_3_26_basis_points_and_loses_16_70() -> None:
    def net(middle: float) -> float:
        books = [book(59_999.0, 60_000.0), book(middle - 1e-4, middle), book(3_010.0, 3_011.0)]
        return float(edge_of(triangle_edge.ANALYTIC, books, fee=10.0)["net"][0])

    assert net(0.0500) == pytest.approx(3.2634, abs=5e-5)
    assert net(0.0501) == pytest.approx(-16.70, abs=5e-3)


sizes = st.lists(st.floats(0.01, 5.0), min_size=3, max_size=3)


@settings(max_examples=40)
@given(sizes, sizes, st.floats(-0.3, 0.6), st.floats(0.0, 15.0), st.floats(0.0, 10.0))
def test_the_walk_through_two_books_is_the_best_there_is(
    asks: list[float], bids: list[float], shift: float, fee: float, cost: float
) -> None:
    ask_px, bid_px = 100.0 + 0.1 * np.arange(3), 100.1 + shift - 0.1 * np.arange(3)
    one = [ask_px[None, :] - 50, np.array([asks]), ask_px[None, :], np.array([asks])]
    two = [bid_px[None, :], np.array([bids]), bid_px[None, :] + 50, np.array([bids])]
    got = edge_of(cross_edge.ANALYTIC, [one, two], fee_1=fee, fee_2=fee, cost_up=cost)
    buy = ask_px * (1 + fee * BPS) * (1 + cost * BPS)
    sell = bid_px * (1 - fee * BPS)
    best = linprog(
        np.concatenate((buy, -sell)), A_eq=[[1, 1, 1, -1, -1, -1]], b_eq=[0],
        bounds=[(0, q) for q in asks + bids],
    )  # fmt: skip
    assert got["way"][0] == 1.0
    assert got["profit"][0] == pytest.approx(-best.fun, abs=1e-7)
    assert got["net"][0] == pytest.approx(
        ((sell[0] / (ask_px[0] * (1 + fee * BPS)) - 1) - cost * BPS) / BPS
    )


@settings(max_examples=40)
@given(sizes, sizes, sizes, st.floats(0.99, 1.01), st.booleans())
def test_the_walk_around_a_triangle_is_the_best_there_is(
    one: list[float], two: list[float], three: list[float], skew: float, up: bool
) -> None:
    px = [100.0, 0.05, 5.0 * skew]
    step = np.arange(3)
    first = px[0] * (1 + 1e-4 * step if up else 1 - 1e-4 * step)
    second = px[1] * (1 + 1e-4 * step if up else 1 - 1e-4 * step)
    third = px[2] * (1 - 1e-4 * step if up else 1 + 1e-4 * step)
    books = []
    for p, q, falls in ((first, one, not up), (second, two, not up), (third, three, up)):
        mine, other = p[None, :], p[None, :] * (1.02 if falls else 0.98)
        qty = np.array([q])
        books.append([mine, qty, other, qty] if falls else [other, qty, mine, qty])
    got = edge_of(triangle_edge.ANALYTIC, books, fee=5.0)
    kept = 1 - 5.0 * BPS
    # Flows per level: a (A traded), b (B traded), c (B traded on the third book).
    if up:
        cost = np.concatenate((first, np.zeros(3), -kept * third))
        equal = [[kept] * 3 + list(-second) + [0] * 3, [0] * 3 + [kept] * 3 + [-1] * 3]
    else:
        cost = np.concatenate((-kept * first, np.zeros(3), third))
        equal = [[-1] * 3 + list(kept * second) + [0] * 3, [0] * 3 + [-1] * 3 + [kept] * 3]
    best = linprog(cost, A_eq=equal, b_eq=[0, 0], bounds=[(0, q) for q in one + two + three])
    if got["way"][0] == (1.0 if up else -1.0):
        assert got["profit"][0] == pytest.approx(max(-best.fun, 0.0), rel=1e-6, abs=1e-7)


def test_half_life_and_hedge_ratio_of_a_known_pair_come_out() -> None:
    rng = np.random.default_rng(3)
    x = 4.0 + np.cumsum(rng.normal(0, 0.01, 40_000))
    u = np.zeros(x.size)
    noise = rng.normal(0, 0.002, x.size)
    for i in range(1, x.size):
        u[i] = 0.95 * u[i - 1] + noise[i]
    left, right = np.exp(1.0 + 0.7 * x + u), np.exp(x)
    got = run(pair_spread.ANALYTIC, {"left_px": left, "right_px": right}, {"memory": 20_000})
    assert got["beta"][-1] == pytest.approx(0.7, abs=0.02)
    assert got["half_life"][-1] == pytest.approx(math.log(2) / -math.log(0.95), rel=0.15)
    assert abs(got["z"][1_000:]).mean() == pytest.approx(math.sqrt(2 / math.pi), abs=0.1)


def test_cointegration_agrees_with_statsmodels_and_corrects_phi() -> None:
    tools = pytest.importorskip("statsmodels.tsa.stattools")
    rng = np.random.default_rng(5)
    x = 4.0 + np.cumsum(rng.normal(0, 0.01, 2_000))
    u = np.zeros(x.size)
    for i in range(1, x.size):
        u[i] = 0.9 * u[i - 1] + rng.normal(0, 0.003)
    got = cointegration.fit(np.exp(0.5 + x + u), np.exp(x))
    stat, p, _ = tools.coint(0.5 + x + u, x, trend="c", autolag="aic")
    assert got.adf_stat == pytest.approx(stat, rel=1e-9)
    assert got.adf_p == pytest.approx(p, abs=1e-12)
    assert got.adf_p < 0.01
    assert got.trace_stat > got.trace_95
    assert got.half_life == pytest.approx(math.log(2) / -math.log(0.9), rel=0.3)
    walk = cointegration.fit(np.exp(np.cumsum(rng.normal(0, 0.01, 2_000))), np.exp(x))
    assert walk.adf_p > 0.05


@pytest.mark.parametrize("n", [50, 300, 2_000])
@pytest.mark.parametrize("weights", [None, (0.5,) * 10, (1.0, -0.5, 0.3)],
                         ids=["walk", "slow", "quick"])  # fmt: skip
def test_the_unit_root_statistic_and_its_lags_are_those_of_statsmodels(
    n: int, weights: tuple[float, ...] | None
) -> None:
    tools = pytest.importorskip("statsmodels.tsa.stattools")
    noise = np.random.default_rng(n).normal(size=n)
    x = np.cumsum(noise) if weights is None else np.convolve(noise, weights, "same")
    stat, lags = dickey_fuller(x)
    want = tools.adfuller(x, regression="n", autolag="AIC", result_object=False)
    assert stat == pytest.approx(want[0], rel=1e-8)
    assert lags == want[2]


def test_a_unit_root_needs_a_series_with_errors() -> None:
    for x in (np.ones(9), np.ones(100), 0.5 ** np.arange(100)):
        with pytest.raises(ResearchError):
            dickey_fuller(x)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (np.ones(10), np.ones(10)),
        (np.linspace(1, 2, 100), np.ones(100)),
        (np.full(100, np.nan), np.linspace(1, 2, 100)),
        (np.linspace(1, 2, 100), 3 * np.linspace(1, 2, 100)),
    ],
    ids=["short", "constant", "nan", "scaled"],
)
def test_what_is_no_pair_is_refused(left: np.ndarray, right: np.ndarray) -> None:
    with pytest.raises(ResearchError):
        cointegration.fit(left, right)
