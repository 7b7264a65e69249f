# SPDX-License-Identifier: MIT
"""``seawall sim`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seawall.cli.sim import app, parse_attack
from seawall.model.errors import SettingsError

ARGS = ["run", "--preset", "small", "--duration", "10s", "--seed", "3"]


def test_run_writes_feeds_and_truth_and_says_the_fingerprint(tmp_path: Path) -> None:
    out = tmp_path / "m"
    attack = ["--attack", "wash:2:5:4:1"]
    result = CliRunner().invoke(app, [*ARGS, "--out", str(out), *attack, "--json"])
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout.strip().splitlines()[-1])
    manifest = json.loads((out / "manifest.json").read_text())
    assert facts["fingerprint"] == manifest["fingerprint"]
    assert len(list((out / "feeds").glob("*.parquet"))) == len(manifest["files"])
    assert facts["labels"] >= 1


def test_run_for_people_ends_with_the_next_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*ARGS, "--out", str(tmp_path / "m")])
    assert result.exit_code == 0
    assert "next: seawall data import" in result.output


def test_scorecard_prints_every_measure_with_its_verdict() -> None:
    result = CliRunner().invoke(app, ["scorecard", "--duration", "20m", "--json"])
    assert result.exit_code == 0, result.output
    card = json.loads(result.stdout.strip().splitlines()[-1])
    assert len(card["facts"]) == 14
    for line in card["lines"]:
        inside = line["simulated"] is not None and line["low"] <= line["simulated"] <= line["high"]
        assert line["passed"] in (inside, None)


@pytest.mark.parametrize("text", ["wash", "wash:a:b", "wash:1:2:3:4:5", "bribe:1:2"])
def test_an_attack_of_another_form_is_refused_with_a_mend(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_attack(text)
