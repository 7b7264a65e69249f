# SPDX-License-Identifier: MIT
"""``seawall golden`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from seawall.cli.app import app

from .conftest import market, times

PLAN = """
halflife = 50
note = "approved by the desk"

[[window]]
name = "first"
regime = "calm"
table = "rows.csv"
columns = ["a", "b", "c", "d"]
end = "2021-01-01T20:00:00Z"

[[window]]
name = "second"
regime = "crash"
table = "rows.csv"
columns = ["a", "b", "c", "d"]
start = "2021-01-01T20:00:00Z"
end = "2021-01-02T10:00:00Z"
"""
START = 1_609_459_200_000_000_000
QUICK = ["--every", "25", "--halflife", "100", "--paths", "20"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = market(4_000, 3)
    columns = {"ts": times(4_000, START)} | dict(zip("abcd", rows.T, strict=True))
    pl.DataFrame(columns).write_csv(tmp_path / "rows.csv")
    (tmp_path / "plan.toml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["golden", *words])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def told(*words: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(*words, "--json", code=code).stdout.splitlines()[-1])
    return found


def test_from_plan_to_false_alarms_each_command_names_the_next(here: Path):
    assert "next: seawall golden calibrate golden/v1" in call("build", "plan.toml").stderr
    assert (here / "golden" / "v1" / "golden.json").is_file()
    made = call("calibrate", "golden/v1", "--rows-per-day", "1440", *QUICK)
    assert "false rollbacks per check of 25 rows" in made.stderr
    shown = call("show", "golden/v1", "--halflife", "100", "--paths", "20")
    for word in ("original", "calibrated", "crash", "second", "parametric"):
        assert word in shown.stdout
    assert "volatile, trend" in shown.stderr
    alarms = told(
        "false-alarms", "golden/v1", "--table", "rows.csv", "--start", "2021-01-02T10:00:00Z",
        "--halflife", "100",
    )["rows"]  # fmt: skip
    assert [r["profile"] for r in alarms] == ["calibrated", "original"] * 2
    assert [r["pauses"] for r in alarms] == [False, False, True, True]
    assert alarms[0]["rollbacks"] < alarms[1]["rollbacks"]
    assert alarms[0]["low"] <= alarms[0]["per_30_days"] <= alarms[0]["high"]


def test_verify_exits_with_nine_and_names_the_changed_window(here: Path):
    call("build", "plan.toml")
    assert told("verify", "golden/v1")["whole"] is True
    path = here / "golden" / "v1" / "window-001.f64"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(bytes(data))
    faults = told("verify", "golden/v1", code=9)["faults"]
    assert [f["window"] for f in faults] == ["second"]
    assert "second" in call("verify", "golden/v1", code=9).stdout
    assert told("show", "golden/v1", code=9)["error"]["exit_code"] == 9


def test_a_new_version_names_its_parent_and_the_old_one_stays(here: Path):
    first = told("build", "plan.toml")
    call("build", "plan.toml", code=9)
    second = told("build", "plan.toml", "--out", "golden/v2", "--parent", "golden/v1")
    assert (second["version"], second["parent"]) == (2, first["digest"])
    assert first["missing"] == ["volatile", "trend"]


def test_windows_of_the_catalogue_give_features_of_bars(here: Path):
    rng = np.random.default_rng(5)
    n = 500
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, n))), 2)
    first = np.append(close[0], close[:-1])
    pl.DataFrame(
        {
            "ts": 1_600_000_000_000 + np.arange(n) * 3_600_000,
            "open": first,
            "high": np.maximum(first, close) + 0.01,
            "low": np.minimum(first, close) - 0.01,
            "close": close,
            "volume": rng.uniform(10.0, 90.0, n).round(3),
            "symbol": ["ETH/USDT"] * n,
        }
    ).write_parquet(here / "binance_ethusdt_1h_bars.parquet")
    result = CliRunner().invoke(app, ["data", "import", "binance_ethusdt_1h_bars.parquet"])
    assert result.exit_code == 0, result.output
    (here / "bars.toml").write_text(
        'halflife = 20\n[[window]]\nname = "w"\nregime = "calm"\nseries = ["binance:ETH/USDT"]\n'
    )
    made = told("build", "bars.toml")
    assert made["names"] == ["ETH/USDT return", "ETH/USDT skew", "ETH/USDT volume"]
    assert made["rows"] == n - 1 - 20


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[[window]]\nname = 'x'\n", "regime"),
        ("surprise = 1\n" + PLAN, "surprise"),
        ("[[window]]\nname = 'x'\nregime = 'calm'\n", "series of the catalogue or a table"),
        ("[[window]]\nname = 'x'\nregime = 'calm'\ntable = 'none.csv'\n", "no table"),
        (PLAN.replace('"d"]', '"e"]', 1), "no column e"),
        (PLAN.replace('"c", "d"]', '"d"]', 1), "has features"),
    ],
)
def test_a_plan_that_cannot_be_followed_says_where(here: Path, text: str, word: str):
    (here / "bad.toml").write_text(text)
    result = CliRunner().invoke(app, ["golden", "build", "bad.toml"])
    assert result.exit_code == 3, result.output
    assert word in " ".join(result.stderr.split())
    assert not (here / "golden").exists()


def test_a_plan_or_a_set_that_is_not_there_is_told(here: Path):
    call("build", "none.toml", code=3)
    call("verify", "golden/v9", code=9)
    call("build", "plan.toml")
    call("false-alarms", "golden/v1", "--table", "rows.csv", code=9)
