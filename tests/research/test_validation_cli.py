# SPDX-License-Identifier: MIT
"""``seawall check montecarlo`` and ``cpcv``, as a user gives them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from seawall.cli.app import app
from seawall.research.validation.on_bars import equity_returns

STRATEGIES = """
from seawall import Strategy


class Hold(Strategy):
    def __init__(self, weight=1.0):
        self.weight = weight

    def on_bar(self, bar):
        if bar.i == 0:
            self.target(self.weight)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(STRATEGIES)
    rng = np.random.default_rng(3)
    n = 24 * 40
    close = np.round(20_000 * np.exp(np.cumsum(rng.normal(0, 0.004, n))), 2)
    first = np.append(close[0], close[:-1])
    pl.DataFrame(
        {
            "ts": 1_600_000_000_000 + np.arange(n) * 3_600_000,
            "open": first,
            "high": np.maximum(first, close),
            "low": np.minimum(first, close),
            "close": close,
            "volume": np.full(n, 900.125),
            "symbol": ["BTC/USDT"] * n,
        }
    ).write_parquet(tmp_path / "binance_btcusdt_1h_bars.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


DATA = ("--data", "binance_btcusdt_1h_bars.parquet", "--engine", "serial")


def call(*words: str):
    result = CliRunner().invoke(app, ["check", *words])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def told(*words: str) -> dict:
    return json.loads(call(*words, "--json").stdout.splitlines()[-1])


def test_resampled_markets_bracket_the_true_one_and_repeat_by_seed(here: Path) -> None:
    words = ("montecarlo", "mine.py:Hold", *DATA, "--paths", "40", "--block", "20")
    one, two = told(*words, "--seed", "4"), told(*words, "--seed", "4")
    assert one == two
    assert told(*words, "--seed", "5")["quantiles"] != one["quantiles"]
    low, _, high = one["quantiles"]["total_return"]
    assert low < one["real"]["total_return"] < high
    assert (one["paths"], one["failed"], one["block"]) == (40, 0, 20.0)
    closes = pl.read_parquet(here / "binance_btcusdt_1h_bars.parquet")["close"]
    held = closes[-1] / closes[0] - 1.0
    assert one["real"]["total_return"] == pytest.approx(held, abs=0.01)


def test_a_strategy_that_holds_nothing_earns_nothing_on_every_path(here: Path) -> None:
    found = told("montecarlo", "mine.py:Hold", *DATA, "--paths", "5", "--param", "weight=0.0")
    assert found["quantiles"]["total_return"] == [0.0, 0.0, 0.0]
    assert found["probability_of_loss"] == 0.0


def test_the_table_says_what_resampling_cannot_know(here: Path) -> None:
    result = call("montecarlo", "mine.py:Hold", *DATA, "--paths", "5")
    assert "no day is worse than the worst" in " ".join(result.stdout.split())
    assert "end with a loss" in result.stderr
    assert "seawall check cpcv mine.py:Hold" in result.stderr


def test_montecarlo_asks_for_data() -> None:
    asked = CliRunner().invoke(app, ["check", "montecarlo", "seawall:Strategy"])
    assert asked.exit_code == 2
    assert "--symbol" in asked.stderr


def test_all_cuts_are_judged_and_counted(here: Path) -> None:
    words = ("cpcv", "mine.py:Hold", "weight=0.2:1.0:0.2", *DATA, "--groups", "6", "--study", "s")
    found = told(*words)
    assert (found["folds"], found["paths"], found["n_trials"]) == (15, 5, 5)
    assert len(found["path_sharpes"]) == len(found["path_total_returns"]) == 5
    assert 0.0 <= found["pbo"] <= 1.0
    assert math.isclose(found["quantiles"][1], np.median(found["path_sharpes"]))
    more = told(*words, "--tested", "3", "--purge", "2", "--embargo", "1")
    assert (more["folds"], more["paths"], more["n_trials"]) == (20, 10, 5)
    shown = call(*words)
    assert "5 paths of" in shown.stdout
    alike = "all paths are the same" in " ".join(shown.stdout.split())
    assert alike is (found["choices"] == 1)
    assert "no standard error" in " ".join(shown.stdout.split())
    assert "seawall sweep show s" in shown.stderr


def test_one_configuration_is_no_choice(here: Path) -> None:
    asked = CliRunner().invoke(app, ["check", "cpcv", "mine.py:Hold", "weight=1.0", *DATA])
    assert asked.exit_code == 8
    assert "1 of 1 configurations" in asked.stderr


@given(st.lists(st.floats(0.5, 200.0), min_size=1, max_size=30))
def test_returns_of_equity_compound_to_the_equity(equity: list[float]) -> None:
    growth = 100.0 * np.cumprod(1.0 + equity_returns(100.0, equity))
    assert growth == pytest.approx(equity)


def test_a_ruined_account_loses_all_once_and_stays_there() -> None:
    assert equity_returns(100.0, [50.0, -5.0, 20.0]).tolist() == [-0.5, -1.0, 0.0]
