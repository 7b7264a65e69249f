# SPDX-License-Identifier: MIT
"""All cuts of a history: what was chosen on some of it, judged on the rest."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seawall.model.errors import ResearchError
from seawall.research.statistics import overfit_probability
from seawall.research.sweep import Sweep, parse_space, share_arrays, sharpe_per_period
from seawall.research.validation import (
    CombinatorialPurged,
    combinatorial_fit,
    combinatorial_matrix,
    combinatorial_sweep,
)


def noise(periods: int, configurations: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (periods, configurations))


def test_paths_are_the_choices_made_by_hand():
    m = noise(120, 5)
    found = combinatorial_matrix(m, CombinatorialPurged(4, 2))
    groups = [np.arange(30 * g, 30 * (g + 1)) for g in range(4)]
    used = dict.fromkeys(range(4), 0)
    by_hand = np.full((3, 120), np.nan)
    for number, (a, b) in enumerate(combinations(range(4), 2)):
        train = np.concatenate([groups[g] for g in range(4) if g not in (a, b)])
        best = max(range(5), key=lambda c: sharpe_per_period(m[train, c]))
        assert found.choices[number] == str(best)
        assert found.inside[number] == pytest.approx(sharpe_per_period(m[train, best]))
        for g in (a, b):
            by_hand[used[g], groups[g]] = m[groups[g], best]
            used[g] += 1
    assert np.array_equal(found.paths, by_hand)
    assert found.path_sharpes == pytest.approx([sharpe_per_period(p) for p in by_hand])
    assert found.n_trials == 5


@pytest.mark.parametrize(("groups", "seed"), [(4, 1), (6, 2), (8, 3), (10, 4)])
def test_with_half_of_the_groups_tested_it_is_the_symmetric_overfitting_test(groups, seed):
    m = noise(240, 12, seed)
    found = combinatorial_matrix(m, CombinatorialPurged(groups, groups // 2))
    known = overfit_probability(m, blocks=groups)
    assert found.pbo == known.pbo
    logits = np.log(found.ranks / (1 - found.ranks))
    assert np.sort(logits) == pytest.approx(np.sort(known.logits), abs=1e-12)


def test_luck_does_not_outlast_the_cut_and_skill_does():
    pbo, middle = [], []
    for seed in range(12):
        luck = combinatorial_matrix(noise(600, 40, seed), CombinatorialPurged(6, 2))
        pbo.append(luck.pbo)
        middle.append(luck.quantiles()[1])
        assert luck.degradation > 0.5
    assert 0.3 < np.mean(pbo) < 0.7
    assert abs(np.mean(middle)) < 0.03
    skilled = noise(600, 40)
    skilled[:, 7] += 0.005
    kept = combinatorial_matrix(skilled, CombinatorialPurged(6, 2))
    assert kept.choices == ("7",) * 15
    assert kept.distinct_choices == 1
    assert (kept.pbo, kept.share_negative) == (0.0, 0.0)
    assert np.array_equal(kept.paths, np.tile(skilled[:, 7], (5, 1)))


def test_what_is_purged_cannot_sway_the_choice():
    m = np.tile([[0.0105, 0.0095], [-0.0095, -0.0105]], (30, 1))
    # Configuration 1 shines only beside the test groups, where a label would reach.
    m[18:20, 1] = m[40:43, 1] = 0.03
    leaking = combinatorial_matrix(m, CombinatorialPurged(3, 1))
    purged = combinatorial_matrix(m, CombinatorialPurged(3, 1, purge=2, embargo=1))
    assert leaking.choices[1] == "1"
    assert purged.choices[1] == "0"


@given(
    groups=st.integers(2, 7), share=st.floats(0.01, 0.99), periods=st.integers(20, 90),
    purge=st.integers(0, 2),
)  # fmt: skip
def test_every_path_covers_every_period_once_and_no_training_touches_its_test(
    groups, share, periods, purge
):
    tested = max(1, min(groups - 1, int(groups * share)))
    splitter = CombinatorialPurged(groups, tested, purge=purge)
    trained = []

    def model(train, test):
        gaps = np.abs(train[:, None] - test[None, :])
        trained.append(gaps.min())
        return test / 1_000.0

    # Each tested group takes at most so many periods from the training beside it.
    assume((groups - tested) * (periods // groups) > 2 * purge * tested)
    found = combinatorial_fit(model, periods, splitter, show=False)
    assert min(trained) > purge
    assert len(trained) == splitter.count(periods)
    assert found.paths.shape == (splitter.paths, periods)
    assert np.array_equal(found.paths, np.tile(np.arange(periods) / 1_000.0, (splitter.paths, 1)))
    assert np.isnan(found.pbo)


def test_a_sweep_is_run_once_and_its_trials_are_counted(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    from validation_objectives import Pick

    m = noise(180, 6)
    arrays = share_arrays(tmp_path / "data", {"returns": m})
    sweep = Sweep(Pick(arrays), parse_space(["asset=0:5"]), tmp_path / "study", engine="serial")
    found = combinatorial_sweep(sweep, CombinatorialPurged(6, 2))
    assert np.array_equal(found.paths, combinatorial_matrix(m, CombinatorialPurged(6, 2)).paths)
    assert found.choices[0].startswith("asset=")
    assert found.n_trials == 6
    again = combinatorial_sweep(sweep, CombinatorialPurged(6, 3))
    assert again.n_trials == 6
    assert again.paths.shape == (10, 180)


@pytest.mark.parametrize(
    ("m", "said"),
    [
        (np.zeros((50, 1)), "nothing is chosen"),
        (np.zeros(50), "nothing is chosen"),
        (np.full((50, 3), np.nan), "not a number"),
        (np.zeros((3, 3)), "too few"),
    ],
)
def test_returns_that_cannot_be_judged_are_refused(m, said):
    with pytest.raises(ResearchError, match=said):
        combinatorial_matrix(m, CombinatorialPurged(4, 2))


def test_flat_returns_have_a_ratio_of_zero():
    found = combinatorial_matrix(np.full((40, 3), 0.001), CombinatorialPurged(4, 2))
    assert np.array_equal(found.path_sharpes, np.zeros(3))
    assert np.isnan(found.degradation)


def test_a_model_must_give_one_return_per_test_period():
    with pytest.raises(ResearchError, match="one per test period"):
        combinatorial_fit(lambda a, b: [0.0], 40, CombinatorialPurged(4, 2), show=False)
