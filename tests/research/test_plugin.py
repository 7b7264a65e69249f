# SPDX-License-Identifier: MIT
"""Code of the user's is found by name, made with its parameters, or refused with a place."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from seawall.engine.strategy import Strategy, TargetStrategy
from seawall.model.errors import ResearchError, SettingsError
from seawall.research.plugin import load_object, load_strategy, parse_params, source_hash

MINE = """\
from dataclasses import dataclass

import helper
from seawall import Strategy, TargetStrategy


class Cross(Strategy):
    def __init__(self, fast=5, slow=20, kind="ema"):
        self.fast, self.slow, self.kind = fast, slow, kind


@dataclass
class Lines(Strategy):
    fast: int = helper.FAST


def make(quantity):
    return TargetStrategy(lambda bars: bars["close"] * 0 + quantity, name="held")


held = make(2.0)
number = 3
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    (tmp_path / "helper.py").write_text("FAST = 9\n")
    (tmp_path / "mine.py").write_text(MINE)
    return str(tmp_path / "mine.py")


def test_a_class_is_made_with_parameters_of_their_kinds(mine: str) -> None:
    made = load_strategy(f"{mine}:Cross", ["fast=3", "slow=1e2", "kind=sma"])
    assert isinstance(made, Strategy)
    assert (made.fast, made.slow, made.kind) == (3, 100.0, "sma")  # type: ignore[attr-defined]


def test_a_function_makes_a_strategy_and_an_object_is_one(mine: str) -> None:
    assert isinstance(load_strategy(f"{mine}:make", ["quantity=1"]), TargetStrategy)
    assert load_strategy(f"{mine}:held") is load_object(f"{mine}:held")


def test_a_file_may_import_its_neighbours_and_its_objects_can_be_copied(mine: str) -> None:
    made = load_strategy(f"{mine}:Lines")
    assert made.fast == 9  # type: ignore[union-attr]
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made


def test_two_files_of_one_name_do_not_shadow_one_another(tmp_path: Path) -> None:
    for folder, value in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(f"value = {value}\n")
    found = [load_object(f"{tmp_path / folder / 'same.py'}:value") for folder in ("a", "b", "a")]
    assert found == [1, 2, 1]


def test_a_changed_file_is_read_again_and_has_another_identity(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("value = 1\n")
    before = source_hash(f"{file}:value")
    file.write_text("value = 2\n")
    assert load_object(f"{file}:value") == 2
    assert source_hash(f"{file}:value") != before


def test_an_installed_module_is_found_by_its_name() -> None:
    assert load_object("seawall.engine.strategy:Strategy") is Strategy


@pytest.mark.parametrize(
    ("name", "words", "what", "mend"),
    [
        ("Crss", [], "no Crss", "Cross"),
        ("Cross", ["fats=1"], "fats", "definition"),
        ("Cross", ["fast"], "'fast' is no parameter", "NAME=VALUE"),
        ("Cross", ["fast=1", "fast=2"], "given twice", "once"),
        ("held", ["fast=1"], "finished strategy", "class or a function"),
        ("number", [], "no strategy", "Strategy"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_mend(
    mine: str, name: str, words: list[str], what: str, mend: str
) -> None:
    with pytest.raises((SettingsError, ResearchError)) as caught:
        load_strategy(f"{mine}:{name}", words)
    assert what in caught.value.what
    assert mend in caught.value.mend


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\n\nb = a / 0\n", 3), ("a = 1\ndef f(:\n", 2)], ids=["runs", "reads"]
)
def test_a_broken_file_is_named_with_the_line_that_breaks(
    tmp_path: Path, text: str, line: int
) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(ResearchError) as caught:
        load_object(f"{file}:a")
    assert caught.value.where == f"{file}:{line}"


@pytest.mark.parametrize("name", ["mine.py", "mine.py:", ":Name", "mine.py:not a name"])
def test_a_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="names nothing"):
        load_object(name)


def test_a_module_that_is_not_installed_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot be imported"):
        load_object("no_such_module_here:Name")


def test_parameters_keep_text_that_is_no_number() -> None:
    assert parse_params(["a=1", "b=0.5", "c=x=y"]) == {"a": 1, "b": 0.5, "c": "x=y"}
