# SPDX-License-Identifier: MIT
"""The house keeps its shape: direction of imports, weight, size and words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "seawall"
ROOMS = (
    "model",
    "data",
    "admission",
    "analytics",
    "robust",
    "signals",
    "engine",
    "research",
    "cli",
)  # each may import those before it
LINES_MAX = 450
LINES_MEDIAN_MAX = 250
HEADER = "# SPDX-License-Identifier: MIT"
BRANCHES = re.compile(r"\bif\b[^\n]*\b(is_)?(live|testing|backtest(ing)?|paper|unit_test\w*)\b")


def modules() -> list[Path]:
    return sorted(p for p in SOURCE.rglob("*.py"))


def code_files() -> list[Path]:
    bench = (p for p in (ROOT / "benchmarks").rglob("*.py") if ".venvs" not in p.parts)
    return [*modules(), *sorted((ROOT / "tests").rglob("*.py")), *sorted(bench)]


@cache
def imported(path: Path) -> frozenset[str]:
    """Names of our modules that a file imports anywhere in it, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(name for name in found if name.split(".")[0] == "seawall")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_itself_and_the_rooms_below(room: str) -> None:
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for path in (SOURCE / room).rglob("*.py"):
        rooms = {name.split(".")[1] for name in imported(path) if "." in name}
        upward = rooms & set(ROOMS) - set(allowed)
        assert not upward, f"{path.relative_to(ROOT)} imports {sorted(upward)}"


def test_no_room_imports_the_page_that_re_exports_it() -> None:
    """``from seawall import X`` inside a room would run in circles."""
    for path in modules():
        if path.parent == SOURCE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "seawall":
                assert {a.name for a in node.names} <= {"__version__"}, path


def test_import_linter_holds_the_contracts_of_pyproject() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed: make check runs it")
    answer = subprocess.run(
        [tool, "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": str(tool.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_room_has_a_contract() -> None:
    found = {p.name for p in SOURCE.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    assert found == set(ROOMS)


def test_the_engine_does_not_ask_who_feeds_it() -> None:
    for path in (SOURCE / "engine").rglob("*.py"):
        code = re.sub(r"#.*", "", path.read_text())
        found = BRANCHES.search(code)
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_the_engine_and_the_vocabulary_read_no_clock_and_draw_no_unseeded_number() -> None:
    forbidden = re.compile(
        r"time\.(time|time_ns|monotonic|perf_counter)\w*\(|datetime\.(now|utcnow)\(|"
        r"(?<!\.)random\.(random|randint|gauss)\(|default_rng\(\)"
    )
    for room in ("model", "engine"):
        for path in (SOURCE / room).rglob("*.py"):
            if path.name == "warmup.py":  # part of the set-up, which tells how long it took
                continue
            code = re.sub(r"#.*", "", path.read_text())
            assert forbidden.search(code) is None, path.relative_to(ROOT)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_says_what_it_is_and_stays_small(path: Path) -> None:
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert text.count("\n") <= LINES_MAX, "too long: split it by what it is about"


def test_every_folder_of_modules_is_a_package_with_a_docstring() -> None:
    for folder in {p.parent for p in modules()}:
        page = folder / "__init__.py"
        assert page.is_file(), f"{folder.relative_to(ROOT)} has no __init__.py"
        assert ast.get_docstring(ast.parse(page.read_text())), page.relative_to(ROOT)


def test_files_are_small_in_the_middle_too() -> None:
    lengths = sorted(p.read_text().count("\n") for p in modules())
    assert lengths[len(lengths) // 2] <= LINES_MEDIAN_MAX


def test_every_file_of_code_carries_its_licence() -> None:
    bare = [p for p in code_files() if p.read_text() and not p.read_text().startswith(HEADER)]
    assert not bare


def test_nothing_is_left_to_do_in_the_code() -> None:
    mark = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b")
    assert not [p for p in code_files() if mark.search(p.read_text())]


def test_importing_seawall_loads_nothing_heavy() -> None:
    code = (
        "import sys, seawall; "
        "heavy = {'numpy','numba','polars','duckdb','pyarrow','plotly','scipy','pandas','ccxt',"
        "'rich','typer','msgspec'}; print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def test_every_name_that_the_first_page_promises_is_there() -> None:
    import seawall

    for name in seawall.__all__:
        assert getattr(seawall, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Backtets'"):
        seawall.Backtets  # noqa: B018
