# SPDX-License-Identifier: MIT
"""Regimes and change points against independent numbers, enumeration and recorded bars."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.regimes import bocpd, hmm_filter, hmm_fit, pelt, switching
from seawall.analytics.regimes.hmm_em import em
from seawall.analytics.regimes.laws import (
    durations,
    log_densities,
    log_normal_densities,
    stationary,
)
from seawall.analytics.regimes.markov_chain import likeliest_path, smooth
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

Array = np.ndarray


def floats(x: Any) -> Array:
    return np.array(x, dtype=float)


def chain(dense: Array, start: Any, move: Any) -> tuple[float, Array, Array, Array]:
    n, k = dense.shape
    early, late, pairs = np.empty((n, k)), np.empty((n, k)), np.empty((k, k))
    dense = np.ascontiguousarray(dense)
    return smooth(dense, floats(start), floats(move), early, late, pairs), early, late, pairs


def series(n: int, sd: Any, stay: float, seed: int = 0) -> tuple[Array, Array]:
    """Values of a hidden Markov model, and the states behind them."""
    rng = np.random.default_rng(seed)
    sd = floats(sd)
    state = np.zeros(n, dtype=int)
    for t in range(1, n):
        state[t] = state[t - 1] if rng.random() < stay else rng.integers(sd.size)
    return sd[state] * rng.normal(size=n), state


# ---- hidden Markov model


def test_the_likelihood_is_the_sum_over_all_paths(oracle: Any) -> None:
    for case in oracle.cases("regime", "regime.hmm.loglik"):
        one = case.inputs
        dense = log_densities(floats(one["x"]), floats(one["mu"]), floats(one["sd"]))
        oracle.check(case, {"loglik": chain(dense, one["pi"], one["A"])[0]})


def test_the_published_two_state_example() -> None:
    dense = log_densities(floats([0.5, -0.2, 4, -5, 0.1]), np.zeros(2), floats([1.0, 3.0]))
    loglik, early, _, _ = chain(dense, [2 / 3, 1 / 3], [[0.95, 0.05], [0.1, 0.9]])
    assert loglik == pytest.approx(-12.806138740482, abs=1e-11)
    want = [0.842990, 0.929165, 0.019381, 5.9106e-6, 0.249178]
    np.testing.assert_allclose(early[:, 0], want, rtol=3e-5)


def test_filter_smoother_and_likeliest_path_agree_with_hmmlearn(oracle: Any) -> None:
    for case in oracle.cases("regime", "regime.hmm.infer"):
        one, at = case.inputs, case.inputs["idx"].astype(int)
        dense = log_densities(one["x"], floats(one["mu"]), floats(one["sd"]))
        loglik, early, late, pairs = chain(dense, one["pi"], one["A"])
        path = np.empty(len(dense), np.int64)
        best = likeliest_path(dense, floats(one["pi"]), floats(one["A"]), path)
        oracle.check(case, {
            "loglik": loglik, "smoothed_at_idx": late[at], "filtered_at_idx": early[at],
            "expected_transitions": pairs, "viterbi_path": path, "viterbi_logprob": best,
        })  # fmt: skip
    for case in oracle.cases("regime", "regime.hmm.infer_multivariate"):
        one = case.inputs
        dense = log_normal_densities(one["X"], one["means"], one["covs"])
        loglik, _, late, _ = chain(dense, one["pi"], one["A"])
        oracle.check(case, {"loglik": loglik, "smoothed": late})


def test_one_step_and_the_end_of_the_search_agree_with_hmmlearn(oracle: Any) -> None:
    history = np.empty(600)
    for case in oracle.cases("regime", "regime.hmm.em_step"):
        pi, move, mean, sd = (floats(case.inputs[k]).copy() for k in ("pi", "A", "mu", "sd"))
        em(floats(case.inputs["x"]), pi, move, mean, sd, 0.0, 0.0, 0.0, 1, 0.0, history)
        oracle.check(case, {"pi": pi, "A": move, "mu": mean, "var": sd**2})
    for case in oracle.cases("regime", "regime.hmm.fit"):
        pi, move, mean, sd = (floats(case.inputs[k]).copy() for k in ("pi", "A", "mu", "sd"))
        x = floats(case.inputs["x"])
        n = em(x, pi, move, mean, sd, 0.0, 0.0, 0.0, 600, 1e-10, history)
        oracle.check(case, {"loglik": history[n - 1], "sd": sd})


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 5.0]))
def test_no_step_lowers_the_likelihood(seed: int, dof: float) -> None:
    x, _ = series(200, (0.5, 2.0), 0.9, seed)
    history = np.empty(40)
    guess = np.full(3, 1 / 3), np.full((3, 3), 1 / 3), floats([-0.1, 0.0, 0.1]), floats([0.3, 1, 2])
    n = em(x, *guess, dof, 0.0, 1e-6, 40, -1.0, history)
    assert n == 40
    assert (np.diff(history) > -1e-7).all()
    np.testing.assert_allclose(guess[1].sum(axis=1), 1.0)


def test_a_fit_of_raw_returns_finds_four_states_none_of_them_degenerate() -> None:
    """State volatilities of 0.0004 to 0.0044, on which hmmlearn's defaults find one of 31.6."""
    sd = (0.00036, 0.0009, 0.0020, 0.0044)
    x, _ = series(20_000, sd, 0.97)
    got = hmm_fit.fit(x, dof=0.0)
    np.testing.assert_allclose(got.sd, sd, rtol=0.05)
    assert got.doubts == ()
    assert min(got.mass) > 0.1
    assert list(got.sd) == sorted(got.sd)
    scaled = hmm_fit.fit(x * 100.0, dof=0.0)  # the unit changes nothing
    np.testing.assert_allclose(np.array(scaled.sd), 100 * np.array(got.sd), rtol=1e-6)
    assert scaled.loglik == pytest.approx(got.loglik - x.size * np.log(100.0), rel=1e-9)


def test_one_outlier_makes_a_crisis_under_normal_but_not_under_student_emissions() -> None:
    x, _ = series(3_000, (1.0, 1.5), 0.98)
    x[1_500] = 60.0
    normal, student = (hmm_fit.fit(x, states=2.0, dof=d) for d in (0.0, 5.0))
    assert any("holds" in d for d in normal.doubts)
    assert student.doubts == ()
    assert student.sd[1] < 2.0


def test_the_filter_row_by_row_is_the_filter_of_the_fit_and_knows_no_future() -> None:
    x, state = series(4_000, (0.5, 2.0, 6.0), 0.97)
    for dof in (0.0, 6.0):
        got = hmm_fit.fit(x[:2_000], states=3.0, dof=dof)
        by_row = run(hmm_filter.ANALYTIC, {"value": x}, got.parameters)
        np.testing.assert_allclose(by_row.values[:, :3], got.filter(x), atol=1e-12)
        np.testing.assert_allclose(got.filter(x[:900]), got.filter(x)[:900], atol=0)
        assert (by_row["regime"][2_000:] == state[2_000:] + 1).mean() > 0.8
        density = -by_row["surprise"].sum()
        start = floats(got.mass)
        dense = log_densities(x, floats(got.mean), got.scale, dof)
        assert density == pytest.approx(chain(dense, start, got.move)[0], rel=1e-10)


def test_the_filters_volatility_is_that_of_the_next_row() -> None:
    x, _ = series(60_000, (0.5, 2.0), 0.98)
    params = {"states": 2.0, "sd_1": 0.5, "sd_2": 2.0, "move_11": 0.99, "move_12": 0.01,
              "move_21": 0.01, "move_22": 0.99}  # fmt: skip
    vol = run(hmm_filter.ANALYTIC, {"value": x}, params)["vol"]
    for low, high in ((0.4, 0.8), (0.8, 1.6), (1.6, 2.1)):
        rows = np.flatnonzero((vol[:-1] >= low) & (vol[:-1] < high))
        assert np.mean(x[rows + 1] ** 2) == pytest.approx(np.mean(vol[rows] ** 2), rel=0.12)


# ---- switching regression


def test_smoothing_agrees_with_statsmodels_and_the_fit_is_no_less_likely(oracle: Any) -> None:
    for case in oracle.cases("regime", "regime.markov_switching.smooth"):
        one, move = case.inputs, floats(case.inputs["A"])
        dense = log_densities(one["x"], floats(one["mu"]), floats(one["sd"]))
        loglik, early, late, _ = chain(dense, stationary(move), move)
        got = {"loglik": loglik, "filtered": early, "smoothed": late,
               "expected_durations": durations(move)}  # fmt: skip
        if "mle_loglik" in case.outputs:
            got["mle_loglik"] = switching.fit(one["x"], states=2.0).loglik
        oracle.check(case, got)


def test_a_switching_autoregression_is_a_chain_over_pairs_of_states(oracle: Any) -> None:
    for case in oracle.cases("regime", "regime.markov_ar.loglik"):
        one, move = case.inputs, floats(case.inputs["A"])
        y, mu, sd = one["y"], floats(one["mu"]), floats(one["sd"])
        k = mu.size
        left = y[1:, None, None] - mu - one["phi"] * (y[:-1, None, None] - mu[:, None])
        dense = -0.5 * (left / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
        start = (stationary(move)[:, None] * move).ravel()
        wide = np.zeros((k * k, k * k))
        for i, j in itertools.product(range(k), repeat=2):
            wide[i * k + j, j * k : j * k + k] = move[j]
        loglik, _, late, _ = chain(dense.reshape(y.size - 1, -1), start, wide)
        oracle.check(case, {"loglik": loglik, "smoothed": late.reshape(-1, k, k).sum(axis=1)})


def test_a_fit_with_lags_finds_coefficients_and_beats_statsmodels_start_to_end() -> None:
    rng = np.random.default_rng(5)
    _, state = series(3_000, (1.0, 1.0), 0.96, 5)
    y = np.zeros(3_000)
    for t in range(1, y.size):
        slope, sd = ((0.6, 0.5), (-0.2, 2.0))[state[t]]
        y[t] = 0.1 + slope * y[t - 1] + sd * rng.normal()
    got = switching.fit(y, states=2.0, lags=1.0)
    np.testing.assert_allclose(np.array(got.coefficients)[:, 1], (0.6, -0.2), atol=0.08)
    np.testing.assert_allclose(got.sd, (0.5, 2.0), rtol=0.1)
    given_x = switching.fit(y[1:], states=2.0, regressors=y[:-1])
    assert given_x.loglik == pytest.approx(got.loglik, rel=1e-6)
    early = got.filter(y)
    assert (early.argmax(axis=1) == state[1:]).mean() > 0.85
    np.testing.assert_allclose(got.filter(y[:500]), early[:499], atol=0)


# ---- change points


def test_bocpd_agrees_with_the_definition(oracle: Any) -> None:
    for case in oracle.cases("regime", "drift.bocpd"):
        one = case.inputs
        params = {p: one[f"{p}0"] for p in ("mu", "kappa", "alpha", "beta")}
        params |= {"lambda": 1 / one["hazard"], "prune": 0.0, "most": 300.0}
        got = run(bocpd.ANALYTIC, {"value": one["x"]}, params)
        kept = int(got.state[bocpd.KEPT])
        oracle.check(case, {
            "log_evidence": got["log_evidence"], "map_run_length": got["run"],
            "final_run_length_posterior": got.state[bocpd.HEAD : bocpd.HEAD + kept][::-1],
        })  # fmt: skip
        small = run(bocpd.ANALYTIC, {"value": one["x"]}, {**params, "prune": 1e-6, "most": 60.0})
        assert small.state.size < got.state.size / 3
        np.testing.assert_allclose(small["recent"], got["recent"], atol=2e-3)


def test_bocpd_gives_the_published_run_lengths_and_a_constant_mass_of_zero() -> None:
    x = floats([0.1, -0.2, 0.3, 5, 5.2, 4.9])
    want = {
        1: [0.01, 0.99], 2: [0.01, 0.00694, 0.98306], 3: [0.01, 0.00586, 0.00555, 0.97859],
        4: [0.01, 0.19683, 0.04355, 0.01296, 0.73666],
        6: [0.01, 0.00153, 0.00277, 0.49410, 0.06378, 0.01133, 0.41649],
    }  # fmt: skip
    for n, masses in want.items():
        got = run(bocpd.ANALYTIC, {"value": x[:n]}, {"lambda": 100.0, "prune": 0.0})
        head = got.state[bocpd.HEAD : bocpd.HEAD + n + 1][::-1]
        np.testing.assert_allclose(head, masses, atol=6e-6)


def test_bocpd_tells_a_change_soon_and_keeps_few_run_lengths() -> None:
    rng = np.random.default_rng(3)
    x = np.concatenate((rng.normal(0, 1, 1_000), rng.normal(3, 1, 1_000)))
    got = run(bocpd.ANALYTIC, {"value": x}, {"most": 100.0, "window": 20.0})
    recent = got["recent"]
    assert recent[100:999].max() < 0.9
    assert recent[1_003:1_010].min() > 0.9
    all_kept = run(bocpd.ANALYTIC, {"value": x}, {"most": 2_001.0, "prune": 0.0, "window": 20.0})
    np.testing.assert_allclose(recent, all_kept["recent"], atol=0.02)
    more = run(bocpd.ANALYTIC, {"value": x}, {"most": 500.0, "window": 20.0})
    np.testing.assert_allclose(more["recent"], all_kept["recent"], atol=1e-3)
    assert got["run"][1_500] == pytest.approx(500, abs=5)
    assert got.state[bocpd.KEPT] <= 100
    assert got["mean"][-1] == pytest.approx(3.0, abs=0.3)
    far = run(bocpd.ANALYTIC, {"value": floats([0.0, 1e140, 0.0, 0.1])})
    assert np.isfinite(far.values).all()


def test_pelt_finds_the_optimal_partition(oracle: Any) -> None:
    for case in oracle.cases("regime", "regime.changepoints"):
        one = case.inputs
        got = pelt.fit(one["y"], penalty=one["penalty"], cost=float(one["cost"] == "normal"),
                       least=one["min_size"])  # fmt: skip
        oracle.check(case, {
            "optimal_partition_breakpoints": [*got.breaks, one["y"].size],
            "optimal_partition_objective": got.objective,
        })  # fmt: skip


def test_pelt_without_a_penalty_leaves_noise_whole() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=800)
    assert pelt.fit(noise).breaks == ()
    shifted = noise + 2.0 * (np.arange(800) >= 300)
    got = pelt.fit(shifted)
    assert len(got.breaks) == 1
    assert abs(got.breaks[0] - 300) <= 3
    assert pelt.fit(np.ones(50)).breaks == ()


# ---- GARCH is in its own file


@pytest.mark.parametrize("name", ["hmm_fit", "markov_switching_fit", "pelt", "garch_fit"])
def test_too_little_or_nothing_but_constants_is_refused(name: str) -> None:
    fit = analytic(name).fit
    assert fit is not None
    for bad in (np.zeros(0), np.ones(1), np.full(9, np.nan)):
        with pytest.raises(ResearchError):
            fit(bad)
    if name != "pelt":
        with pytest.raises(ResearchError):
            fit(np.ones(500))


def test_bad_rows_are_left_out_of_a_fit() -> None:
    x, _ = series(2_000, (0.5, 2.0), 0.97)
    holes = np.insert(x, [7, 300, 900], np.nan)
    for fit in (hmm_fit.fit, switching.fit):
        assert fit(holes, states=2.0).loglik == fit(x, states=2.0).loglik


def test_regimes_of_recorded_hours_are_ordered_and_last(recorded: Callable[[str], Any]) -> None:
    """Ten thousand hours of BTC: the model is fitted on the first half, filtered on the rest."""
    close = recorded("ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet")["close"].to_numpy()
    x = 100.0 * np.diff(np.log(close[-10_001:]))
    got = hmm_fit.fit(x[:5_000])
    assert not got.doubts
    assert got.sd[3] > 4.0 * got.sd[0]
    assert min(got.duration) > 3.0
    late = run(hmm_filter.ANALYTIC, {"value": x}, got.parameters)
    vol, after = late["vol"][5_000:-1], np.abs(x[5_001:])
    assert np.corrcoef(vol, after)[0, 1] > 0.2  # the regime tells the size of what comes next
    plain = -np.mean(log_densities(x[5_000:], np.zeros(1), np.std(x[:5_000], keepdims=True)))
    assert late["surprise"][5_000:].mean() < plain - 0.05  # nats per row, out of sample
