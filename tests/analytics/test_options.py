# SPDX-License-Identifier: MIT
"""Implied volatility and SABR against independent numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from seawall.analytics.options import sabr_fit
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

YEAR_S = 365 * 86_400


def implied(price: Any, f: Any, k: Any, t: Any, cp: Any, coin: float = 0.0) -> np.ndarray:
    columns = dict(zip(("option_price", "forward", "strike", "years", "call"),
                       np.broadcast_arrays(price, f, k, t, cp), strict=True))  # fmt: skip
    return run(analytic("implied_vol"), columns, {"coin": coin})["vol"]


def sabr(f: Any, k: Any, t: Any, **params: float) -> np.ndarray:
    names = ("forward", "strike", "years")
    rows = (np.array(x, dtype=float) for x in np.broadcast_arrays(f, np.atleast_1d(k), t))
    return run(analytic("sabr_vol"), dict(zip(names, rows, strict=True)), params)["vol"]


def black(f: Any, k: Any, t: Any, vol: Any, cp: Any) -> np.ndarray:
    s = vol * np.sqrt(t)
    d = np.log(f / k) / s
    return cp * (f * ndtr(cp * (d + s / 2)) - k * ndtr(cp * (d - s / 2)))


def test_implied_volatility_agrees_with_forty_digits(oracle: Any) -> None:
    for case in oracle.cases("options", "options.implied_vol"):
        one = case.inputs
        got = implied(one["price"], one["F"], one["K"], one["T"], one["cp"])
        if "iv" in case.outputs:
            oracle.check(case, {"iv": got, "iv_jaeckel_grade": got})
        else:
            assert np.isnan(got).all()


def test_coin_settled_options_give_back_their_volatility(oracle: Any) -> None:
    for case in oracle.cases("options", "options.inverse"):
        one = case.inputs
        otm = (one["F"] - one["K"]) * one["cp"] < 0
        got = implied(case.outputs["price_coin"], one["F"], one["K"], one["T"], one["cp"], 1.0)
        want = np.broadcast_to(one["sigma"], got.shape)
        known = otm & (case.outputs["price_coin"] > 1e-200)
        assert known.sum() > 10
        np.testing.assert_allclose(got[known], want[known], rtol=1e-9)


@given(
    st.floats(-2.0, 2.0), st.floats(0.02, 4.0), st.floats(0.001, 2.0), st.sampled_from([-1.0, 1.0])
)
def test_the_price_at_the_implied_volatility_is_the_premium(
    moneyness: float, vol: float, years: float, side: float
) -> None:
    forward, strike = 60_000.0, 60_000.0 * np.exp(moneyness)
    side = side if side * moneyness >= 0 else -side  # out of the money
    premium = black(forward, strike, years, vol, side)
    if not 1e-12 < premium < 0.999 * min(forward, strike):
        return
    back = black(forward, strike, years, implied(premium, forward, strike, years, side)[0], side)
    assert back == pytest.approx(premium, rel=1e-9)


def test_volatilities_come_back_from_a_day_to_years_and_far_out_of_the_money() -> None:
    """Total volatility from 0.002 to 4 and strikes up to eight of it away, in one batch."""
    rng = np.random.default_rng(0)
    n = 100_000
    s = np.exp(rng.uniform(np.log(0.002), np.log(4.0), n))
    k = rng.uniform(-8.0, 8.0, n) * s
    side = np.where(k > 0, 1.0, -1.0)
    years = rng.uniform(0.01, 2.0, n)
    strike = 100.0 * np.exp(k)
    premium = black(100.0, strike, years, s / np.sqrt(years), side)
    with np.errstate(divide="ignore"):
        size = premium / np.sqrt(100.0 * strike)
    told = (size > 1e-280) & (size < 0.999 * np.exp(-np.abs(k) / 2))
    got = implied(premium, 100.0, strike, years, side)
    assert np.isfinite(got[told]).all()
    # The premium is a difference of two normal laws: what is lost there cannot come back.
    error = np.abs(got * np.sqrt(years) / s - 1)[told]
    assert np.quantile(error, 0.99) < 1e-11
    again = black(100.0, strike, years, got, side)[told]
    assert np.abs(again / premium[told] - 1).max() < 1e-7
    one = implied(premium[told][7], 100.0, strike[told][7], years[told][7], side[told][7])
    assert one == got[told][7]  # alone as in a block


def test_premiums_that_no_volatility_explains_give_no_number() -> None:
    for bad in (0.0, -1.0, 100.0, np.nan):
        assert np.isnan(implied(bad, 100.0, 120.0, 0.1, 1.0))
    assert np.isnan(implied(19.0, 120.0, 100.0, 0.1, 1.0))  # below intrinsic value
    assert np.isnan(implied(5.0, 100.0, 100.0, 0.0, 1.0))


def test_sabr_agrees_with_forty_digits(oracle: Any) -> None:
    for case in oracle.cases("options", "options.sabr.lognormal_vol"):
        one = case.inputs
        names = ("K", "F", "T", "alpha", "beta", "nu", "rho")
        rows = np.broadcast_arrays(*(np.atleast_1d(one[n]) for n in names))
        got = [
            sabr(f, k, t, alpha=a, beta=b, nu=n, rho=r)[0]
            for k, f, t, a, b, n, r in zip(*rows, strict=True)
        ]
        oracle.check(case, {"sigma": got})


def test_sabr_gives_the_published_values() -> None:
    got = sabr(60_000, [4e4, 5e4, 6e4, 7e4, 9e4], 30 / 365, alpha=0.6, beta=1.0, rho=-0.2, nu=2.0)
    want = [0.79789663, 0.67818352, 0.61249315, 0.60780255, 0.68824360]
    np.testing.assert_allclose(got, want, atol=1e-8)


def test_a_fit_is_the_least_squares_that_others_found(oracle: Any) -> None:
    for case in oracle.cases("options", "options.sabr.fit"):
        one = case.inputs
        expiries, n = one["K"].shape
        fits = []
        for i in range(expiries):
            forward, years = np.full(n, one["F"][i]), np.full(n, one["T"][i])
            fits.append(sabr_fit.fit(forward, one["K"][i], years, one["vol"][i], beta=one["beta"]))
        names = {"alpha", "rho", "nu"} & set(case.outputs)  # with noise: the squares alone
        got = {name: [getattr(f, name) for f in fits] for name in names}
        oracle.check(case, {"sse": [n * f.rmse**2 for f in fits], **got})


def test_published_levels_give_the_volatility_at_the_money(
    recorded: Callable[[str], Any],
) -> None:
    checked = 0
    for row in recorded("options/sabr_reference_alpha.csv").iter_rows(named=True):
        if row["model"] != "hagan2002_lognormal":
            continue
        got = sabr(
            row["forward"], row["forward"], row["t_years"], alpha=row["expected_alpha"],
            beta=row["beta"], rho=row["rho"], nu=row["volvol"],
        )  # fmt: skip
        assert got[0] == pytest.approx(row["atm_vol"], rel=row["rel_tol"])
        checked += 1
    assert checked == 3


def test_every_volatility_of_the_published_cube_is_reproduced(
    recorded: Callable[[str], Any],
) -> None:
    """17 expiries by 7 tenors, 90 strikes each: from normal volatilities at the money on."""
    cube = recorded("options/sabr_cube_vols_premiums.parquet")
    years = dict(recorded("options/sabr_cube_option_expiries.parquet").iter_rows())
    given = {(r["Type"], r["Option_expiry"]): r
             for r in recorded("options/sabr_cube_params.parquet").to_dicts()}  # fmt: skip
    tenors = [c for c in cube.columns if c not in ("Type", "Option_expiry", "Strike")]
    checked = 0
    for expiry, t in years.items():
        rows = cube.filter((cube["Option_expiry"] == expiry) & (cube["Type"] == "SLN_vol"))
        calls = cube.filter((cube["Option_expiry"] == expiry) & (cube["Type"] == "Call"))
        for tenor in tenors:
            forward, shift, normal, beta, rho, nu = (
                given[n, expiry][tenor] / unit
                for n, unit in (("Forward", 100), ("Shift", 100), ("Normal_ATM_vol", 1e4),
                                ("Beta", 1), ("Rho", 1), ("Volvol", 1))
            )  # fmt: skip
            f = forward + shift
            premium = normal * np.sqrt(t / (2 * np.pi))  # Bachelier's at the money
            at_money = implied(premium, f, f, t, 1.0)[0]
            alpha = sabr_fit.alpha_at_money(f, t, at_money, beta=beta, rho=rho, nu=nu)
            strike = rows["Strike"].to_numpy() / 100 + shift
            got = sabr(f, strike, t, alpha=alpha, beta=beta, rho=rho, nu=nu)
            np.testing.assert_allclose(100 * got, rows[tenor].to_numpy(), atol=5e-4)
            checked += got.size
            strike = calls["Strike"].to_numpy() / 100 + shift
            strike, want = strike[strike > 1e-9], calls[tenor].to_numpy()[strike > 1e-9]
            vol = sabr(f, strike, t, alpha=alpha, beta=beta, rho=rho, nu=nu)
            assert np.abs(1e7 * (100 * black(f, strike, t, vol, 1.0) - want)).max() < 10
    assert checked == 10_710


def test_a_volatility_that_no_level_gives_is_refused() -> None:
    for row in ((0.6, 1.0, -0.2, 2.0), (0.3, 0.5, 0.0, 0.4)):
        vol, beta, rho, nu = row
        alpha = sabr_fit.alpha_at_money(100.0, 0.3, vol, beta=beta, rho=rho, nu=nu)
        back = sabr(100.0, 100.0, 0.3, alpha=alpha, beta=beta, rho=rho, nu=nu)[0]
        assert back == pytest.approx(vol, rel=1e-12)
    with pytest.raises(ResearchError, match="no alpha"):
        sabr_fit.alpha_at_money(100.0, 0.3, -0.5)


def test_a_fit_finds_the_published_smile(recorded: Callable[[str], Any]) -> None:
    table = recorded("options/sabr_reference_fit_smile.csv")
    shift, n = table["shift_pct"][0], len(table)
    forward = (table["forward_pct"].to_numpy() + shift) / 100
    strike = (table["strike_pct"].to_numpy() + shift) / 100
    got = sabr_fit.fit(
        forward, strike, table["t_years"].to_numpy(),
        table["shifted_lognormal_vol_pct"].to_numpy() / 100, beta=table["beta"][0],
    )  # fmt: skip
    assert got.strikes == n
    want = [table[f"expected_{k}"][0] for k in ("alpha", "rho", "volvol")]
    np.testing.assert_allclose([got.alpha, got.rho, got.nu], want, atol=1e-5)


def test_a_recorded_chain_has_the_volatilities_that_its_venue_marks(
    recorded: Callable[[str], Any],
) -> None:
    """ETH chain: implied volatilities of mid premiums make smiles that SABR follows."""
    import polars as pl

    chain = recorded("options/deribit_eth_chain_2024-01-08.parquet")
    rows = chain.with_columns(
        pl.col("expire_date").str.strptime(pl.Datetime, "%d%b%y", strict=False).alias("at")
    ).drop_nulls(["at", "mark_price", "underlying_price"])
    now = pl.from_epoch(pl.lit(1_704_712_781_414), time_unit="ms")
    left = pl.col("at") + pl.duration(hours=8) - now
    rows = rows.with_columns(
        (left.dt.total_seconds() / YEAR_S).alias("t"),
        pl.when(pl.col("option_type") == "C").then(1.0).otherwise(-1.0).alias("cp"),
    ).filter(
        pl.col("cp") * (pl.col("strike_price") - pl.col("underlying_price")) > 0,
        pl.col("t") > 0.01,
        pl.col("mark_price") > 0.002,
    )
    vols = implied(
        rows["mark_price"].to_numpy(), rows["underlying_price"].to_numpy(),
        rows["strike_price"].to_numpy().astype(float), rows["t"].to_numpy(),
        rows["cp"].to_numpy(), 1.0,
    )  # fmt: skip
    assert np.isfinite(vols).all()
    assert ((vols > 0.2) & (vols < 2.0)).all()
    rows = rows.with_columns(pl.Series("vol", vols))
    fitted = 0
    for _, smile in rows.group_by("expire_date"):
        if len(smile) < 8:
            continue
        n, forward = len(smile), float(smile["underlying_price"].median())
        got = sabr_fit.fit(
            np.full(n, forward), smile["strike_price"].to_numpy().astype(float),
            np.full(n, smile["t"][0]), smile["vol"].to_numpy(),
        )  # fmt: skip
        assert got.rmse < 0.02, got
        fitted += 1
    assert fitted >= 4


def test_a_fit_tells_where_its_density_is_negative() -> None:
    """Hagan's expansion at low strikes of a long expiry, judged by second differences."""
    n, forward, years = 25, 100.0, 10.0
    strike = np.linspace(10.0, 220.0, n)
    vol = sabr(forward, strike, years, alpha=3.0, beta=0.5, rho=-0.4, nu=0.5)
    columns = (np.full(n, forward), strike, np.full(n, years))
    got = sabr_fit.fit(*columns, vol, beta=0.5)
    assert got.rmse < 1e-8
    fine = np.linspace(10.0, 220.0, 2_001)
    smile = sabr(forward, fine, years, alpha=3.0, beta=0.5, rho=-0.4, nu=0.5)
    bend = np.diff(black(forward, fine, years, smile, 1.0), 2)
    assert bend.min() < 0.0
    assert got.lowest_g < 0.0
    assert any("butterfly" in d for d in got.doubts)
    assert bend[np.argmin(np.abs(fine - got.lowest_g_strike))] < 0.0
    short = sabr_fit.fit(*columns[:2], np.full(n, 0.1), vol, beta=0.5)
    assert short.lowest_g > 0.0


def test_many_expiries_at_once_are_fitted_as_one_by_one() -> None:
    rng = np.random.default_rng(2)
    strike = np.tile(np.linspace(60.0, 150.0, 12), 3)
    years = np.repeat([0.5, 0.1, 0.2], 12)
    forward = np.repeat([101.0, 100.0, 100.5], 12)
    vol = 0.6 + 0.2 * np.log(strike / forward) ** 2 + 0.005 * rng.normal(size=36)
    got = sabr_fit.fit_expiries(forward, strike, years, vol)
    for i, at in enumerate((slice(12, 24), slice(24, 36), slice(0, 12))):  # in order of time
        assert got[i] == sabr_fit.fit(forward[at], strike[at], years[at], vol[at])
    with pytest.raises(ResearchError, match=r"0\.1"):
        sabr_fit.fit_expiries(forward[:14], strike[:14], years[:14], vol[:14])


def test_no_smile_is_refused() -> None:
    one = np.ones(2)
    with pytest.raises(ResearchError):
        sabr_fit.fit(one, one, one, one)
