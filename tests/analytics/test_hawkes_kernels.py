# SPDX-License-Identifier: MIT
"""Newton's passes, sums of exponentials and power laws against direct sums and other fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.hawkes import climb_one, fit_many, fit_one, fit_power, fit_sum, power
from seawall.analytics.hawkes.climb_many import Sample, climb
from seawall.analytics.hawkes.features import features, moments
from seawall.analytics.hawkes.likelihood import loglik_many, loglik_one
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.hawkes.simulate_sum import simulate as simulate_sum
from seawall.model.errors import ResearchError


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(3, 700), st.floats(1e-6, 3.0), st.floats(0.0, 2.0),
    st.floats(1e-3, 1e4),
)  # fmt: skip
def test_the_pass_in_blocks_is_the_plain_recursion(
    seed: int, n: int, mu: float, branching: float, beta: float
) -> None:
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.exponential(1.0, n) ** 3)
    end = t[-1] + rng.exponential()
    grad, total = np.empty(3), np.empty(climb_one.COUNTED)
    want = loglik_one(t, end, mu, branching, beta, grad)
    x = np.array([mu, branching, beta])
    got = climb_one.moments(np.diff(t, prepend=0.0), end - t[-1], x, total)
    assert got == pytest.approx(want, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(total[1:4], grad, rtol=1e-7, atol=1e-6 * np.abs(grad).max())


def test_the_passes_of_the_fits_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.exp.loglik"):
        one, total = case.inputs, np.empty(climb_one.COUNTED)
        x = np.array([one["mu"], one["alpha"], one["beta"]])
        gaps, rest = np.diff(one["t"], prepend=0.0), one["T"] - one["t"][-1]
        value = climb_one.moments(gaps, rest, x, total)
        oracle.check(case, {"loglik": value, "grad": total[1:4].copy()})
    for case in oracle.cases("hawkes", "hawkes.multi.loglik"):
        one = case.inputs
        theta = np.column_stack((one["mu"], one["A"]))
        sample = Sample(one["t"], np.asarray(one["c"], dtype=float), one["T"], len(one["mu"]))
        here = sample.at(theta, one["beta"])
        oracle.check(
            case,
            {"loglik": here.value, "grad_mu": here.grad[:, 0], "grad_A": here.grad[:, 1:],
             "grad_beta": here.slope / one["beta"]},
        )  # fmt: skip


def test_second_derivatives_of_one_type_are_slopes_of_the_first() -> None:
    t, _ = simulate(np.random.default_rng(0), 500.0, 0.6, 0.5, 2.0)
    x, total = np.array([0.5, 0.4, 1.5]), np.empty(climb_one.COUNTED)
    climb_one.moments(np.diff(t, prepend=0.0), 500.0 - t[-1], x, total)
    mm, mn, mb, nn, nb, bb = total[4:10]
    want = np.empty((3, 3))
    for k in range(3):
        up, down, a, b = x.copy(), x.copy(), np.empty(3), np.empty(3)
        up[k] += 1e-5
        down[k] -= 1e-5
        loglik_one(t, 500.0, *up, a)
        loglik_one(t, 500.0, *down, b)
        want[k] = (a - b) / 2e-5
    np.testing.assert_allclose([[mm, mn, mb], [mn, nn, nb], [mb, nb, bb]], want, rtol=1e-4, atol=1)


def test_the_pass_over_several_types_is_the_plain_recursion_with_its_slopes() -> None:
    rng = np.random.default_rng(1)
    a = np.array([[0.3, 0.1, 0.0], [0.2, 0.2, 0.1], [0.0, 0.3, 0.1]])
    t, kind = simulate(rng, 900.0, np.full(3, 0.5), a, 3.0)
    sample = Sample(t, kind.astype(float), 900.0, 3)
    theta, beta = np.column_stack((np.full(3, 0.4), a + 0.05)), 2.0

    def plain(theta: np.ndarray, beta: float) -> tuple[float, np.ndarray, np.ndarray, float]:
        grad = np.empty(13)
        value = loglik_many(t, sample.kind, 900.0, theta[:, 0].copy(), theta[:, 1:].copy(), beta,
                            grad)  # fmt: skip
        return value, grad[:3], grad[3:12].reshape(3, 3), grad[12]

    here = sample.at(theta, beta)
    value, by_mu, by_a, by_beta = plain(theta, beta)
    assert here.value == pytest.approx(value, rel=1e-11)
    np.testing.assert_allclose(here.grad, np.column_stack((by_mu, by_a)), rtol=1e-8, atol=1e-7)
    assert here.slope == pytest.approx(beta * by_beta, rel=1e-8)
    h = 1e-5
    up, down = plain(theta, beta + h), plain(theta, beta - h)
    curve = beta**2 * (up[3] - down[3]) / (2 * h) + beta * by_beta
    assert here.curve == pytest.approx(curve, rel=1e-5)
    np.testing.assert_allclose(here.cross[:, 1:], beta * (up[2] - down[2]) / (2 * h), rtol=1e-4,
                               atol=1e-3)  # fmt: skip
    for i, j in ((0, 0), (1, 2), (2, 3)):
        more, less = theta.copy(), theta.copy()
        more[i, j] += h
        less[i, j] -= h
        up, down = plain(more, beta), plain(less, beta)
        want = np.append((up[1] - down[1])[i], (up[2] - down[2])[i]) / (2 * h)
        np.testing.assert_allclose(here.hess[i, j], want, rtol=1e-4, atol=1e-2)


def test_newton_ends_where_no_step_within_the_bounds_climbs() -> None:
    a = np.array([[0.6, 0.0], [0.0, 0.0]])
    t, kind = simulate(np.random.default_rng(2), 3_000.0, [0.3, 0.5], a, 2.0)
    sample = Sample(t, kind.astype(float), 3_000.0, 2)
    best = climb(sample, np.full((2, 3), 0.2), 1.0, 1e-3, 1e4)
    assert best.kkt < 1e-3
    assert (best.theta >= 0.0).all()
    rng = np.random.default_rng(3)
    for _ in range(50):
        near = np.maximum(best.theta + 0.01 * rng.normal(size=(2, 3)), 1e-9)
        assert sample.at(near, best.beta * np.exp(0.02 * rng.normal())).value <= best.value


def test_sums_of_exponentials_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.sumexp.loglik"):
        one = case.inputs
        t, decays = one["t"], np.asarray(one["betas"])
        theta = np.concatenate(([one["mu"]], one["alphas"]))
        x, mass = np.empty((theta.size, t.size)), np.empty(theta.size)
        x[0], mass[0] = 1.0, one["T"]
        features(t, np.zeros(t.size), one["T"], 1, decays, x[1:], mass[1:])
        grad, hess = np.empty(theta.size), np.empty((theta.size, theta.size))
        value = moments(x, mass, theta, grad, hess)
        oracle.check(case, {"loglik": value, "branching_ratio": theta[1:].sum()})
        for k in range(theta.size):
            up, down = theta.copy(), theta.copy()
            up[k] += 1e-6
            down[k] -= 1e-6
            rest, flat = np.empty(theta.size), np.empty_like(hess)
            slope = (moments(x, mass, up, rest, flat) - moments(x, mass, down, rest, flat)) / 2e-6
            assert slope == pytest.approx(grad[k], rel=1e-5, abs=1e-4)


def test_power_laws_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.powerlaw.loglik"):
        one = case.inputs
        value = power.loglik(one["t"], one["T"], one["mu"], one["eta"], one["c"], one["theta"])
        oracle.check(case, {"loglik": value})


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 1.0), st.floats(0.1, 3.0))
def test_the_sum_of_exponentials_is_the_power_law(c: float, theta: float) -> None:
    decays = power.decay_grid(c, 1e4)
    u = np.geomspace(1e-3, 1e4, 50)
    kernel = (power.weights(decays, c, theta) * decays) @ np.exp(-np.outer(decays, u))
    np.testing.assert_allclose(kernel, theta * c**theta * (u + c) ** (-1 - theta), rtol=1e-6)


def test_one_decay_among_given_ones_is_the_fit_with_one_decay() -> None:
    t, _ = simulate(np.random.default_rng(4), 4_000.0, 0.5, 0.5, 2.0)
    one = fit_one.fit(t, end=4_000.0)
    got = fit_sum.fit(t, end=4_000.0, decays=np.array([one.beta]))
    assert got.loglik == pytest.approx(one.loglik, rel=1e-9)
    assert got.branching == pytest.approx(one.branching, rel=1e-3)
    free = fit_sum.fit(t, end=4_000.0)
    assert free.loglik >= one.loglik - 0.3
    assert free.branching == pytest.approx(one.branching, abs=0.1)
    assert free.reliable, free.doubts


def test_types_of_sums_with_one_decay_are_the_fit_of_several_types() -> None:
    a = np.array([[0.4, 0.1], [0.2, 0.3]])
    t, kind = simulate(np.random.default_rng(5), 3_000.0, [0.3, 0.4], a, 3.0)
    kind = kind.astype(float)
    one = fit_many.fit(t, kind, end=3_000.0, types=2)
    got = fit_sum.fit_types(t, kind, end=3_000.0, types=2, decays=one.beta[0, :1])
    assert got.loglik == pytest.approx(one.loglik, rel=1e-9)
    np.testing.assert_allclose(got.a[:, :, 0], one.a, atol=1e-4)
    assert all(test.ks_p > 0.01 and test.ljung_box_p > 0.001 for test in got.fitness)


def test_a_power_law_is_found_again_and_one_exponential_is_refused() -> None:
    decays = power.decay_grid(0.1, 2e4, 0.7, 1e-3)
    mass = 0.6 * power.weights(decays, 0.1, 0.6)
    t, _ = simulate_sum(np.random.default_rng(6), 12_000.0, 0.5, mass, decays)
    got = fit_power.fit(t, end=12_000.0)
    assert got.reliable, got.doubts
    assert got.branching == pytest.approx(0.6, abs=0.06)
    assert got.theta == pytest.approx(0.6, abs=0.2)
    assert got.c == pytest.approx(0.1, rel=0.4)
    true = power.loglik(t, 12_000.0, 0.5, 0.6, 0.1, 0.6)
    assert got.loglik > true - 0.5
    assert not fit_one.fit(t, end=12_000.0).reliable
    assert fit_sum.fit(t, end=12_000.0).loglik == pytest.approx(got.loglik, abs=10.0)


def test_simulated_sums_have_the_rates_of_theory() -> None:
    a = np.array([[[0.2, 0.1], [0.1, 0.0]], [[0.0, 0.1], [0.2, 0.2]]])
    _, kind = simulate_sum(np.random.default_rng(7), 20_000.0, [0.5, 0.3], a, [0.5, 20.0])
    want = np.linalg.solve(np.eye(2) - a.sum(axis=2), [0.5, 0.3])
    np.testing.assert_allclose(np.bincount(kind) / 20_000.0, want, rtol=0.04)
    with pytest.raises(ResearchError):
        simulate_sum(np.random.default_rng(7), 10.0, 1.0, [0.6, 0.5], [1.0, 2.0])


@pytest.mark.parametrize("fit", [fit_sum.fit, fit_power.fit])
@pytest.mark.parametrize("seed", range(4))
def test_sixty_poisson_events_are_doubted(fit: Callable[..., Any], seed: int) -> None:
    t = np.sort(np.random.default_rng(seed).uniform(0.0, 100.0, 60))
    got = fit(t, end=100.0)
    assert not got.reliable
    assert got.branching <= 2.0
    assert got.loglik >= got.loglik_poisson - 1e-6


def test_bad_times_and_decays_are_refused() -> None:
    for fit in (fit_sum.fit, fit_power.fit):
        for bad in ([], [1.0, 1.0, 1.0], [np.nan, np.nan], [-1.0, 2.0, 3.0]):
            with pytest.raises(ResearchError):
                fit(np.array(bad), end=5.0)
    with pytest.raises(ResearchError):
        fit_sum.fit(np.arange(1.0, 50.0), decays=np.array([-1.0]))


def test_recorded_trades_want_more_than_one_decay(recorded: Callable[[str], Any]) -> None:
    trades = recorded("lob/binance_usdm_btcusdt_20240808_trades.parquet")
    ms = np.unique(trades["trade_time_ms"].to_numpy())
    t = (ms - ms[0]) / 1e3 + 1e-3
    one, several, law = fit_one.fit(t), fit_sum.fit(t), fit_power.fit(t)
    assert several.loglik > one.loglik + 100
    assert law.loglik > one.loglik + 100
    assert 0.3 < several.branching < 1.0
