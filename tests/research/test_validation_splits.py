# SPDX-License-Identifier: MIT
"""No period that could leak is trained on, and everything that should be tested is."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seawall.model.errors import ResearchError
from seawall.research.validation import CombinatorialPurged, PurgedKFold, WalkForward

small = st.integers(0, 6)


def leaks(train, test, purge, embargo):
    """Pairs (i, j) of training and test period between which something passes; by definition.

    The label of period i is made of i .. i + purge; a feature after the purge remembers
    ``embargo`` periods.
    """
    found = []
    for i in train:
        for j in test:
            labels_meet = i <= j + purge and j <= i + purge
            remembers = j < i <= j + purge + embargo
            if labels_meet or remembers:
                found.append((i, j))
    return found


@given(n=st.integers(10, 80), folds=st.integers(2, 6), purge=small, embargo=small)
def test_purged_folds_do_not_leak_and_test_each_period_once(n, folds, purge, embargo):
    assume(2 * purge + embargo < n // folds)
    cuts = list(PurgedKFold(folds, purge, embargo).split(n))
    tested = np.concatenate([cut.test for cut in cuts])
    assert sorted(tested.tolist()) == list(range(n))
    for cut in cuts:
        assert not leaks(cut.train, cut.test, purge, embargo)
        assert max(len(c.test) for c in cuts) - min(len(c.test) for c in cuts) <= 1


@given(n=st.integers(20, 60), folds=st.integers(2, 5), purge=small, embargo=small)
def test_purged_folds_drop_nothing_that_could_not_leak(n, folds, purge, embargo):
    assume(2 * purge + embargo < n // folds)
    for cut in PurgedKFold(folds, purge, embargo).split(n):
        dropped = set(range(n)) - set(cut.train.tolist()) - set(cut.test.tolist())
        for i in dropped:
            assert leaks([i], cut.test, purge, embargo)


@given(
    n=st.integers(24, 60), groups=st.integers(3, 6), k=st.integers(1, 3), purge=st.integers(0, 2),
    embargo=st.integers(0, 2),
)  # fmt: skip
def test_combinatorial_folds_do_not_leak_and_test_each_period_equally_often(
    n, groups, k, purge, embargo
):
    assume(k < groups)
    splitter = CombinatorialPurged(groups, k, purge, embargo)
    # The emptiest fold leaves one stretch of training between two groups of the test.
    assume((groups - k) * (n // groups) > k * (2 * purge + embargo))
    count = np.zeros(n, dtype=int)
    cuts = list(splitter.split(n))
    assert len(cuts) == splitter.count(n) == comb(groups, k)
    for cut in cuts:
        count[cut.test] += 1
        assert not leaks(cut.train, cut.test, purge, embargo)
    assert set(count.tolist()) == {comb(groups - 1, k - 1)}


@given(groups=st.integers(2, 8), k=st.integers(1, 7))
def test_combinatorial_paths_use_every_tested_group_once(groups, k):
    assume(k < groups)
    splitter = CombinatorialPurged(groups, k)
    paths = splitter.path_members()
    assert len(paths) == splitter.paths
    used = [pair for path in paths for pair in path]
    assert len(used) == len(set(used)) == k * comb(groups, k)
    for path in paths:
        assert [group for _, group in path] == list(range(groups))


@given(
    n=st.integers(1, 200), train=st.integers(1, 40), test=st.integers(1, 20),
    step=st.integers(0, 25), anchored=st.booleans(), purge=small, embargo=small,
)  # fmt: skip
def test_walking_forward_trains_on_the_past_only_and_leaves_no_room_for_another_fold(
    n, train, test, step, anchored, purge, embargo
):
    splitter = WalkForward(train, test, step, anchored, purge, embargo)
    if splitter.count(n) == 0:
        assert n < train + purge + embargo + test
        with pytest.raises(ResearchError, match="too few"):
            list(splitter.split(n))
        return
    cuts = list(splitter.split(n))
    assert len(cuts) == splitter.count(n)
    move = step or test
    for cut in cuts:
        assert cut.train[-1] + purge + embargo + 1 == cut.test[0]
        assert not leaks(cut.train, cut.test, purge, 0)
        assert len(cut.test) == test
        assert cut.test[-1] < n
        assert len(cut.train) == train + (move * cut.number if anchored else 0)
        assert (cut.train_window.start == 0) if anchored else True
    assert cuts[-1].test[-1] + move >= n
    if step in (0, test):
        joined = np.concatenate([cut.test for cut in cuts])
        assert np.array_equal(joined, np.arange(joined[0], joined[-1] + 1))


def test_timestamps_are_accepted_when_they_ascend():
    stamps = np.arange(20) * 1_000
    by_time = [cut.test.tolist() for cut in PurgedKFold(4).split(stamps)]
    assert by_time == [cut.test.tolist() for cut in PurgedKFold(4).split(20)]
    with pytest.raises(ResearchError, match="ascending"):
        list(PurgedKFold(4).split(stamps[::-1]))


def test_a_fold_with_a_hole_is_no_window_of_a_backtest():
    middle = list(PurgedKFold(3).split(9))[1]
    assert middle.test_window == slice(3, 6)
    with pytest.raises(ResearchError, match="one piece"):
        _ = middle.train_window


@pytest.mark.parametrize(
    "make",
    [
        lambda: WalkForward(0, 5),
        lambda: WalkForward(5, 5, purge=-1),
        lambda: PurgedKFold(1),
        lambda: PurgedKFold(3, embargo=-2),
        lambda: CombinatorialPurged(4, 4),
        lambda: list(PurgedKFold(5).split(3)),
        lambda: list(PurgedKFold(2, purge=9).split(10)),
    ],
)
def test_a_split_that_cannot_be_made_is_refused_with_a_way_out(make):
    with pytest.raises(ResearchError) as caught:
        make()
    assert caught.value.mend
