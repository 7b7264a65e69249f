# SPDX-License-Identifier: MIT
"""The judgement of a best result is that of its parts worked out apart."""

from __future__ import annotations

import importlib.util
import math
from statistics import NormalDist

import numpy as np
import pytest

from seawall.model.errors import ResearchError
from seawall.research.sweep import effective_trials, judge, parse_space
from seawall.research.sweep.heatmap import heatmap, metric_grid, write_heatmap
from seawall.research.sweep.result import SweepResult
from seawall.research.trials import Trial, TrialLog


def study(tmp_path, returns) -> tuple[TrialLog, list[Trial]]:
    log = TrialLog(tmp_path)
    trials = []
    for k in range(returns.shape[1]):
        spread = returns[:, k].std(ddof=1)
        sharpe = returns[:, k].mean() / spread if spread > 0 else 0.0
        one = Trial("code", "data", {"x": k}, metrics={"sharpe": sharpe})
        trials.append(log.append(one, returns[:, k]))
    return log, trials


def test_the_deflated_ratio_follows_the_published_formula(tmp_path):
    rng = np.random.default_rng(5)
    returns = rng.normal(0.0005, 0.01, (400, 12))
    log, trials = study(tmp_path, returns)
    log.append(Trial("code", "data", {"x": 99}, error="ValueError: no"))
    sharpes = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    best = int(np.argmax(sharpes))
    found = judge(log, trials[best], trials)

    n, count, s = 400, 13, sharpes[best]
    z = (returns[:, best] - returns[:, best].mean()) / returns[:, best].std()
    skew, kurtosis = (z**3).mean(), (z**4).mean()
    g, normal = 0.5772156649015329, NormalDist()
    luck = math.sqrt(np.var(sharpes, ddof=1)) * (
        (1 - g) * normal.inv_cdf(1 - 1 / count) + g * normal.inv_cdf(1 - 1 / (count * math.e))
    )
    error = math.sqrt((1 - skew * s + (kurtosis - 1) / 4 * s * s) / (n - 1))
    assert found.n_trials == count
    assert found.expected_best == pytest.approx(luck, rel=1e-12)
    assert found.deflated == pytest.approx(normal.cdf((s - luck) / error), rel=1e-9)
    assert found.probabilistic == pytest.approx(normal.cdf(s / error), rel=1e-9)
    assert found.pbo_blocks == 16


def test_skill_and_noise_are_told_apart(tmp_path):
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.01, (640, 40))
    skill = noise.copy()
    skill[:, 7] += 0.003
    log, trials = study(tmp_path / "noise", noise)
    lucky = max(trials, key=lambda t: t.metrics["sharpe"])
    assert judge(log, lucky, trials).deflated < 0.9
    log, trials = study(tmp_path / "skill", skill)
    able = judge(log, trials[7], trials)
    assert able.deflated > 0.99
    assert able.pbo < 0.05


def test_without_returns_nothing_is_claimed(tmp_path):
    log = TrialLog(tmp_path)
    one = log.append(Trial("c", "d", {"x": 1}, metrics={"sharpe": 9.0}))
    found = judge(log, one, [one])
    assert math.isnan(found.deflated)
    assert math.isnan(found.pbo)
    assert "n/a" in found.sentence()


def test_a_ruined_or_flat_series_does_not_break_the_judgement(tmp_path):
    returns = np.zeros((100, 3))
    log, trials = study(tmp_path, returns + 0.0)
    found = judge(log, trials[0], trials)
    assert found.sharpe == 0.0
    assert found.n_trials == 3


def test_effective_trials_count_copies_once_and_strangers_all():
    rng = np.random.default_rng(2)
    one = rng.normal(size=5_000)
    same = np.column_stack([one] * 8)
    apart = rng.normal(size=(5_000, 8))
    assert effective_trials(same) == pytest.approx(1.0)
    assert effective_trials(apart) == pytest.approx(8.0, rel=0.02)
    assert effective_trials(np.hstack([same, apart])) == pytest.approx(
        16**2 / np.sum(np.corrcoef(np.hstack([same, apart]).T) ** 2)
    )
    assert effective_trials(apart[:20]) == pytest.approx(
        np.sum(np.linalg.eigvalsh(np.corrcoef(apart[:20].T))) ** 2
        / np.sum(np.linalg.eigvalsh(np.corrcoef(apart[:20].T)) ** 2)
    )


def result_of(values) -> SweepResult:
    space = parse_space(["a=1:3", "b=x,y", "c=0,1"])
    trials = tuple(
        Trial("o", "d", point, metrics={"m": value})
        for point, value in zip(space.grid(), values, strict=True)
    )
    return SweepResult("id", space, "m", True, trials, None, 0, len(trials))


def test_the_map_shows_the_median_over_the_other_parameters():
    found = result_of([float(k) for k in range(12)])
    xs, ys, rows = metric_grid(found, "a", "b")
    assert (xs, ys) == ([1, 2, 3], ["x", "y"])
    assert rows == [[0.5, 4.5, 8.5], [2.5, 6.5, 10.5]]


def test_the_map_marks_the_best_and_is_one_page(tmp_path):
    found = result_of([float(k % 7) for k in range(12)])
    figure = heatmap(found)
    assert (figure.data[1].x, figure.data[1].y) == (("2",), ("y",))
    page = write_heatmap(found, tmp_path / "map.html").read_text()
    assert 'src="http' not in page
    assert "Plotly.newPlot" in page


def test_a_picture_that_cannot_be_drawn_here_says_so(tmp_path):
    if importlib.util.find_spec("kaleido"):
        pytest.skip("kaleido is installed: the picture can be drawn")
    with pytest.raises(ResearchError) as caught:
        write_heatmap(result_of([float(k) for k in range(12)]), tmp_path / "map.png")
    assert ".html" in caught.value.mend


def test_a_map_of_what_was_not_swept_is_refused():
    with pytest.raises(ResearchError, match="two parameters"):
        metric_grid(result_of([0.0] * 12), "a", "nope")
