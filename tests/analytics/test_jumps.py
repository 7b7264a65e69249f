# SPDX-License-Identifier: MIT
"""Realised measures, jump tests and Merton's model against references and simulations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.jumps import jump_tests, merton_fit, realised
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

BARS = ("open", "high", "low", "close")


def path(returns: np.ndarray) -> np.ndarray:
    return 100.0 * np.exp(np.concatenate(([0.0], np.cumsum(returns))))


def test_realised_measures_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.realised"):
        r = case.inputs["r"]
        oracle.check(
            case,
            {"rv": realised.realised_variance(r), "bipower": realised.bipower(r),
             "medrv": realised.medrv(r), "tsrv": realised.two_scale(r, case.inputs["K"]),
             "tripower_quarticity": realised.tripower_quarticity(r),
             "bns_ratio_jump_z": jump_tests.bns(r)},
        )  # fmt: skip


def test_range_estimators_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.ohlc_estimators"):
        bars = {k: np.asarray(case.inputs[k]) for k in BARS}
        n = bars["close"].size
        # The first bar only gives the close before: repeated, all n bars are in the window.
        longer = {k: np.concatenate((v[:1], v)) for k, v in bars.items()}
        wide = run(analytic("range_volatility"), longer, {"window": n})
        with_gaps = run(analytic("range_volatility"), bars, {"window": n - 1})
        oracle.check(
            case,
            {**{k: wide[k][-1] for k in ("parkinson", "garman_klass", "rogers_satchell")},
             "yang_zhang": with_gaps["yang_zhang"][-1]},
        )  # fmt: skip


def test_without_noise_all_measures_are_the_variance() -> None:
    rng, n, variance = np.random.default_rng(0), 20_000, 1e-4
    got = realised.fit(path(rng.normal(0.0, math.sqrt(variance / n), n)))
    for value in (got.rv, got.bipower, got.minrv, got.medrv, got.two_scale):
        assert value == pytest.approx(variance, rel=0.05)
    assert got.kernel == pytest.approx(variance, rel=0.15)
    assert got.preaveraged == pytest.approx(variance, rel=0.3)
    assert got.upside + got.downside == pytest.approx(got.rv, rel=1e-12)


def test_with_noise_only_the_measures_made_for_it_stay_near() -> None:
    rng, n, variance = np.random.default_rng(1), 23_400, 1e-4
    found = []
    for _ in range(20):
        price = path(rng.normal(0.0, math.sqrt(variance / n), n))
        found.append(realised.fit(price * np.exp(rng.normal(0.0, 5e-4, n + 1))))
    mean = {k: np.mean([getattr(f, k) for f in found]) / variance
            for k in ("rv", "bipower", "two_scale", "kernel", "preaveraged", "noise")}  # fmt: skip
    assert mean["rv"] > 50
    assert mean["bipower"] > 50
    assert mean["two_scale"] == pytest.approx(1.0, abs=0.25)
    assert mean["kernel"] == pytest.approx(1.0, abs=0.3)
    assert mean["preaveraged"] == pytest.approx(1.0, abs=0.1)
    assert mean["noise"] * variance == pytest.approx(25e-8, rel=0.05)


def test_the_rolling_window_is_the_measure_of_its_returns() -> None:
    r = np.random.default_rng(12).normal(0.0, 1e-3, 400)
    got = run(analytic("rolling_realised"), {"close": path(r)}, {"window": 50})
    for end in (51, 200, 400):
        part, wide = r[end - 50 : end], r[end - 51 : end]
        assert got["rv"][end] == pytest.approx(realised.realised_variance(part), rel=1e-9)
        assert got["bipower"][end] == pytest.approx(
            realised.bipower(wide) * 50 / 51, rel=1e-9
        )  # fmt: skip
        assert got["minrv"][end] == pytest.approx(realised.minrv(wide) * 50 / 51, rel=1e-9)
        assert got["upside"][end] + got["downside"][end] == pytest.approx(got["rv"][end])
    assert np.isnan(got["rv"][:51]).all()


def test_a_jump_is_in_rv_and_hardly_in_those_that_bear_jumps() -> None:
    rng, n = np.random.default_rng(2), 5_000
    r = rng.normal(0.0, math.sqrt(1e-4 / n), n)
    r[n // 2] += 0.02
    got = realised.fit(path(r))
    assert got.rv == pytest.approx(5e-4, rel=0.1)
    for value in (got.bipower, got.minrv, got.medrv):
        assert value == pytest.approx(1e-4, rel=0.2)
    assert got.jump == pytest.approx(4e-4, rel=0.1)


def test_the_signature_is_flat_without_noise_and_falls_with_it() -> None:
    rng, n = np.random.default_rng(3), 20_000
    price = path(rng.normal(0.0, 1e-4, n))
    flat = realised.signature(price, [1, 10, 50])
    np.testing.assert_allclose(flat.rv / flat.rv[0], 1.0, atol=0.15)
    noisy = realised.signature(price * np.exp(rng.normal(0.0, 3e-4, n + 1)), [1, 10, 50])
    assert noisy.rv[0] > 3 * noisy.rv[1] > 3 * noisy.rv[2] * 0.9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-3, 1e3), st.integers(10, 200))
def test_measures_scale_with_the_square_of_returns_and_are_not_negative(
    seed: int, factor: float, n: int
) -> None:
    r = np.random.default_rng(seed).normal(0.0, 1e-3, n)
    for measure in (realised.realised_variance, realised.bipower, realised.minrv, realised.medrv):
        assert measure(r) >= 0.0
        assert measure(factor * r) == pytest.approx(factor**2 * measure(r), rel=1e-9)
    assert realised.realised_kernel(r, 5) >= -1e-18


def test_jump_tests_hold_their_level_and_find_jumps() -> None:
    rng = np.random.default_rng(4)
    quiet, loud = [], []
    for _ in range(400):
        r = rng.normal(0.0, 1e-3, 1_440)
        one = jump_tests.fit(path(r))
        quiet.append((one.bns_p < 0.05, one.asj_p < 0.05))
        r[700] += 0.012
        two = jump_tests.fit(path(r))
        loud.append((two.bns_p < 0.05, two.asj_p < 0.05))
    assert (np.mean(quiet, axis=0) < 0.085).all()
    assert (np.mean(quiet, axis=0) > 0.01).all()
    assert (np.mean(loud, axis=0) > 0.7).all()


def test_limits_of_lee_and_mykland_are_the_published_ones() -> None:
    rng = np.random.default_rng(5)
    price = path(rng.normal(0.0, 1e-3, 40))
    for n, limit in ((288, 5.395), (1_440, 5.778), (86_400, 6.715)):
        got = run(analytic("lee_mykland"), {"close": price}, {"window": 16, "n": n})
        assert got["limit"][-1] == pytest.approx(limit, abs=6e-4)


def test_the_statistic_is_the_return_over_the_bipower_before_it() -> None:
    r = np.random.default_rng(6).normal(0.0, 1e-3, 300)
    got = run(analytic("lee_mykland"), {"close": path(r)}, {"window": 20})["statistic"]
    for i in (21, 150, 299):
        products = np.abs(r[i - 18 : i] * r[i - 19 : i - 1])
        assert got[i + 1] == pytest.approx(r[i] / math.sqrt(products.mean()), rel=1e-9)
    assert np.isnan(got[:20]).all()


def test_jumps_that_were_put_in_are_marked_with_their_sign() -> None:
    rng = np.random.default_rng(7)
    r = rng.normal(0.0, 1e-3, 10_000)
    r[3_000] += 0.015
    r[7_000] -= 0.015
    given_ = {"window": 200, "n": 10_000, "alpha": 0.01}
    jump = run(analytic("lee_mykland"), {"close": path(r)}, given_)["jump"]
    assert (jump[3_001], jump[7_001]) == (1.0, -1.0)
    assert np.nansum(np.abs(jump)) <= 3


def test_the_time_of_day_is_taken_out() -> None:
    rng, minute = np.random.default_rng(8), 60 * 10**9
    ts = np.arange(30 * 1_440) * minute
    loud = (ts // (3_600 * 10**9)) % 24 == 16
    factor = jump_tests.intraday_pattern(ts, rng.normal(0.0, np.where(loud, 3e-3, 1e-3)), bins=24)
    assert factor[loud].mean() / factor[~loud].mean() == pytest.approx(3.0, rel=0.1)


def test_merton_prices_agree_with_the_worked_example_and_parity() -> None:
    given_ = {"vol": 0.2, "lam": 1.0, "mean": -0.1, "deviation": 0.2}
    forward = 100.0 * math.exp(0.05)
    columns = {"forward": np.full(2, forward), "strike": np.full(2, 100.0), "years": np.ones(2),
               "call": np.array([1.0, -1.0])}  # fmt: skip
    call, put = run(analytic("merton_price"), columns, given_)["price"] * math.exp(-0.05)
    assert call == pytest.approx(13.688681261, abs=1e-9)
    assert call - put == pytest.approx((forward - 100.0) * math.exp(-0.05), abs=1e-12)


def test_merton_prices_agree_with_their_characteristic_function() -> None:
    from scipy.integrate import quad

    vol, lam, mean, deviation, years, forward = 0.6, 12.0, -0.04, 0.08, 90 / 365, 60_000.0
    k = math.exp(mean + deviation**2 / 2) - 1

    def integrand(u: float, log: float) -> float:
        z = u - 0.5j  # Lewis: the contour halfway between the poles
        jump = np.exp(1j * z * mean - 0.5 * deviation**2 * z * z) - 1.0
        drift = -0.5 * vol**2 - lam * k
        phi = np.exp(years * (1j * z * drift - 0.5 * vol**2 * z * z + lam * jump))
        return float((np.exp(1j * u * log) * phi).real / (u * u + 0.25))

    given_ = {"vol": vol, "lam": lam, "mean": mean, "deviation": deviation}
    for strike in (30_000.0, 60_000.0, 110_000.0):
        area = quad(integrand, 0.0, 120.0, args=(math.log(forward / strike),), limit=500,
                    epsabs=1e-14, epsrel=1e-13)[0]  # fmt: skip
        want = forward - math.sqrt(forward * strike) / math.pi * area
        columns = {"forward": np.array([forward]), "strike": np.array([strike]),
                   "years": np.array([years]), "call": np.ones(1)}  # fmt: skip
        got = run(analytic("merton_price"), columns, given_)["price"][0]
        assert got == pytest.approx(want, rel=1e-9)


def test_the_gradient_of_the_mixture_is_its_slope() -> None:
    r = np.random.default_rng(9).standard_t(4, 200)
    p, grad, rest = np.array([0.05, -0.3, -1.5, 0.2, 0.4]), np.empty(5), np.empty(5)
    merton_fit.loglik(r, p, grad)
    for k in range(5):
        up, down = p.copy(), p.copy()
        up[k] += 1e-6
        down[k] -= 1e-6
        slope = merton_fit.loglik(r, up, rest) - merton_fit.loglik(r, down, rest)
        assert slope / 2e-6 == pytest.approx(grad[k], rel=1e-5, abs=1e-5)


def test_a_jump_diffusion_is_found_again() -> None:
    rng, n, h = np.random.default_rng(10), 8_000, 1.0 / 365.0
    jumps = rng.poisson(30.0 * h, n)
    r = rng.normal(0.0, 0.5 * math.sqrt(h), n) - 0.03 * jumps
    r += 0.08 * np.sqrt(jumps) * rng.normal(size=n)
    got = merton_fit.fit(path(r))
    assert not got.doubts
    for value, true, error in zip((got.vol, got.lam, got.mean, got.deviation),
                                  (0.5, 30.0, -0.03, 0.08), got.errors, strict=True):  # fmt: skip
        assert abs(value - true) < 4 * error
    share = 30.0 * (0.03**2 + 0.08**2)
    assert got.jump_share == pytest.approx(share / (0.25 + share), abs=0.08)


def test_returns_without_jumps_show_none_and_clusters_are_called_so(
    recorded: Callable[[str], Any],
) -> None:
    quiet = merton_fit.fit(path(np.random.default_rng(11).normal(0.0, 0.02, 1_500)))
    assert any("no jumps shown" in doubt for doubt in quiet.doubts)
    hours = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet")["close"].to_numpy()
    days = merton_fit.fit(hours[::24])
    assert any("clusters" in doubt for doubt in days.doubts)
    assert days.loglik > days.loglik_normal + 100


def test_recorded_minutes_have_jumps_on_few_days(recorded: Callable[[str], Any]) -> None:
    bars = recorded("derivatives/btc_perp_1m_2022-01.parquet").sort("timestamp")
    day, price = bars["timestamp"].dt.date().to_numpy(), bars["close"].to_numpy()
    found = [jump_tests.fit(price[day == d]) for d in np.unique(day) if (day == d).sum() > 1_000]
    assert len(found) >= 30
    share = np.mean([one.bns_p < 0.001 for one in found])
    assert 0.02 < share < 0.5
    assert all(0.0 <= one.jump_share < 1.0 for one in found)


def test_too_little_or_flat_input_is_refused() -> None:
    flat = np.full(100, 5.0)
    for bad in ([], [1.0], flat):
        with pytest.raises(ResearchError):
            jump_tests.fit(np.asarray(bad))
        with pytest.raises(ResearchError):
            merton_fit.fit(np.asarray(bad))
    with pytest.raises(ResearchError):
        realised.fit(np.array([1.0, 2.0, np.nan]))
