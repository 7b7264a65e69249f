# SPDX-License-Identifier: MIT
"""What every estimator promises, checked for each one that there is."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

from seawall.model.errors import SeawallError
from seawall.robust import MRCD, EstimationError, InfluenceClipper, estimators

WINDOWED = [kind for kind in estimators() if "window" in kind().get_params()]


@pytest.fixture
def rows():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(260, 3)) @ np.array([[1.0, 0.4, 0.0], [0.0, 1.0, 0.2], [0.0, 0.0, 2.0]])
    X[::25] += 30.0
    return X


def results(estimator):
    return {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and isinstance(value, float | int | np.ndarray)
    }


def same(left, right):
    assert left.keys() == right.keys()
    for name, value in left.items():
        np.testing.assert_array_equal(value, right[name], err_msg=name)


def test_there_are_estimators_to_check():
    assert len(estimators()) >= 10
    assert MRCD in estimators()


@pytest.mark.parametrize("kind", estimators())
class TestEveryEstimator:
    def test_keeps_its_arguments_and_makes_equal_copies(self, kind, rows):
        one = kind()
        assert one.get_params() == kind().get_params()
        for name, value in one.get_params(deep=False).items():
            assert getattr(one, name) is value
        one.fit(rows)
        fresh = one.clone()
        assert fresh.get_params() == one.get_params()
        assert not results(fresh)
        same(results(fresh.fit(rows)), results(one))
        assert repr(one).startswith(kind.__name__)

    def test_refuses_unknown_parameters_and_forgets_on_known_ones(self, kind, rows):
        one = kind().fit(rows)
        with pytest.raises(EstimationError, match="no parameter"):
            one.set_params(nonsense=1)
        one.set_params(**one.get_params(deep=False))
        assert not results(one)

    def test_survives_pickle_and_deepcopy(self, kind, rows):
        one = kind().fit(rows)
        same(results(pickle.loads(pickle.dumps(one))), results(one))
        same(results(copy.deepcopy(one)), results(one))

    def test_leaves_its_input_alone_and_repeats_itself(self, kind, rows):
        before = rows.copy()
        first = results(kind().fit(rows))
        np.testing.assert_array_equal(rows, before)
        same(results(kind().fit(np.asfortranarray(rows))), first)

    def test_streams_to_the_same_result_as_the_batch(self, kind, rows):
        streamed, continued = kind(), kind().fit(rows[:230])
        for row in rows:
            streamed.update(row)
        for row in rows[230:]:
            continued.update(row)
        batch = kind().fit(rows)
        for name, value in results(batch).items():
            np.testing.assert_array_equal(getattr(streamed, name), value, err_msg=name)
            np.testing.assert_array_equal(getattr(continued, name), value, err_msg=name)

    def test_refuses_bad_input_with_the_place(self, kind, rows):
        spoiled = rows.copy()
        spoiled[7, 1] = np.nan
        with pytest.raises(EstimationError) as caught:
            kind().fit(spoiled)
        assert "row 7, column 1" in str(caught.value)
        assert isinstance(caught.value, SeawallError)
        for empty in (np.empty((0, 3)), np.empty((5, 0)), np.zeros((2, 2, 2)), [["a"]]):
            with pytest.raises(EstimationError):
                kind().fit(empty)
        with pytest.raises(EstimationError):
            kind().fit(rows).update(rows[0, :2])
        with pytest.raises(EstimationError):
            kind().fit(rows).update([np.inf, 0.0, 0.0])

    def test_has_no_results_before_it_is_fitted(self, kind, rows):
        assert not hasattr(kind(), "location_")
        assert not hasattr(kind().fit(rows), "nothing_")

    def test_says_what_it_rests_on(self, kind, rows):
        text = kind.__doc__ or ""
        for word in ("Formula:", "Assumption:", "Breakdown:", "Cost:", "Source:"):
            assert re.search(word, text), word


@pytest.mark.parametrize("kind", WINDOWED)
def test_the_window_forgets_what_lies_behind_it(kind, rows):
    streamed = kind(window=100)
    for row in rows:
        streamed.update(row)
    last = kind(window=100).fit(rows[-100:])
    for name, value in results(last).items():
        np.testing.assert_array_equal(getattr(streamed, name), value, err_msg=name)


def test_parameters_of_a_nested_estimator_are_reached_by_name(rows):
    outer = InfluenceClipper(MRCD(h_frac=0.6))
    assert outer.get_params()["reference__h_frac"] == 0.6
    outer.set_params(reference__h_frac=0.9)
    assert outer.reference.h_frac == 0.9
    assert outer.clone().reference is not outer.reference
