# SPDX-License-Identifier: MIT
"""Figures of a series of returns against independent definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.model.errors import ResearchError
from seawall.research.metrics import series_figures, tail_risk


def test_figures_agree_with_the_reference_numbers(oracle):
    seen = 0
    for case in oracle.cases("perf", "perf.metrics"):
        i = case.inputs
        s = series_figures(
            i["returns"],
            periods_per_year=i["periods_per_year"],
            benchmark=i["benchmark"],
            rate=i["rf_per_period"],
        )
        got = {
            "total_return": s.total_return, "cagr": s.annual_return, "ann_vol": s.volatility,
            "sharpe": s.sharpe, "sortino": s.sortino, "downside_dev_ann": s.downside_deviation,
            "max_drawdown": s.max_drawdown, "calmar": s.calmar, "ulcer_index": s.ulcer,
            "avg_drawdown": -s.average_drawdown, "omega_0": s.omega,
            "longest_underwater_periods": float(s.longest_underwater),
            "skew_biased": s.skew, "kurtosis_biased": s.kurtosis,
            "var95_lower_quantile": s.var_95, "cvar95_exact": s.es_95,
            "win_rate": s.win_rate, "profit_factor": s.profit_factor, "beta": s.beta,
            "alpha_ann_arith": s.alpha, "tracking_error_ann": s.tracking_error,
            "information_ratio_ann": s.information_ratio,
        }  # fmt: skip
        oracle.check(case, got)
        seen += 1
    assert seen == 3


def test_tail_risk_agrees_with_the_reference_numbers(oracle):
    seen = 0
    for case in oracle.cases("risk", "risk.scenario_measures"):
        r = case.inputs["R"] @ case.inputs["w"]
        var, es = tail_risk(r, case.inputs["alpha"])
        s = series_figures(r, periods_per_year=1)
        oracle.check(
            case,
            {
                "var_lower_quantile": var, "cvar": es, "mdd_compounded": -s.max_drawdown,
                "avg_dd_compounded": -s.average_drawdown, "ulcer_compounded": s.ulcer,
            },
        )  # fmt: skip
        seen += 1
    assert seen > 0


def test_a_hand_worked_series():
    # Growth 1.1, 0.88, 0.968: the fall from 1.1 to 0.88 is a fifth.
    s = series_figures([0.10, -0.20, 0.10], periods_per_year=3)
    assert s.total_return == pytest.approx(-0.032)
    assert s.annual_return == pytest.approx(-0.032)
    assert s.max_drawdown == pytest.approx(-0.2)
    assert s.longest_underwater == 2
    assert s.downside_deviation == pytest.approx(math.sqrt(0.04 / 3) * math.sqrt(3))
    assert s.sharpe == pytest.approx(0.0)
    assert s.profit_factor == pytest.approx(1.0)


def test_a_first_loss_is_a_drawdown():
    assert series_figures([-0.1, 0.05], periods_per_year=1).max_drawdown == pytest.approx(-0.1)


@pytest.mark.parametrize("value", [0.0, 0.001, -0.002])
def test_a_constant_series_has_no_ratio_instead_of_an_infinite_one(value):
    s = series_figures(np.full(100, value), periods_per_year=365)
    assert math.isnan(s.sharpe)
    assert math.isnan(s.skew)
    assert s.volatility == 0.0


def test_no_loss_leaves_the_ratios_over_losses_undefined():
    s = series_figures([0.01, 0.02, 0.01], periods_per_year=365)
    assert math.isnan(s.sortino)
    assert math.isnan(s.profit_factor)
    assert math.isnan(s.calmar)


def test_a_wiped_out_account_returns_minus_one_and_stays_there():
    s = series_figures([0.1, -1.0, 5.0], periods_per_year=365)
    assert s.total_return == -1.0
    assert s.annual_return == -1.0
    assert s.max_drawdown == -1.0


def test_a_missing_return_is_refused():
    with pytest.raises(ResearchError, match="not a number"):
        series_figures([0.1, math.nan], periods_per_year=365)


def test_an_empty_series_has_no_figures():
    s = series_figures([], periods_per_year=365)
    assert s.periods == 0
    assert math.isnan(s.sharpe)


def test_a_benchmark_of_another_length_is_refused():
    with pytest.raises(ResearchError, match="benchmark"):
        series_figures([0.1, 0.2], periods_per_year=365, benchmark=[0.1])


def test_a_benchmark_with_a_gap_is_refused():
    with pytest.raises(ResearchError, match="not a number"):
        series_figures([0.1, 0.2], periods_per_year=365, benchmark=[0.1, math.nan])


def test_the_99_percent_tail_needs_a_hundred_returns():
    r = np.linspace(-0.5, 0.5, 99)
    assert math.isnan(tail_risk(r, 0.01)[0])
    var, es = tail_risk(np.linspace(-0.5, 0.49, 100), 0.01)
    assert var == pytest.approx(0.49)  # the second largest loss
    assert es == pytest.approx(0.50)  # the mean of the one worst


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=60))
def test_definitions_hold_for_any_returns(values):
    r = np.array(values)
    s = series_figures(r, periods_per_year=365)
    growth = np.concatenate([[1.0], np.cumprod(1.0 + r)])
    fall = growth / np.maximum.accumulate(growth) - 1.0
    assert s.max_drawdown == pytest.approx(fall.min(), abs=1e-12)
    assert s.total_return == pytest.approx(growth[-1] - 1.0, abs=1e-9)
    if not math.isnan(s.sharpe):
        assert s.sharpe == pytest.approx(r.mean() / r.std(ddof=1) * math.sqrt(365), rel=1e-6)
    if not math.isnan(s.var_95):
        assert s.es_95 >= s.var_95 - 1e-12
