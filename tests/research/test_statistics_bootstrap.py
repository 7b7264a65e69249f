# SPDX-License-Identifier: MIT
"""The stationary block bootstrap against arch and against its own definition."""

from __future__ import annotations

import numpy as np
import pytest

from seawall.model.errors import ResearchError
from seawall.research.metrics import series_figures
from seawall.research.statistics import block_length, bootstrap_paths, stationary_indices


def autoregression(n, rho, seed):
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=n)
    x = np.zeros(n)
    for i in range(1, n):
        x[i] = rho * x[i - 1] + noise[i]
    return x


@pytest.mark.parametrize("rho", [0.3, 0.5, 0.8, -0.5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_block_length_is_that_of_arch(rho, seed):
    from arch.bootstrap import optimal_block_length

    for x in (autoregression(1_000, rho, seed), np.abs(autoregression(500, rho, seed))):
        expected = float(optimal_block_length(x)["stationary"].iloc[0])
        assert block_length(x) == pytest.approx(max(expected, 1.0), rel=1e-9)


def test_the_mean_block_length_of_an_autoregression_is_near_its_theory():
    # G / g = 2 rho / (1 - rho^2), so (4/3)^(2/3) * 1000^(1/3) = 12.11 for rho = 0.5.
    lengths = [block_length(autoregression(1_000, 0.5, s)) for s in range(60)]
    assert np.mean(lengths) == pytest.approx(11.4, abs=1.0)


def test_edge_series_have_a_block_length():
    assert block_length(np.ones(50)) == 1.0
    with pytest.raises(ResearchError):
        block_length([1.0, 2.0])
    assert block_length(np.arange(30.0)) >= 1.0


@pytest.mark.parametrize("block", [1.0, 3.0, 20.0, 300.0])
def test_rows_follow_each_other_as_often_as_the_block_says(block):
    n = 500
    rows = stationary_indices(n, 2_000, block=block, seed=7)
    assert rows.min() == 0
    assert rows.max() == n - 1
    stay = ((rows[:, 1:] - rows[:, :-1]) % n == 1).mean()
    assert stay == pytest.approx((1 - 1 / block) + 1 / block / n, abs=0.002)
    # Every row is drawn equally often.
    counts = np.bincount(rows.ravel(), minlength=n)
    assert counts.std() / counts.mean() < 0.2


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    a = stationary_indices(100, 5, block=5.0, seed=1)
    assert np.array_equal(a, stationary_indices(100, 5, block=5.0, seed=1))
    assert not np.array_equal(a, stationary_indices(100, 5, block=5.0, seed=2))


@pytest.mark.parametrize("block", [2.5, 12.0])
def test_the_spread_of_the_mean_is_that_of_arch(block):
    from arch.bootstrap import StationaryBootstrap

    x = autoregression(400, 0.4, 3)
    theirs = StationaryBootstrap(block, x, seed=np.random.default_rng(0)).apply(np.mean, 3_000)
    rows = stationary_indices(400, 3_000, block=block, seed=11)
    ours = x[rows].mean(axis=1)
    assert ours.mean() == pytest.approx(float(theirs.mean()), abs=0.015)
    assert ours.std() == pytest.approx(float(theirs.std()), rel=0.06)


@pytest.mark.parametrize("block", [1.0, 6.0, 40.0])
def test_figures_on_the_way_are_those_of_the_resampled_series(block):
    r = np.random.default_rng(1).standard_t(4, 300) * 0.02
    rows = stationary_indices(300, 60, block=block, seed=5)
    paths = bootstrap_paths(r, draws=60, seed=5, block=block)
    for d in range(60):
        s = series_figures(r[rows[d]], periods_per_year=1)
        assert paths.total_return[d] == pytest.approx(s.total_return, rel=1e-9)
        assert paths.max_drawdown[d] == pytest.approx(s.max_drawdown, rel=1e-9)
        assert paths.deviation[d] == pytest.approx(s.volatility, rel=1e-9)
        assert paths.downside[d] == pytest.approx(s.downside_deviation, rel=1e-9)
        assert paths.es_95[d] == pytest.approx(s.es_95, rel=1e-9)
        assert paths.mean[d] / paths.deviation[d] == pytest.approx(s.sharpe, rel=1e-6, abs=1e-9)
        growth = np.concatenate([[1.0], np.cumprod(1 + r[rows[d]])])
        assert paths.fan[d] == pytest.approx(growth[paths.fan_at], rel=1e-9)


def test_a_ruinous_return_ends_a_path_at_minus_one():
    r = np.full(50, 0.01)
    r[10] = -1.0
    paths = bootstrap_paths(r, draws=200, seed=1, block=5.0)
    ruined = paths.total_return == -1.0
    assert 0 < ruined.sum() < 200
    assert np.isfinite(paths.max_drawdown).all()
    assert (paths.max_drawdown[ruined] == -1.0).all()


def test_the_fan_starts_at_one_and_ends_at_the_terminal_growth():
    paths = bootstrap_paths(np.random.default_rng(2).normal(0, 0.01, 1_000), draws=50)
    assert (paths.fan[:, 0] == 1.0).all()
    assert paths.fan[:, -1] == pytest.approx(1 + paths.total_return)
    q = paths.fan_quantiles()
    assert (np.diff(q, axis=0) >= 0).all()


def test_ill_posed_bootstraps_are_refused():
    with pytest.raises(ResearchError):
        bootstrap_paths([0.1, 0.2])
    with pytest.raises(ResearchError):
        stationary_indices(10, 0, block=2.0)
    with pytest.raises(ResearchError):
        stationary_indices(10, 3, block=0.5)


def test_the_interval_of_a_mean_covers_as_often_as_it_says():
    # 90 % intervals of the mean of an autoregression; block methods cover a little less.
    hits = 0
    for seed in range(120):
        x = autoregression(400, 0.4, seed + 500) * 0.01
        paths = bootstrap_paths(x, draws=200, seed=seed, block=block_length(x))
        low, high = np.quantile(paths.mean, [0.05, 0.95])
        hits += low <= 0.0 <= high
    assert 0.78 <= hits / 120 <= 0.97
