# SPDX-License-Identifier: MIT
"""Tests of residuals, intervals, the (p, q) classes and the crash alert."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from seawall.analytics.hawkes import bootstrap, crash_score, fit_many, fit_one, fit_pq, fit_sum
from seawall.analytics.hawkes.fitness import fitness, residual_plot
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.hawkes.varying import Splines
from seawall.analytics.hawkes.varying import simulate as simulate_varying
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

END = 3_600.0
Course = Callable[[np.ndarray], np.ndarray]


def test_exponential_residuals_pass_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    good = fitness(rng.exponential(1.0, 5_000))
    assert min(good.ks_p, good.ljung_box_p) > 0.01
    assert abs(good.dispersion) < 3
    assert fitness(rng.gamma(2.0, 0.5, 5_000)).ks_p < 1e-6
    slow = np.repeat(rng.exponential(1.0, 1_000), 5)
    assert fitness(slow).ljung_box_p < 1e-6
    assert math.isnan(fitness(np.ones(3)).ks_p)


def test_the_test_of_memory_is_that_of_statsmodels() -> None:
    stats = pytest.importorskip("statsmodels.stats.diagnostic")
    x = np.random.default_rng(1).exponential(1.0, 800)
    want = stats.acorr_ljungbox(x, lags=[20])["lb_pvalue"].iloc[0]
    got = fitness(x)
    assert got.ljung_box_p == pytest.approx(want, rel=1e-9)
    assert got.ks == pytest.approx(kstest(x, "expon").statistic, rel=1e-12)


def test_points_of_the_residual_plot_lie_on_the_diagonal_of_a_true_model() -> None:
    t, _ = simulate(np.random.default_rng(2), 3_000.0, 0.6, 0.5, 2.0)
    got = residual_plot(fit_one.residuals(t, 0.6, 0.5, 2.0))
    assert got.expected.size <= 500
    assert np.abs(got.count - got.time).max() < 1.5 * got.band
    assert np.corrcoef(got.expected, got.observed)[0, 1] > 0.99


def test_residuals_of_several_types_pass_with_one_decay_and_with_pairs() -> None:
    a = [[0.3, 0.2], [0.1, 0.4]]
    t, kind = simulate(np.random.default_rng(6), 2_000.0, [0.5, 0.3], a, 3.0)
    kind = kind.astype(float)
    for pairs in (0.0, 1.0):
        found = fit_many.fit(t, kind, end=2_000.0, types=2, pairs=pairs)
        rest = fit_many.residuals(t, kind, found, end=2_000.0)
        assert [r.size for r in rest] == np.bincount(kind.astype(int)).tolist()
        assert all(fitness(r).ks_p > 0.01 for r in rest)
    same = fit_many.fit(t, kind, end=2_000.0, types=2)
    other = fit_sum.fit_types(t, kind, end=2_000.0, types=2, decays=same.beta[0, :1])
    for r, test in zip(fit_many.residuals(t, kind, same, end=2_000.0), other.fitness, strict=True):
        assert fitness(r).ks == pytest.approx(test.ks, rel=1e-3)


def test_prints_of_one_order_are_merged_by_distance() -> None:
    rng = np.random.default_rng(7)
    orders = np.cumsum(rng.exponential(1.0, 800)) + 1.0
    prints = np.sort(np.concatenate([orders + k * 1e-5 for k in range(3)]))
    end = prints[-1] + 1.0
    raw, merged = fit_one.fit(prints, end=end), fit_one.fit(prints, end=end, merge=1e-3)
    assert any("not merged" in doubt for doubt in raw.doubts)
    assert raw.branching > 0.6
    assert merged.branching < 0.15
    assert merged.events + merged.merged == prints.size
    assert 790 <= merged.events <= 800  # orders within a millisecond of another cannot be told


def test_sixty_events_of_two_types_are_doubted() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        t = np.sort(rng.uniform(0.0, 100.0, 60))
        got = fit_many.fit(t, rng.integers(0, 2, 60).astype(float), end=100.0, types=2)
        assert got.doubts
        assert got.spectral_radius < 2.0


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(25):
        t, _ = simulate(np.random.default_rng(seed), 80.0, 1.0, 0.6, 3.0)
        one = fit_one.fit(t, end=80.0)
        got = bootstrap.bootstrap_one(one, 80.0, refits=60, seed=seed).parameters["branching"]
        held += got.low <= 0.6 <= got.high
    assert held >= 20  # 23.75 expected; 20 or fewer has a probability of 3 %


def test_intervals_of_other_fits_are_around_their_values() -> None:
    t, kind = simulate(np.random.default_rng(3), 600.0, [0.5, 0.3], [[0.3, 0.1], [0.2, 0.4]], 3.0)
    many = fit_many.fit(t, kind.astype(float), end=600.0, types=2)
    radius = bootstrap.bootstrap_many(many, 600.0, refits=20).parameters["spectral_radius"]
    assert radius.low < many.spectral_radius < radius.high
    whole = fit_sum.fit(t, end=600.0, decays=np.array([0.3, 3.0]))
    got = bootstrap.bootstrap_sum(whole, 600.0, refits=20)
    assert got.parameters["branching"].spread > 0.0
    assert (got.refits, got.failed) == (20, 0)
    again = bootstrap.bootstrap_sum(whole, 600.0, refits=20)
    assert again == got


def bump(t: np.ndarray, height: float) -> np.ndarray:
    return height * np.exp(-0.5 * ((t / END - 0.6) / 0.06) ** 2)


def ramp(t: np.ndarray, low: float, high: float) -> np.ndarray:
    rise = np.clip((t / END - 0.2) / 0.4, 0, 1) * (t / END < 0.75)
    return low + (high - low) * rise


def flat(value: float) -> Course:
    return lambda t: np.full(t.size, value)


WORLDS: dict[str, tuple[Course, Course, float, str]] = {
    "news": (lambda t: 0.6 + bump(t, 4.0), flat(0.5), 4.7, "exogenous"),
    "news without feedback": (lambda t: 0.8 + bump(t, 5.0), flat(0.0), 5.9, "exogenous"),
    "feedback": (flat(0.35), lambda t: ramp(t, 0.5, 0.95), 0.36, "endogenous"),
    "both": (lambda t: 0.3 + bump(t, 3.0), lambda t: ramp(t, 0.4, 0.8), 3.4, "mixed"),
    "neither": (flat(0.4), flat(0.6), 0.41, "steady"),
}


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("seed", range(2))
def test_what_moved_is_found_in_worlds_whose_truth_is_known(name: str, seed: int) -> None:
    mu, branching, highest, want = WORLDS[name]
    t = simulate_varying(np.random.default_rng(500 + seed), END, mu, branching, 2.0,
                         highest=highest)  # fmt: skip
    got = fit_pq.fit(t, end=END)
    assert got.kind == want
    assert got.bic_gap > 0.0
    inner = np.linspace(200.0, END - 200.0, 80)
    np.testing.assert_allclose(got.mu_at(inner).mean(), mu(inner).mean(), rtol=0.5)
    if want == "endogenous":
        assert got.branching_at(np.array([0.6 * END]))[0] > 0.8
        assert got.branching_at(np.array([0.1 * END]))[0] < 0.7


def test_splines_add_up_to_one_and_their_integrals_are_exact() -> None:
    t = np.sort(np.random.default_rng(4).uniform(0, 10, 300) ** 2 / 10)
    for count in (1, 2, 3, 4, 7, 12):
        splines = Splines.among(count, t, 10.0)
        x = np.linspace(0.0, 10.0, 200_001)
        values = splines.at(x)
        np.testing.assert_allclose(values.sum(axis=0), 1.0, rtol=1e-12)
        np.testing.assert_allclose(np.trapezoid(values, x, axis=1), splines.integrals, rtol=1e-6)


def test_too_few_events_for_a_course_are_refused() -> None:
    with pytest.raises(ResearchError):
        fit_pq.fit(np.arange(1.0, 50.0))
    with pytest.raises(ResearchError):
        simulate_varying(np.random.default_rng(0), 10.0, flat(3.0), flat(0.5), 1.0, highest=2.0)


def test_a_breach_is_the_first_moment_at_which_the_fall_is_complete() -> None:
    time = np.arange(8.0)
    price = np.array([100.0, 101.0, 100.5, 98.9, 97.0, 99.0, 95.0, 96.0])
    got = crash_score.breaches(time, price, horizon=3.0, size=0.02)
    assert got.tolist() == [3.0, 6.0]
    assert crash_score.breaches(time, price, horizon=3.0, size=0.2).size == 0
    rises = crash_score.breaches(time, 1.0 / price, horizon=3.0, size=0.02, both=True)
    assert set(got) <= set(rises)
    with pytest.raises(ResearchError):
        crash_score.breaches(time, -price, horizon=3.0, size=0.02)


def test_alerts_that_come_with_the_crash_or_after_it_are_wrong() -> None:
    got = crash_score.score([5.0, 30.0, 60.0, 95.0], [10.0, 60.0], horizon=10.0, span=100.0)
    assert (got.right, got.warned) == (1, 1)
    assert (got.precision, got.recall) == (0.25, 0.5)
    assert got.f1 == pytest.approx(2 * 0.25 * 0.5 / 0.75)
    assert got.base_rate == pytest.approx(0.2)
    assert got.lead == 5.0
    none = crash_score.score([], [10.0], horizon=10.0, span=100.0)
    assert math.isnan(none.precision)
    assert none.recall == 0.0


def test_the_alert_hears_a_burst_and_is_silent_in_a_steady_stream() -> None:
    rng = np.random.default_rng(5)
    steady = np.cumsum(rng.exponential(0.5, 20_000))
    given_ = {"fast": 10.0, "slow": 600.0, "window": 30.0}
    calm = run(analytic("crash_alert"), {"time": steady, "side": np.ones(20_000)}, given_)
    assert np.nansum(calm["alert"]) == 0
    assert np.nanmedian(calm["branching"]) < 0.35
    burst = np.sort(np.append(steady, rng.uniform(5_000.0, 5_030.0, 600)))
    loud = run(analytic("crash_alert"), {"time": burst, "side": -np.ones(burst.size)},
               {**given_, "spike": 5.0, "branching": 0.1})  # fmt: skip
    at = burst[np.abs(loud["alert"]) == 1.0]
    assert at.size >= 1
    assert 5_000.0 < at[0] < 5_030.0
    assert loud["alert"][np.abs(loud["alert"]) == 1.0][0] == -1.0


def test_on_recorded_pumps_alerts_beat_chance_out_of_sample(
    recorded: Callable[[str], Any],
) -> None:
    trades = recorded("manipulation/pump_trades_binance_STORJ_2019-08-10T2000.parquet")
    trades = trades.sort("timestamp")
    time = trades["timestamp"].to_numpy() / 1e3
    side = np.where(trades["side"].to_numpy() == "buy", 1.0, -1.0)
    got = crash_score.choose(time - time[0], side, trades["price"].to_numpy(), horizon=300.0,
                             size=0.02, spikes=(5.0, 20.0), branchings=(0.5, 0.7),
                             imbalances=(0.5,))  # fmt: skip
    assert got.trials == 4
    assert got.after.precision > 3 * got.after.base_rate
    assert got.after.recall < 0.6  # most falls come without a warning, and that is said


def test_pictures_show_what_they_were_given_and_refuse_what_does_not_fit() -> None:
    pytest.importorskip("plotly")
    from seawall.analytics.hawkes import pictures

    t, _ = simulate(np.random.default_rng(8), 3_000.0, 0.4, 0.5, 2.0)
    alert = np.zeros(t.size)
    alert[[10, 500]] = (1.0, -1.0)
    figure = pictures.intensity_with_alerts(t, np.full(t.size, 9.0), np.ones(t.size), alert, [7.0])
    marks = next(trace for trace in figure.data if trace.name == "alert")
    np.testing.assert_allclose(marks.x, t[[10, 500]])
    assert list(marks.marker.symbol) == ["triangle-up", "triangle-down"]
    with pytest.raises(ResearchError):
        pictures.intensity_with_alerts(t, np.ones(3), np.ones(t.size), alert)
    found = fit_pq.fit(t, end=3_000.0, most=3.0)
    course = pictures.burst_course(found, t, np.ones(t.size))
    assert found.kind in course.layout.title.text
    assert {trace.name for trace in course.data} >= {"base rate", "branching ratio", "price"}
    assert pictures.residual_picture(fit_one.residuals(t, 0.4, 0.5, 2.0)).data
    with pytest.raises(ResearchError):
        pictures.residual_picture(np.array([np.nan]))
