# SPDX-License-Identifier: MIT
"""Walking forward chooses with the past and is judged by what followed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seawall.research.sweep import Sweep, parse_space, share_arrays, sharpe_per_period
from seawall.research.trials import TrialLog
from seawall.research.validation import WalkForward, walk_forward


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    from validation_objectives import Pick

    def make(returns):
        arrays = share_arrays(tmp_path / "data", {"returns": returns})
        space = parse_space([f"asset=0:{returns.shape[1] - 1}"])
        return Sweep(Pick(arrays), space, tmp_path / "study", engine="serial")

    return make


def test_the_record_is_that_of_the_choices_made_by_hand(study):
    returns = np.random.default_rng(2).normal(0.0, 0.01, (300, 6))
    sweep = study(returns)
    found = walk_forward(sweep, WalkForward(100, 50, purge=3, embargo=2), 300)
    by_hand, choices = [], []
    for start in (0, 50, 100):
        inside = returns[start : start + 100]
        best = max(range(6), key=lambda a: sharpe_per_period(inside[:, a]))
        choices.append(best)
        by_hand.append(returns[start + 105 : start + 155, best])
    assert [fold.params["asset"] for fold in found.folds] == choices
    assert np.array_equal(found.returns, np.concatenate(by_hand))
    assert found.equity[-1] == pytest.approx(np.prod(1 + np.concatenate(by_hand)))
    assert found.n_trials == 6
    assert found.distinct_choices == len(set(choices))


def test_noise_loses_its_in_sample_ratio_and_skill_keeps_it(study):
    rng = np.random.default_rng(7)
    noise = rng.normal(0.0, 0.01, (1_200, 30))
    lost = walk_forward(study(noise), WalkForward(200, 100), 1_200)
    skill = noise.copy()
    skill[:, 11] += 0.005
    kept = walk_forward(study(skill), WalkForward(200, 100), 1_200)
    assert np.mean([fold.inside_sharpe for fold in lost.folds]) > 0.1
    assert lost.degradation > 0.7
    assert kept.degradation < 0.3
    assert kept.probability > 0.99 > 0.95 > lost.probability
    assert kept.share_positive == 1.0


def test_a_walk_that_was_done_is_not_done_again(study):
    returns = np.random.default_rng(1).normal(0.0, 0.01, (120, 3))
    sweep = study(returns)
    one = walk_forward(sweep, WalkForward(40, 20), 120)
    lines = len(list(TrialLog(sweep.out_dir)))
    two = walk_forward(sweep, WalkForward(40, 20), 120)
    assert len(list(TrialLog(sweep.out_dir))) == lines == 4 * (3 + 1)
    assert np.array_equal(one.returns, two.returns)
