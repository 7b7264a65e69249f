# SPDX-License-Identifier: MIT
"""Early warnings: rolling and over a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, skew

from seawall.analytics.econophysics import early_warning_trends as trends
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.errors import ResearchError


def slowing(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return prices whose memory grows from 0 to nearly 1."""
    x = np.zeros(n)
    for k in range(1, n):
        x[k] = 0.97 * (k / n) ** 2 * x[k - 1] + rng.normal()
    return np.exp(0.01 * x)


def test_rolling_moments_and_trends_are_those_of_numpy_and_scipy() -> None:
    close = np.exp(0.01 * np.random.default_rng(0).normal(size=150).cumsum())
    w, k, span = 30, 25, 40.0
    got = run(analytic("early_warning"), {"close": close}, {"window": w, "trend": k, "span": span})
    mean, x = np.log(close[0]), []
    for i, level in enumerate(np.log(close)):
        mean += max(2 / (span + 1), 1 / (i + 1)) * (level - mean)
        x.append(level - mean)
    windows = np.lib.stride_tricks.sliding_window_view(np.array(x), w)
    d = windows - windows.mean(axis=1, keepdims=True)
    assert np.allclose(got["variance"][w - 1 :], (d**2).mean(axis=1))
    assert np.allclose(got["ar1"][w - 1 :], (d[:, 1:] * d[:, :-1]).sum(1) / (d**2).sum(1))
    assert np.allclose(got["skew"][w - 1 :], skew(windows, axis=1))
    for name in ("variance", "ar1", "skew"):
        at = w - 1 + k - 1
        for i in (at, at + 7, 149):
            wanted = kendalltau(np.arange(k), got[name][i - k + 1 : i + 1]).statistic
            assert got[f"tau_{name}"][i] == pytest.approx(wanted, abs=1e-12)
        assert np.isnan(got[f"tau_{name}"][:at]).all()


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=60))
def test_tau_counts_pairs_also_with_ties(values: list[int]) -> None:
    x = np.array(values, float)
    i, j = np.triu_indices(x.size, 1)
    assert trends.inversions(x) == pytest.approx(np.mean(np.sign(x[j] - x[i])))


def test_indicators_of_windows_are_those_of_numpy() -> None:
    x = np.random.default_rng(1).standard_t(5, 80)
    got = trends.indicators(x[None, :], 30)
    windows = np.lib.stride_tricks.sliding_window_view(x, 30)
    d = windows - windows.mean(axis=1, keepdims=True)
    assert np.allclose(got[0][0], (d**2).mean(axis=1))
    assert np.allclose(got[1][0], (d[:, 1:] * d[:, :-1]).sum(1) / (d**2).sum(1))
    assert np.allclose(got[2][0], np.abs(skew(windows, axis=1)))


def test_a_system_that_slows_down_is_found_and_a_steady_one_is_not() -> None:
    rng = np.random.default_rng(2)
    found = [trends.fit(slowing(600, rng), samples=60, seed=k) for k in range(6)]
    assert np.median([f.p_ar1 for f in found]) < 0.1
    assert np.median([f.tau_ar1 for f in found]) > 0.5
    steady = [trends.fit(np.exp(0.01 * rng.normal(size=300).cumsum()), samples=39, seed=k)
              for k in range(40)]  # fmt: skip
    for p in ([f.p_variance for f in steady], [f.p_ar1 for f in steady]):
        assert 0.3 < np.mean(p) < 0.7
        assert np.mean(np.array(p) < 0.1) < 0.25


def test_bad_samples_are_refused() -> None:
    for bad in ([], [1.0] * 30, np.ones(200), -np.ones(200), [np.nan] * 200):
        with pytest.raises(ResearchError):
            trends.fit(bad)


def test_a_price_that_stands_still_has_no_memory_and_no_trend() -> None:
    got = run(analytic("early_warning"), {"close": np.full(80, 7.0)}, {"window": 20, "trend": 20})
    assert (got["variance"][19:] == 0.0).all()
    assert np.isnan(got["ar1"]).all()
    assert np.isnan(got["tau_variance"]).all()


def test_before_the_fall_of_luna(recorded: Callable[[str], Any]) -> None:
    bars = recorded("ohlcv/binance_spot_usdt_1h_2021-04_2023-06.parquet")
    luna = bars.filter(pl.col("ticker") == "LUNAUSDT").sort("date")
    before = luna.filter(
        pl.col("date").is_between(pl.lit("2022-03-01").str.to_datetime(time_zone="UTC"),
                                  pl.lit("2022-05-07").str.to_datetime(time_zone="UTC"))
    )  # fmt: skip
    got = trends.fit(before["close"].to_numpy(), samples=100)
    assert got.n > 1_500
    for p in (got.p_variance, got.p_ar1, got.p_skew):
        assert 0.0 < p <= 1.0
    # No warning: neither variance nor memory rose by more than chance gives.
    assert got.p_variance > 0.05
    assert got.p_ar1 > 0.05
