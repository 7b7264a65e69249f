# SPDX-License-Identifier: MIT
"""Settings: four sources, one frozen tree, and refusals that help."""

from __future__ import annotations

import re
import tomllib
from dataclasses import FrozenInstanceError, dataclass, field
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.model.errors import SettingsError
from seawall.model.settings import from_arguments, from_environment, from_toml, resolve, schema_of
from seawall.model.settings.sources import key_lines


class Colour(IntEnum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True, slots=True)
class Inner:
    """Inner settings.

    Parameters
    ----------
    latency_ns : int
        How long an order travels.
    ratio, share : float
        Two fractions,
        told in two lines.
    """

    latency_ns: int = 5
    ratio: float = 0.5
    share: float = 0.25


@dataclass(frozen=True, slots=True)
class Section:
    """A section."""

    count: int = 3
    name: str = "x"
    on: bool = False
    place: Path = Path("here")
    cash: Decimal = Decimal(10)
    colour: Colour = Colour.RED
    mode: Literal["fast", "slow"] = "fast"
    limit: int | None = None
    sizes: tuple[int, ...] = (1, 2)
    span: tuple[float, float] = (0.0, 1.0)
    cash_by: tuple[tuple[str, Decimal], ...] = ()
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        if self.count < 0:
            raise SettingsError("count is negative", mend="give 0 or more")


@dataclass(frozen=True, slots=True)
class Tree:
    section: Section = field(default_factory=Section)
    other: Inner = field(default_factory=Inner)


def toml(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "seawall.toml"
    file.write_text(text)
    return file


def test_without_sources_every_value_is_its_default() -> None:
    found = resolve(Tree, [])
    assert found.settings == Tree()
    assert {o.where for o in found.origins.values()} == {"default"}
    assert found.flat()["section.inner.latency_ns"] == 5
    assert list(found.flat()) == list(schema_of(Tree))


def test_the_command_line_beats_the_environment_beats_the_file(tmp_path: Path) -> None:
    file = toml(tmp_path, "[section]\ncount = 10\nname = 'file'\non = true\n")
    found = resolve(
        Tree,
        [
            *from_toml(file),
            *from_environment({"SEAWALL_SECTION__COUNT": "20", "SEAWALL_SECTION__NAME": "env"}),
            *from_arguments(["section.count=30"]),
        ],
    )
    assert found.settings.section == Section(count=30, name="env", on=True)
    assert found.origins["section.count"].where == "--set section.count=30"
    assert found.origins["section.name"].where == "SEAWALL_SECTION__NAME"
    assert found.origins["section.on"].where == f"{file}:4"
    assert found.origins["section.mode"].where == "default"


def test_the_tree_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        resolve(Tree, []).settings.section.count = 4  # type: ignore[misc]


TYPED: list[tuple[str, str, Any]] = [
    ("count", "1_000", 1000),
    ("name", "7", "7"),
    ("on", "Yes", True),
    ("on", "0", False),
    ("place", "/a/b", Path("/a/b")),
    ("cash", "0.1", Decimal("0.1")),
    ("colour", "Blue", Colour.BLUE),
    ("mode", "slow", "slow"),
    ("limit", "5", 5),
    ("limit", "none", None),
    ("sizes", "3, 4,5", (3, 4, 5)),
    ("sizes", "", ()),
    ("span", "1, 2.5", (1.0, 2.5)),
    ("cash_by", "USDT:1000, BTC:0.5", (("USDT", Decimal(1000)), ("BTC", Decimal("0.5")))),
]


@pytest.mark.parametrize(("name", "text", "value"), TYPED)
def test_text_is_read_as_the_type_of_the_field(name: str, text: str, value: Any) -> None:
    found = resolve(Tree, from_arguments([f"section.{name}={text}"]))
    assert getattr(found.settings.section, name) == value


def test_toml_values_keep_their_types_and_nested_tables_are_followed(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        """
        [section]
        sizes = [7, 8]
        colour = "blue"
        cash = 0.1
        cash_by = [["USDT", 10.5]]
        inner.latency_ns = "100ms"
        inner.ratio = 1
        [other]
        latency_ns = 12
        """,
    )
    found = resolve(Tree, from_toml(file)).settings
    assert found.section.sizes == (7, 8)
    assert found.section.colour is Colour.BLUE
    assert found.section.cash == Decimal("0.1")
    assert found.section.cash_by == (("USDT", Decimal("10.5")),)
    assert found.section.inner == Inner(latency_ns=100_000_000, ratio=1.0)
    assert found.other.latency_ns == 12


WRONG = [
    ("count", '"7"', "a whole number"),
    ("count", "1.5", "a whole number"),
    ("count", "true", "a whole number"),
    ("name", "7", "text"),
    ("on", '"yes"', "true or false"),
    ("on", "1", "true or false"),
    ("place", "3", "a path"),
    ("cash", '"ten"', "a decimal number"),
    ("colour", '"green"', "one of red, blue"),
    ("mode", '"medium"', "one of fast, slow"),
    ("limit", '"many"', "a whole number, or none"),
    ("sizes", "3", "a list, each a whole number"),
    ("sizes", '["a"]', "a list, each a whole number"),
    ("span", "[1.0]", "a list of 2: a number, a number"),
    ("cash_by", '["USDT"]', "a list, each a list of 2: text, a decimal number"),
    ("cash_by", '[["USDT", 1, 2]]', "a list, each a list of 2"),
    ("inner.latency_ns", '"soon"', "a duration such as 100ms"),
    ("inner.ratio", '"half"', "a number"),
]


@pytest.mark.parametrize(("name", "written", "expected"), WRONG)
def test_a_wrong_type_is_refused_with_what_was_expected_and_its_line(
    tmp_path: Path, name: str, written: str, expected: str
) -> None:
    file = toml(tmp_path, f"# a comment\n[section]\n{name} = {written}\n")
    with pytest.raises(SettingsError) as refused:
        resolve(Tree, from_toml(file))
    assert refused.value.where == f"{file}:3"
    assert f"section.{name}" in refused.value.what
    assert expected in refused.value.mend


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("section.cuont", "section.count"),
        ("sectoin.count", "section.count"),
        ("inner.latency_ns", "section.inner.latency_ns"),
        ("count", "section.count"),
        ("section.inner.latency", "section.inner.latency_ns"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_valid_one(typed: str, meant: str) -> None:
    with pytest.raises(SettingsError) as refused:
        resolve(Tree, from_arguments([f"{typed}=1"]))
    assert f"did you mean {meant}?" in refused.value.mend
    assert refused.value.where == f"--set {typed}=1"


def test_an_unknown_variable_is_answered_in_the_spelling_of_variables() -> None:
    with pytest.raises(SettingsError) as refused:
        resolve(Tree, from_environment({"SEAWALL_SECTION__CUONT": "1"}))
    assert refused.value.where == "SEAWALL_SECTION__CUONT"
    assert "SEAWALL_SECTION__COUNT?" in refused.value.mend


def test_a_name_like_no_other_is_refused_without_a_guess() -> None:
    with pytest.raises(SettingsError) as refused:
        resolve(Tree, from_arguments(["qqqq.zzzz=1"]))
    assert "did you mean" not in refused.value.mend


def test_reserved_and_foreign_variables_are_left_alone() -> None:
    assert from_environment({"SEAWALL_TEST_DATA": "x", "SEAWALL_DEBUG": "1", "HOME": "/"}) == []


def test_a_section_cannot_be_set_as_if_it_were_a_value(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is a section") as refused:
        resolve(Tree, from_toml(toml(tmp_path, "section = 3\n")))
    assert "section.count" in refused.value.mend
    with pytest.raises(SettingsError, match=r"no setting 'section\.count\.deep'"):
        resolve(Tree, from_toml(toml(tmp_path, "[section.count]\ndeep = 3\n")))


def test_an_empty_table_is_no_error(tmp_path: Path) -> None:
    assert resolve(Tree, from_toml(toml(tmp_path, "[section]\n[other]\n"))).settings == Tree()


def test_a_value_out_of_range_is_blamed_on_what_set_it() -> None:
    with pytest.raises(SettingsError, match="negative") as refused:
        resolve(Tree, from_arguments(["section.count=-1"]))
    assert refused.value.where == "--set section.count=-1"


def test_a_broken_file_is_refused_with_the_line(tmp_path: Path) -> None:
    file = toml(tmp_path, "[section]\ncount = \n")
    with pytest.raises(SettingsError, match="no valid TOML") as refused:
        from_toml(file)
    assert refused.value.where == f"{file}:2"
    with pytest.raises(SettingsError, match="cannot be read"):
        from_toml(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(SettingsError, match="no valid TOML"):
        from_toml(tmp_path / "latin.toml")


def test_a_pair_without_an_equals_sign_sets_nothing() -> None:
    with pytest.raises(SettingsError, match="sets nothing"):
        from_arguments(["run.seed"])
    assert from_arguments(["a.b=c=d"])[0].value == "c=d"


def test_lines_are_found_past_strings_arrays_and_comments_that_look_like_keys() -> None:
    text = '''
top = 1
[a]
text = """
b = 2
[c]
"""
list = [
  "x = [", # y = 3
  "z"
]
"quoted" = 4
[a.deep]
last = { inline = 1 }
'''
    assert key_lines(text) == {
        "top": 2, "a": 3, "a.text": 4, "a.list": 8, "a.quoted": 12, "a.deep": 13, "a.deep.last": 14,
    }  # fmt: skip


NAMES = st.from_regex(re.compile(r"[a-z]{1,6}", re.ASCII), fullmatch=True)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(), min_size=1), max_size=4))
def test_every_key_of_a_plain_file_is_found_on_its_line(tables: dict[str, dict[str, int]]) -> None:
    lines = []
    for table, pairs in tables.items():
        lines += [f"[{table}]", *(f"{k} = {v}" for k, v in pairs.items())]
    text = "\n".join(lines)
    found = key_lines(text)
    for table, pairs in tomllib.loads(text).items():
        for name, value in pairs.items():
            assert lines[found[f"{table}.{name}"] - 1] == f"{name} = {value}"


def test_the_schema_tells_what_each_setting_means() -> None:
    schema = schema_of(Tree)
    assert schema["other.latency_ns"].meaning == "How long an order travels."
    assert schema["other.share"].meaning == "Two fractions, told in two lines."
    assert list(schema)[:2] == ["section.count", "section.name"]


def test_a_section_without_defaults_is_refused_when_it_is_declared() -> None:
    @dataclass(frozen=True)
    class Bare:
        x: int

    with pytest.raises(TypeError, match="needs a default"):
        schema_of(Bare)
