# SPDX-License-Identifier: MIT
"""Examples in the documentation run, its links lead somewhere, and it builds.

A block of Python behind ``<!-- run -->`` is executed; the blocks of one page share
their names and an empty folder, as if typed one after the other.  ``<!-- run: bars -->``
finds a catalogue with two months of made-up hourly bars of BTC/USDT there.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / n for n in ("README.md", "CONTRIBUTING.md")),
]
HOUR_NS = 3_600 * 10**9
BLOCK = re.compile(r"^<!-- run(?:: bars)? -->\n+```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"`(seawall(?:\.\w+)+)`(?<!\.toml`)")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")


def blocks(page: Path) -> list[tuple[int, str]]:
    text = page.read_text()
    return [(text[: m.start(1)].count("\n") + 1, m[1]) for m in BLOCK.finditer(text)]


def label(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=label)
def test_the_examples_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "<!-- run: bars -->" in page.read_text():
        make_bars(tmp_path / "catalogue")
    # A class defined in an example must be found by what it is handed to.
    names: dict[str, object] = {"__name__": "__main__"}
    for line, code in blocks(page):
        exec(compile("\n" * (line - 1) + code, str(page), "exec"), names)
        outcome = getattr(names.get("result"), "outcome", None)
        assert outcome is None or len(outcome.fills) > 0, "an example that never trades"


def make_bars(root: Path) -> None:
    """Store a seeded random walk of hourly bars."""
    import numpy as np
    import polars as pl

    from seawall.data import Catalogue
    from seawall.data.importers.base import Batch, canonical

    rng = np.random.default_rng(7)
    n = 24 * 60
    close = np.round(60_000 * np.exp(np.cumsum(rng.normal(0, 0.005, n))), 2)
    first = np.concatenate([[60_000.0], close[:-1]])
    frame = pl.DataFrame(
        {
            "ts": 1_700_000_000_000_000_000 // HOUR_NS * HOUR_NS + np.arange(n) * HOUR_NS,
            "open": first,
            "high": np.maximum(first, close) + 25,
            "low": np.minimum(first, close) - 25,
            "close": close,
            "volume": np.round(rng.uniform(50, 500, n), 3),
        }
    )
    rows = canonical(frame, "bars_1h")
    Catalogue(root).add([Batch("binance", "BTC/USDT", "bars_1h", rows)])


def test_the_pages_have_examples_that_run() -> None:
    assert sum(len(blocks(page)) for page in PAGES) >= 3


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{label(page)} links to {target}"


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something in one, by its source alone."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        base = ROOT.joinpath("src", *parts[:cut])
        file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        if file.is_file():
            return defined(ast.parse(file.read_text()).body, parts[cut:])
    return False


def defined(body: list[ast.stmt], names: list[str]) -> bool:
    if not names:
        return True
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == names[0]:
            return defined(node.body, names[1:])
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(isinstance(t, ast.Name) and t.id == names[0] for t in targets):
            return len(names) == 1
        if isinstance(node, ast.ImportFrom) and names[0] in {
            a.asname or a.name for a in node.names
        }:
            return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_names_of_code_in_the_pages_exist(page: Path) -> None:
    absent = [name for name in NAME.findall(page.read_text()) if not exists(name)]
    assert not absent


def commands_in(page: Path) -> list[list[str]]:
    """Words behind ``seawall`` in the shell blocks of a page."""
    lines = "\n".join(SHELL.findall(page.read_text())).splitlines()
    split = [[w for w in shlex.split(x, comments=True)] for x in lines]
    bare = [words[next((i for i, w in enumerate(words) if "=" not in w), 0) :] for words in split]
    return [words[1:] for words in bare if words[:1] == ["seawall"]]


def fault_of(words: list[str]) -> str:
    """Say why a command line of a page cannot be right, or nothing."""
    from seawall.cli.app import COMMANDS
    from seawall.cli.lazy import load

    while words[:1] and words[0].startswith("-"):
        words = words[2 if words[0] in ("--set", "--config") else 1 :]
    if not words:
        return ""
    command = next((c for c in COMMANDS if c.name == words[0]), None)
    if command is None or find_spec(command.module) is None:
        return "no such command"
    verb = load(command)
    if command.group:
        verbs = verb.commands
        if len(words) < 2 or words[1] not in verbs:
            return "no such verb"
        verb = verbs[words[1]]
    options = {o for p in verb.params for o in (*p.opts, *p.secondary_opts)}
    used = {w.partition("=")[0] for w in words if w.startswith("--")}
    unknown = used - options - {"--set", "--config", "--debug", "--help"}
    return f"no such option {sorted(unknown)}" if unknown else ""


def test_commands_in_the_pages_exist() -> None:
    faults = [
        f"{label(page)}: seawall {shlex.join(words)}: {fault_of(words)}"
        for page in PAGES
        for words in commands_in(page)
        if fault_of(words)
    ]
    assert not faults, "\n".join(faults)


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    if find_spec("mkdocs") is None or find_spec("mkdocstrings") is None:
        pytest.skip("mkdocs is not installed: it comes with the extra 'dev'")
    answer = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path / "site")],
        cwd=ROOT,
        env=dict(os.environ) | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    page = (tmp_path / "site" / "reference" / "settings.html").read_text()
    assert "run.seed" in page
    assert "generated:" not in page
