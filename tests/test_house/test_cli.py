# SPDX-License-Identifier: MIT
"""The command line as a person or a program meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seawall import __version__
from seawall.cli.app import COMMANDS
from seawall.cli.lazy import hoist, load

Run = Callable[..., subprocess.CompletedProcess[str]]

# A command group that fails in every way a command can fail.
TROUBLE = """
import os
import typer
from seawall.model.errors import DataError
app = typer.Typer()

@app.command()
def known(): raise DataError("the file is cut short", where="trades.zip", mend="fetch it again")

@app.command()
def bug(): raise ValueError("seven")

@app.command()
def stopped(): raise KeyboardInterrupt

@app.command()
def full(): raise OSError(28, os.strerror(28), "catalogue/part.parquet")

@app.command()
def lacking():
    raise ModuleNotFoundError("No module named 'optuna'", name="optuna")

@app.command()
def early(): raise typer.Exit(9)
"""

BOOT = """
import sys
import seawall.cli.app as cli
from seawall.cli.lazy import LazyCommand, lazy_group
extra = (LazyCommand("trouble", "trouble", "Fails."), LazyCommand("no", "nowhere", "X"))
cli.app.info.cls = lazy_group((*cli.COMMANDS, *extra))
cli.main()
"""


@pytest.fixture
def seawall(tmp_path: Path) -> Run:
    """Run the command in an empty folder."""

    def run(*words: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SEAWALL_")}
        start = [sys.executable, "-c", code] if code else [sys.executable, "-m", "seawall"]
        return subprocess.run(
            [*start, *words],
            cwd=tmp_path,
            env=clean | {"COLUMNS": "200", "PYTHONPATH": _python_path(tmp_path)} | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def _python_path(folder: Path) -> str:
    return os.pathsep.join([str(folder), str(Path(__file__).parents[2] / "src")])


def test_version_and_help_answer_without_a_command(seawall: Run) -> None:
    assert seawall("--version").stdout == f"seawall {__version__}\n"
    overview = seawall("--help")
    assert overview.returncode == 0
    for word in ("config", "doctor", "--set", "--debug", "next: seawall demo"):
        assert word in overview.stdout


def test_help_loads_no_heavy_package(seawall: Run) -> None:
    code = (
        "import sys, atexit\n"
        "heavy = {'numpy', 'numba', 'polars', 'duckdb', 'pyarrow', 'plotly', 'scipy', 'ccxt'}\n"
        "atexit.register(lambda: print('heavy:', sorted(heavy & set(sys.modules))))\n"
        "from seawall.cli.app import main; main()"
    )
    assert "heavy: []" in seawall("--help", code=code).stdout


def test_a_mistyped_command_is_answered_with_the_nearest(seawall: Run) -> None:
    answer = seawall("doctr")
    assert answer.returncode == 2
    assert "doctor" in answer.stderr


def test_config_show_prints_every_setting_with_its_origin(seawall: Run, tmp_path: Path) -> None:
    (tmp_path / "seawall.toml").write_text("[run]\nworkers = 3\n")
    answer = seawall("config", "show", "--json", "--set", "run.seed=7", SEAWALL_RUN__OUT_DIR="o")
    shown = json.loads(answer.stdout)
    assert shown["run.seed"] == {"value": 7, "origin": "--set run.seed=7"}
    assert shown["run.workers"] == {"value": 3, "origin": "seawall.toml:2"}
    assert shown["run.out_dir"] == {"value": "o", "origin": "SEAWALL_RUN__OUT_DIR"}
    assert shown["catalogue.root"] == {"value": "catalogue", "origin": "default"}
    table = seawall("config", "show").stdout
    assert "seawall.toml:2" in table
    assert "catalogue.root" in table
    explained = seawall("config", "show", "--explain").stdout
    assert "Folder of the catalogue" in explained
    assert "5ms" in explained


def test_an_unknown_setting_exits_with_its_code_and_the_nearest_name(
    seawall: Run, tmp_path: Path
) -> None:
    (tmp_path / "seawall.toml").write_text("\n[run]\nsede = 3\n")
    answer = seawall("config", "show")
    assert answer.returncode == 2
    assert answer.stdout == ""
    for part in ("run.sede", "seawall.toml:3", "did you mean run.seed?"):
        assert part in answer.stderr


def test_config_init_writes_a_file_that_changes_nothing_and_is_never_overwritten(
    seawall: Run, tmp_path: Path
) -> None:
    before = json.loads(seawall("config", "show", "--json").stdout)
    assert seawall("config", "init").returncode == 0
    after = json.loads(seawall("config", "show", "--json").stdout)
    assert after == before
    (tmp_path / "seawall.toml").write_text("# mine\n")
    assert seawall("config", "init").returncode == 2
    assert (tmp_path / "seawall.toml").read_text() == "# mine\n"


def test_every_default_in_the_written_file_is_accepted_when_uncommented(
    seawall: Run, tmp_path: Path
) -> None:
    seawall("config", "init", "all.toml")
    lines = (tmp_path / "all.toml").read_text().splitlines()
    keys = [line.removeprefix("# ") if " = " in line else line for line in lines]
    (tmp_path / "all.toml").write_text("\n".join(keys))
    before = json.loads(seawall("config", "show", "--json").stdout)
    answer = seawall("--config", "all.toml", "config", "show", "--json")
    after = json.loads(answer.stdout)
    assert {k: v["value"] for k, v in after.items()} == {k: v["value"] for k, v in before.items()}
    assert {v["origin"].split(":")[0] for v in after.values()} == {"all.toml"}


def test_a_known_error_says_what_where_and_mend_and_hides_the_traceback(
    seawall: Run, tmp_path: Path
) -> None:
    (tmp_path / "trouble.py").write_text(TROUBLE)
    answer = seawall("trouble", "known", code=BOOT)
    assert answer.returncode == 3
    for part in ("the file is cut short", "where  trades.zip", "mend  fetch it again"):
        assert part in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize(
    "words", [("--debug", "trouble", "known"), ("trouble", "known", "--debug")]
)
def test_debug_shows_the_traceback_wherever_it_stands(
    seawall: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "trouble.py").write_text(TROUBLE)
    answer = seawall(*words, code=BOOT)
    assert answer.returncode == 3
    assert "Traceback" in answer.stderr
    assert "mend  fetch it again" in answer.stderr


@pytest.mark.parametrize(
    ("verb", "code", "parts"),
    [
        ("bug", 70, ("a fault in Seawall: ValueError: seven", "trouble.py:", "--debug")),
        ("stopped", 130, ("interrupted",)),
        ("full", 74, ("No space left on device", "catalogue/part.parquet", "free some space")),
        ("lacking", 1, ("optuna is not installed", "seawall[sweep]")),
        ("early", 9, ()),
    ],
)
def test_exit_codes_are_stable(
    seawall: Run, tmp_path: Path, verb: str, code: int, parts: tuple[str, ...]
) -> None:
    (tmp_path / "trouble.py").write_text(TROUBLE)
    answer = seawall("trouble", verb, code=BOOT)
    assert answer.returncode == code
    for part in parts:
        assert part in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_program_that_asks_for_json_gets_the_error_as_json(seawall: Run, tmp_path: Path) -> None:
    answer = seawall("config", "show", "--json", "--set", "run.sede=1")
    assert answer.returncode == 2
    error = json.loads(answer.stdout)["error"]
    assert error["where"] == "--set run.sede=1"
    assert error["exit_code"] == 2
    assert "run.seed" in error["mend"]


def test_a_command_that_is_not_there_breaks_no_other(seawall: Run, tmp_path: Path) -> None:
    (tmp_path / "trouble.py").write_text("raise RuntimeError('cannot even be imported')")
    overview = seawall("--help", code=BOOT)
    assert overview.returncode == 0
    assert "nowhere" not in overview.stdout
    assert seawall("config", "show", code=BOOT).returncode == 0
    assert seawall("trouble", code=BOOT).returncode == 70


def test_doctor_tells_whether_the_machine_is_ready(seawall: Run) -> None:
    answer = seawall("doctor", "--json")
    told = json.loads(answer.stdout)
    assert told["ready"] is (answer.returncode == 0)
    states = {f["part"]: f["state"] for f in told["findings"]}
    assert {"settings", "python", "numba", "compiled code", "disk", "catalogue"} <= set(states)
    assert set(states.values()) <= {"ok", "hint", "bad"}


def test_doctor_finds_a_wrong_setting_and_a_catalogue_that_is_no_folder(
    seawall: Run, tmp_path: Path
) -> None:
    wrong = seawall("doctor", "--json", SEAWALL_RUN__SEDE="1")
    assert wrong.returncode == 1
    finding = json.loads(wrong.stdout)["findings"][0]
    assert finding["state"] == "bad"
    assert "SEAWALL_RUN__SEED" in finding["mend"]
    (tmp_path / "catalogue").write_text("a file")
    assert seawall("doctor").returncode == 1


def test_shared_options_may_stand_anywhere_before_a_double_dash() -> None:
    assert hoist(["demo", "--debug", "--json"]) == ["--debug", "demo", "--json"]
    assert hoist(["a", "--set", "x=1", "b", "--config=c"]) == [
        "--set",
        "x=1",
        "--config=c",
        "a",
        "b",
    ]
    assert hoist(["a", "--", "--debug"]) == ["a", "--", "--debug"]
    assert hoist(["a", "--set"]) == ["--set", "a"]


def test_no_command_takes_a_shared_option_for_itself() -> None:
    from importlib.util import find_spec

    def options(command: object) -> set[str]:
        own = {o for p in getattr(command, "params", ()) for o in getattr(p, "opts", ())}
        return own.union(*(options(c) for c in getattr(command, "commands", {}).values()))

    for command in COMMANDS:
        if find_spec(command.module) is not None:
            taken = options(load(command))
            assert not taken & {"--set", "--config", "--debug"}, command.name
            assert "--install-completion" not in taken, command.name


def test_every_command_of_the_overview_is_there(seawall: Run) -> None:
    overview = seawall("--help").stdout
    for command in COMMANDS:
        assert f" {command.name} " in overview
