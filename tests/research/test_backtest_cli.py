# SPDX-License-Identifier: MIT
"""``seawall backtest run`` on data that a user names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from seawall.cli.app import app
from seawall.model.errors import DataError
from seawall.research.choose import tradable

STRATEGY = """
from seawall import Strategy


class Flip(Strategy):
    def __init__(self, every=10):
        self.every = every

    def on_bar(self, bar):
        if bar.i % self.every == 0:
            self.target_quantity(0.5 if (bar.i // self.every) % 2 == 0 else 0.0)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(STRATEGY)
    rng = np.random.default_rng(5)
    n = 300
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, n))), 2)
    first = np.append(close[0], close[:-1])
    pl.DataFrame(
        {
            "ts": 1_600_000_000_000 + np.arange(n) * 3_600_000,
            "open": first,
            "high": np.maximum(first, close),
            "low": np.minimum(first, close),
            "close": close,
            "volume": np.full(n, 50.125),
            "symbol": ["ETH/USDT"] * n,
        }
    ).write_parquet(tmp_path / "binance_ethusdt_1h_bars.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def told(*words: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(call(*words, "--json").stdout.splitlines()[-1])
    return found


def test_a_file_and_the_catalogue_give_the_same_run(here: Path) -> None:
    file = "binance_ethusdt_1h_bars.parquet"
    from_file = told("backtest", "run", "mine.py:Flip", "--data", file)
    assert not (here / "catalogue").exists()
    call("data", "import", file)
    stored = told("backtest", "run", "mine.py:Flip", "--symbol", "ETH/USDT", "--bars", "1h")
    assert from_file["fingerprint"] == stored["fingerprint"]
    other = told("backtest", "run", "mine.py:Flip", "--data", file, "--param", "every=20")
    assert other["fingerprint"] != stored["fingerprint"]


def test_it_ends_with_the_report_and_the_check_on_the_same_data(here: Path) -> None:
    result = call(
        "backtest", "run", "mine.py:Flip", "--data", "binance_ethusdt_1h_bars.parquet",
        "--start", "2020-09-14", "--out", "out",
    )  # fmt: skip
    lines = result.stderr.splitlines()
    assert "report: out/report.html" in lines
    assert lines[-1].endswith(
        "seawall check lookahead mine.py:Flip --start 2020-09-14 "
        "--data binance_ethusdt_1h_bars.parquet"
    )
    assert {p.name for p in (here / "out").iterdir()} >= {
        "report.html", "manifest.json", "fills.parquet", "equity.parquet",
    }  # fmt: skip


def test_a_run_that_trades_nothing_says_so_and_why(here: Path) -> None:
    words = ["backtest", "run", "mine.py:Flip", "--data", "binance_ethusdt_1h_bars.parquet"]
    assert "nothing was traded" not in call(*words).stderr
    (here / "tiny.py").write_text(STRATEGY.replace("0.5 if", "0.0001 if"))
    words[2] = "tiny.py:Flip"
    said = " ".join(call(*words).stderr.split())
    assert "nothing was traded: 0 orders" in said
    assert "the lot of ETH/USDT is 0.001" in said


def test_a_run_without_data_says_how_to_name_some(here: Path) -> None:
    result = CliRunner().invoke(app, ["backtest", "run", "mine.py:Flip"])
    assert result.exit_code == 2
    assert "--data FILE" in result.stderr


def test_events_go_before_bars_and_short_bars_before_long_ones() -> None:
    bars = [("v", "A", "bars_1d"), ("v", "A", "bars_30m"), ("v", "B", "bars_1h")]
    assert [p.kinds for p in tradable(bars)] == [("bars_30m",)]
    assert [p.kinds for p in tradable(bars, "1d")] == [("bars_1d",)]
    book = [*bars, ("v", "A", "depth"), ("v", "A", "top"), ("v", "A", "mark")]
    assert [p.kinds for p in tradable(book)] == [("depth", "mark")]
    assert [p.kinds for p in tradable([("v", "A", "top")])] == [("top",)]
    with pytest.raises(DataError, match="no bars of 5m"):
        tradable(bars, "5m")
    with pytest.raises(DataError, match="nothing to trade"):
        tradable([("v", "A", "news")])
