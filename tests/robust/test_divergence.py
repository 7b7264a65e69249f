# SPDX-License-Identifier: MIT
"""Distances of two fitted models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.robust import EstimationError, drift


def test_both_divergences_agree_with_exact_fractions():
    got = drift([0.1, -0.2], [[1.0, 0.5], [0.5, 2.0]], [0.0, 0.3], [[1.5, 0.2], [0.2, 1.0]])
    assert got.kl == pytest.approx(0.34947881704309613, rel=1e-13)
    assert got.kl_reverse == pytest.approx(0.26773253325044594, rel=1e-13)


def test_equal_covariances_leave_the_distance_of_the_means():
    got = drift([0.4472135955, 0.0], np.eye(2), [0.0, 0.0], np.eye(2))
    assert got.mahalanobis == pytest.approx(0.4472135955)
    assert got.kl == pytest.approx(0.1)
    assert drift([0.0], [[4.0]], [0.0], [[1.0]]).kl == pytest.approx(0.807, abs=5e-4)
    assert drift([0.0], [[0.25]], [0.0], [[1.0]]).kl == pytest.approx(0.318, abs=5e-4)


def test_a_rotation_that_keeps_all_eigenvalues_is_seen():
    turned = drift([0, 0], np.diag([4.0, 1.0]), [0, 0], np.diag([1.0, 4.0]))
    np.testing.assert_allclose(turned.spectrum, [0.25, 4.0])


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_divergence_agrees_with_traces_and_determinants(seed, d):
    rng = np.random.default_rng(seed)
    a, r = (rng.normal(size=(d, d + 3)) for _ in range(2))
    A, R, m, k = a @ a.T, r @ r.T, rng.normal(size=d), rng.normal(size=d)
    away = m - k
    kl = 0.5 * (
        np.trace(np.linalg.solve(R, A))
        + away @ np.linalg.solve(R, away)
        - d
        - np.linalg.slogdet(A)[1]
        + np.linalg.slogdet(R)[1]
    )
    got = drift(m, A, k, R)
    assert got.kl == pytest.approx(kl, rel=1e-6, abs=1e-8)
    assert got.kl_reverse == pytest.approx(drift(k, R, m, A).kl, rel=1e-6, abs=1e-8)
    assert got.kl >= -1e-12


@pytest.mark.parametrize(
    ("covariance", "word"),
    [
        ([[1.0, 1.0], [1.0, 1.0]], "singular"),
        ([[1.0, 0.0], [0.0, -1.0]], "singular"),
        ([[np.nan, 0.0], [0.0, 1.0]], "missing"),
        (np.eye(3), "columns"),
    ],
)
def test_a_comparison_that_cannot_be_made_fails(covariance, word):
    with pytest.raises(EstimationError, match=word):
        drift([0.0, 0.0], covariance, [0.0, 0.0], np.eye(2))
