# SPDX-License-Identifier: MIT
"""Metrics with their uncertainty, as object, table and files."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from seawall.research.metrics import Metrics, performance, round_trips
from seawall.research.report import (
    comparison_table,
    metrics_table,
    summarise,
    write_files,
)
from seawall.research.report._figures import BY_NAME, show
from seawall.research.statistics import Trials, bootstrap_paths, deflated_sharpe


def printed(table):
    out = io.StringIO()
    Console(file=out, width=140).print(table)
    return out.getvalue()


def test_a_summary_holds_the_metrics_and_an_interval_around_each_main_figure(outcome):
    s = summarise(outcome, seed=3)
    assert s.metrics == performance(outcome)
    names = {i.name for i in s.intervals}
    assert {"total_return", "sharpe", "max_drawdown", "es_95", "volatility"} <= names
    for i in s.intervals:
        assert i.low <= i.high
    sharpe = s.interval("sharpe")
    assert sharpe.low < s.metrics.sharpe < sharpe.high
    # The two ways to say how uncertain the ratio is agree in size.
    assert (sharpe.high - sharpe.low) / 2 / 1.645 == pytest.approx(s.sharpe_error, rel=0.35)


def test_the_same_seed_gives_the_same_summary_and_another_seed_another(outcome):
    assert summarise(outcome, seed=1).as_dict() == summarise(outcome, seed=1).as_dict()
    assert summarise(outcome, seed=1).intervals != summarise(outcome, seed=2).intervals


def test_intervals_are_quantiles_of_the_resampled_paths(outcome):
    s = summarise(outcome, seed=5, bootstrap=300)
    from seawall.research.metrics import equity_bars

    paths = bootstrap_paths(equity_bars(outcome).returns, draws=300, seed=5)
    low, high = np.quantile(paths.max_drawdown, [0.05, 0.95])
    i = s.interval("max_drawdown")
    assert (i.low, i.high) == pytest.approx((low, high))


def test_trials_deflate_the_probability(outcome):
    one, many = summarise(outcome, trials=1), summarise(outcome, trials=50)
    assert one.probability_deflated == one.probability_positive
    assert many.probability_deflated < one.probability_deflated
    assert many.luck_sharpe > 0.0 == one.luck_sharpe
    m = one.metrics
    root = math.sqrt(365)
    told = summarise(outcome, trials=Trials(50, 0.01 / 365))
    assert told.probability_deflated == pytest.approx(
        deflated_sharpe(
            m.sharpe / root, m.bars, Trials(50, 0.01 / 365), skew=m.skew, kurtosis=m.kurtosis
        )
    )


def test_a_run_without_movement_has_no_intervals_and_says_why(idle_outcome, outcome):
    s = summarise(idle_outcome)
    assert s.intervals == ()
    assert s.why_no_intervals == "equity did not move"
    assert math.isnan(s.probability_positive)
    assert summarise(outcome, bootstrap=0).why_no_intervals == "no bootstrap was asked for"


def test_a_run_of_few_bars_has_no_intervals(outcome_factory):
    s = summarise(outcome_factory(days=0.0001, samples=50, fills=10))
    assert s.intervals == ()
    assert "intervals need 30" in s.why_no_intervals


def test_json_is_strict(idle_outcome, outcome):
    for run in (idle_outcome, outcome):
        text = summarise(run).to_json()
        data = json.loads(text, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))
        assert set(data) == {"metrics", "intervals", "interval_level", "inference"}
    assert data["inference"]["bootstrap_draws"] == 1_000


def test_the_table_prints_figures_intervals_and_reasons(outcome, idle_outcome):
    s = summarise(outcome)
    text = printed(metrics_table(s.metrics, s.intervals, title="A run"))
    assert show("percent", s.metrics.total_return) in text
    assert show("ratio", s.interval("sharpe").low) in text
    blank = printed(metrics_table(summarise(idle_outcome).metrics))
    assert "no trade was closed" in blank
    assert "nan" not in blank.lower().replace("financ", "")


def test_the_comparison_has_a_column_per_run(outcome, short_outcome):
    text = printed(
        comparison_table([("long", summarise(outcome)), ("short", summarise(short_outcome))])
    )
    assert "long" in text
    assert "short" in text
    assert "Deflated Sharpe probability" in text


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("percent", 0.12345, "12.35 %"),
        ("percent", -0.0, "0.00 %"),
        ("percent", -3.5, "−350.0 %"),  # noqa: RUF001
        ("percent", 0.0001234, "0.0123 %"),
        ("money", 1234.5, "1,234.50 USDT"),
        ("money", -0.000123456, "−0.000123 USDT"),  # noqa: RUF001
        ("money", 12_345_678.9, "12,345,679 USDT"),
        ("money", -1e-15, "0.00 USDT"),
        ("money", math.nan, "–"),  # noqa: RUF001
        ("ratio", -0.001, "0.00"),
        ("days", 0.5, "12.0 h"),
        ("seconds", 0.25, "0.25 s"),
        ("count", 12345, "12,345"),
        ("times", 1.5, "1.50 ×"),  # noqa: RUF001
    ],
)
def test_values_are_printed_with_their_unit(kind, value, text):
    assert show(kind, value, "USDT" if kind == "money" else "") == text


def test_every_shown_figure_is_a_metric():
    assert set(BY_NAME) <= set(Metrics.__dataclass_fields__)


def test_files_hold_the_run(outcome, tmp_path):
    s = summarise(outcome)
    written = write_files(outcome, tmp_path / "out", s)
    assert {p.name for p in written} == {
        "fills.parquet", "orders.parquet", "trades.parquet", "equity.parquet", "summary.json",
    }  # fmt: skip
    assert {p.name for p in (tmp_path / "out").iterdir()} == {p.name for p in written}
    equity = pl.read_parquet(tmp_path / "out" / "equity.parquet")
    assert equity["equity"].to_numpy() == pytest.approx(outcome.equity["equity"])
    assert equity["ts"].dtype == pl.Datetime("ns", "UTC")
    assert pl.read_parquet(tmp_path / "out" / "fills.parquet").equals(outcome.fills_frame())
    trades = pl.read_parquet(tmp_path / "out" / "trades.parquet")
    assert trades.height == round_trips(outcome).shape[0]
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == s.as_dict()
