# SPDX-License-Identifier: MIT
"""Concentration against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.admission import concentration


def test_equal_sources_are_as_many_as_there_are() -> None:
    c = concentration([10] * 8, [0.5] * 8)
    assert c.hhi == pytest.approx(1 / 8)
    assert c.effective == pytest.approx(8)
    assert c.entropy == pytest.approx(math.log(8))
    assert (c.unique, c.known, c.faults) == (8, 8, ())


def test_five_equal_sources_have_an_index_of_exactly_a_fifth() -> None:
    assert concentration([7] * 5, [1.0] * 5).hhi == pytest.approx(0.2, rel=1e-15)


def test_the_quota_and_trust_bound_a_loud_source() -> None:
    c = concentration([10**6, 200, 200, 200], [0.25, 1, 1, 1], quota=200)
    assert c.largest == pytest.approx(1 / 3.25)
    assert c.faults == ()


def test_one_source_none_and_nothing_trusted_are_told() -> None:
    assert "all samples come from one source" in concentration([5, 0, 0], [1, 1, 1]).faults
    assert concentration([0, 0], [1, 1]).faults == ("no source has admitted samples",)
    assert math.isnan(concentration([], []).hhi)


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0.25, 1.0)), min_size=1, max_size=30))
def test_bounds_hold(pairs: list[tuple[int, float]]) -> None:
    counts, trust = np.array(pairs).T
    c = concentration(counts, trust)
    if c.unique:
        assert 1 / c.unique - 1e-12 <= c.hhi <= 1 + 1e-12
        assert c.effective <= math.exp(c.entropy) + 1e-9 <= c.unique + 1e-6
        assert c.largest**2 <= c.hhi + 1e-12
