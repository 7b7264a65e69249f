# SPDX-License-Identifier: MIT
"""Long memory, variance ratios, entropies, complexity and efficiency."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analytics.econophysics import (
    complexity,
    dfa,
    efficiency_index,
    hurst_rs,
    hurst_whittle,
    rolling_hurst,
    sample_entropy,
    variance_ratio,
)
from seawall.analytics.econophysics.series import log_returns, phase_randomised
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError

BTC = "ohlcv/binance_btcusdt_1h_2017-08_2023-06.parquet"


def scales_of_antropy(n: int) -> np.ndarray:
    """Window lengths 4 * 1.2^i up to a tenth of the length, without repeats."""
    steps = int(np.floor(np.log(0.1 * n / 4) / np.log(1.2)))
    return np.unique(np.floor(4 * 1.2 ** np.arange(steps + 1)))


def test_measures_equal_the_oracle(oracle: ModuleType) -> None:
    for case in oracle.cases("complexity", "complexity.measures"):
        x, r = np.ascontiguousarray(case.inputs["x"], dtype=float), case.inputs["r"]
        scales = scales_of_antropy(x.size)
        f = np.empty(scales.size)
        dfa.fluctuations(x, scales, 1, False, f)
        runs = x.size - 2
        patterns = run(analytic("permutation_entropy"), {"value": x}, {"window": runs})
        hjorth = run(analytic("hjorth"), {"value": x}, {"window": x.size})
        got = {
            "sample_entropy_m2": sample_entropy.entropy_of(x, 2, r)[0],
            "approx_entropy_m2": complexity.approximate_entropy(x, 2, r),
            "permutation_entropy_norm": patterns["entropy"][-1],
            "permutation_entropy_3_1_bits": patterns["entropy"][-1] * math.log2(6),
            "lziv_binary_mean_normalised": complexity.lempel_ziv(x),
            "spectral_entropy_norm": complexity.spectral_entropy(x),
            "higuchi_fd": complexity.higuchi_dimension(x, 10),
            "shannon_hist20_nats": complexity.shannon_entropy(x, 20),
            "hjorth_mobility": hjorth["mobility"][-1],
            "dfa_antropy": dfa.slope(scales, f)[0],
        }
        oracle.check(case, {k: v for k, v in got.items() if k in case.outputs})


def test_hurst_by_whittle_equals_the_oracle_and_all_estimators_near_the_truth(
    oracle: ModuleType,
) -> None:
    for case in oracle.cases("complexity", "complexity.hurst"):
        x, true = np.ascontiguousarray(case.inputs["x"], dtype=float), case.outputs["true_H"]
        got = hurst_whittle.fit(x)
        oracle.check(case, {"whittle_fgn": got.h})
        assert abs(got.h - true) < 3 * got.error
        assert abs(got.local - true) < 3 * got.local_error
        assert abs(dfa.fit(x, samples=0).h - true) < 0.06
        assert abs(hurst_rs.fit(x).h - true) < 0.06


def test_the_slope_of_spreads_equals_the_oracle_and_the_stream_its_definition(
    oracle: ModuleType,
) -> None:
    for case in oracle.cases("complexity", "complexity.hurst"):
        path = np.cumsum(np.asarray(case.inputs["x"], dtype=float))
        lags = case.inputs["lags"].astype(int)
        oracle.check(case, {"aggregated_std_slope": rolling_hurst.slope_of_spreads(path, lags)})
    close = np.exp(0.01 * path[:400])
    w, power = 90, 4
    got = run(analytic("rolling_hurst"), {"close": close}, {"window": w, "power": power})
    assert np.isfinite(got["hurst"]).sum() == 400 - (w + 2**power - 1)
    for i in (w + 2**power - 1, 250, 399):
        ends = np.arange(i - w + 1, i + 1)
        lags = 2 ** np.arange(power + 1)
        s = [np.std(np.log(close[ends] / close[ends - lag])) for lag in lags]
        line = np.polyfit(np.log(lags), np.log(s), 1)
        assert got["hurst"][i] == pytest.approx(line[0], rel=1e-9)
        assert got["variance_ratio"][i] == pytest.approx(s[-1] ** 2 / (16 * s[0] ** 2), rel=1e-9)
        assert got["r2"][i] == pytest.approx(np.corrcoef(np.log(lags), np.log(s))[0, 1] ** 2)


def test_the_rolling_exponent_of_white_noise_has_the_spread_that_is_stated() -> None:
    rng = np.random.default_rng(0)
    close = np.exp(0.01 * rng.normal(size=60_000).cumsum())
    h = run(analytic("rolling_hurst"), {"close": close})["hurst"][999::500]
    assert h.mean() == pytest.approx(0.5, abs=0.03)
    assert h.std() == pytest.approx(0.04, abs=0.012)


def test_the_spectrum_of_fractional_noise_is_that_of_its_autocovariance() -> None:
    w = np.array([0.3, 1.0, 2.5])
    for h in (0.3, 0.5, 0.8):
        k = np.arange(1, 400_000)
        cov = 0.5 * ((k + 1.0) ** (2 * h) - 2.0 * k ** (2 * h) + (k - 1.0) ** (2 * h))
        fade = np.cos(0.5 * np.pi * k / k.size) ** 2
        wanted = np.array([1.0 + 2.0 * np.sum(fade * cov * np.cos(f * k)) for f in w])
        got = hurst_whittle.noise_spectrum(w, h)
        assert got / got[0] == pytest.approx(wanted / wanted[0], rel=1e-4)


def test_dfa_of_white_noise_has_the_known_spread_and_keeps_its_level() -> None:
    rng = np.random.default_rng(0)
    scales = dfa.even_scales(1_000, 1, 10, 20)
    h = [dfa.exponent(rng.normal(size=1_000), scales, 1) for _ in range(200)]
    assert np.mean(h) == pytest.approx(0.5, abs=0.02)
    assert np.std(h) == pytest.approx(0.045, abs=0.012)
    p = [dfa.fit(rng.standard_t(3, 500), samples=39, seed=k).p_value for k in range(60)]
    assert np.mean(np.array(p) < 0.1) < 0.25


def test_tossed_signs_keep_the_level_where_shuffling_loses_it() -> None:
    rng = np.random.default_rng(0)
    shuffle, toss = [], []
    for k in range(60):
        path = np.convolve(rng.normal(size=1_199), np.ones(200) / 14.0, "valid")
        x = np.exp(path) * rng.normal(size=path.size)  # no memory, but clusters of volatility
        shuffle.append(dfa.fit(x, samples=39, seed=k).p_value < 0.1)
        toss.append(dfa.fit(x, samples=39, seed=k, toss=1).p_value < 0.1)
    assert np.mean(toss) < 0.2 < np.mean(shuffle)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_detrending_equals_a_fit_of_polynomials(order: int) -> None:
    x = np.random.default_rng(order).standard_t(3, 500)
    scales, got = np.array([16.0, 50.0, 90.0]), np.empty(3)
    dfa.fluctuations(x, scales, order, True, got)
    y = np.cumsum(x - x.mean())
    for s, f in zip(scales.astype(int), got, strict=True):
        rest = []
        count = y.size // s
        for part in (y[: count * s], y[y.size - count * s :]):
            for window in part.reshape(count, s):
                t = np.arange(s)
                rest.append(window - np.polyval(np.polyfit(t, window, order), t))
        assert f == pytest.approx(np.sqrt(np.mean(np.square(rest))), rel=1e-8)


def test_the_raw_range_is_biased_and_the_bias_is_taken_away() -> None:
    rng = np.random.default_rng(1)
    found = [hurst_rs.fit(rng.normal(size=2_000)) for _ in range(60)]
    assert np.mean([f.raw for f in found]) > 0.53
    assert np.mean([f.h for f in found]) == pytest.approx(0.5, abs=0.02)
    assert np.mean([f.long_memory for f in found]) < 0.15
    p = [f.lo_p for f in found]
    assert 0.3 < np.mean(p) < 0.7


def test_the_expected_range_and_the_law_of_lo_are_the_published_ones() -> None:
    rng = np.random.default_rng(2)
    for size in (10, 40):
        made = hurst_rs.mean_ranges(rng.normal(size=40_000 * size), np.array([size]))[0]
        assert hurst_rs.expected_range(size) == pytest.approx(made, rel=0.01)
    assert hurst_rs.range_p_value(0.809) == pytest.approx(0.05, abs=1e-3)
    assert hurst_rs.range_p_value(1.862) == pytest.approx(0.05, abs=1e-3)


def test_variance_ratios_equal_those_of_arch() -> None:
    unitroot = pytest.importorskip("arch.unitroot")
    rng = np.random.default_rng(1)
    p = np.exp(np.cumsum(rng.standard_t(4, 1_500) * (0.01 + 0.01 * (np.arange(1_500) > 700))))
    got = variance_ratio.fit(p)
    for i, q in enumerate(got.horizons):
        robust = unitroot.VarianceRatio(np.log(p), q)
        plain = unitroot.VarianceRatio(np.log(p), q, robust=False)
        assert got.ratios[i] == pytest.approx(robust.vr, rel=1e-10)
        assert got.robust_z[i] == pytest.approx(robust.stat, rel=1e-8)
        assert got.z[i] == pytest.approx(plain.stat, rel=1e-8)
        assert got.p_values[i] == pytest.approx(robust.pvalue, rel=1e-8)


def test_the_joint_test_has_its_published_critical_value_and_its_level() -> None:
    assert variance_ratio.joint_p_value(2.491, 4) == pytest.approx(0.05, abs=2e-4)
    rng = np.random.default_rng(3)
    p = [variance_ratio.fit(np.exp(0.01 * np.cumsum(rng.standard_t(5, 800)))) for _ in range(150)]
    assert np.mean([f.joint_p < 0.05 for f in p]) < 0.1
    r = rng.normal(size=2_000)
    trend = variance_ratio.fit(np.exp(0.01 * np.cumsum(r + 0.3 * np.roll(r, 1))))
    assert trend.joint_p < 1e-6
    assert min(trend.ratios) > 1.1


def test_permutation_entropy_of_the_published_example() -> None:
    x = np.array([4.0, 7, 9, 10, 6, 11, 3])
    for order, bits in ((2, 0.9183), (3, 1.5219)):
        runs = x.size - order + 1
        got = run(analytic("permutation_entropy"), {"value": x}, {"order": order, "window": runs})
        assert got["entropy"][-1] * math.log2(math.factorial(order)) == pytest.approx(
            bits, abs=1e-4
        )


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 3))
def test_permutation_entropy_and_complexity_are_those_of_the_definition(
    seed: int, order: int, delay: int
) -> None:
    window = 40
    x = np.random.default_rng(seed).integers(0, 6, 90).astype(float)  # with many ties
    got = run(
        analytic("permutation_entropy"), {"value": x},
        {"order": order, "delay": delay, "window": window},
    )  # fmt: skip
    runs = [x[i : i + order * delay : delay] for i in range(x.size - (order - 1) * delay)]
    runs = runs[-window:]
    patterns = [tuple(np.argsort(r, kind="stable")) for r in runs]
    p = np.array([patterns.count(k) for k in itertools.permutations(range(order))]) / window

    def h(q: np.ndarray) -> float:
        q = q[q > 0]
        return float(-(q * np.log(q)).sum())

    n = p.size
    even, sure = np.full(n, 1 / n), np.eye(n)[0]
    top = h(0.5 * (sure + even)) - 0.5 * h(even)
    divergence = h(0.5 * (p + even)) - 0.5 * h(p) - 0.5 * h(even)
    assert got["entropy"][-1] == pytest.approx(h(p) / math.log(n), abs=1e-12)
    assert got["complexity"][-1] == pytest.approx(divergence / top * h(p) / math.log(n), abs=1e-12)
    assert got["ties"][-1] == np.mean([np.unique(r).size < order for r in runs])


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(20, 120), st.integers(1, 4))
def test_sample_entropy_counts_the_pairs_of_the_definition(seed: int, n: int, m: int) -> None:
    x = np.random.default_rng(seed).integers(0, 12, n).astype(float)
    if x.std() == 0:
        return
    r = 0.2 * x.std()
    pairs = list(itertools.combinations(range(n - m), 2))
    shorter = sum(np.abs(x[i : i + m] - x[j : j + m]).max() <= r for i, j in pairs)
    longer = sum(np.abs(x[i : i + m + 1] - x[j : j + m + 1]).max() <= r for i, j in pairs)
    value, a, b = sample_entropy.entropy_of(x, m, r)
    assert (a, b) == (longer, shorter)
    assert np.isnan(value) if longer == 0 else value == pytest.approx(-math.log(longer / shorter))


def test_lempel_and_ziv_count_the_phrases_of_their_paper() -> None:
    # 0001101001000101 falls into 0, 001, 10, 100, 1000, 101
    assert complexity.phrases(np.array([int(c) for c in "0001101001000101"])) == 6
    assert complexity.phrases(np.zeros(50, dtype=np.int64)) == 2
    assert complexity.phrases(np.array([0, 1] * 30)) == 3


def test_noise_is_complex_a_sine_is_not_and_a_line_has_dimension_one() -> None:
    rng = np.random.default_rng(0)
    noise, sine = complexity.fit(rng.normal(size=2_000)), complexity.fit(np.sin(np.arange(2_000)))
    assert noise.lempel_ziv > 0.95
    assert abs(noise.lempel_ziv_z) < 4
    assert sine.lempel_ziv_z < -20
    assert sine.spectral_entropy < 0.4 < 0.9 < noise.spectral_entropy
    assert complexity.higuchi_dimension(np.arange(500.0), 10) == pytest.approx(1.0)
    assert noise.higuchi == pytest.approx(2.0, abs=0.03)
    waves = run(analytic("hjorth"), {"value": np.sin(0.05 * np.arange(2_000))}, {"window": 1_500})
    assert waves["complexity"][-1] == pytest.approx(1.0, abs=0.01)


@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_no_measure_hangs_on_unit_or_origin(seed: int, unit: float, origin: float) -> None:
    x = np.random.default_rng(seed).normal(size=150)
    y = unit * x + origin
    assert dfa.fit(y, samples=0).h == pytest.approx(dfa.fit(x, samples=0).h, rel=1e-6)
    assert hurst_rs.fit(y).raw == pytest.approx(hurst_rs.fit(x).raw, rel=1e-6)
    assert hurst_whittle.fit(y).h == pytest.approx(hurst_whittle.fit(x).h, abs=1e-4)
    assert complexity.higuchi_dimension(y, 8) == pytest.approx(
        complexity.higuchi_dimension(x, 8), rel=1e-6
    )


def test_the_efficiency_index_is_near_its_floor_for_a_random_walk_and_above_for_a_trend() -> None:
    rng = np.random.default_rng(4)
    r = rng.normal(size=3_000)
    walk = efficiency_index.fit(np.exp(0.01 * np.cumsum(r)))
    assert walk.p_value > 0.02
    assert walk.dimension == pytest.approx(1.5, abs=0.06)
    trend = efficiency_index.fit(np.exp(0.01 * np.cumsum(r + 0.5 * np.roll(r, 1))))
    assert trend.adjusted > 2 * trend.floor
    assert trend.p_value < 0.02
    heavy = efficiency_index.fit(np.exp(0.01 * np.cumsum(rng.standard_t(2.5, 3_000))))
    assert heavy.null_dimension < 1.45  # efficient, and yet not 1.5
    assert heavy.p_value > 0.02


def test_the_floor_of_the_efficiency_index_holds_with_tails_and_clusters_of_volatility() -> None:
    rng = np.random.default_rng(6)
    p = []
    for k in range(40):
        volatility = np.exp(np.convolve(rng.normal(size=1_100), np.ones(100) / 10.0, "valid"))
        r = 0.01 * volatility[:1_000] * rng.standard_t(4, 1_000)
        p.append(efficiency_index.fit(np.exp(np.cumsum(r)), samples=39, seed=k).p_value)
    assert 0.35 < np.mean(p) < 0.65
    assert np.mean(np.array(p) < 0.1) < 0.25


def test_surrogates_keep_what_they_promise() -> None:
    rng = np.random.default_rng(5)
    x = np.convolve(rng.normal(size=1_001), [1.0, 0.8], "valid")
    y = phase_randomised(x, rng)
    assert np.allclose(np.abs(np.fft.rfft(x - x.mean())), np.abs(np.fft.rfft(y - y.mean())))
    assert y.mean() == pytest.approx(x.mean())
    assert not np.allclose(x, y)


FITS = (dfa.fit, hurst_rs.fit, hurst_whittle.fit, sample_entropy.fit, complexity.fit,
        variance_ratio.fit, efficiency_index.fit)  # fmt: skip


@pytest.mark.parametrize("fit", FITS)
def test_bad_series_are_refused_and_holes_are_left_out(fit: Callable[..., Any]) -> None:
    for bad in ([], [1.0], [np.nan] * 500, np.ones(500)):
        with pytest.raises(ResearchError):
            fit(bad)
    x = np.exp(0.01 * np.random.default_rng(0).normal(size=400).cumsum())
    x[[5, 60]] = np.nan, np.inf
    assert fit(x).n >= 394


def test_bitcoin_returns_have_little_memory_and_their_sizes_much(
    recorded: Callable[[str], Any],
) -> None:
    close = recorded(BTC)["close"].to_numpy()
    r = log_returns(close)[-20_000:]
    plain, sizes = dfa.fit(r, samples=40), dfa.fit(np.abs(r), samples=40)
    assert abs(plain.h - 0.5) < 0.06
    assert sizes.h > 0.75
    assert sizes.p_value < 0.05
    assert hurst_rs.fit(np.abs(r), lags=10).long_memory
    assert variance_ratio.fit(close).ratios[0] < 1.0
