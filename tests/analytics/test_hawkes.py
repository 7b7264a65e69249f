# SPDX-License-Identifier: MIT
"""Hawkes processes against independent likelihoods, fits and closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from seawall.analytics.hawkes import fit_many, fit_one
from seawall.analytics.hawkes.likelihood import loglik_many, loglik_one, loglik_pairs
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError


def test_the_worked_example_by_hand() -> None:
    t, grad = np.array([1, 1.5, 3, 3.2, 5]), np.empty(3)
    assert loglik_one(t, 6.0, 0.5, 0.5, 1.6, grad) == pytest.approx(-7.131077418, abs=1e-9)


def test_likelihood_and_gradient_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.exp.loglik"):
        one, grad = case.inputs, np.empty(3)
        value = loglik_one(one["t"], one["T"], one["mu"], one["alpha"], one["beta"], grad)
        oracle.check(case, {"loglik": value, "grad": grad})


def test_intensity_residuals_and_their_test_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.exp.intensity"):
        one = case.inputs
        given = {"mu": one["mu"], "branching": one["alpha"], "beta": one["beta"]}
        got = run(analytic("hawkes_intensity"), {"time": one["t"]}, given)
        rest = fit_one.residuals(one["t"], one["mu"], one["alpha"], one["beta"])
        ks = kstest(rest, "expon")
        oracle.check(
            case,
            {"lambda_at_events_left": got["intensity"], "residuals": rest,
             "compensator_at_events": rest.cumsum(), "ks_stat": ks.statistic,
             "ks_pvalue": ks.pvalue},
        )  # fmt: skip


def test_the_fit_is_the_maximum_that_others_found(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.exp.fit"):
        got = fit_one.fit(case.inputs["t"], end=case.inputs["T"])
        oracle.check(
            case,
            {"params_mu_alpha_beta": [got.mu, got.branching, got.beta], "loglik": got.loglik,
             "stderr": got.errors},
        )  # fmt: skip
        assert got.kkt < 1e-2
        assert got.reliable, got.doubts


def test_sixty_poisson_events_are_flagged_and_no_branching_ratio_is_made_up(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.exp.fit_degenerate"):
        got = fit_one.fit(case.inputs["t"], end=case.inputs["T"])
        oracle.check(case, {"loglik": got.loglik, "alpha": got.branching})
        assert not got.reliable


@pytest.mark.parametrize("seed", range(12))
def test_short_poisson_samples_are_never_called_reliable(seed: int) -> None:
    t = np.sort(np.random.default_rng(seed).uniform(0.0, 100.0, 60))
    got = fit_one.fit(t, end=100.0)
    assert not got.reliable
    assert got.loglik >= got.loglik_poisson - 1e-9


def test_long_poisson_samples_show_no_self_excitation() -> None:
    doubted = 0
    for seed in range(20):
        t = np.sort(np.random.default_rng(seed).uniform(0.0, 1_000.0, 1_000))
        doubted += not fit_one.fit(t, end=1_000.0).reliable
    assert doubted >= 16  # 5 % by design, and the search over decays


def test_events_of_one_time_are_merged_and_counted() -> None:
    rng = np.random.default_rng(4)
    t = np.sort(rng.uniform(0, 500, 400))
    plain, tied = fit_one.fit(t, end=500.0), fit_one.fit(np.repeat(t, 3), end=500.0)
    assert (tied.merged, tied.events) == (800, 400)
    assert tied.loglik == plain.loglik


def test_prints_of_one_order_that_were_not_merged_raise_a_doubt() -> None:
    rng = np.random.default_rng(10)
    t = np.sort(rng.uniform(0, 1_000, 1_000))
    burst = np.sort(np.concatenate((t, t[::2] + 1e-6)))
    one = fit_one.fit(burst, end=1_001.0)
    many = fit_many.fit(burst, np.zeros(burst.size), end=1_001.0, types=1)
    assert any("not merged" in doubt for doubt in one.doubts)
    assert any("not merged" in doubt for doubt in many.doubts)


def test_the_fast_test_of_residuals_is_near_the_exact_one() -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).exponential(1.02, 3_000)
        exact = kstest(values, "expon").pvalue
        assert fit_one.exponential_p(values) == pytest.approx(exact, abs=0.02)


def test_the_unit_of_time_does_not_matter() -> None:
    t, _ = simulate(np.random.default_rng(5), 2_000.0, 0.5, 0.5, 3.0)
    one, two = fit_one.fit(t, end=2_000.0), fit_one.fit(t * 1e3, end=2e6)
    assert two.branching == pytest.approx(one.branching, rel=1e-6)
    assert two.beta * 1e3 == pytest.approx(one.beta, rel=1e-6)


def test_too_little_or_impossible_input_is_refused() -> None:
    for t, end in (([], 0.0), ([1.0, 1.0, 1.0], 2.0), ([1.0, 2.0, 3.0], 2.0)):
        with pytest.raises(ResearchError):
            fit_one.fit(np.array(t), end=end)
    with pytest.raises(ResearchError):
        simulate(np.random.default_rng(0), 10.0, 1.0, 1.2, 1.0)


def test_likelihoods_of_several_types_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.multi.loglik"):
        one = case.inputs
        t, c = one["t"], np.asarray(one["c"], dtype=np.float64)
        mu, a = np.asarray(one["mu"]), np.ascontiguousarray(one["A"])
        d = mu.size
        grad = np.empty(d + d * d + 1)
        value = loglik_many(t, c, one["T"], mu, a, one["beta"], grad)
        wide = np.empty(d + 2 * d * d)
        matrix = np.ascontiguousarray(one["beta_matrix"])
        oracle.check(
            case,
            {"loglik": value, "grad_mu": grad[:d], "grad_A": grad[d:-1].reshape(d, d),
             "grad_beta": grad[-1],
             "loglik_beta_matrix": loglik_pairs(t, c, one["T"], mu, a, matrix, wide)},
        )  # fmt: skip
        # With one decay in all places both ways are the same function.
        same = np.full((d, d), one["beta"])
        assert loglik_pairs(t, c, one["T"], mu, a, same, wide) == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(wide[: d + d * d], grad[:-1], rtol=1e-9, atol=1e-9)
        assert wide[d + d * d :].sum() == pytest.approx(grad[-1], rel=1e-9, abs=1e-9)


def test_the_fit_of_several_types_is_the_maximum_that_others_found(oracle: Any) -> None:
    for case in oracle.cases("hawkes", "hawkes.multi.fit"):
        one = case.inputs
        got = fit_many.fit(one["t"], one["c"], end=one["T"], types=one["d"])
        oracle.check(
            case,
            {"loglik": got.loglik, "mu": got.mu, "A": got.a, "beta": got.beta[0, 0],
             "spectral_radius": got.spectral_radius},
        )  # fmt: skip
        rich = fit_many.fit(one["t"], one["c"], end=one["T"], types=one["d"], pairs=1.0)
        assert rich.loglik >= got.loglik - 1e-6


def test_simulated_counts_have_the_mean_and_variance_of_theory(oracle: Any) -> None:
    case = oracle.cases("hawkes", "hawkes.exp.stationary_moments")[0]
    one, width, end = case.inputs, 10.0, 60_000.0
    t, _ = simulate(np.random.default_rng(6), end, one["mu"], one["alpha"], one["beta"])
    counts = np.bincount((t[t > 100] / width).astype(int))[11:-1]
    k = list(one["windows"]).index(width)
    mean, var = case.outputs["count_mean"][k], case.outputs["count_var"][k]
    slow = case.outputs["asymptotic_var_per_time"]
    assert abs(counts.mean() - mean) < 5 * np.sqrt(slow * width**2 / end)
    assert counts.var() == pytest.approx(var, rel=0.1)


def test_simulated_types_have_the_rates_of_theory(oracle: Any) -> None:
    case = oracle.cases("hawkes", "hawkes.multi.stationary_moments")[0]
    one, end = case.inputs, 20_000.0
    _, kinds = simulate(np.random.default_rng(7), end, one["mu"], one["A"], 3.0)
    rates = np.bincount(kinds) / end
    errors = np.sqrt(np.diag(case.outputs["asymptotic_cov_per_time"]) / end)
    assert (np.abs(rates - case.outputs["rate"]) < 5 * errors).all()


def test_a_simulated_process_is_found_again_and_its_residuals_are_exponential() -> None:
    t, _ = simulate(np.random.default_rng(8), 4_000.0, 0.6, 0.5, 2.0)
    got = fit_one.fit(t, end=4_000.0)
    assert got.reliable
    assert got.ks_p > 0.01
    for value, true, error in zip(
        (got.mu, got.branching, got.beta), (0.6, 0.5, 2.0), got.errors, strict=True
    ):
        assert abs(value - true) < 5 * error


def test_the_same_seed_gives_the_same_events() -> None:
    one, two = (simulate(np.random.default_rng(9), 50.0, 1.0, 0.5, 2.0)[0] for _ in range(2))
    assert np.array_equal(one, two)
