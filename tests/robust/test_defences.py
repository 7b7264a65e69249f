# SPDX-License-Identifier: MIT
"""Clipping, filtering and the weighted stream against rows chosen to do harm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seawall.robust import (
    EstimationError,
    EwRobust,
    InfluenceClipper,
    SpectralFilter,
    clip_consistency,
    clip_influence,
    clip_radius,
    spectral_filter,
)


@pytest.mark.parametrize(
    ("d", "radius"), [(1, 3.0), (2, 3.439), (5, 4.267), (10, 5.187), (20, 6.487)]
)
def test_the_radius_grows_with_the_dimension(d, radius):
    assert clip_radius(d) == pytest.approx(radius, abs=6e-4)


def test_what_clipping_leaves_of_the_variance_agrees_with_worked_numbers():
    expected = {1: 0.95554, 2: 0.97500, 5: 0.98787, 10: 0.99273, 20: 0.99550}
    for d, share in expected.items():
        assert clip_consistency(d, clip_radius(d, 0.975)) == pytest.approx(share, abs=5e-6)
    assert clip_consistency(20, 3.0) == pytest.approx(0.449, abs=5e-4)


def test_clipped_rows_lie_on_the_radius_and_others_stay():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 4))
    X[:5] *= 100.0
    got = clip_influence(X, np.zeros(4), np.eye(4))
    assert got.clipped[:5].all()
    np.testing.assert_array_equal(got.rows[~got.clipped], X[~got.clipped])
    np.testing.assert_allclose(
        np.linalg.norm(got.rows[got.clipped], axis=1), clip_radius(4), rtol=1e-12
    )


def test_the_clipper_is_unbiased_on_clean_rows_and_steady_on_bad_ones():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20_000, 3))
    clean = InfluenceClipper(quantile=0.9).fit(X)
    np.testing.assert_allclose(clean.covariance_, np.eye(3), atol=0.06)
    X[:2000] = 1e6
    bad = InfluenceClipper(quantile=0.9).fit(X)
    assert np.abs(bad.location_).max() < 0.3
    assert bad.clipped_[:2000].all()
    assert np.abs(bad.transform(X[:1])).max() < 10.0


def test_a_singular_reference_is_refused():
    with pytest.raises(EstimationError, match="singular"):
        clip_influence(np.ones((3, 2)), [0.0, 0.0], [[1.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize("d", [10, 50])
def test_filtering_beats_the_mean_and_the_median_of_columns(d):
    errors = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(5000, d))
        X[:500] = 4.0 / np.sqrt(d) + 0.1 * rng.normal(size=(500, d))
        found = spectral_filter(X, 0.1).location
        errors.append([np.linalg.norm(v) for v in (found, X.mean(axis=0), np.median(X, axis=0))])
    filtered, naive, median = np.mean(errors, axis=0)
    assert filtered < 0.5 * naive
    assert filtered < median


def test_a_batch_beyond_the_budget_is_refused_whole():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 5))
    X[:400] += 8.0
    with pytest.raises(EstimationError, match="20%"):
        spectral_filter(X, 0.1)


def test_the_filter_finds_its_own_scale():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(2000, 8)) * np.geomspace(1e-4, 10.0, 8)
    X[:100] += 6.0 * np.geomspace(1e-4, 10.0, 8)
    fit = SpectralFilter(0.05).fit(X)
    assert (np.abs(fit.location_) < 0.12 * np.geomspace(1e-4, 10.0, 8)).all()
    assert fit.weight_[:100].sum() < 1e-3


def test_without_clipping_the_stream_is_plain_exponential_smoothing():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 2))
    fit = EwRobust(halflife=30, quantile=1 - 1e-15, warmup=50).fit(X)
    start = EwRobust(halflife=30, quantile=1 - 1e-15, warmup=50).fit(X[:50])
    mean, cov = start.location_.copy(), start.covariance_.copy()
    gain = 1.0 - 0.5 ** (1.0 / 30)
    for x in X[50:]:
        away = x - mean
        cov = (1 - gain) * (cov + gain * np.outer(away, away))
        mean = mean + gain * away
    assert fit.clipped_ == 0
    np.testing.assert_allclose(fit.location_, mean, rtol=1e-12)
    np.testing.assert_allclose(fit.covariance_, cov, rtol=1e-12)


def test_a_stream_under_attack_stays_within_the_radius_of_its_start():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(1500, 4))
    X[500:] = 1e9
    fit = EwRobust(halflife=50, warmup=500).fit(X)
    start = EwRobust(halflife=50, warmup=500).fit(X[:500])
    assert start.mahalanobis(fit.location_[None])[0] <= clip_radius(4) ** 2 * (1 + 1e-9)
    assert fit.clipped_ == 1000


def test_a_running_reference_follows_a_change_of_regime():
    rng = np.random.default_rng(7)
    X = rng.normal(size=(3000, 2))
    X[600:] *= 4.0
    running = EwRobust(halflife=150, warmup=300, reference="running").fit(X)
    frozen = EwRobust(halflife=150, warmup=300).fit(X)
    wanted = 16.0
    assert np.diagonal(running.covariance_).mean() == pytest.approx(wanted, rel=0.4)
    assert np.diagonal(frozen.covariance_).max() < 0.7 * wanted


def test_a_stream_says_how_much_of_its_warm_up_is_there():
    fit = EwRobust(warmup=20)
    for _ in range(3):
        fit.update([0.1, 0.2])
    with pytest.raises(EstimationError, match="3 rows of a warm-up of 20"):
        _ = fit.location_
    with pytest.raises(EstimationError, match="too few"):
        EwRobust().fit(np.zeros((3, 2)))


def test_the_consistency_formula_agrees_with_integration():
    d, radius = 3, 2.2
    squares = stats.chi2(d).rvs(400_000, random_state=1)
    assert clip_consistency(d, radius) == pytest.approx(
        np.minimum(squares, radius**2).mean() / d, abs=3e-3
    )
