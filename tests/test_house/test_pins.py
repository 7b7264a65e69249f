# SPDX-License-Identifier: MIT
"""The pins cover what is declared, and the commands of the first page exist."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from seawall import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TARGETS = ("setup", "check", "test", "bench", "docs", "demo")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {_plain(name): version for name, version in pairs}


def declared() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(r) for r in (*PROJECT["dependencies"], *(r for e in extras for r in e))]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_declared_package_is_pinned_within_its_bounds() -> None:
    pinned = pins()
    for need in declared():
        assert need.specifier.contains(pinned[_plain(need.name)]), need


def test_the_tests_run_on_the_pinned_versions() -> None:
    pinned = pins()
    for need in declared():
        try:
            found = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        assert found == pinned[_plain(need.name)], need


def test_the_base_is_light() -> None:
    names = {_plain(Requirement(r).name) for r in PROJECT["dependencies"]}
    assert not names & {"torch", "ray", "ccxt", "optuna", "pandas", "jax"}


def test_the_version_is_told_once_in_truth() -> None:
    assert PROJECT["version"] == __version__


def test_make_help_names_the_commands_of_the_house() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in TARGETS:
        assert f"make {target} " in shown


def test_the_readme_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"^make \w+", text, re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]
