# SPDX-License-Identifier: MIT
"""Inference on Sharpe ratios and overfitting, against papers and other programs."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import stats

from seawall.model.errors import ResearchError
from seawall.research.metrics import series_figures
from seawall.research.statistics import (
    Trials,
    annual_factor,
    deflated_sharpe,
    expected_best_sharpe,
    min_backtest_years,
    min_track_record,
    overfit_probability,
    probabilistic_sharpe,
    sharpe_error,
)

ANNUAL = 250.0


def test_the_published_example_of_the_deflated_ratio():
    # Bailey and Lopez de Prado (2014): annual ratio 2.5 over five years of 250 days.
    s, v = 2.5 / math.sqrt(ANNUAL), 0.5 / ANNUAL
    assert expected_best_sharpe(100, v) == pytest.approx(0.113172, abs=5e-7)
    shape = {"skew": -3.0, "kurtosis": 10.0}
    assert deflated_sharpe(s, 1250, Trials(100, v), **shape) == pytest.approx(0.900397, abs=5e-7)
    assert deflated_sharpe(s, 1250, Trials(46, v), **shape) == pytest.approx(0.950502, abs=5e-7)
    assert deflated_sharpe(s, 1250, Trials(88, v)) == pytest.approx(0.950491, abs=5e-7)


def test_published_lengths_of_record():
    years = min_track_record(2 / math.sqrt(252), against=1 / math.sqrt(252)) / 252
    assert years == pytest.approx(2.731, abs=5e-4)
    assert min_backtest_years(45) == pytest.approx(5.00, abs=5e-3)


def test_one_trial_needs_no_deflation():
    shape = {"skew": -0.4, "kurtosis": 6.0}
    assert deflated_sharpe(0.1, 500, Trials(1), **shape) == probabilistic_sharpe(0.1, 500, **shape)
    assert expected_best_sharpe(1, 0.3) == 0.0


def test_more_trials_never_raise_the_probability():
    values = [deflated_sharpe(0.1, 500, Trials(n)) for n in (1, 2, 3, 5, 10, 100, 10_000)]
    assert values == sorted(values, reverse=True)


def test_the_expected_best_is_near_the_mean_of_simulated_maxima():
    best = np.random.default_rng(5).normal(size=(20_000, 50)).max(axis=1).mean()
    assert expected_best_sharpe(50, 1.0) == pytest.approx(best, abs=0.03)


def test_inference_agrees_with_the_reference_numbers(oracle):
    seen = 0
    for case in oracle.cases("perf", "perf.metrics"):
        r = case.inputs["returns"] - case.inputs["rf_per_period"]
        s = series_figures(r, periods_per_year=1)
        shape = {"skew": s.skew, "kurtosis": s.kurtosis}
        n = s.periods
        oracle.check(
            case,
            {
                "psr_vs_0": probabilistic_sharpe(s.sharpe_period, n, **shape),
                "min_trl_95": min_track_record(s.sharpe_period, **shape),
                "sharpe_stderr_lo2002_iid": sharpe_error(s.sharpe_period, n + 1),
                "sharpe_lo_q5_factor": annual_factor(r, 5),
            },
        )
        seen += 1
    assert seen == 3


def test_selection_agrees_with_the_reference_numbers(oracle):
    for case in oracle.cases("perf", "perf.selection_bias"):
        m = case.inputs["trial_returns"]
        s = [series_figures(c, periods_per_year=1) for c in m.T]
        ratios = np.array([x.sharpe_period for x in s])
        best = int(ratios.argmax())
        trials = Trials(m.shape[1], float(ratios.var(ddof=1)))
        dsr = deflated_sharpe(
            ratios[best], m.shape[0], trials, skew=s[best].skew, kurtosis=s[best].kurtosis
        )
        found = overfit_probability(m, blocks=case.inputs["n_blocks"])
        oracle.check(
            case,
            {
                "best_trial": best, "dsr_biased_moments": dsr, "pbo": found.pbo,
                "expected_max_sharpe": expected_best_sharpe(trials.count, trials.variance),
                "logits_mean": float(found.logits.mean()),
            },
        )  # fmt: skip


def test_the_error_of_a_ratio_is_what_repeated_samples_show():
    rng = np.random.default_rng(2)
    r = stats.gamma.rvs(4.0, size=(6_000, 400), random_state=rng)
    r = (r - 4.0) / 2.0 * 0.01 + 0.002  # skew 1, kurtosis 4.5, ratio 0.2
    seen = (r.mean(axis=1) / r.std(axis=1, ddof=1)).std()
    assert sharpe_error(0.2, 400, 1.0, 4.5) == pytest.approx(seen, rel=0.04)


def test_undefined_inference_is_nan():
    assert math.isnan(sharpe_error(0.1, 1))
    assert math.isnan(min_track_record(-0.1))
    assert math.isnan(probabilistic_sharpe(math.nan, 100))
    assert math.isnan(annual_factor([0.1, 0.2], 5))


def test_no_trials_are_refused():
    with pytest.raises(ResearchError, match="0 trials"):
        Trials(0)


def test_overfitting_agrees_with_a_direct_count():
    m = np.random.default_rng(9).normal(0.0002, 0.01, (103, 7))
    edges = np.linspace(0, 103, 7).round().astype(int)
    blocks = [np.arange(a, b) for a, b in pairwise(edges)]
    logits, losses = [], 0
    for half in combinations(range(6), 3):
        rows = np.concatenate([blocks[b] for b in half])
        rest = np.setdiff1d(np.arange(103), rows)
        inside = m[rows].mean(0) / m[rows].std(0, ddof=1)
        outside = m[rest].mean(0) / m[rest].std(0, ddof=1)
        rank = stats.rankdata(outside)[inside.argmax()]
        logits.append(math.log(rank / (8 - rank)))
        losses += outside[inside.argmax()] < 0
    found = overfit_probability(m, blocks=6)
    assert sorted(found.logits) == pytest.approx(sorted(logits))
    assert found.pbo == pytest.approx(np.mean(np.array(logits) <= 0))
    assert found.loss == pytest.approx(losses / 20)


def test_noise_is_overfitted_and_a_true_edge_is_not():
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.01, (1_000, 50))
    one = noise.copy()
    one[:, 3] += 0.0025
    assert overfit_probability(noise).pbo > 0.2
    assert overfit_probability(one).pbo < 0.05
    assert overfit_probability(one).loss < 0.05
    assert overfit_probability(noise).logits.shape == (12_870,)


@pytest.mark.parametrize(("shape", "blocks"), [((100, 1), 16), ((100, 5), 7), ((20, 5), 16)])
def test_ill_posed_overfitting_is_refused(shape, blocks):
    with pytest.raises(ResearchError, match="overfitting"):
        overfit_probability(np.zeros(shape), blocks=blocks)


def test_flat_trials_do_not_break_the_ranking():
    m = np.zeros((64, 3))
    m[:, 1] = np.random.default_rng(1).normal(0, 0.01, 64)
    assert np.isfinite(overfit_probability(m, blocks=8).logits).all()
