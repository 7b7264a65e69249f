# SPDX-License-Identifier: MIT
"""Smiles and surfaces: published parameters, conditions of no arbitrage, recorded chains."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.options import sabr_vol
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.analytics.surface import density, ssvi_fit, surface_fit, svi_fit
from seawall.analytics.surface.arbitrage import check
from seawall.analytics.surface.chain import Chain, delta_forward, parity_forward
from seawall.analytics.surface.deribit import deribit_chain
from seawall.analytics.surface.greeks import smile_greeks
from seawall.analytics.surface.surface import VolSurface
from seawall.analytics.surface.svi import Svi, from_natural, to_jump_wings, to_natural
from seawall.model.errors import DataError, FormatError, ResearchError

VOGT = Svi(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)
"""The smile with a negative density of Gatheral and Jacquier (2014), example 3.1."""


def rows(smile: Svi, years: float, k: Any, forward: float = 6e4) -> tuple[np.ndarray, ...]:
    at = np.asarray(k, dtype=float)
    vol = np.sqrt(smile.variance(at) / years)
    return np.full(at.size, forward), forward * np.exp(at), np.full(at.size, years), vol


def test_the_published_smile_has_the_published_jump_wings_and_a_negative_density() -> None:
    wings = to_jump_wings(VOGT, 1.0)
    got = (wings.v, wings.psi, wings.p, wings.c, wings.v_least)
    want = (0.01742625, -0.1752111, 0.6997381, 1.316798, 0.0116249)
    np.testing.assert_allclose(got, want, rtol=3e-6)
    k = np.linspace(-1.5, 1.5, 301)
    assert VOGT.g(k).min() < -0.03
    assert 0.5 < k[np.argmin(VOGT.g(k))] < 1.2


@given(
    st.floats(-0.05, 0.2), st.floats(0.01, 1.0), st.floats(-0.95, 0.95), st.floats(-1, 1),
    st.floats(0.01, 1.0),
)  # fmt: skip
def test_the_natural_form_gives_back_the_raw_one(
    a: float, b: float, rho: float, m: float, s: float
) -> None:
    raw = Svi(a, b, rho, m, s)
    back = from_natural(to_natural(raw))
    k = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(back.variance(k), raw.variance(k), atol=1e-12)
    step = 1e-4
    first, second = raw.slopes(k)
    high, low = raw.variance(k + step), raw.variance(k - step)
    np.testing.assert_allclose(first, (high - low) / (2 * step), atol=1e-4 * b / s**2)
    np.testing.assert_allclose(
        second, (high - 2 * raw.variance(k) + low) / step**2, atol=1e-4 * b / s**3
    )


def test_a_fit_finds_the_smile_that_made_the_volatilities() -> None:
    true = Svi(0.01, 0.08, -0.3, 0.02, 0.15)
    got = svi_fit.fit(*rows(true, 0.1, np.linspace(-0.6, 0.6, 15)))
    np.testing.assert_allclose((got.a, got.b, got.rho, got.m, got.s),
                               (true.a, true.b, true.rho, true.m, true.s), rtol=1e-6)  # fmt: skip
    assert got.rmse < 1e-9
    assert not got.doubts


def test_a_fit_to_a_smile_with_an_arbitrage_gives_one_without() -> None:
    got = svi_fit.fit(*rows(VOGT, 1.0, np.linspace(-1.5, 1.5, 25)))
    k = np.linspace(-3.0, 3.0, 1201)
    assert got.smile.g(k).min() >= 0.0
    assert got.rmse < 0.012  # what the arbitrage was worth


def test_each_expiry_of_a_surface_lies_above_the_one_before() -> None:
    """Two smiles that cross beyond k = 0.3 are fitted as two that do not."""
    k = np.linspace(-0.5, 0.5, 15)
    early, late = Svi(0.005, 0.10, 0.3, 0.0, 0.1), Svi(0.012, 0.05, -0.3, 0.0, 0.2)
    assert (late.variance(k) < early.variance(k)).any()
    both = zip(rows(early, 0.05, k), rows(late, 0.1, k), strict=True)
    columns = [np.concatenate(x) for x in both]
    free = [svi_fit.fit(*(c[i * 15 : i * 15 + 15] for c in columns)) for i in (0, 1)]
    crossed = VolSurface((0.05, 0.1), (6e4, 6e4), tuple(f.smile for f in free), ((-0.5, 0.5),) * 2)
    found = [b for b in check(crossed) if b.kind == "calendar"]
    assert found
    assert found[0].years == 0.1
    assert found[0].strike > 6e4
    fitted = surface_fit.fit(*columns)
    assert not check(fitted)
    assert not [d for d in fitted.doubts if "calendar" in d]


def test_surface_svi_finds_its_parameters_and_tells_broken_conditions() -> None:
    theta = np.repeat([0.01, 0.03, 0.09, 0.2], 11)
    years, k = theta / 0.25, np.tile(np.linspace(-0.6, 0.6, 11), 4)
    w = ssvi_fit.total_variance(k, theta, -0.35, 0.9, 0.45)
    vol = np.sqrt(w / years)
    got = ssvi_fit.fit(np.full(44, 100.0), 100.0 * np.exp(k), years, vol)
    np.testing.assert_allclose((got.rho, got.eta, got.gamma), (-0.35, 0.9, 0.45), rtol=1e-5)
    assert got.doubts == ()
    one = got.smile(0.03)
    np.testing.assert_allclose(one.variance(k[:11]), w[11:22], rtol=1e-4)
    assert any("butterfly" in d for d in ssvi_fit.conditions(np.array([0.01]), -0.3, 9.0, 0.5))
    # Steep: the density is indeed negative where the condition fails.
    bad = ssvi_fit.SsviFit(-0.3, 9.0, 0.5, (1.0,), (1.0,), (0.01,), 0, 0, 1, ()).smile(0.01)
    assert bad.g(np.linspace(-1, 1, 401)).min() < 0


def test_a_density_agrees_with_forty_digits(oracle: Any) -> None:
    for case in oracle.cases("options", "options.risk_neutral_density"):
        one = case.inputs

        def vol(strike: np.ndarray, one: Any = one) -> np.ndarray:
            n = strike.size
            names = ("alpha", "beta", "nu", "rho")
            columns = {"forward": np.full(n, one["F"]), "strike": strike,
                       "years": np.full(n, one["T"])}  # fmt: skip
            return run(sabr_vol.ANALYTIC, columns, {p: one[p] for p in names})["vol"]

        got = density.density_of(vol, one["K"], one["F"], one["T"])
        # At the money the reference jumps by 4 to 5 % between smooth neighbours: its formula
        # for z / x(z) has a hole there, which its differences straddle.
        off = one["K"] != one["F"]
        np.testing.assert_allclose(got[off], case.outputs["density"][off], rtol=1e-9)
        near = density.density_of(vol, one["F"] + np.array([-1.0, 0.0, 1.0]), one["F"], one["T"])
        assert near[1] == pytest.approx(0.5 * (near[0] + near[2]), rel=1e-6)


@settings(max_examples=20)
@given(st.floats(0.2, 1.2), st.floats(0.02, 1.0))
def test_the_law_of_a_flat_smile_is_lognormal(vol: float, years: float) -> None:
    flat = np.linspace(-0.5, 0.5, 9) * vol * np.sqrt(years)
    n = flat.size
    got = density.fit(np.full(n, 100.0), 100 * np.exp(flat), np.full(n, years), np.full(n, vol))
    assert got.mass == pytest.approx(1.0, abs=1e-5)
    assert got.mean == pytest.approx(1.0, abs=1e-4)
    assert got.sd == pytest.approx(vol * np.sqrt(years), rel=1e-2)
    assert abs(got.skew) < 0.05
    assert got.quantiles[3] == pytest.approx(100 * np.exp(-0.5 * vol**2 * years), rel=1e-2)


@pytest.fixture
def surface() -> VolSurface:
    return VolSurface(
        (0.1, 0.3), (100.0, 104.0),
        (Svi(0.01, 0.06, -0.3, 0.0, 0.15), Svi(0.04, 0.09, -0.3, 0.0, 0.3)),
        ((-0.5, 0.5), (-0.9, 0.9)), 0.0, 0.0, 30,
    )  # fmt: skip


def test_between_expiries_total_variance_is_linear_and_the_density_is_one(
    surface: VolSurface,
) -> None:
    k = np.linspace(-0.4, 0.4, 5)
    half = 0.5 * (surface.variance(k, 0.1) + surface.variance(k, 0.3))
    np.testing.assert_allclose(surface.variance(k, 0.2), half)
    strikes = 100.0 * np.exp(k)
    np.testing.assert_allclose(surface.vol(strikes, 0.05), surface.vol(strikes, 0.1))
    for years in (0.05, 0.1, 0.2, 0.3, 0.6):
        strike = surface.forward(years) * np.exp(np.linspace(-6, 6, 40_001))
        pdf = surface.density(strike, years)
        assert pdf.min() >= 0.0
        assert np.trapezoid(pdf, strike) == pytest.approx(1.0, abs=1e-3)
        mean = np.trapezoid(pdf * strike, strike)
        assert mean == pytest.approx(surface.forward(years), rel=1e-3)
        put = surface.price(strike[20_000], years, -1.0)
        assert put == pytest.approx(surface.price(strike[20_000], years), rel=1e-12)  # at money
    for wrong in (0.0, -1.0, np.nan):
        with pytest.raises(ResearchError):
            surface.vol(100.0, wrong)


def test_the_smile_delta_is_the_slope_of_the_price_when_the_smile_moves(
    surface: VolSurface,
) -> None:
    strike = np.array([80.0, 95.0, 104.0, 120.0])
    got = smile_greeks(surface, strike, 0.3, -1.0)
    coin = smile_greeks(surface, strike, 0.3, -1.0, coin=True)
    h = 1e-4
    up, down = (
        VolSurface(surface.years, (100.0, 104.0 + d), surface.smiles, surface.reach)
        for d in (h, -h)
    )
    slope = (up.price(strike, 0.3, -1.0) - down.price(strike, 0.3, -1.0)) / (2 * h)
    np.testing.assert_allclose(got.smile_delta, slope, rtol=1e-7)
    in_coin = up.price(strike, 0.3, -1.0) / (104 + h) - down.price(strike, 0.3, -1.0) / (104 - h)
    np.testing.assert_allclose(coin.smile_delta, in_coin / (2 * h), rtol=1e-6)
    np.testing.assert_allclose(coin.smile_net_delta, 104.0 * coin.smile_delta, rtol=1e-10)
    assert (np.abs(got.smile_delta - got.delta) > 1e-3).all()


def test_a_forward_follows_from_parity_and_from_deltas() -> None:
    from scipy.special import ndtr

    k, f, s = np.array([80.0, 90.0, 100.0, 110.0, 130.0]), 103.0, 0.6 * np.sqrt(0.2)
    d = np.log(f / k) / s + s / 2
    call, put = f * ndtr(d) - k * ndtr(d - s), k * ndtr(s - d) - f * ndtr(-d)
    assert parity_forward(k, call, put) == pytest.approx(f, rel=1e-12)
    assert parity_forward(k, call / f, put / f, coin=True) == pytest.approx(f, rel=1e-12)
    years, vol = np.full(5, 0.2), np.full(5, 0.6)
    assert delta_forward(k, years, vol, np.round(ndtr(d), 5)) == pytest.approx(f, rel=1e-4)
    none = np.full(5, np.nan)
    assert np.isnan(parity_forward(k, none, none))
    assert np.isnan(delta_forward(k, years, none, ndtr(d)))


def chain_of(recorded: Callable[[str], Any], name: str) -> Chain:
    if name == "eth":
        table = recorded("options/deribit_eth_chain_2024-01-08.parquet")
        return deribit_chain(table, datetime.fromtimestamp(1_704_712_781.414, UTC))
    if name == "btc marks":
        table = recorded("options/deribit_btc_chain_2024-05-24.parquet")
        return deribit_chain(table, datetime(2024, 5, 24, 13, 10, tzinfo=UTC))
    table = recorded("options/deribit_btc_chain_hourly_2026-01-23.parquet")
    at = datetime(2026, 1, 23, 12, tzinfo=UTC)
    return deribit_chain(table.filter(table["date"] == at), at)


@pytest.mark.parametrize(
    ("name", "quoted", "expiries", "rmse"),
    # The marks of 2024-05-24 are themselves not smooth: one flat stretch, then a step.
    [("eth", True, 11, 0.004), ("btc marks", False, 10, 0.013), ("btc hourly", True, 12, 0.0025)],
)
def test_a_recorded_chain_makes_a_surface_without_arbitrage(
    recorded: Callable[[str], Any], name: str, quoted: bool, expiries: int, rmse: float
) -> None:
    chain = chain_of(recorded, name).tradable(quoted=quoted)
    got = analytic("surface_fit").fit(*chain.rows)
    assert len(got.years) == expiries
    assert check(got) == ()
    assert got.rmse < rmse
    for years in got.years:
        strike = got.forward(years) * np.exp(np.linspace(-8, 8, 60_001))
        pdf = got.density(strike, years)
        assert pdf.min() >= 0.0
        assert np.trapezoid(pdf, strike) == pytest.approx(1.0, abs=2e-3)
        mean = np.trapezoid(pdf * strike, strike) / got.forward(years)
        assert mean == pytest.approx(1.0, abs=2e-3)


def test_implied_forwards_agree_with_the_venues_own(recorded: Callable[[str], Any]) -> None:
    """ETH book summaries carry a forward; parity of their marks gives the same."""
    chain = chain_of(recorded, "eth")
    for years in np.unique(chain.years):
        one = chain.take(chain.years == years)
        coin = one.option_price / one.forward
        sides = [dict(zip(one.strike[one.call == c], coin[one.call == c], strict=True))
                 for c in (1.0, -1.0)]  # fmt: skip
        both = np.array(sorted(set(sides[0]) & set(sides[1])))
        implied = parity_forward(both, *(np.array([s[x] for x in both]) for s in sides), coin=True)
        assert implied == pytest.approx(one.forward[0], rel=3e-4)


def test_what_is_no_smile_or_no_chain_is_refused() -> None:
    import polars as pl

    one = np.ones(4)
    for fit in (svi_fit.fit, density.fit, ssvi_fit.fit, surface_fit.fit):
        with pytest.raises(ResearchError):
            fit(one, one, one, one)
        with pytest.raises(ResearchError):
            fit(one * np.nan, one, one, one)
    with pytest.raises(FormatError):
        deribit_chain(pl.DataFrame({"a": [1]}), datetime(2024, 1, 1, tzinfo=UTC))
    with pytest.raises(ResearchError):
        VolSurface((0.2, 0.1), (1.0, 1.0), (VOGT, VOGT), ((-1, 1), (-1, 1)))
    with pytest.raises(DataError):
        Chain(one, one, one, one, one, one, one, np.ones(3))


def test_bad_rows_and_thin_expiries_are_left_out_and_named() -> None:
    true = Svi(0.01, 0.08, -0.3, 0.02, 0.15)
    columns = [np.concatenate(x) for x in zip(
        rows(true, 0.1, np.linspace(-0.6, 0.6, 15)), rows(true, 0.2, [-0.1, 0.0, 0.1]), strict=True
    )]  # fmt: skip
    columns[3][4] = np.nan
    got = surface_fit.fit(*columns)
    assert got.rows == 14
    assert got.years == (0.1,)
    assert any("left out" in d for d in got.doubts)
    nine = np.ones(9)
    strikes = 100.0 * np.exp(np.linspace(-1, 1, 9))
    constant = surface_fit.fit(100.0 * nine, strikes, 0.5 * nine, 0.6 * nine)
    np.testing.assert_allclose(constant.vol([80.0, 100.0, 120.0], 0.5), 0.6, atol=1e-4)
