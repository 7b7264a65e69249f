# SPDX-License-Identifier: MIT
"""From what a file or a person wrote to the type that a field declares.

A value from TOML already has a type and is held to it; a value from the environment
or the command line is text and is read as the field's type.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from seawall.model.errors import SettingsError
from seawall.model.time import parse_duration_ns

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_INTEGER = re.compile(r"[+-]?\d+(_\d+)*")


class Mismatch(Exception):
    """A value does not fit; says what was expected."""


def coerce(key: str, kind: Any, value: Any, *, is_text: bool) -> Any:
    """Return ``value`` as the type ``kind``.

    Parameters
    ----------
    key : str
        Dotted name; a whole number whose name ends in ``_ns`` may be a duration.
    kind : object
        Type annotation: bool, int, float, str, Path, Decimal, an enumeration, a
        literal, an optional of these, or a tuple of these; tuples may hold tuples.
        In text, commas part the items and colons the items of an inner tuple.
    value : object
        What was written.
    is_text : bool
        Whether it comes from a place that knows only text.

    Raises
    ------
    Mismatch
        With what was expected.
    """
    if kind is int and key.endswith("_ns") and isinstance(value, str):
        return _duration(value)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(value, is_text)
    if get_origin(kind) in (Union, types.UnionType):
        return _optional(key, kind, value, is_text)
    if get_origin(kind) is tuple:
        return _tuple(key, kind, value, is_text)
    if get_origin(kind) is Literal:
        return _one_of(value, {str(v): v for v in get_args(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _one_of(value, {member.name.lower(): member for member in kind})
    raise TypeError(f"{key} is declared as {kind}, which cannot be set")


def expected(key: str, kind: Any) -> str:
    """Say in words what a field takes."""
    if kind is int and key.endswith("_ns"):
        return "a duration such as 100ms, or whole nanoseconds"
    if kind in _WORDS:
        return _WORDS[kind]
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(v) for v in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(member.name.lower() for member in kind)
    inner = [arg for arg in get_args(kind) if arg not in (type(None), Ellipsis)]
    if get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis:
        return f"a list, each {expected(key, inner[0])}"
    if get_origin(kind) is tuple:
        return f"a list of {len(inner)}: " + ", ".join(expected(key, k) for k in inner)
    return f"{expected(key, inner[0])}, or none"


def _duration(text: str) -> int:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return parse_duration_ns(text)
    except SettingsError as error:
        raise Mismatch(error.mend) from None


def _bool(value: Any, is_text: bool) -> bool:
    if isinstance(value, bool):
        return value
    if is_text and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise Mismatch


def _int(value: Any, is_text: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if is_text and _INTEGER.fullmatch(value):
        return int(value)
    raise Mismatch


def _float(value: Any, is_text: bool) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if is_text:
        try:
            return float(value)
        except ValueError:
            raise Mismatch from None
    raise Mismatch


def _decimal(value: Any, is_text: bool) -> Decimal:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            raise Mismatch from None
    raise Mismatch


def _str(value: Any, is_text: bool) -> str:
    if isinstance(value, str):
        return value
    raise Mismatch


def _path(value: Any, is_text: bool) -> Path:
    return Path(_str(value, is_text)).expanduser()


def _optional(key: str, kind: Any, value: Any, is_text: bool) -> Any:
    if isinstance(value, str) and value.lower() in ("", "none"):
        return None
    inner = [arg for arg in get_args(kind) if arg is not type(None)]
    return coerce(key, inner[0], value, is_text=is_text)


def _tuple(key: str, kind: Any, value: Any, is_text: bool) -> tuple[Any, ...]:
    kinds = get_args(kind)
    if is_text:
        # The inner parts come as a list already: text is parted once, here.
        value = [_parted(part.strip(), kinds[0]) for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise Mismatch
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(value)
    if len(kinds) != len(value):
        raise Mismatch
    return tuple(
        _tuple_item(key, item_kind, item, is_text)
        for item_kind, item in zip(kinds, value, strict=True)
    )


def _parted(text: str, kind: Any) -> str | list[str]:
    return [part.strip() for part in text.split(":")] if get_origin(kind) is tuple else text


def _tuple_item(key: str, kind: Any, item: Any, is_text: bool) -> Any:
    if get_origin(kind) is not tuple:
        return coerce(key, kind, item, is_text=is_text)
    kinds = get_args(kind)
    if not isinstance(item, list) or len(item) != len(kinds):
        raise Mismatch
    return tuple(coerce(key, k, i, is_text=is_text) for k, i in zip(kinds, item, strict=True))


def _one_of(value: Any, choices: dict[str, Any]) -> Any:
    try:
        return choices[str(value).lower()]
    except KeyError:
        raise Mismatch from None


_READERS: dict[Any, Callable[[Any, bool], Any]] = {
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    Path: _path,
    Decimal: _decimal,
}
_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path, in quotes",
    Decimal: "a decimal number",
}
