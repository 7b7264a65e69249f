# SPDX-License-Identifier: MIT
"""The commands sweep and check, as a user gives them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from seawall.cli.app import app
from seawall.research.trials import TrialLog

STRATEGIES = """
import numpy as np
from dataclasses import dataclass
from seawall.engine.strategy import Strategy, TargetStrategy
from seawall.research.sweep import TrialResult


def ema(x, span):
    out, now = np.empty(len(x)), x[0]
    for i, v in enumerate(x):
        now += 2.0 / (span + 1.0) * (v - now)
        out[i] = now
    return out


def cross(fast=5, slow=20):
    def rule(c):
        wanted = np.where(ema(c["close"], fast) > ema(c["close"], slow), 0.01, 0.0)
        wanted[:slow] = np.nan
        return wanted

    return TargetStrategy(rule)


def peeking(fast=5):
    def rule(c):
        return (np.append(c["close"][1:], 0.0) > c["close"]) * 0.01

    return TargetStrategy(rule)


class Oracle(Strategy):
    def __init__(self, market):
        self.close = market.bars[4] * 0.01

    def on_bar(self, bar):
        ahead = min(bar.i + 1, len(self.close) - 1)
        self.target_quantity(0.01 if self.close[ahead] > bar.close else 0.0)


def centred(c):
    return np.convolve(c["close"], np.ones(5) / 5, mode="same")


def trailing(close):
    return np.cumsum(close)


def bowl(params, window):
    x, y = params["x"], params["y"]
    returns = np.random.default_rng(int(10 * x + y)).normal(0, 0.01, 100)
    return TrialResult(params, {"score": -(x - 3) ** 2 - (y - 1) ** 2}, returns)
"""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    (tmp_path / "mine.py").write_text(STRATEGIES)
    rng = np.random.default_rng(3)
    n = 24 * 60
    close = np.round(20_000 * np.exp(np.cumsum(rng.normal(0, 0.004, n))), 2)
    open_ = np.round(np.append(close[0], close[:-1]), 2)
    pl.DataFrame(
        {
            "ts": 1_600_000_000_000 + np.arange(n) * 3_600_000,
            "open": open_,
            "high": np.maximum(open_, close) + 1.0,
            "low": np.minimum(open_, close) - 1.0,
            "close": close,
            "volume": np.round(rng.lognormal(3, 1, n), 3),
            "symbol": ["BTC/USDT:USDT"] * n,
        }
    ).write_parquet(tmp_path / "binance_btcusdt_1h_bars.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, code: int = 0):
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def told(*words: str, code: int = 0) -> dict:
    return json.loads(call(*words, "--json", code=code).stdout.splitlines()[-1])


def test_an_objective_is_swept_shown_and_resumed(here):
    words = ["sweep", "run", "mine.py:bowl", "x=0:5", "y=0:2", "--metric", "score"]
    first = told(*words, "--engine", "serial", "--study", "s")
    assert first["best"]["params"] == {"x": 3, "y": 1}
    assert (first["evaluated"], first["reused"]) == (18, 0)
    assert first["honesty"]["n_trials"] == 18
    assert Path(first["map"]).read_text().count("best of 18 configurations") == 1
    again = told("sweep", "resume", "s", "--engine", "serial")
    assert (again["evaluated"], again["reused"]) == (0, 18)
    shown = told("sweep", "show", "s")
    assert shown["best"] == first["best"]
    assert shown["trials"] == first["trials"]


def test_an_objective_of_a_file_is_found_by_worker_processes(here):
    words = ["sweep", "run", "mine.py:bowl", "x=0:5", "y=0:2", "--metric", "score"]
    found = told(*words, "--engine", "pool", "--workers", "2", "--study", "s")
    assert (found["evaluated"], found["failed"]) == (18, 0)
    assert found["best"]["params"] == {"x": 3, "y": 1}


def test_the_number_of_trials_stands_under_every_table(here):
    result = call(
        "sweep", "run", "mine.py:bowl", "x=0:3", "y=0,1", "--metric", "score",
        "--engine", "serial", "--study", "s",
    )  # fmt: skip
    assert "best of 8 configurations" in " ".join(result.stdout.split())
    assert "next: seawall sweep resume s" in result.stderr


def test_a_random_sweep_goes_on_to_more_trials(here):
    words = ["sweep", "run", "mine.py:bowl", "x=0.0:5.0", "y=0.0:2.0", "--metric", "score"]
    told(*words, "--method", "random", "--trials", "6", "--engine", "serial", "--study", "s")
    more = told("sweep", "resume", "s", "--trials", "9", "--engine", "serial")
    assert (more["evaluated"], more["reused"]) == (3, 6)


def test_a_strategy_is_swept_over_a_file(here):
    found = told(
        "sweep", "run", "mine.py:cross", "fast=5,10", "slow=20,40", "--engine", "serial",
        "--data", "binance_btcusdt_1h_bars.parquet", "--study", "s",
    )  # fmt: skip
    assert found["evaluated"] == 4
    assert found["failed"] == 0
    assert found["best"]["metrics"]["fills"] > 10
    assert len({trial.fingerprint for trial in TrialLog(here / "s")}) == 4


def test_a_strategy_walks_forward(here):
    found = told(
        "sweep", "walk", "mine.py:cross", "fast=5,10", "slow=20", "--engine", "serial",
        "--data", "binance_btcusdt_1h_bars.parquet", "--study", "s", "--train", "600",
        "--test", "300", "--purge", "10",
    )  # fmt: skip
    assert [fold["test"] for fold in found["folds"]] == [[610, 909], [910, 1209]]
    assert found["n_trials"] == 2


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["run", "mine.py:nothing", "x=1:2"], "there is no nothing"),
        (["run", "lost.py:cross", "x=1:2"], "no such file"),
        (["run", "mine.py:cross", "fast=1:2"], "needs data"),
        (["run", "mine.py:bowl", "x"], "no parameter"),
        (["run", "mine.py:bowl", "x=1:2", "y=1", "--metric", "sharpe"], "no trial gave"),
        (["show", "lost"], "no sweep in this folder"),
    ],
)
def test_a_wrong_sweep_says_what_is_wrong(here, words, what):
    words = [*words, "--engine", "serial"] if words[0] == "run" else words
    result = CliRunner().invoke(app, ["sweep", *words])
    assert result.exit_code != 0
    assert what in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("name", "advice"),
    [("centred", "rows ahead"), ("peeking", "next row"), ("Oracle", "next row")],
)
def test_a_planted_leak_ends_with_code_one(here, name, advice):
    found = told("check", "lookahead", f"mine.py:{name}", "--rows", "600", code=1)
    assert not found["clean"]
    assert advice in found["mend"]
    assert found["leaks"][0]["ts"] > 0


@pytest.mark.parametrize("name", ["trailing", "cross"])
def test_a_clean_rule_ends_with_code_zero(here, name):
    assert told("check", "lookahead", f"mine.py:{name}", "--rows", "600")["clean"]


def test_lookahead_is_checked_on_data_of_the_user(here):
    found = told(
        "check", "lookahead", "mine.py:cross", "--param", "fast=3", "--rows", "500",
        "--data", "binance_btcusdt_1h_bars.parquet",
    )  # fmt: skip
    assert found["clean"]
    assert found["compared"] > 100


def test_the_mend_is_printed_whole_for_people(here):
    result = call("check", "lookahead", "mine.py:peeking", "--rows", "400", code=1)
    assert "[i + 1]" in " ".join(result.stderr.split())
    assert "next: mend it" in result.stderr
