# SPDX-License-Identifier: MIT
"""Heston prices and fits, and Black's greeks, against independent numbers and QuantLib."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.options import black_greeks, heston_fit, heston_price
from seawall.analytics.options.heston_errors import prices
from seawall.analytics.spec import run
from seawall.analytics.surface.deribit import deribit_chain
from seawall.model.errors import ResearchError

NAMES = ("v0", "kappa", "theta", "sigma", "rho")


def price(f: Any, k: Any, t: Any, cp: Any = 1.0, nodes: float = 64.0, **params: float) -> Any:
    rows = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, dtype=float)) for x in (f, k, t, cp)))
    columns = dict(zip(("forward", "strike", "years", "call"), rows, strict=True))
    return run(heston_price.ANALYTIC, columns, {**params, "nodes": nodes})["price"]


def test_prices_agree_with_twenty_five_digits(oracle: Any) -> None:
    """To 1e-12 of the forward, also where Feller's condition is broken badly."""
    for case in oracle.cases("options", "options.heston.call"):
        one = case.inputs
        rows = list(zip(*(one[n] for n in ("F", "K", "T", *NAMES)), strict=True))
        for nodes, allowed in ((64.0, 1e-11), (48.0, 1e-9), (32.0, 1e-6)):
            got = np.array([
                price(f, k, t, nodes=nodes, **dict(zip(NAMES, p, strict=True)))[0]
                for f, k, t, *p in rows
            ])  # fmt: skip
            assert np.abs(got - case.outputs["call_tight"]).max() < allowed, nodes
            if nodes == 64.0:
                oracle.check(case, {"call": got, "call_tight": got})


def test_published_prices(recorded: Callable[[str], Any]) -> None:
    first = {"v0": 0.0175, "kappa": 1.5768, "theta": 0.0398, "sigma": 0.5751, "rho": -0.5711}
    assert price(100, 100, 1.0, **first)[0] == pytest.approx(5.785155434, abs=1e-8)
    assert price(100, 100, 10.0, **first)[0] == pytest.approx(22.318945791, abs=1e-8)
    coin = {"v0": 0.36, "kappa": 3.0, "theta": 0.49, "sigma": 2.0, "rho": -0.2}
    got = price(6e4, [5e4, 6e4, 7e4], 30 / 365, **coin)
    np.testing.assert_allclose(got, [10828.241389, 4056.856628, 1047.935034], atol=1e-5)
    for row in recorded("options/heston_reference_prices.csv").iter_rows(named=True):
        t, r, q = row["t_years"], row["r"], row["q"]
        params = {n: row[n] for n in NAMES}
        side = 1.0 if row["option_type"] == "call" else -1.0
        forward = row["spot"] * np.exp((r - q) * t)
        got = price(forward, row["strike"], t, side, **params)[0] * np.exp(-r * t)
        assert got == pytest.approx(row["expected_price"], abs=row["abs_tol"])


@settings(max_examples=40)
@given(
    st.floats(0.01, 1.5), st.floats(0.1, 8.0), st.floats(0.01, 1.5), st.floats(0.05, 3.0),
    st.floats(-0.95, 0.95), st.floats(0.01, 2.0),
)  # fmt: skip
def test_prices_fall_in_the_strike_convexly_and_keep_parity(
    v0: float, kappa: float, theta: float, sigma: float, rho: float, years: float
) -> None:
    params = {"v0": v0, "kappa": kappa, "theta": theta, "sigma": sigma, "rho": rho}
    spread = min(np.sqrt((v0 + theta) * years), 1.0)
    strike = 100.0 * (1.0 + spread * np.linspace(-0.8, 0.8, 17))
    call, put = (price(100.0, strike, years, side, **params) for side in (1.0, -1.0))
    np.testing.assert_allclose(call - put, 100.0 - strike, atol=1e-9)
    slope = np.diff(call) / np.diff(strike)
    assert (slope > -1.0 - 1e-9).all()
    assert (slope < 1e-9).all()
    assert (np.diff(slope) > -1e-9).all()


def test_a_small_volatility_of_variance_gives_blacks_price() -> None:
    got = price(100, [80.0, 100, 125], 0.5, v0=0.3, theta=0.3, kappa=2.0, sigma=1e-3, rho=0.0)
    three = np.ones(3)
    columns = {"forward": 100.0 * three, "strike": np.array([80.0, 100, 125]),
               "years": 0.5 * three, "call": three, "vol": np.sqrt(0.3) * three}  # fmt: skip
    np.testing.assert_allclose(got, run(black_greeks.ANALYTIC, columns)["price"], atol=1e-5)


def test_the_order_of_expiries_changes_no_price() -> None:
    rng = np.random.default_rng(0)
    t, k = rng.choice([0.1, 0.5, 1.0], 60), rng.uniform(60, 150, 60)
    mixed, order = price(100.0, k, t), np.argsort(t, kind="stable")
    np.testing.assert_array_equal(mixed[order], price(100.0, k[order], t[order]))


def test_derivatives_are_those_of_the_price() -> None:
    strike, years = np.linspace(70, 140, 8), np.full(8, 0.4)
    starts, call = np.array([0, 8]), np.ones(8)
    p = np.array([0.3, 2.0, 0.4, 0.9, -0.5])
    value, slope, none = np.empty(8), np.empty((8, 5)), np.empty((8, 5))
    prices(p, 64, starts, np.full(8, 100.0), strike, years, call, value, slope)
    for i in range(5):
        ends = []
        for sign in (1, -1):
            moved = p.copy()
            moved[i] += sign * 1e-5
            out = np.empty(8)
            prices(moved, 64, starts, np.full(8, 100.0), strike, years, call, out, none)
            ends.append(out)
        np.testing.assert_allclose(slope[:, i], (ends[0] - ends[1]) / 2e-5, atol=2e-6)


def test_a_fit_is_as_good_as_the_best_known_one(oracle: Any) -> None:
    for case in oracle.cases("options", "options.heston.fit"):
        one = case.inputs
        n = one["K"].shape[1]
        got = heston_fit.fit(np.repeat(one["F"], n), one["K"].ravel(), np.repeat(one["T"], n),
                             one["vol"].ravel())  # fmt: skip
        found = [got.v0, got.kappa, got.theta, got.sigma, got.rho]
        oracle.check(case, {"rmse_vol": got.rmse, "params_v0_kappa_theta_sigma_rho": found})
        assert got.doubts == ()
        assert got.expiries == one["T"].size


def test_the_published_surface_is_fitted_as_well_as_published(
    recorded: Callable[[str], Any],
) -> None:
    """DAX of 5 July 2002: 177.2 squared vol points over 104 options, weeks of seven days."""
    table = recorded("options/heston_dax_2002-07-05_surface.csv")
    years = table["weeks_used"].to_numpy() * 7 / 365
    rate, spot = table["zero_rate"].to_numpy(), table["spot"].to_numpy()
    forward = spot * np.exp(rate * table["days_to_maturity"].to_numpy() / 365)
    strike, vol = table["strike"].to_numpy().astype(float), table["implied_vol"].to_numpy()
    got = heston_fit.fit(forward, strike, years, vol, starts=5.0)
    assert 100**2 * got.rmse**2 * got.rows == pytest.approx(177.2, abs=1.0)


def test_quantlib_reprices_a_fit_to_a_recorded_chain_with_the_same_error(
    recorded: Callable[[str], Any],
) -> None:
    ql = pytest.importorskip("QuantLib")
    table = recorded("options/deribit_btc_chain_hourly_2026-01-23.parquet")
    at = datetime(2026, 1, 23, 8, tzinfo=UTC)  # expiries are whole days away: QuantLib's clock
    chain = deribit_chain(table.filter(table["date"] == at), at).tradable()
    chain = chain.take(chain.years > 20 / 365)
    got = heston_fit.fit(*chain.rows)
    assert got.rmse < 0.012
    assert got.expiries >= 6
    today = ql.Date(23, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    left = []
    for years in np.unique(chain.years):
        one = chain.take(chain.years == years)
        spot = ql.QuoteHandle(ql.SimpleQuote(float(one.forward[0])))
        process = ql.HestonProcess(flat, flat, spot, got.v0, got.kappa, got.theta, got.sigma,
                                   got.rho)  # fmt: skip
        engine = ql.AnalyticHestonEngine(ql.HestonModel(process), 192)
        exercise = ql.EuropeanExercise(today + round(float(years) * 365))
        for strike, vol in zip(one.strike, one.vol, strict=True):
            kind = ql.Option.Call if strike >= one.forward[0] else ql.Option.Put
            option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, float(strike)), exercise)
            option.setPricingEngine(engine)
            theirs = ql.blackFormulaImpliedStdDev(
                kind, float(strike), float(one.forward[0]), option.NPV()
            ) / np.sqrt(years)  # fmt: skip
            left.append(theirs - vol)
    assert np.sqrt(np.mean(np.square(left))) == pytest.approx(got.rmse, rel=1e-3)


def test_greeks_agree_with_forty_digits(oracle: Any) -> None:
    names = black_greeks.OUTPUTS
    for case in oracle.cases("options", "options.black76"):
        one = case.inputs
        values = np.array([
            run(black_greeks.ANALYTIC, {"forward": [f], "strike": [k], "years": [t], "call": [cp],
                                        "vol": [s]}, {"rate": r}).values[0]
            for f, k, t, s, r, cp in zip(*(one[x] for x in ("F", "K", "T", "sigma", "r", "cp")),
                                         strict=True)
        ])  # fmt: skip
        oracle.check(case, {n: values[:, names.index(n)] for n in case.outputs})


def test_greeks_in_coin_agree_with_forty_digits_and_with_differences(oracle: Any) -> None:
    for case in oracle.cases("options", "options.inverse"):
        one = case.inputs
        names = zip(("forward", "strike", "years", "vol", "call"), ("F", "K", "T", "sigma", "cp"),
                    strict=True)  # fmt: skip
        columns = {ours: one[theirs] for ours, theirs in names}
        got = run(black_greeks.ANALYTIC, columns, {"coin": 1.0})
        oracle.check(case, {"price_coin": got["price"], "delta_coin_per_usd": got["delta"],
                            "net_delta": got["net_delta"]})  # fmt: skip
        step = 1e-5 * one["F"]
        up, down = (
            run(black_greeks.ANALYTIC, {**columns, "forward": one["F"] + s}, {"coin": 1.0})
            for s in (step, -step)
        )
        for greek, of in (("gamma", "delta"), ("vanna", "vega")):
            slope = (up[of] - down[of]) / (2 * step)
            size = np.abs(slope).max()
            np.testing.assert_allclose(got[greek], slope, atol=1e-6 * size)


def test_rows_that_no_model_prices_give_no_number_and_too_few_are_refused() -> None:
    for f, k, t, cp in ((0.0, 1, 1, 1), (1, -1, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0.5)):
        assert np.isnan(price(f, k, t, cp)).all()
    one = np.ones(4)
    with pytest.raises(ResearchError):
        heston_fit.fit(one, one, one, one)
    six = np.ones(6)
    few = heston_fit.fit(100 * six, 100 * np.exp(np.linspace(-0.2, 0.2, 6)), 0.1 * six, 0.5 * six)
    assert any("only 6 rows" in d for d in few.doubts)
    assert few.rmse < 1e-3
