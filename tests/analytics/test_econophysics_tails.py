# SPDX-License-Identifier: MIT
"""Tails: Hill, power law over all starts, generalised Pareto; oracles and laws."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seawall.analytics.econophysics import gev, gpd, hill, power_law, tail_rivals
from seawall.analytics.econophysics.series import log_returns
from seawall.model.errors import ResearchError


def brute_force(x: np.ndarray, least: int, two_sided: bool) -> tuple[float, float, float]:
    """Every start, every point, no shortcut."""
    x = np.sort(x)
    best = (np.inf, 0.0, 0.0)
    for i in range(x.size - least + 1):
        if i and x[i] == x[i - 1]:
            continue
        tail = x[i:]
        spread = np.log(tail / x[i]).sum()
        if not spread > 0:
            break
        rate = tail.size / spread
        law = 1 - (tail / x[i]) ** -rate
        rank = np.arange(tail.size + 1) / tail.size
        far = np.abs(law - rank[:-1]).max()
        if two_sided:
            far = max(far, np.abs(law - rank[1:]).max())
        if far < best[0]:
            best = (far, x[i], 1 + rate)
    return best[1], best[2], best[0]


def test_power_law_equals_the_oracle(oracle: ModuleType) -> None:
    for case in oracle.cases("tails", "tails.powerlaw.fit"):
        x = case.inputs["x"]
        one = power_law.fit(x, least=2, samples=0)
        two = power_law.fit(x, least=2, samples=0, two_sided=1)
        oracle.check(case, {
            "xmin": one.xmin, "alpha": one.alpha, "D": one.distance, "n_tail": one.n_tail,
            "sigma": one.error, "vuong_vs_exponential": one.rivals[0].statistic,
            "vuong_p": one.rivals[0].p_value, "xmin_two_sided": two.xmin,
            "alpha_two_sided": two.alpha, "D_two_sided": two.distance,
        })  # fmt: skip


@settings(max_examples=40)
@given(
    st.integers(0, 10_000), st.integers(20, 300), st.sampled_from(["t", "log", "ties"]),
    st.booleans(),
)  # fmt: skip
def test_giving_up_starts_early_never_changes_the_best(
    seed: int, n: int, kind: str, two_sided: bool
) -> None:
    rng = np.random.default_rng(seed)
    x = {"t": np.abs(rng.standard_t(3, n)), "log": rng.lognormal(size=n),
         "ties": 1.0 + rng.geometric(0.2, n)}[kind]  # fmt: skip
    if np.unique(x).size < 3:
        return
    got = power_law.fit(x, samples=0, two_sided=two_sided)
    xmin, alpha, far = brute_force(x, 10, two_sided)
    assert got.distance == pytest.approx(far, rel=1e-9)
    assert (got.xmin, got.alpha) == pytest.approx((xmin, alpha), rel=1e-9)


def test_the_p_value_keeps_a_power_law_and_refutes_a_bulk_that_is_none() -> None:
    rng = np.random.default_rng(5)
    true = [power_law.fit(rng.pareto(2.5, 800) + 1, samples=60, seed=k).p_value for k in range(12)]
    assert np.mean(np.array(true) > 0.1) > 0.7
    assert 0.2 < np.mean(true) < 0.8
    # of a uniform sample no tail is a power law, if the tail must hold most of it
    got = power_law.fit(rng.uniform(1, 2, 2_000), least=1_500, samples=60)
    assert got.p_value < 0.05


def test_the_p_value_is_that_of_samples_fitted_by_brute_force() -> None:
    rng = np.random.default_rng(3)
    x = np.sort(np.concatenate((rng.uniform(1, 3, 150), 3 * (1 + rng.pareto(2.5, 50)))))
    xmin, alpha, far = brute_force(x, 10, two_sided=False)
    body, worse = x[x < xmin], 0
    for _ in range(150):
        k = rng.binomial(x.size, 1 - body.size / x.size)
        above = xmin * (1 - rng.random(k)) ** (-1 / (alpha - 1))
        made = np.concatenate((rng.choice(body, x.size - k), above))
        worse += brute_force(made, 10, two_sided=False)[2] >= far
    got = power_law.fit(x, side=1, samples=1_500).p_value
    assert got == pytest.approx(worse / 150, abs=0.12)  # three errors of the smaller sample


def test_a_lognormal_tail_is_told_from_a_power_law_by_its_rival() -> None:
    x = np.random.default_rng(1).lognormal(0, 1, 20_000)
    got = power_law.fit(x, least=15_000, samples=0)
    by_name = {r.name: r for r in got.rivals}
    assert by_name["lognormal"].ratio < -100
    assert by_name["lognormal"].p_value < 1e-6
    assert by_name["cut_off"].p_value < 1e-6
    assert by_name["lognormal"].ratio < by_name["stretched"].ratio  # the true law fits best


def test_densities_of_the_rivals_are_those_of_scipy_and_cannot_be_improved() -> None:
    x = np.sort(np.random.default_rng(2).weibull(0.7, 3_000) + 0.1)
    start = x[0]
    found = tail_rivals.stretched(x).sum()
    for power in (0.5, 0.7, 0.9, 1.2):  # any Weibull law cut at the start is no better
        for scale in (0.5, 1.0, 2.0):
            law = stats.weibull_min(power, scale=scale)
            assert found >= (law.logpdf(x) - law.logsf(start)).sum() - 1e-6
    found = tail_rivals.lognormal(x).sum()
    for mean, deviation in ((-0.5, 1.2), (0.0, 1.0), (-1.0, 1.5), (-0.2, 1.4)):
        law = stats.lognorm(deviation, scale=np.exp(mean))
        assert found >= (law.logpdf(x) - law.logsf(start)).sum() - 1e-6
    expected = stats.expon(loc=start, scale=x.mean() - start).logpdf(x)
    assert np.allclose(tail_rivals.exponential(x), expected)
    grid = np.geomspace(start, 60.0, 200_001)
    density = np.exp(tail_rivals.cut_off(np.concatenate((x, [])), 1.0))
    assert np.isfinite(density).all()
    mass = np.trapezoid(np.exp(np.interp(np.log(grid), np.log(x), np.log(density))), grid)
    assert mass == pytest.approx(1.0, abs=0.02)


def test_the_incomplete_gamma_function_also_for_negative_shapes() -> None:
    from scipy.integrate import quad

    for s, z in ((-2.3, 0.4), (-0.5, 2.0), (0.0, 0.7), (-3.0, 1.1), (1.7, 0.2)):
        wanted = quad(lambda t, s=s: t ** (s - 1) * np.exp(-t), z, np.inf)[0]
        assert tail_rivals.log_upper_gamma(s, z) == pytest.approx(np.log(wanted), rel=1e-8)


def test_hill_equals_the_oracle(oracle: ModuleType) -> None:
    for case in oracle.cases("tails", "tails.hill"):
        x = np.sort(case.inputs["x"])
        x = x[x > 0]
        k = case.inputs["k"].astype(int)
        xi = hill.hill_plot(x)[k - 1]
        oracle.check(case, {
            "hill_xi": xi, "hill_alpha": 1 / xi, "hill_stderr": xi / np.sqrt(k),
            "dedh_moment_xi": [hill.moment_index(x, int(i)) for i in k],
        })  # fmt: skip
    for case in oracle.cases("tails", "tails.pickands"):
        x = np.sort(case.inputs["x"])
        oracle.check(case, {"xi": [hill.pickands_index(x, int(k)) for k in case.inputs["k"]]})


def test_hill_finds_a_pareto_exponent_and_says_where_there_is_no_plateau() -> None:
    rng = np.random.default_rng(0)
    got = hill.fit(rng.pareto(3.0, 20_000) + 1.0, side=1)
    assert abs(got.zeta - 3.0) < 3 * got.error_iid
    assert got.spread < 0.2
    assert abs(got.huisman - 3.0) < 0.4
    assert hill.fit(rng.lognormal(0, 1, 20_000), samples=0).spread > 0.25


def test_the_bootstrap_error_of_clustered_values_is_larger_than_the_plain_one() -> None:
    rng = np.random.default_rng(4)
    burst = np.repeat(rng.pareto(3.0, 1_000), 12)  # the same value twelve times in a row
    got = hill.fit(burst * rng.uniform(0.99, 1.01, burst.size), k=600, side=1)
    assert got.error > 2.0 * got.error_iid


@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
def test_tail_indices_do_not_hang_on_units(seed: int, unit: float) -> None:
    x = np.random.default_rng(seed).standard_t(3, 300)
    a, b = (hill.fit(k * x, samples=0) for k in (1.0, unit))
    assert (a.zeta, a.huisman) == pytest.approx((b.zeta, b.huisman), rel=1e-6)
    c, d = (gpd.fit(k * x) for k in (1.0, unit))
    assert (c.xi, c.var * unit) == pytest.approx((d.xi, d.var), rel=1e-4, abs=1e-4)


def test_gpd_equals_the_oracle(oracle: ModuleType) -> None:
    for case in oracle.cases("tails", "evt.gpd.fit"):
        got = gpd.fit(case.inputs["x"], side=1, threshold=case.inputs["threshold"])
        oracle.check(case, {
            "xi": got.xi, "sigma": got.sigma, "loglik": got.loglik,
            "stderr": [got.error_xi, got.error_sigma], "pwm_xi": got.xi_pwm,
            "pwm_sigma": got.sigma_pwm,
        })  # fmt: skip
    for case in oracle.cases("tails", "evt.pot.var_es"):
        i = case.inputs
        found = [
            gpd.var_es(i["xi"], i["sigma"], i["threshold"], i["n_exceed"] / i["n"], p)
            for p in i["p"]
        ]
        oracle.check(case, {"var": [f[0] for f in found], "es": [f[1] for f in found]})
    for case in oracle.cases("tails", "evt.extremal_index"):
        beyond = case.inputs["x"] > case.inputs["threshold"]
        oracle.check(case, {
            "intervals": gpd.extremal_index(beyond),
            "runs": gpd.runs_index(beyond, int(case.inputs["run_length"])),
        })  # fmt: skip


@pytest.mark.filterwarnings("ignore:overflow")  # within scipy
@settings(max_examples=25)
@given(st.integers(0, 100_000), st.integers(15, 400), st.floats(-0.9, 1.5))
def test_no_search_of_scipy_beats_the_profile(seed: int, n: int, xi: float) -> None:
    y = stats.genpareto(xi).rvs(n, random_state=seed)
    got = gpd.fit(y, side=1, threshold=1e-300)
    if got.xi > -1.0:
        law = stats.genpareto(got.xi, scale=got.sigma)
        assert law.logpdf(y).sum() == pytest.approx(got.loglik, abs=1e-6 * n)
    shape, _, scale = stats.genpareto.fit(y, floc=0.0)
    if shape >= -1.0:
        assert got.loglik >= stats.genpareto(shape, scale=scale).logpdf(y).sum() - 1e-6


def test_gpd_at_the_exponential_law_is_smooth() -> None:
    assert gpd.var_es(1e-14, 2.0, 1.0, 0.1, 0.99) == pytest.approx(
        gpd.var_es(1e-6, 2.0, 1.0, 0.1, 0.99), rel=1e-5
    )
    assert gpd.var_es(1.5, 1.0, 0.0, 0.1, 0.99)[1] == np.inf


def test_gev_equals_the_oracle_and_cannot_be_improved(oracle: ModuleType) -> None:
    for case in oracle.cases("tails", "evt.gev.fit"):
        x = case.inputs["x"]
        got = gev.fit(x, side=1, block=1)
        oracle.check(case, {
            "xi": got.xi, "mu": got.mu, "sigma": got.sigma, "loglik": got.loglik,
        })  # fmt: skip
        law = stats.genextreme(-got.xi, got.mu, got.sigma)
        assert law.logpdf(x).sum() == pytest.approx(got.loglik, rel=1e-10)
        assert law.ppf(0.99) == pytest.approx(got.level, rel=1e-9)
        assert 0.3 < got.error_xi * np.sqrt(x.size) < 3.0


def test_maxima_are_taken_block_by_block_and_a_part_of_one_is_left_out() -> None:
    x = np.random.default_rng(0).standard_t(3, 1_007)
    whole = gev.fit(x, side=-1, block=20)
    assert whole.blocks == 50
    assert whole.xi == gev.fit((-x[:1_000]).reshape(50, 20).max(1), side=1, block=1).xi
    for bad in ([], np.ones(500), x[:200]):
        with pytest.raises(ResearchError, match="maxima"):
            gev.fit(bad, block=20)
    exponential = gev.fit(-np.log(-np.log(np.random.default_rng(1).random(4_000))), side=1, block=1)
    assert abs(exponential.xi) < 3 * exponential.error_xi
    assert exponential.mu == pytest.approx(0.0, abs=0.06)


@pytest.mark.parametrize("fit", [hill.fit, power_law.fit, gpd.fit])
def test_bad_samples_are_refused_and_holes_are_left_out(fit: Callable[..., Any]) -> None:
    for bad in ([], [1.0], [np.nan] * 100, np.ones(500), -np.ones(500)):
        with pytest.raises(ResearchError):
            fit(bad, side=1)
    x = np.random.default_rng(0).standard_t(3, 400)
    holes = np.insert(x, [3, 70, 200], [np.nan, np.inf, -np.inf])
    options = {} if fit is gpd.fit else {"samples": 0}
    assert fit(x, **options).n == fit(holes, **options).n


def test_bitcoin_has_a_tail_exponent_near_three_and_no_proven_power_law(
    recorded: Callable[[str], Any],
) -> None:
    bars = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet")
    r = log_returns(bars["close"].to_numpy())
    losses = hill.fit(r, side=-1, samples=50)
    assert 2.5 < losses.zeta < 3.5
    assert losses.zeta_10 < losses.zeta_2  # it drifts with k: a bias, not a plateau
    fitted = power_law.fit(r, side=-1, samples=50)
    assert 2.5 < fitted.zeta < 3.7
    tail = gpd.fit(r, side=-1, share=0.02)
    assert 0.15 < tail.xi < 0.5
    assert tail.extremal_index < 0.8  # losses come in clusters
    assert np.mean(-r > tail.var) == pytest.approx(0.01, abs=0.002)


def test_a_clipped_exponent_is_what_makes_a_lognormal_look_better(
    recorded: Callable[[str], Any],
) -> None:
    # Daily losses of bitcoin: packages that keep the exponent below 3 start the tail at 2.5 %
    # and then find that a lognormal fits far better; the free fit starts where it is steeper.
    daily = recorded("ohlcv/yahoo_usd_1d_2014-09_2022-02.parquet")
    closes = daily.filter(daily["symbol"] == "BTC").sort("Date")["Close"].to_numpy()
    r = log_returns(closes)
    free = power_law.fit(r, side=-1, samples=100)
    assert free.alpha > 3.5
    assert free.p_value > 0.1
    assert all(rival.p_value > 0.05 for rival in free.rivals)
    x = np.sort(-r[r < 0])
    tail = x[x >= 0.02496]
    rate = tail.size / np.log(tail / tail[0]).sum()
    assert rate + 1 < 3
    lognormal = {v.name: v for v in tail_rivals.rivals(tail, rate)}["lognormal"]
    assert lognormal.ratio < -20
    assert lognormal.p_value < 1e-3
