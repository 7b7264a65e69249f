# SPDX-License-Identifier: MIT
"""Spread components, informed trading and price discovery against independent numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.costs import (
    glosten_harris,
    hasbrouck_var,
    huang_stoll,
    invariance_fit,
    markout,
    mrr,
    pin,
    price_discovery,
)
from seawall.analytics.costs.prints import orders_of
from seawall.analytics.costs.regress import long_run, moment_errors, ols
from seawall.analytics.costs.vecm import common_weights, information_shares
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

SECOND = 10**9


def signs(rng: np.random.Generator, n: int, rho: float) -> np.ndarray:
    """A chain of signs with first-order autocorrelation rho."""
    stay = rng.random(n) < 0.5 * (1.0 + rho)
    q = np.empty(n)
    q[0] = 1.0
    for i in range(1, n):
        q[i] = q[i - 1] if stay[i] else -q[i - 1]
    return q


def tape(q: np.ndarray, price: np.ndarray) -> tuple[np.ndarray, ...]:
    return np.arange(q.size) * SECOND, price, np.ones(q.size), q


def test_pin_reaches_the_reference_maximum(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.pin"):
        one = case.inputs
        buys, sells = one["buys"].astype(float), one["sells"].astype(float)
        found = pin.fit(buys, sells)
        got = [found.alpha, found.delta, found.mu, found.eps_b, found.eps_s]
        oracle.check(case, {"mle_loglik": found.loglik, "pin": found.pin, "mle_params": got})
        x = np.array([one[k] for k in ("alpha", "delta", "mu", "eps_b", "eps_s")])
        from scipy.special import gammaln

        factorials = gammaln(buys + 1).sum() + gammaln(sells + 1).sum()
        at = pin.loglik(buys, sells, x, np.empty(5)) - factorials
        oracle.check(case, {"loglik_at_params": at})


def test_pin_of_the_worked_example_and_of_days_far_from_poisson() -> None:
    rng = np.random.default_rng(0)
    kind = rng.choice(3, 4_000, p=[0.6, 0.2, 0.2])
    buys = rng.poisson(100.0 + 50.0 * (kind == 2)).astype(float)
    sells = rng.poisson(100.0 + 50.0 * (kind == 1)).astype(float)
    found = pin.fit(buys, sells)
    assert found.pin == pytest.approx(20.0 / 220.0, abs=4 * found.pin_error)
    assert found.doubts == ()
    busy = rng.lognormal(10.0, 1.0, 300)
    crypto = pin.fit(rng.poisson(busy).astype(float), rng.poisson(busy).astype(float))
    assert any("Poisson" in d for d in crypto.doubts)
    assert np.isfinite(crypto.loglik)


def test_the_gradient_of_pin_is_the_slope_of_its_likelihood() -> None:
    rng = np.random.default_rng(1)
    b, s = rng.poisson(90.0, 40).astype(float), rng.poisson(110.0, 40).astype(float)
    x, grad = np.array([0.3, 0.6, 30.0, 80.0, 100.0]), np.empty(5)
    pin.loglik(b, s, x, grad)
    kept = grad.copy()
    for k in range(5):
        step = np.zeros(5)
        step[k] = 1e-5 * x[k]
        up, down = pin.loglik(b, s, x + step, grad), pin.loglik(b, s, x - step, grad)
        assert kept[k] == pytest.approx((up - down) / (2 * step[k]), rel=1e-5)


def test_the_errors_of_pin_are_the_spread_of_its_estimates() -> None:
    rng = np.random.default_rng(2)
    found, said = [], []
    for _ in range(40):
        kind = rng.choice(3, 200, p=[0.6, 0.2, 0.2])
        one = pin.fit(rng.poisson(100.0 + 60.0 * (kind == 2)).astype(float),
                      rng.poisson(100.0 + 60.0 * (kind == 1)).astype(float))  # fmt: skip
        found.append(one.pin)
        said.append(one.pin_error)
    assert 0.7 < np.mean(said) / np.std(found) < 1.4


def test_shares_of_price_discovery_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.information_share"):
        got = price_discovery.fit(case.inputs["P"], lags=int(case.inputs["lags"]), log=0)
        first, second = case.outputs["is_order_01"], case.outputs["is_order_10"]
        oracle.check(
            case,
            {"alpha": got.alpha.ravel(), "omega": got.omega, "component_share": got.component,
             "mis": got.modified},
        )  # fmt: skip
        np.testing.assert_allclose(got.least, np.minimum(first, second), rtol=1e-7)
        np.testing.assert_allclose(got.most, np.maximum(first, second), rtol=1e-7)


def test_loadings_agree_with_those_of_statsmodels_where_the_vector_is_known() -> None:
    vecm = pytest.importorskip("statsmodels.tsa.vector_ar.vecm")
    rng = np.random.default_rng(3)
    common = rng.normal(size=6_000).cumsum()
    p = np.column_stack([common + rng.normal(size=6_000) for _ in range(2)]) * 1e-4
    fitted = vecm.VECM(p, k_ar_diff=3, coint_rank=1, deterministic="co").fit()
    ours = price_discovery.fit(p, lags=3, log=0)
    np.testing.assert_allclose(ours.alpha.ravel(), fitted.alpha.ravel(), atol=0.02)
    np.testing.assert_allclose(ours.omega, fitted.sigma_u, rtol=0.01)
    np.testing.assert_allclose(ours.alpha_errors.ravel(), fitted.stderr_alpha.ravel(), rtol=0.02)


def test_shares_of_the_worked_example() -> None:
    weights = common_weights(np.array([[-0.10], [0.30]]))
    np.testing.assert_allclose(weights, [0.75, 0.25], atol=1e-12)
    shares = information_shares(weights, np.array([[1.0, 0.5], [0.5, 1.0]]))
    # By hand, first venue first: (0.875, 0.2165)^2 / 0.8125; second first: 0.625^2 / 0.8125.
    np.testing.assert_allclose(shares, [[0.94231, 0.05769], [0.51923, 0.48077]], atol=1e-5)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_the_venue_that_moves_first_is_found_also_among_three() -> None:
    rng = np.random.default_rng(4)
    leader = 10.0 + 1e-4 * rng.normal(size=8_000).cumsum()
    p = np.column_stack((leader, leader, leader))
    for t in range(1, len(p)):  # the others go a part of the way each step
        for k, speed in ((0, 0.3), (2, 0.5)):
            p[t, k] = p[t - 1, k] + speed * (leader[t - 1] - p[t - 1, k]) + 5e-5 * rng.normal()
    two = price_discovery.fit(np.exp(p[:, :2]))
    assert two.component[1] == pytest.approx(1.0, abs=0.05)
    assert two.least[1] > 0.95
    assert two.alpha[0, 0] == pytest.approx(-0.3, abs=0.05)
    assert two.leadership[1] > 0.9
    three = price_discovery.fit(np.exp(p))
    assert three.least[1] > 0.95
    assert three.modified.sum() == pytest.approx(1.0)


def test_mids_are_sampled_as_they_were_known() -> None:
    ts = [np.array([0, 10, 25]), np.array([5, 20, 40])]
    grid, mids = price_discovery.sample_mids(ts, [np.array([1.0, 2, 3]), np.array([7.0, 8, 9])], 10)
    assert grid.tolist() == [10, 20]
    assert mids.tolist() == [[2.0, 7.0], [2.0, 8.0]]


@pytest.mark.parametrize(
    "mids", [np.ones((500, 2)), np.ones((500, 1)), np.ones((5, 2)), np.full((500, 2), np.nan)]
)
def test_mids_that_tell_nothing_are_refused(mids: np.ndarray) -> None:
    with pytest.raises(ResearchError):
        price_discovery.fit(mids)


def test_prices_that_do_not_belong_together_raise_a_doubt() -> None:
    walks = np.exp(1e-4 * np.random.default_rng(16).normal(size=(2_000, 2)).cumsum(axis=0))
    assert price_discovery.fit(walks).doubts


def test_a_gap_amid_the_mids_is_refused() -> None:
    p = 100.0 + np.random.default_rng(5).normal(size=(500, 2)).cumsum(axis=0)
    p[250, 0] = np.nan
    with pytest.raises(ResearchError, match="gap"):
        price_discovery.fit(p)


def test_the_impact_of_a_trade_agrees_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.hasbrouck_var"):
        r, x = case.inputs["r"], case.inputs["x"]
        mid = np.concatenate(([0.0], r.cumsum()))
        got = hasbrouck_var.fit(
            mid, np.append(x, np.nan), np.ones(mid.size),
            lags=case.inputs["lags"], horizon=case.inputs["horizon"], log=0,
        )  # fmt: skip
        oracle.check(
            case,
            {"contemporaneous": got.immediate, "cumulative_impact_20": got.permanent,
             "irf": np.diff(got.response, prepend=0.0)},
        )  # fmt: skip


def test_trades_bring_the_share_of_variance_that_they_were_given() -> None:
    rng = np.random.default_rng(6)
    q = rng.choice([-1.0, 1.0], 40_000)
    r = 0.3 * q + 0.4 * rng.normal(size=q.size)  # 0.09 of 0.25
    mid = 100.0 + np.concatenate(([0.0], r.cumsum()))[:-1]
    got = hasbrouck_var.fit(mid, q, np.ones(q.size), log=0)
    assert got.trade_share == pytest.approx(0.09 / 0.25, abs=0.02)
    assert got.permanent == pytest.approx(0.3, abs=0.03)


def test_mrr_finds_what_made_the_prices() -> None:
    rng = np.random.default_rng(7)
    q = signs(rng, 60_000, 0.3)
    news = q[1:] - 0.3 * q[:-1]
    value = np.concatenate(([0.0], (0.04 * news + 0.02 * rng.normal(size=news.size)).cumsum()))
    got = mrr.fit(*tape(q, 100.0 + value + 0.06 * q))
    for name, true, error in zip(("theta", "phi", "rho"), (0.04, 0.06, 0.3), got.errors,
                                 strict=True):  # fmt: skip
        assert getattr(got, name) == pytest.approx(true, abs=5 * error), name
        assert error < 0.01
    assert got.adverse_share == pytest.approx(0.4, abs=0.02)
    assert got.spread == pytest.approx(0.2, abs=0.005)
    assert got.doubts == ()


def test_adverse_selection_as_it_goes_ends_where_mrr_ends() -> None:
    rng = np.random.default_rng(8)
    q = signs(rng, 3_000, 0.2)
    price = 100.0 + (0.03 * q + 0.02 * rng.normal(size=q.size)).cumsum() + 0.05 * q
    whole = mrr.fit(*tape(q, price))
    got = run(analytic("adverse_selection"), {"price": price, "side": q}, {"half_life": 0})
    assert got["share"][-1] == pytest.approx(whole.adverse_share, rel=1e-9)
    assert got["theta"][-1] == pytest.approx(whole.theta, rel=1e-9)
    assert got["spread"][-1] == pytest.approx(whole.spread, rel=1e-9)
    assert got["rho"][-1] == pytest.approx(whole.rho, rel=1e-9)


def test_adverse_selection_forgets_an_earlier_market() -> None:
    rng = np.random.default_rng(9)
    q = rng.choice([-1.0, 1.0], 20_000)
    theta = np.where(np.arange(q.size) < 10_000, 0.08, 0.02)
    price = 100.0 + (theta * q).cumsum() + (0.1 - theta) * q
    got = run(analytic("adverse_selection"), {"price": price, "side": q}, {"half_life": 500})
    assert got["share"][9_999] == pytest.approx(0.8, abs=0.02)
    assert got["share"][-1] == pytest.approx(0.2, abs=0.02)


def test_glosten_and_harris_find_what_made_the_prices() -> None:
    rng = np.random.default_rng(10)
    q, v = rng.choice([-1.0, 1.0], 50_000), rng.lognormal(size=50_000)
    value = (0.02 * q + 0.01 * q * v + 0.02 * rng.normal(size=q.size)).cumsum()
    price = 100.0 + value + 0.03 * q + 0.005 * q * v
    got = glosten_harris.fit(np.arange(q.size) * SECOND, price, v, q)
    for name, true, error in zip(("c0", "c1", "z0", "z1"), (0.03, 0.005, 0.02, 0.01), got.errors,
                                 strict=True):  # fmt: skip
        assert getattr(got, name) == pytest.approx(true, abs=5 * error), name
    size = got.mean_size
    assert got.adverse_share == pytest.approx(
        (0.02 + 0.01 * size) / (0.05 + 0.015 * size), abs=0.02
    )


def test_huang_and_stoll_find_the_parts_of_a_dealers_spread() -> None:
    rng = np.random.default_rng(11)
    q = signs(rng, 200_000, -0.6)
    half, adverse, inventory = 0.05, 0.3, 0.2
    surprise = q[1:-1] + 0.6 * q[:-2]
    value = (adverse * half * surprise + inventory * half * q[1:-1]).cumsum()
    mid = np.concatenate(([0.0, 0.0], value + 0.01 * rng.normal(size=value.size).cumsum()))
    got = huang_stoll.fit(*tape(q, 100.0 + mid + half * q))
    assert got.spread == pytest.approx(0.1, abs=5 * got.spread_error)
    assert got.adverse == pytest.approx(adverse, abs=5 * got.errors[0])
    assert got.inventory == pytest.approx(inventory, abs=5 * got.errors[1])
    assert got.processing == pytest.approx(0.5, abs=0.05)
    assert got.doubts == ()


def test_signs_that_repeat_raise_a_doubt_about_the_three_way_split() -> None:
    rng = np.random.default_rng(12)
    q = signs(rng, 5_000, 0.7)
    price = 100.0 + (0.01 * q).cumsum() + 0.02 * q + 0.01 * rng.normal(size=q.size)
    assert any("repeat" in d or "continue" in d for d in huang_stoll.fit(*tape(q, price)).doubts)
    assert any("signs repeat" in d for d in mrr.fit(*tape(q, price)).doubts)


def test_prints_of_one_order_are_put_together() -> None:
    ts = np.array([0, 1, 2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]) * 10**6
    side = np.array([1.0, 1, 1, 1, -1, 1, -1, 1, -1, 1, -1, 1, np.nan])
    qty = np.arange(1.0, 14.0)
    price = np.linspace(100.0, 101.2, 13)
    got = orders_of(ts, price, qty, side, gap=0.001)
    assert got.merged == 2
    assert got.qty[0] == 6.0
    assert got.price[0] == pytest.approx((price[:3] * qty[:3]).sum() / 6.0)
    assert orders_of(ts, price, qty, side, gap=-1.0).merged == 0
    with pytest.raises(ResearchError, match="too few"):
        orders_of(ts[:5], price[:5], qty[:5], side[:5], gap=0.0)


@pytest.mark.parametrize("fit", [mrr.fit, huang_stoll.fit, glosten_harris.fit])
def test_trades_that_all_bought_are_refused(fit: Any) -> None:
    rng = np.random.default_rng(13)
    with pytest.raises(ResearchError):
        fit(*tape(np.ones(500), 100.0 + rng.normal(size=500).cumsum()))


def test_regressions_agree_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(14)
    x = np.column_stack((np.ones(400), rng.normal(size=(400, 2))))
    y = x @ [1.0, 0.5, -0.3] + np.convolve(rng.normal(size=402), [1, 0.5, 0.3], "valid")
    ours = ols(y, x, lags=4)
    theirs = sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": 4})
    np.testing.assert_allclose(ours.beta, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.errors, theirs.bse, rtol=1e-9)
    assert ours.r2 == pytest.approx(theirs.rsquared, rel=1e-10)
    # The moments of least squares give its errors.
    same = moment_errors(lambda t: x * (y - x @ t)[:, None], ours.beta, lags=4)
    centred = long_run(x * ours.residuals[:, None], 4)
    assert np.isfinite(centred).all()
    np.testing.assert_allclose(same, ours.errors, rtol=1e-4)


def test_invariance_gives_the_published_costs_of_the_benchmark_stock() -> None:
    got = run(analytic("invariance"), {"daily_vol": [0.02, 0.035], "turnover": [40e6, 20e9]})
    assert got["activity"][0] == pytest.approx(8e5)
    assert got["bets"][0] == pytest.approx(85.0)
    np.testing.assert_allclose(got["cost_linear_bps"], [10.71, 43.3], atol=0.05)
    np.testing.assert_allclose(got["cost_root_bps"], [14.16, 21.5], atol=0.05)


def test_the_power_of_invariance_is_found_in_trades_that_follow_it() -> None:
    rng = np.random.default_rng(15)
    vol, money = rng.uniform(0.01, 0.06, 300), rng.lognormal(18.0, 2.0, 300)
    trades = 10.0 * (vol * money) ** (2 / 3) * rng.lognormal(0.0, 0.2, 300)
    got = invariance_fit.fit(vol, money, trades)
    assert got.slope == pytest.approx(2 / 3, abs=4 * got.slope_error)
    assert abs(got.z) < 4
    assert abs(got.residuals.mean()) < 1e-9
    with pytest.raises(ResearchError):
        invariance_fit.fit(vol[:3], money[:3], trades[:3])


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e3), st.integers(0, 2**31))
def test_shares_of_the_spread_do_not_depend_on_the_unit_of_price(unit: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    q = rng.choice([-1.0, 1.0], 300)
    price = 1_000.0 + (0.05 * q + 0.1 * rng.normal(size=300)).cumsum() + 0.1 * q
    one, two = mrr.fit(*tape(q, price)), mrr.fit(*tape(q, unit * price))
    assert two.adverse_share == pytest.approx(one.adverse_share, rel=1e-6)
    assert two.theta == pytest.approx(unit * one.theta, rel=1e-6)


def test_the_markout_of_one_time_is_what_realised_spread_streams() -> None:
    rng = np.random.default_rng(17)
    n = 4_000
    mid = 100.0 + 0.01 * rng.normal(size=n).cumsum()
    qty = np.where(rng.random(n) < 0.3, rng.lognormal(size=n), 0.0)
    q = rng.choice([-1.0, 1.0], n)
    columns = {"ts": np.arange(n) * SECOND // 4, "mid": mid, "price": mid + 0.02 * q, "qty": qty,
               "side": np.where(qty > 0, q, 0.0)}  # fmt: skip
    got = markout.fit(**columns)
    stream = run(analytic("realised_spread"), columns, {"tau": 5.0})
    at = list(got.seconds).index(5.0)
    assert got.realised[at] == pytest.approx(1e4 * stream["realised"][-1], rel=0.02)
    assert got.impact[at] + got.realised[at] == pytest.approx(got.effective, rel=0.02)
    assert got.effective == pytest.approx(4.0, rel=0.01)


def test_errors_of_the_markout_are_the_spread_of_its_means() -> None:
    rng = np.random.default_rng(18)
    found, said = [], []
    for _ in range(60):
        q = rng.choice([-1.0, 1.0], 600)
        mid = 100.0 * np.exp(1e-4 * (0.5 * q + rng.normal(size=600)).cumsum())
        before = np.concatenate(([100.0], mid[:-1]))
        one = markout.fit(np.arange(600) * SECOND, before, before, np.ones(600), q)
        found.append(one.impact[2])
        said.append(one.impact_errors[2])
    assert np.mean(found) == pytest.approx(1.0, abs=0.06)  # 2 q ln(m' / m), in basis points
    assert 0.75 < np.mean(said) / np.std(found) < 1.3
