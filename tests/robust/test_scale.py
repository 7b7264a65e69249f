# SPDX-License-Identifier: MIT
"""Spread that withstands bad rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.robust.errors import EstimationError
from seawall.robust.scale import QN_CONSTANT, RobustScale, mad, qn, qn_factor, sn, tau


def test_scales_agree_with_the_reference_numbers(oracle):
    for case in oracle.cases("robust", "robust.scale"):
        x = case.inputs["x"]
        got = {"qn": qn(x)[0], "sn": sn(x)[0], "mad": mad(x)[0], "tau2": tau(x)[1][0]}
        oracle.check(case, got)


@given(st.lists(st.integers(-6, 6) | st.floats(-1e12, 1e12), min_size=2, max_size=60))
def test_qn_is_the_order_statistic_that_brute_force_finds(values):
    x = np.array(values, dtype=np.float64)
    n = x.size
    i, j = np.triu_indices(n, 1)
    ordered = np.sort(x)
    h = n // 2 + 1
    exact = np.sort(ordered[j] - ordered[i])[h * (h - 1) // 2 - 1]
    assert qn(x)[0] == pytest.approx(exact * QN_CONSTANT * qn_factor(n), rel=1e-15)


def test_half_of_the_rows_cannot_blow_up_a_scale():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(201, 1))
    x[:100] = 1e15
    for method in ("qn", "mad", "sn", "tau"):
        assert RobustScale(method).fit(x).scale_[0] < 50.0


def test_a_column_stuck_at_one_value_has_no_spread_and_tau_says_so():
    x = np.array([1.0] * 7 + [2.0, 3.0])
    assert qn(x)[0] == mad(x)[0] == 0.0
    with pytest.raises(EstimationError, match="column 0"):
        tau(x)
