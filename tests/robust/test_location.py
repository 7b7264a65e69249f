# SPDX-License-Identifier: MIT
"""Means that withstand bad rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from seawall.robust.catoni import CatoniMean, catoni_alpha, catoni_bound, catoni_mean
from seawall.robust.errors import EstimationError
from seawall.robust.location import (
    MedianOfMeans,
    blocks_for,
    geometric_median,
    huber_mean,
    median_of_means,
    trimmed_mean,
    winsorized_mean,
)

SAMPLE = np.array([-1.2, -0.5, -0.3, 0.0, 0.1, 0.2, 0.4, 0.9, 1.1, 50.0])


def test_catoni_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.catoni"):
        x = case.inputs["x"]
        alpha = catoni_alpha(x.size, case.inputs["variance"], case.inputs["delta"])
        got = {"alpha": alpha}
        for influence in ("wide", "narrow"):
            got[influence] = catoni_mean(x, alpha=alpha, influence=influence).mean
        oracle.check(case, got)


def test_catoni_agrees_with_numbers_worked_out_beforehand():
    assert catoni_mean(SAMPLE, alpha=1.0, influence="wide").mean == pytest.approx(
        0.9854010083, abs=1e-9
    )
    assert catoni_mean(SAMPLE, alpha=1.0).mean == pytest.approx(0.2187336087, abs=1e-9)
    alpha = catoni_alpha(10, 1.0, 0.05)
    assert alpha == pytest.approx(0.4900714034896, rel=1e-12)
    assert catoni_bound(10, 1.0, 0.05) == pytest.approx(1.22256971, abs=1e-8)


def test_wide_influence_follows_one_far_point_and_narrow_does_not():
    alpha = catoni_alpha(10, 1.0, 0.05)
    for far, wide in ((1e3, 3.2031509), (1e6, 9.7850554), (1e9, 23.6161203)):
        moved = np.append(SAMPLE[:-1], far)
        assert catoni_mean(moved, alpha=alpha, influence="wide").mean == pytest.approx(
            wide, abs=1e-6
        )
        assert catoni_mean(moved, alpha=alpha).mean == pytest.approx(0.25584312, abs=1e-8)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=40),
    st.floats(0.01, 10.0),
    st.sampled_from(["narrow", "wide"]),
)
def test_catoni_solves_its_equation(values, alpha, influence):
    x = np.array(values)

    def psi(u: np.ndarray) -> np.ndarray:
        a = np.abs(u)
        narrow = np.where(a < 1, -np.log1p(np.minimum(a, 1) ** 2 / 2 - np.minimum(a, 1)), np.log(2))
        return np.sign(u) * (narrow if influence == "narrow" else np.log1p(a + a * a / 2))

    got = catoni_mean(x, alpha=alpha, influence=influence)
    if np.ptp(x) == 0.0:
        assert got.mean == x[0]
    elif not got.flat and influence == "wide":
        root = brentq(lambda t: psi(alpha * (x - t)).sum(), x.min(), x.max(), xtol=1e-13)
        assert got.mean == pytest.approx(root, abs=1e-8 * (1 + np.abs(x).max()))
    else:
        gap = 1e-7 * (1.0 + np.abs(x).max())
        assert psi(alpha * (x - got.mean - gap)).sum() <= 1e-9
        assert psi(alpha * (x - got.mean + gap)).sum() >= -1e-9


def test_catoni_between_two_clusters_gives_the_middle_and_says_so():
    got = catoni_mean([0.0, 0.0, 10.0, 10.0], alpha=1.0)
    assert got.flat
    assert got.mean == pytest.approx(5.0)


def test_catoni_of_a_stale_price_is_the_median():
    got = catoni_mean([1.0] * 8 + [7.0, 9.0])
    assert (got.mean, got.alpha) == (1.0, 0.0)


def test_weights_of_catoni_count_like_repeated_rows():
    x = np.array([0.1, 0.4, -0.3, 2.5])
    w = np.array([1, 3, 2, 1])
    weighted = catoni_mean(x, weight=w, alpha=0.7)
    repeated = catoni_mean(np.repeat(x, w), alpha=0.7)
    assert weighted.mean == pytest.approx(repeated.mean, abs=1e-12)
    assert weighted.n_effective == pytest.approx(49 / 15)


def test_too_few_rows_void_the_guarantee_loudly():
    with pytest.raises(EstimationError, match="too few"):
        catoni_alpha(9, 1.0, 0.01)
    with pytest.raises(EstimationError, match="weights"):
        catoni_mean([1.0, 2.0], weight=[0.0, 0.0])


def test_median_of_means_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.median_of_means"):
        oracle.check(case, {"mom": median_of_means(case.inputs["x"], case.inputs["K"])[0]})
    assert median_of_means(np.arange(1.0, 21.0), 5)[0] == 10.5


def test_geometric_median_of_means_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.geometric_median_of_means"):
        fitted = MedianOfMeans(blocks=case.inputs["K"], geometric=True, seed=None)
        oracle.check(case, {"location": fitted.fit(case.inputs["X"]).location_})


def test_geometric_median_may_lie_on_a_point():
    points = [[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    np.testing.assert_allclose(geometric_median(points), [0.0, 0.0], atol=1e-12)
    # Fermat's triangle with an angle above 120 degrees: the obtuse corner itself.
    np.testing.assert_allclose(geometric_median([[0, 0], [5, 0.5], [-5, 0.5]]), 0.0, atol=1e-9)


def test_trimmed_and_winsorised_means_agree_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.trimmed_winsorized"):
        x, p = case.inputs["x"], case.inputs["prop"]
        got = {"trimmed": trimmed_mean(x, p)[0], "winsorized": winsorized_mean(x, p)[0]}
        oracle.check(case, got)


def test_huber_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.scale"):
        oracle.check(case, {"huber_m": huber_mean(case.inputs["x"])[0]})


def test_blocks_outnumber_twice_the_bad_rows():
    assert blocks_for(1000, 0.1) == 251
    assert blocks_for(1000, 0.0) == 11
    assert blocks_for(20, 0.0) == 20
    for n, share in ((500, 0.05), (1000, 0.1), (10_000, 0.13)):
        assert blocks_for(n, share) > 2 * share * n


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_ten_blocks_break_where_the_chosen_number_holds(share):
    rng = np.random.default_rng(3)
    x = rng.normal(size=1000)
    x[rng.permutation(1000)[: int(share * 1000)]] = 1e6
    assert abs(MedianOfMeans(contamination=share).fit(x).location_[0]) < 0.5
    assert abs(CatoniMean().fit(x).location_[0]) < 0.5
    if share == 0.1:
        assert median_of_means(x, 10)[0] > 1e4
