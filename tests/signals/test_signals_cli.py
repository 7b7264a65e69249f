# SPDX-License-Identifier: MIT
"""``seawall signals`` on recorded data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from seawall.cli.app import app
from seawall.signals.registry import KINDS

KINDS_OF_FEED = ("depth", "trades", "bookticker")


def call(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "160"})
    assert result.exit_code == code, (result.output, result.exception)
    return result


def told(*words: str) -> Any:
    return json.loads(call(*words, "--json").stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def recording(test_data: Path) -> list[str]:
    """Six minutes of the linear perpetual and of spot."""
    stems = ("binance_usdm_btcusdt_20240808", "binance_spot_btcusdt_20240808")
    files = [test_data / "lob" / f"{s}_{k}.parquet" for s in stems for k in KINDS_OF_FEED]
    if missing := [f.name for f in files if not f.exists()]:
        pytest.skip(f"no {missing[0]} among the recorded data")
    return [str(f) for f in files]


def test_the_list_names_every_kind_with_its_rule() -> None:
    listed = told("signals", "list")
    assert [k["name"] for k in listed] == [k.name for k in KINDS]
    families = {"econophysics", "book", "crash", "toxicity", "manipulation", "arbitrage", "regime"}
    assert {k["family"] for k in listed} == families
    assert all(k["rule"] and k["source"] and k["horizon"] for k in listed)
    assert "order_flow" in call("signals", "list").stdout


def test_a_recording_gives_a_card_for_every_kind_on_events(recording) -> None:
    cards = {c["signal"]: c for c in told("signals", "scorecard", *recording)}
    assert set(cards) == {k.name for k in KINDS if "events" in k.needs}
    assert all("no edge after costs" in c["verdict"] or not c["signals"] for c in cards.values())
    pressure = cards["book_pressure"]
    assert pressure["signals"] > 50
    second = pressure["decay"][0]
    assert second["rows"] == 1
    assert 0 < second["low"] < second["coefficient"]  # queues are known to tell the next second
    assert pressure["net_high"] < 0 < pressure["gross_bps"]  # and known not to pay a taker
    assert pressure["cost_bps"] > 10
    assert len(pressure["decay"]) == 4
    assert sum(pressure["reliability"]["counts"]) > 50
    assert pressure["trials"] == sum(len(c["decay"]) for c in cards.values())


def test_the_table_says_no_edge_and_what_it_assumed(recording) -> None:
    result = call("signals", "scorecard", *recording, "--signal", "book_pressure")
    assert "book_pressure" in result.stdout
    assert "no edge after costs" in " ".join(result.stdout.split())
    assert "without delay" in result.output


def test_signals_of_a_recording_have_reasons_and_hashes(recording) -> None:
    found = told("signals", "read", *recording, "--last", "5", "--signal", "order_flow")
    assert len(found) == 5
    assert all(s["reason"].startswith("order flow imbalance") for s in found)
    assert len({s["inputs_hash"] for s in found}) == 5
    assert [s["ts_ns"] for s in found] == sorted(s["ts_ns"] for s in found)


def test_hourly_bars_give_cards_of_the_kinds_that_work_on_bars(test_data: Path) -> None:
    file = str(test_data / "ohlcv" / "binance_btcusdt_1h_2017-08_2023-06.parquet")
    words = ("--signal", "phase_transition", "--signal", "pump_fade")
    cards = told("signals", "scorecard", file, *words)
    assert {c["signal"] for c in cards} == {"phase_transition", "pump_fade"}
    assert all(c["source"] == "bars" and c["test_rows"] > 15_000 for c in cards)


def test_a_backtest_runs_it_by_name(test_data: Path, tmp_path: Path) -> None:
    file = str(test_data / "ohlcv" / "binance_btcusdt_1h_2017-08_2023-06.parquet")
    words = ("--start", "2022-01-01", "--end", "2022-07-01", "--param", "signals=scaling_trend")
    out = told("backtest", "run", "multi_signal_ensemble", "--data", file, *words, "--no-band",
               "--out", str(tmp_path / "run"))  # fmt: skip
    assert len(out["fingerprint"]) == 64


def test_files_that_cannot_serve_are_refused(tmp_path: Path) -> None:
    call("signals", "scorecard", str(tmp_path / "none.parquet"), code=2)
    call("signals", "scorecard", "--signal", "oracle", code=8)


def test_signals_of_bars_are_shown_with_their_reasons(test_data: Path) -> None:
    file = str(test_data / "ohlcv" / "binance_btcusdt_1h_2017-08_2023-06.parquet")
    shown = call("signals", "read", file, "--signal", "pump_fade", "--last", "2").stdout
    assert "times the usual volume" in " ".join(shown.split())
