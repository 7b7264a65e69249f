# SPDX-License-Identifier: MIT
"""Covariances that withstand bad rows, against independent packages and known truth."""

from __future__ import annotations

import re

import numpy as np
import pytest

from seawall.robust._target import ranks
from seawall.robust.errors import EstimationError
from seawall.robust.mrcd import MRCD, consistency, from_subset, standardise
from seawall.robust.ogk import OGK
from seawall.robust.shrinkage import LedoitWolf


def _cov_as_kept(case, covariance):
    if covariance.shape == np.shape(case.outputs["cov"]):
        return covariance
    step = int(re.search(r"step (\d+)", case.notes)[1])
    return covariance[np.triu_indices(covariance.shape[0])][::step]


def test_mrcd_of_a_given_subset_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.mrcd.from_subset"):
        X = np.ascontiguousarray(case.inputs["X"], dtype=np.float64)
        H = np.asarray(case.inputs["subset"], dtype=np.int64)
        scaled = standardise(X, case.inputs["target"])
        c = consistency(H.size, *X.shape)
        location, covariance, log_det = from_subset(scaled, H, case.inputs["rho"], c)
        got = {"center": location, "cov": _cov_as_kept(case, covariance), "logdet": log_det}
        oracle.check(case, got)


def test_mrcd_finds_a_subset_as_good_as_the_reference(oracle):
    for case in oracle.cases("robust", "robust.mrcd.fit"):
        X = np.ascontiguousarray(case.inputs["X"], dtype=np.float64)
        fit = MRCD(case.inputs["alpha"], target=case.inputs["target"]).fit(X)
        scaled = standardise(X, case.inputs["target"])
        reference_rho = float(case.outputs["rho"])
        at = from_subset(scaled, fit.support_, reference_rho, fit.consistency_)[2]
        got = {"rho": fit.rho_, "h": fit.support_.size, "cnp2": fit.consistency_}
        oracle.check(case, got | {"logdet_at_ref_rho": at})


def _shape_kl(cov, truth):
    best = np.inf
    for c in np.geomspace(0.2, 5, 400):
        ratio = np.linalg.solve(truth, c * cov)
        best = min(best, 0.5 * (np.trace(ratio) - len(cov) - np.linalg.slogdet(ratio)[1]))
    return best


def test_a_compact_cluster_that_fools_fast_mcd_does_not_enter_mrcd(oracle):
    for case in oracle.cases("robust", "robust.mrcd.resistance"):
        fit = MRCD(case.inputs["alpha"]).fit(case.inputs["X"])
        caught = np.intersect1d(fit.support_, np.asarray(case.inputs["outliers"], dtype=int)).size
        kl = _shape_kl(fit.covariance_, case.inputs["true_cov"])
        oracle.check(case, {"outliers_in_subset": caught, "kl_shape": kl})


def test_a_fifth_of_the_rows_in_a_compact_cluster_moves_mrcd_little():
    rng = np.random.default_rng(11)
    X = rng.normal(size=(400, 20))
    X[:80] = 5.0 + 0.1 * rng.normal(size=(80, 20))
    fit = MRCD().fit(X)
    assert fit.support_.min() >= 80
    assert np.abs(fit.location_).max() < 0.4
    assert np.linalg.eigvalsh(fit.covariance_)[-1] < 3.0
    assert (fit.mahalanobis(X[:80]) > fit.mahalanobis(X[80:]).max()).all()


def test_more_columns_than_rows_gives_a_well_conditioned_answer():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(40, 90)) * np.geomspace(1e-3, 1e3, 90)
    X[:8] += 50.0 * np.geomspace(1e-3, 1e3, 90)
    fit = MRCD().fit(X)
    assert fit.support_.min() >= 8
    correlation = fit.covariance_ / np.outer(*[np.sqrt(np.diagonal(fit.covariance_))] * 2)
    assert np.linalg.cond(correlation) < 100.0


def test_mrcd_follows_shift_and_scale_of_its_columns():
    rng = np.random.default_rng(8)
    X = rng.standard_t(3, size=(150, 6))
    scale, shift = np.array([1e-4, 1, 3, 0.5, 1e3, 7]), np.arange(6.0)
    plain, moved = MRCD().fit(X), MRCD().fit(X * scale + shift)
    np.testing.assert_array_equal(plain.support_, moved.support_)
    np.testing.assert_allclose(moved.location_, plain.location_ * scale + shift, rtol=1e-9)
    expected = plain.covariance_ * np.outer(scale, scale)
    np.testing.assert_allclose(moved.covariance_, expected, rtol=1e-8, atol=1e-12)


def test_ogk_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.ogk"):
        fit = OGK(case.inputs["n_iter"], case.inputs["beta"]).fit(case.inputs["X"])
        raw = {"center": fit.raw_location_, "cov": fit.raw_covariance_}
        oracle.check(case, raw | {"wcenter": fit.location_, "wcov": fit.covariance_})


def test_ledoit_wolf_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.ledoit_wolf"):
        fit = LedoitWolf().fit(case.inputs["X"])
        oas = LedoitWolf("oas").fit(case.inputs["X"])
        got = {"shrinkage": fit.shrinkage_, "diag": np.diagonal(fit.covariance_)}
        oracle.check(case, got | {"oas_shrinkage": oas.shrinkage_})


def test_ranks_agree_with_scipy():
    from scipy.stats import rankdata

    U = np.random.default_rng(2).integers(0, 5, size=(30, 3)).astype(float)
    np.testing.assert_array_equal(ranks(U), rankdata(U, axis=0))


def test_a_pegged_feature_is_named():
    X = np.random.default_rng(0).normal(size=(50, 3))
    X[:, 1] = 1.0
    for estimator in (MRCD(), OGK()):
        with pytest.raises(EstimationError, match="1"):
            estimator.fit(X)


def test_a_repeated_feature_is_regularised_by_mrcd_and_refused_by_plain_distances():
    x = np.random.default_rng(0).normal(size=(80, 2))
    X = np.column_stack((x, x[:, 0]))
    fit = MRCD().fit(X)
    assert np.linalg.cond(fit.covariance_) < 60.0
    plain = LedoitWolf().fit(X)
    plain.covariance_ = np.cov(X.T)
    with pytest.raises(EstimationError, match="singular"):
        plain.mahalanobis(X)
