# SPDX-License-Identifier: MIT
"""From an outcome to its metrics."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest

from seawall.engine.outcome import EQUITY, Totals
from seawall.model.time import NS_PER_DAY, NS_PER_S
from seawall.research.metrics import Benchmark, Metrics, performance, trades_frame


def with_equity(outcome, ts, equity, gross=None):
    e = np.zeros(len(ts), dtype=EQUITY)
    e["ts"], e["equity"] = ts, equity
    e["gross"] = 0.0 if gross is None else gross
    return replace(outcome, equity=e, initial_equity=float(equity[0]))


def test_a_long_run_is_judged_on_daily_returns(outcome):
    m = performance(outcome)
    assert (m.bar, m.bars) == ("1d", 200)
    e = outcome.equity
    days = e["ts"][0] + np.arange(201) * NS_PER_DAY
    daily = e["equity"][np.searchsorted(e["ts"], days, side="right") - 1]
    daily[0] = outcome.initial_equity
    r = daily[1:] / daily[:-1] - 1
    assert m.sharpe == pytest.approx(r.mean() / r.std(ddof=1) * math.sqrt(365))
    assert m.volatility == pytest.approx(r.std(ddof=1) * math.sqrt(365))
    assert m.total_return == pytest.approx(e["equity"][-1] / 100_000 - 1)
    assert m.annual_return == pytest.approx((1 + m.total_return) ** (365 / 200) - 1)
    assert m.calmar == pytest.approx(m.annual_return / -m.max_drawdown)


def test_drawdown_sees_every_sample_and_not_only_the_closes(outcome):
    ts = np.arange(41, dtype=np.int64) * NS_PER_DAY
    equity = np.full(41, 100.0)
    ts, equity = np.insert(ts, 21, ts[20] + NS_PER_S), np.insert(equity, 21, 60.0)
    m = performance(with_equity(outcome, ts, equity))
    assert m.max_drawdown == pytest.approx(-0.4)
    assert m.volatility == 0.0


@pytest.mark.parametrize(
    ("equity", "days"),
    [([100, 110, 90, 95, 110, 120], 3.0), ([100, 90, 80, 85, 90, 95], 5.0), ([1, 2, 3], 0.0)],
)
def test_the_length_of_a_drawdown_runs_from_peak_to_recovery_or_end(outcome, equity, days):
    ts = np.arange(len(equity), dtype=np.int64) * NS_PER_DAY
    m = performance(with_equity(outcome, ts, np.array(equity, dtype=float)))
    assert m.max_drawdown_days == pytest.approx(days)


def test_trade_figures_agree_with_the_table_of_trades(outcome):
    m, frame = performance(outcome), trades_frame(outcome)
    net = frame["net"]
    assert m.trades == frame.height
    assert m.win_rate == pytest.approx((net > 0).mean())
    assert m.profit_factor == pytest.approx(net.filter(net > 0).sum() / -net.filter(net < 0).sum())
    assert m.average_trade == pytest.approx(net.mean())
    assert m.average_hold_s == pytest.approx(frame["hold"].dt.total_nanoseconds().mean() / 1e9)
    assert (m.best_trade, m.worst_trade) == pytest.approx((net.max(), net.min()))


def test_exposure_is_weighted_by_time(outcome):
    ts = np.array([0, 10, 40], dtype=np.int64) * NS_PER_DAY
    run = with_equity(outcome, ts, np.array([100.0, 100, 100]), gross=np.array([200.0, 0, 0]))
    m = performance(replace(run, totals=Totals(turnover=500.0)))
    assert m.exposure == pytest.approx(0.5)
    assert m.exposure_max == pytest.approx(2.0)
    assert m.time_in_market == pytest.approx(0.25)
    assert m.turnover_ratio == pytest.approx(5.0)


def test_equity_that_is_the_benchmark_has_beta_one_and_no_active_return(outcome):
    b = Benchmark("itself", outcome.equity["ts"].copy(), outcome.equity["equity"].copy())
    m = performance(outcome, b)
    assert m.beta == pytest.approx(1.0, rel=1e-2)
    assert m.benchmark == "itself"
    twice = Benchmark("later", b.ts + NS_PER_DAY, b.price)
    assert "does not cover" in performance(outcome, twice).reason("beta")


def test_a_run_without_trades_says_why_its_figures_are_absent(idle_outcome):
    m = performance(idle_outcome)
    assert m.trades == 0
    assert math.isnan(m.win_rate)
    assert m.reason("win_rate") == "no trade was closed"
    assert m.reason("sharpe") == "equity did not move"
    assert m.reason("beta") == "no benchmark"
    assert m.reason("maker_share") == "no fill"
    assert m.max_drawdown == 0.0


def test_a_short_run_does_not_pretend_to_a_year(short_outcome):
    m = performance(short_outcome)
    assert m.bar == "5min"
    assert m.bars == 60
    assert math.isnan(m.annual_return)
    assert "annual figures need 30" in m.reason("annual_return")
    assert math.isnan(m.var_99)
    assert "needs 100" in m.reason("var_99")


def test_every_undefined_figure_has_a_reason_and_no_defined_one_does(
    outcome, short_outcome, idle_outcome
):
    for run in (outcome, short_outcome, idle_outcome, replace(outcome, equity=np.zeros(0, EQUITY))):
        if run.equity.shape[0] == 0:
            continue
        m = performance(run)
        for f in fields(Metrics):
            value = getattr(m, f.name)
            blank = isinstance(value, float) and math.isnan(value)
            assert bool(m.reason(f.name)) == blank, f.name


def test_a_run_without_equity_samples_is_described_and_not_a_crash(outcome):
    m = performance(replace(outcome, equity=np.zeros(0, EQUITY)))
    assert m.bars == 0
    assert m.reason("sharpe")


def test_a_lost_account_stays_lost(outcome):
    ts = np.arange(60, dtype=np.int64) * NS_PER_DAY
    equity = np.linspace(100.0, -50.0, 60)
    m = performance(with_equity(outcome, ts, equity))
    assert m.annual_return == -1.0
    assert m.max_drawdown == -1.0
    assert m.total_return == pytest.approx(-1.5)


def test_json_holds_null_and_never_nan(idle_outcome):
    m = performance(idle_outcome)
    text = m.to_json()
    assert "NaN" not in text
    data = json.loads(text)
    assert data["win_rate"] is None
    assert data["undefined"]["win_rate"] == "no trade was closed"
    assert data["currency"] == "USDT"
