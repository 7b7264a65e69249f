# SPDX-License-Identifier: MIT
"""The command attack, as a user gives it: small markets, no processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from seawall.cli.app import app
from seawall.model.errors import ResearchError, SettingsError
from seawall.research.attack import lab
from seawall.research.attack.attacks import ATTACKS
from seawall.research.attack.settings import DEFENCES, LabSettings
from seawall.research.attack.teaching import Teaching, teach

TINY = LabSettings(
    duration_s=240.0, start_s=150.0, golden_seeds=(900_001, 900_002, 900_003), paths=20
)


@pytest.fixture(scope="module")
def taught() -> Teaching:
    return teach(TINY)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, taught: Teaching, tmp_path: Path) -> Path:
    """Let the commands use small markets and the golden set that is made already."""
    from seawall.research.attack import campaign

    monkeypatch.setattr(lab, "LabSettings", lambda: TINY)
    monkeypatch.setattr(lab, "teach", lambda settings: taught)
    monkeypatch.setattr(campaign, "teach", lambda settings: taught)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "out"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["attack", *words])


def told(answer: Result) -> dict:
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout.splitlines()[-1])


def test_list_shows_every_attack_with_its_default() -> None:
    answer = run("list")
    assert answer.exit_code == 0
    for name in ATTACKS:
        assert name in answer.stdout
    shown = json.loads(run("list", "--json").stdout)
    assert [a["name"] for a in shown] == list(ATTACKS)
    keys = {"name", "acts_on", "summary", "unit", "intensity", "duration_s"}
    assert all(set(a) == keys for a in shown)


def test_run_prints_the_row_of_one_attack_and_what_each_defence_is_worth(small: Path) -> None:
    words = (
        "run", "--type", "data_poisoning", "--intensity", "3", "--duration", "60", "--seeds", "2",
        "--out", str(small), "--workers", "1",
    )  # fmt: skip
    first = run(*words, "--json")
    (row,) = told(first)["rows"]
    assert (row["attack"], row["intensity"], row["seeds"]) == ("data_poisoning", 3.0, 2)
    assert {"impact_removed", "interval", "naive_pnl", "defended_pnl", "clean_cost"} <= set(row)
    assert set(row["ablation"]) == set(DEFENCES)
    assert run(*words, "--json").stdout == first.stdout
    shown = run(*words)
    assert shown.exit_code == 0
    assert "data_poisoning at 3 sd, 2 pairs" in shown.stdout
    for name in DEFENCES:
        assert name in shown.stdout


def test_report_prints_its_rows_and_writes_the_page_and_the_figures(small: Path) -> None:
    words = (
        "report", "--seeds", "2", "--attacks", "momentum_ignition, data_poisoning", "--trials",
        "0", "--ablation-seeds", "0", "--dose-seeds", "0", "--out", str(small), "--workers", "1",
    )  # fmt: skip
    report = told(run(*words, "--json"))
    assert [r["attack"] for r in report["rows"]] == ["momentum_ignition", "data_poisoning"]
    assert report["adaptive"] is None
    assert Path(report["page"]) == small / "attack.html"
    assert "momentum_ignition" in (small / "attack.html").read_text()
    kept = json.loads((small / "attack.json").read_text())
    assert kept["rows"] == report["rows"]
    shown = run(*words)
    assert shown.exit_code == 0
    assert "Attacks on the simulated market, 2 pairs each" in shown.stdout


@pytest.mark.parametrize(
    "words",
    [("run", "--type", "rumour"), ("report", "--attacks", "spoofing,rumour")],
    ids=["run", "report"],
)
def test_an_unknown_attack_is_refused_before_anything_runs(
    small: Path, words: tuple[str, ...]
) -> None:
    answer = run(*words, "--seeds", "2", "--out", str(small))
    assert answer.exit_code == SettingsError.exit_code
    assert "no attack 'rumour'" in answer.stderr
    assert not small.exists()


def test_an_unknown_attack_exits_with_its_code_and_names_the_known(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "seawall", "attack", "run", "--type", "rumour"],
        cwd=tmp_path, env=os.environ | {"COLUMNS": "300"}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert answer.returncode == SettingsError.exit_code
    assert "no attack 'rumour'" in answer.stderr
    assert "wash_trading" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("--seeds", "1"), ("--intensity", "-1"), ("--workers", "-1")])
def test_numbers_out_of_range_are_refused(words: tuple[str, str]) -> None:
    answer = run("run", "--type", "spoofing", *words)
    assert answer.exit_code == 2
    assert words[0] in answer.stderr


def test_recordings_need_a_golden_set_before_anything_runs(small: Path, tmp_path: Path) -> None:
    some = tmp_path / "depth.parquet"
    some.write_bytes(b"")
    answer = run("report", "--seeds", "2", "--out", str(small), "--recorded", str(some))
    assert answer.exit_code == ResearchError.exit_code
    assert "--golden" in answer.stderr
    assert not small.exists()
    absent = run("report", "--out", str(small), "--recorded", str(tmp_path / "absent.parquet"))
    assert absent.exit_code == 2
    assert "absent.parquet" in absent.stderr
    assert not small.exists()
