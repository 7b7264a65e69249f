# SPDX-License-Identifier: MIT
"""One check: every distance against independent numbers, and closed when it fails."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seawall.robust import drift
from seawall.robust.gate import (
    ORIGINAL,
    Gate,
    GateError,
    Level,
    Limits,
    breaches,
    clopper_pearson,
    compare,
    named_profile,
    poisson_interval,
    reference_of,
    regime_references,
    rows_for_claim,
    toxicity_weight,
    with_anchor_claim,
)
from seawall.robust.gate.reference import Reference


def with_law(reference: Reference, location, covariance) -> Reference:
    """The same reference with another Gaussian, for checks against known numbers."""
    covariance = np.asarray(covariance, dtype=float)
    return replace(
        reference,
        location=np.asarray(location, dtype=float),
        covariance=covariance,
        factor=np.linalg.cholesky(covariance),
    )


@pytest.fixture(scope="module")
def plane() -> Reference:
    return reference_of(np.random.default_rng(1).normal(size=(500, 2)), ("x", "y"))


def test_divergences_are_the_published_ones(plane):
    known = with_law(plane, [0.0, 0.3], [[1.5, 0.2], [0.2, 1.0]])
    got = compare(np.array([0.1, -0.2]), np.array([[1.0, 0.5], [0.5, 2.0]]), known)
    assert got.kl == pytest.approx(0.349478817043, abs=1e-11)
    assert got.kl_reverse == pytest.approx(0.267732533245, abs=1e-11)


def test_distances_agree_with_the_reference_numbers(oracle):
    for case in oracle.cases("regime", function="drift.gaussian_distances"):
        i = case.inputs
        d = i["m0"].size
        rows = np.random.default_rng(0).normal(size=(40 * d, d))
        known = with_law(reference_of(rows, tuple("abcdefghij"[:d])), i["m1"], i["S1"])
        got = compare(i["m0"], i["S0"], known)
        oracle.check(case, {"kl_0_1_nats": got.kl, "mahalanobis_under_S1": got.mahalanobis})


@given(st.integers(0, 5_000), st.integers(1, 8))
def test_the_kernel_agrees_with_the_plain_form_and_counts_anchors_exactly(seed, d):
    rng = np.random.default_rng(seed)
    golden = rng.standard_t(4, (60 + 10 * d, d))
    reference = reference_of(golden, tuple(f"f{k}" for k in range(d)))
    square = rng.normal(size=(d, d + 2))
    location = rng.normal(size=d) * rng.choice([0.05, 1.0, 5.0])
    covariance = np.eye(d) + 0.3 * square @ square.T
    tau = float(rng.uniform(0.3, 5.0))
    got = compare(location, covariance, reference, tau)
    plain = drift(location, covariance, reference.location, reference.covariance)
    assert got.mahalanobis == pytest.approx(plain.mahalanobis, rel=1e-8)
    assert got.spectrum_min == pytest.approx(plain.spectrum[0], rel=1e-7)
    assert got.spectrum_max == pytest.approx(plain.spectrum[-1], rel=1e-7)
    assert got.kl == pytest.approx(plain.kl, rel=1e-6, abs=1e-9)
    assert got.kl_reverse == pytest.approx(plain.kl_reverse, rel=1e-6, abs=1e-9)
    away = golden - location
    far = np.sqrt(np.einsum("ij,ij->i", away @ np.linalg.inv(covariance), away))
    assert got.anchor_share == (far > tau).mean()
    law = stats.multivariate_normal(location, covariance)
    own = stats.multivariate_normal(reference.location, reference.covariance)
    loss = own.logpdf(golden).mean() - law.logpdf(golden).mean()
    assert got.golden_loss == pytest.approx(loss, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    "covariance",
    [
        [[1.0, 1.0], [1.0, 1.0]],
        [[1.0, 0.0], [0.0, -1.0]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[math.nan, 0.0], [0.0, 1.0]],
        [[math.inf, 0.0], [0.0, 1.0]],
    ],
)
def test_a_model_without_a_cholesky_factor_is_acted_on(plane, covariance):
    got = compare(np.zeros(2), np.array(covariance), plane)
    assert not got.possible
    assert breaches(got, Limits()) == ("singular",)
    verdict = Gate(plane, ORIGINAL).judge(np.zeros(2), np.array(covariance))
    assert verdict.level is Level.ACT


def test_a_location_that_is_no_number_is_acted_on(plane):
    verdict = Gate(plane, ORIGINAL).judge(np.array([math.nan, 0.0]), np.eye(2))
    assert verdict.level is Level.ACT


def test_other_features_are_refused(plane):
    with pytest.raises(GateError, match="features"):
        Gate(plane, ORIGINAL).judge(np.zeros(3), np.eye(3))


def test_limits_name_what_is_beyond_them(plane):
    known = with_law(plane, [0.0, 0.0], np.eye(2))
    got = compare(np.array([0.6, 0.0]), np.diag([0.5, 2.0]), known)
    assert breaches(got, ORIGINAL.act) == ("mahalanobis", "spectrum_min", "spectrum_max", "kl")
    assert breaches(got, Limits()) == ()


def test_the_original_triple_is_not_consistent_with_itself(plane):
    known = with_law(plane, [0.0, 0.0], np.eye(2))
    shifted = compare(np.array([0.4472135955, 0.0]), np.eye(2), known)
    assert shifted.kl == pytest.approx(0.1, rel=1e-9)
    assert shifted.mahalanobis < ORIGINAL.act.mahalanobis
    stretched = compare(np.zeros(2), np.diag([1.15, 1.0]), known)
    assert stretched.kl == pytest.approx(0.005119, abs=1e-6)


def test_several_regimes_are_judged_by_the_nearest_or_by_all(stage):
    references = regime_references(stage.golden)
    narrow = replace(stage.profile, act=Limits(kl=1e-4), warn=Limits())
    wide = replace(stage.profile, act=Limits(), warn=Limits())
    model = (references[0].location, references[0].covariance)
    profiles = [wide, narrow, narrow, narrow]
    assert Gate(references, profiles).judge(*model).level is Level.FINE
    strict = Gate(references, profiles, combine="strictest").judge(*model)
    assert strict.level is Level.ACT
    assert strict.check.regime != "calm"
    with pytest.raises(GateError, match="profiles"):
        Gate(references, profiles[:2])
    with pytest.raises(GateError, match="combine"):
        Gate(references, profiles, combine="any")


def test_an_unknown_profile_is_refused():
    assert named_profile("original") is ORIGINAL
    for name, word in (("loose", "no profile"), ("calibrated", "no calibrated")):
        with pytest.raises(GateError, match=word):
            named_profile(name)


def test_an_absolute_anomaly_rate_is_only_held_to_by_enough_golden_rows(plane):
    with pytest.raises(GateError, match="29956 rows"):
        with_anchor_claim(ORIGINAL, plane.lengths.size, distance=4.0)
    claim = with_anchor_claim(ORIGINAL, 500, 0.01, distance=3.0)
    model = (plane.location, 0.2 * plane.covariance)
    assert "anchor_share" in Gate(plane, claim).judge(*model).beyond
    assert "anchor_share" not in Gate(plane, ORIGINAL).judge(*model).beyond


def test_claims_need_their_golden_rows():
    assert rows_for_claim(1e-4) == 29_956
    assert clopper_pearson(0, 29_956)[0] == 0.0
    for k, n in ((0, 10), (3, 40), (40, 40)):
        exact = stats.binomtest(k, n).proportion_ci(method="exact")
        assert clopper_pearson(k, n) == pytest.approx((exact.low, exact.high), abs=1e-11)
    low, high = poisson_interval(4, 2.0)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 8) / 4.0)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 10) / 4.0)
    assert poisson_interval(0, 1.0)[0] == 0.0


@given(st.floats(-1, 2) | st.just(math.nan), st.floats(0.01, 1.0))
def test_toxic_rows_are_weighed_down_but_never_left_out(vpin, floor):
    weight = toxicity_weight(vpin, floor)
    assert floor - 1e-12 <= weight <= 1.0
    assert toxicity_weight(np.array([vpin]), floor)[0] == pytest.approx(weight, rel=1e-12)


def test_weights_fall_in_a_line_and_the_unknown_is_not_trusted():
    assert toxicity_weight(0.4, 0.2) == 1.0
    assert toxicity_weight(0.6, 0.2) == pytest.approx(0.6)
    assert toxicity_weight(0.8, 0.2) == pytest.approx(0.2)
    assert toxicity_weight(math.nan, 0.3) == 0.3
    with pytest.raises(GateError, match="floor"):
        toxicity_weight(0.5, 0.0)
