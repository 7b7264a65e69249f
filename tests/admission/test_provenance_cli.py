# SPDX-License-Identifier: MIT
"""``seawall provenance`` from an import to a ban."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from seawall.cli.app import app
from seawall.data import Catalogue
from seawall.data.importing.pipeline import import_files
from seawall.data.simulated import SimConfig, simulate

SPOT = ("simex:BTC/USDT", "simswap:BTC/USDT", "simex:BTC/USDT:USDT")
TRADES = "simex|BTC/USDT|trades"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("provenance")
    made = simulate(SimConfig(duration_s=20.0, seed=5)).write(folder / "sim")
    import_files(Catalogue(folder / "catalogue"), [folder / "sim" / "feeds"])
    assert made
    return folder / "catalogue"


@pytest.fixture
def call(catalogue: Path, tmp_path: Path) -> Any:
    def run(*words: str, code: int = 0) -> Any:
        root = tmp_path / "admission"
        sets = ["--set", f"admission.root={root}", "--set", f"catalogue.root={catalogue}"]
        answer = CliRunner().invoke(app, [*sets, "provenance", *words])
        assert answer.exit_code == code, answer.output
        lines = answer.stdout.strip().splitlines()
        return json.loads(lines[-1]) if "--json" in words else answer.stdout + answer.stderr

    return run


def test_sources_are_judged_listed_shown_banned_and_forgiven(call: Any) -> None:
    told = call("judge", *SPOT, "--json")
    assert told["events"] == sum(sum(c.values()) for c in told["counts"].values())
    listed = {r["source"]: r for r in call("list", "--json")["sources"]}
    assert listed[TRADES]["counts"]["admitted"] == told["counts"][TRADES]["admitted"]
    shown = call("show", TRADES, "--json")
    assert shown["trust"] == listed[TRADES]["trust"] > 0.25
    assert shown["history"][-1]["after"] == shown["trust"]
    page = call("show", TRADES)
    assert "Changes of trust" in page
    assert "agreed" in page

    assert call("ban", TRADES, "--why", "it repeats itself", "--json")["act"] == "ban"
    found = call("suspicious", "--json")["suspicious"]
    assert found[0]["reasons"] == [f"banned by {TRADES}"]
    assert call("show", TRADES, "--json")["banned"] == [TRADES]
    again = call("judge", *SPOT, "--json")
    assert again["counts"][TRADES]["banned"] == sum(again["counts"][TRADES].values()) > 0
    call("unban", TRADES, "--why", "mended")
    assert call("show", TRADES, "--json")["banned"] == []


def test_wrong_words_are_answered_and_nothing_is_written(call: Any, tmp_path: Path) -> None:
    assert "nothing has been judged" in call("list", code=3)
    assert "is not banned" in call("unban", "simex", "--why", "x", code=3)
    assert "reason" in call("ban", "simex", "--why", " ", code=3)
    assert "VENUE:SYMBOL" in call("judge", "simex", code=2)
    assert not (tmp_path / "admission" / "state.bin").exists()


def test_an_unknown_source_is_named(call: Any) -> None:
    call("judge", *SPOT)
    assert "unknown source" in call("show", "nobody|X|trades", code=3)
    assert "names no source" in call("show", "nobody", code=3)
