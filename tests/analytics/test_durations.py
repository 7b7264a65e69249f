# SPDX-License-Identifier: MIT
"""Models of durations against references, arch, closed forms and simulations of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seawall.analytics.durations import acd_fit, regimes_fit
from seawall.analytics.durations.acd_fit import Model, fit_durations
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError


def simulated(n: int, shape: float = 1.0, seed: int = 0) -> np.ndarray:
    errors = np.random.default_rng(seed).weibull(shape, n) / math.gamma(1.0 + 1.0 / shape)
    x, psi = np.empty(n), 1.0
    for i in range(n):
        x[i] = psi * errors[i]
        psi = 0.1 + 0.1 * x[i] + 0.8 * psi
    return x


def model_at(one: dict[str, Any], shape: float, weibull: bool) -> tuple[float, np.ndarray]:
    """Log-likelihood and residuals at given parameters, through the scaled model."""
    x = np.asarray(one["durations"])
    scale = x.mean()
    model = Model(x / scale, logs=False, weibull=weibull, first=one["psi0"] / scale)
    resid = np.empty(x.size)
    p = np.array([one["omega"] / scale, one["alpha"], one["beta"], shape])
    return model.at(p, resid)[0] - x.size * math.log(scale), resid


def test_exponential_likelihood_and_fit_agree_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.acd.eacd11"):
        one = case.inputs
        value, resid = model_at(one, 1.0, weibull=False)
        got = fit_durations(one["durations"], first=one["psi0"])
        oracle.check(
            case,
            {"loglik": value, "psi_last": one["durations"][-1] / resid[-1],
             "mle": [got.omega, got.alpha, got.beta], "mle_loglik": got.loglik},
        )  # fmt: skip
        assert got.reliable, got.doubts


def test_weibull_likelihood_agrees_with_the_reference(oracle: Any) -> None:
    for case in oracle.cases("micro", "micro.acd.wacd11"):
        value, _ = model_at(case.inputs, case.inputs["shape"], weibull=True)
        oracle.check(case, {"loglik": value})


@pytest.mark.parametrize("logs", [False, True])
def test_gradient_and_hessian_are_the_slopes_of_the_likelihood(logs: bool) -> None:
    x = simulated(400, 1.3)
    model = Model(x / x.mean(), logs=logs, weibull=True)
    p, h = np.array([0.08, 0.1, 0.7, 0.9]), 1e-5
    _, grad, hess = model.at(p)
    for k in range(4):
        up, down = p.copy(), p.copy()
        up[k] += h
        down[k] -= h
        high, low = model.at(up), model.at(down)
        assert (high[0] - low[0]) / (2 * h) == pytest.approx(grad[k], rel=1e-5, abs=1e-4)
        np.testing.assert_allclose((high[1] - low[1]) / (2 * h), hess[k], rtol=1e-4, atol=1e-2)


def test_it_is_the_garch_of_root_durations_that_arch_fits() -> None:
    arch = pytest.importorskip("arch.univariate")
    x = simulated(20_000)
    other = arch.ZeroMean(np.sqrt(x), rescale=False)
    other.volatility = arch.GARCH(1, 0, 1)
    theirs = other.fit(disp="off").params.to_numpy()
    got = fit_durations(x)
    np.testing.assert_allclose([got.omega, got.alpha, got.beta], theirs, rtol=5e-3)


@pytest.mark.parametrize(("shape", "weibull"), [(1.0, False), (0.7, True), (1.6, True)])
def test_simulated_parameters_are_found_again(shape: float, weibull: bool) -> None:
    got = fit_durations(simulated(20_000, shape), weibull=weibull)
    assert got.reliable, got.doubts
    found = (got.omega, got.alpha, got.beta, got.shape)
    for value, true, error in zip(found, (0.1, 0.1, 0.8, shape), got.errors, strict=True):
        assert math.isnan(error) or abs(value - true) < 5 * error
    assert got.mean == pytest.approx(1.0, rel=0.05)


def test_the_unit_of_time_does_not_matter() -> None:
    x = simulated(3_000)
    for logs in (False, True):
        one, two = fit_durations(x, logs=logs), fit_durations(x * 1e-3, logs=logs)
        assert two.alpha == pytest.approx(one.alpha, rel=1e-5)
        assert two.beta == pytest.approx(one.beta, rel=1e-5)
        assert two.next_duration == pytest.approx(one.next_duration * 1e-3, rel=1e-5)
        assert two.loglik == pytest.approx(one.loglik + x.size * math.log(1e3), rel=1e-9)


def test_durations_without_memory_are_not_said_to_have_one() -> None:
    got = fit_durations(np.random.default_rng(1).exponential(1.0, 5_000))
    assert got.alpha < 0.02


def test_the_stream_expects_what_the_fit_expects() -> None:
    x = simulated(2_000)
    time = np.concatenate(([0.0], np.cumsum(x)))
    got = acd_fit.fit(time)
    params = {"omega": got.omega, "alpha": got.alpha, "beta": got.beta}
    stream = run(analytic("acd"), {"time": time}, params)
    assert stream["expected"][-1] == pytest.approx(got.next_duration, rel=1e-9)
    assert np.nanmean(stream["surprise"]) == pytest.approx(1.0, abs=0.05)


def test_events_of_one_time_are_merged() -> None:
    time = np.cumsum(simulated(500))
    plain, tied = acd_fit.fit(time), acd_fit.fit(np.repeat(time, 2))
    assert tied.merged == 500
    assert tied.loglik == pytest.approx(plain.loglik, rel=1e-12)


def test_impossible_durations_are_refused() -> None:
    for bad in ([], [1.0] * 5, [1.0] * 20 + [0.0], [1.0] * 20 + [np.nan]):
        with pytest.raises(ResearchError):
            fit_durations(bad)
        with pytest.raises(ResearchError):
            regimes_fit.fit_durations(bad)
    with pytest.raises(ResearchError):
        acd_fit.fit(np.array([1.0, 2.0, 1.5] * 10))


def switching(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z, state = rng.normal(size=(n, 2)), np.zeros(n, dtype=int)
    gamma = np.array([[-2.0, 1.0, 0.0], [2.0, 0.5, 0.0]])
    for i in range(1, n):
        logit = gamma[state[i - 1]] @ np.array([1.0, *z[i]])
        state[i] = rng.random() < 1.0 / (1.0 + np.exp(-logit))
    log = np.where(state == 1, -4.0, 0.0) + rng.normal(size=n) * np.where(state == 1, 1.0, 0.8)
    return np.exp(log), z, state


def test_two_regimes_and_what_moves_their_transitions_are_found_again() -> None:
    x, z, state = switching(8_000, 2)
    got = regimes_fit.fit_durations(x, z)
    np.testing.assert_allclose(got.mean, [0.0, -4.0], atol=0.1)
    np.testing.assert_allclose(got.deviation, [0.8, 1.0], atol=0.05)
    np.testing.assert_allclose(got.gamma[:, 1:], [[1.0, 0.0], [0.5, 0.0]], atol=0.15)
    fast = regimes_fit.filtered(got, x, z).fast > 0.5
    assert (fast == state).mean() > 0.97
    plain = regimes_fit.fit_durations(x)
    assert got.bic < plain.bic - 50


def test_two_states_agree_with_an_enumeration_of_all_paths() -> None:
    from itertools import product

    x, z, _ = switching(60, 3)
    got = regimes_fit.fit_durations(x, z)
    few = regimes_fit.filtered(got, x[:7], z[:7])
    u = np.column_stack((np.ones(7), (z[:7] - got.center) / got.scale))
    stay = 1.0 / (1.0 + np.exp(-u @ got.gamma.T))
    total = 0.0
    for path in product((0, 1), repeat=7):
        weight = got.start if path[0] else 1.0 - got.start
        for i, j in enumerate(path):
            if i > 0:
                p = stay[i, path[i - 1]]
                weight *= p if j else 1.0 - p
            score = (math.log(x[i]) - got.mean[j]) / got.deviation[j]
            weight *= math.exp(-0.5 * score**2) / (got.deviation[j] * math.sqrt(2 * math.pi) * x[i])
        total += weight
    assert few.log_score.sum() == pytest.approx(math.log(total), rel=1e-9)


def test_the_past_alone_decides_the_filtered_regime() -> None:
    x, z, _ = switching(500, 4)
    got = regimes_fit.fit_durations(x, z)
    whole, part = regimes_fit.filtered(got, x, z), regimes_fit.filtered(got, x[:200], z[:200])
    np.testing.assert_array_equal(part.fast, whole.fast[:200])
    np.testing.assert_array_equal(part.expected, whole.expected[:200])


def test_the_stream_of_regimes_is_the_filter_with_fixed_transitions() -> None:
    x, _, _ = switching(800, 5)
    got = regimes_fit.fit_durations(x)
    whole = regimes_fit.filtered(got, x)
    stay = 1.0 / (1.0 + np.exp(-got.gamma[:, 0]))
    params = {"slow_mean": got.mean[0], "slow_deviation": got.deviation[0],
              "fast_mean": got.mean[1], "fast_deviation": got.deviation[1],
              "stay_slow": 1.0 - stay[0], "stay_fast": stay[1]}  # fmt: skip
    time = np.concatenate(([0.0], np.cumsum(x)))
    stream = run(analytic("regime_durations"), {"time": time}, params)
    # They start from other laws, which is forgotten after some events.
    np.testing.assert_allclose(stream["fast"][50:], whole.fast[49:], atol=1e-6)


@pytest.mark.parametrize("name", ["usdm_btcusdt_20240808", "spot_btcusdt_20240808"])
def test_regimes_beat_one_memory_on_recorded_trades_held_out(
    name: str, recorded: Callable[[str], Any]
) -> None:
    trades = recorded(f"lob/binance_{name}_trades.parquet").sort("trade_time_ms")
    time = trades["trade_time_ms"].to_numpy() / 1e3
    side = np.where(trades["is_buyer_maker"].to_numpy(), -1.0, 1.0)
    x, z = regimes_fit.trade_factors(time - time[0], trades["qty"].to_numpy(), side)
    cut = int(0.7 * x.size)
    moving = regimes_fit.filtered(regimes_fit.fit_durations(x[:cut], z[:cut]), x, z)
    fixed = regimes_fit.filtered(regimes_fit.fit_durations(x[:cut]), x)
    log = fit_durations(x[:cut], logs=True, weibull=True)
    scale = x[:cut].mean()
    p = np.array([log.omega - (1 - log.alpha - log.beta) * math.log(scale), log.alpha, log.beta,
                  log.shape])  # fmt: skip
    both, first = (Model(part / scale, logs=True, weibull=True) for part in (x, x[:cut]))
    held = (both.at(p)[0] - first.at(p)[0]) / (x.size - cut) - math.log(scale)
    assert moving.log_score[cut:].mean() > fixed.log_score[cut:].mean() > held
