# SPDX-License-Identifier: MIT
"""The places from which settings are read, each value with where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seawall.model.errors import SettingsError

PREFIX = "SEAWALL_"
RESERVED = frozenset({"SEAWALL_TEST_DATA", "SEAWALL_DEBUG"})
"""Names in the environment that are no settings."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value that somebody gave.

    Parameters
    ----------
    key : str
        Dotted name as it was meant.
    value : object
        Typed when from TOML, else text.
    where : str
        ``seawall.toml:3``, ``SEAWALL_RUN__SEED`` or ``--set run.seed=7``.
    is_text : bool
        Whether the place knows only text.
    """

    key: str
    value: Any
    where: str
    is_text: bool


def from_toml(path: Path) -> list[Given]:
    """Read a settings file.

    Raises
    ------
    SettingsError
        When the file cannot be read or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(
            f"the settings file cannot be read: {error.strerror}",
            where=str(path),
            mend="give --config the path of a TOML file, or make one: seawall config init",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"at line (\d+)", str(error))
        raise SettingsError(
            f"the settings file is no valid TOML: {error}",
            where=f"{path}:{place[1]}" if place else str(path),
            mend="text needs quotes, and every table header brackets: [run]",
        ) from None
    lines = key_lines(text)
    return [
        Given(key, value, f"{path}:{_line(lines, key)}", is_text=False)
        for key, value in _leaves(content, "")
    ]


def from_environment(environment: Mapping[str, str]) -> list[Given]:
    """Take every ``SEAWALL_*`` variable but the reserved ones."""
    return [
        Given(name[len(PREFIX) :].lower().replace("__", "."), value, name, is_text=True)
        for name, value in sorted(environment.items())
        if name.startswith(PREFIX) and name not in RESERVED
    ]


def from_arguments(pairs: Iterable[str]) -> list[Given]:
    """Take ``key=value`` pairs of the command line.

    Raises
    ------
    SettingsError
        When a pair has no equals sign.
    """
    given = []
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise SettingsError(
                f"{pair!r} sets nothing",
                where=f"--set {pair}",
                mend="write --set section.name=value, for example --set run.seed=7",
            )
        given.append(Given(key.strip(), value.strip(), f"--set {pair}", is_text=True))
    return given


def key_lines(text: str) -> dict[str, int]:
    """Map the dotted names in a valid TOML text to the lines on which they stand.

    The parser of the standard library keeps no positions; this reads keys and table
    headers only, stepping over multi-line strings and arrays.
    """
    found: dict[str, int] = {}
    table = ""
    closing = ""  # what ends the multi-line string we are in
    depth = 0  # open brackets of a multi-line array
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if depth:
            depth += _brackets(line)
            continue
        header = re.match(r"\s*\[+\s*([^\[\]]+?)\s*\]+", line)
        if header:
            table = _bare(header[1])
            found.setdefault(table, number)
            continue
        pair = re.match(r"\s*([^=#]+?)\s*=(.*)", line)
        if pair is None:
            continue
        found[f"{table}.{_bare(pair[1])}" if table else _bare(pair[1])] = number
        for quotes in ('"""', "'''"):
            if pair[2].count(quotes) == 1:
                closing = quotes
        depth = 0 if closing else _brackets(pair[2])
    return found


def _brackets(text: str) -> int:
    """Brackets opened less brackets closed, outside quotes and comments."""
    code = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*", "", text)
    return code.count("[") - code.count("]")


def _bare(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _line(lines: Mapping[str, int], key: str) -> int:
    """Line of a key, or of the nearest table or inline table around it."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key, 1)


def _leaves(content: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{name}.")
        elif not isinstance(value, dict):
            yield prefix + name, value
        else:
            yield prefix + name, {}
