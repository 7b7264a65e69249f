# SPDX-License-Identifier: MIT
"""Join defaults and given values into one frozen tree, remembering origins."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar, get_type_hints

from seawall.model.errors import SettingsError
from seawall.model.settings.coerce import Mismatch, coerce, expected
from seawall.model.settings.schema import Setting, schema_of
from seawall.model.settings.sources import PREFIX, Given

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """The value of one setting and who gave it.

    Parameters
    ----------
    value : object
        Value in force.
    where : str
        ``default``, or the file and line, variable or argument.
    """

    value: Any
    where: str


@dataclass(frozen=True, slots=True)
class Resolved(Generic[T]):
    """A whole tree of settings with the origin of each leaf.

    Parameters
    ----------
    settings : T
        The tree.
    origins : mapping of str to Origin
        By dotted name, in the order of declaration.
    """

    settings: T
    origins: Mapping[str, Origin]

    def flat(self) -> dict[str, Any]:
        """Return every value by its dotted name, as a manifest records it."""
        return {key: origin.value for key, origin in self.origins.items()}


def resolve(tree: type[T], given: Iterable[Given]) -> Resolved[T]:
    """Build a tree of settings from its defaults and what was given.

    Parameters
    ----------
    tree : type
        Frozen dataclass of frozen dataclasses, every leaf with a default.
    given : iterable of Given
        In rising order of precedence: of two values for one key the later wins.

    Raises
    ------
    SettingsError
        When a name is unknown or a value has the wrong type or range.
    """
    schema = schema_of(tree)
    origins = {key: Origin(leaf.default, "default") for key, leaf in schema.items()}
    for item in given:
        leaf = schema.get(item.key)
        if leaf is None:
            if item.value == {} and _is_section(schema, item.key):
                continue
            raise _unknown(schema, item)
        origins[item.key] = Origin(_value(leaf, item), item.where)
    return Resolved(_build(tree, origins, ""), origins)


def _value(leaf: Setting, item: Given) -> Any:
    try:
        return coerce(leaf.key, leaf.kind, item.value, is_text=item.is_text)
    except Mismatch:
        raise SettingsError(
            f"{leaf.key} cannot be {item.value!r}",
            where=item.where,
            mend=f"give {expected(leaf.key, leaf.kind)}; the default is {leaf.default!s}",
        ) from None


def _unknown(schema: Mapping[str, Setting], item: Given) -> SettingsError:
    if _is_section(schema, item.key):
        return SettingsError(
            f"{item.key} is a section, not a setting",
            where=item.where,
            mend=f"set one of: {', '.join(k for k in schema if k.startswith(item.key + '.'))}",
        )
    near = nearest(item.key, list(schema))
    if item.is_text and item.where.startswith(PREFIX):
        near_name = PREFIX + near.replace(".", "__").upper() if near else ""
    else:
        near_name = near
    return SettingsError(
        f"there is no setting {item.key!r}",
        where=item.where,
        mend=(f"did you mean {near_name}? " if near_name else "")
        + "seawall config show lists all settings",
    )


def nearest(name: str, valid: list[str]) -> str:
    """Return the most similar valid name, by its end, the whole or the last part, or nothing."""
    ends = [key for key in valid if key.endswith("." + name)]
    if ends:
        return ends[0]
    whole = difflib.get_close_matches(name, valid, n=1, cutoff=0.6)
    if whole:
        return whole[0]
    tails = {key.rpartition(".")[2]: key for key in reversed(valid)}
    tail = difflib.get_close_matches(name.rpartition(".")[2], list(tails), n=1, cutoff=0.6)
    return tails[tail[0]] if tail else ""


def _is_section(schema: Mapping[str, Setting], key: str) -> bool:
    return any(known.startswith(key + ".") for known in schema)


def _build(tree: type[T], origins: Mapping[str, Origin], prefix: str) -> T:
    hints = get_type_hints(tree)
    values: dict[str, Any] = {}
    for item in fields(tree):  # type: ignore[arg-type]
        kind = hints[item.name]
        key = prefix + item.name
        if is_dataclass(kind) and isinstance(kind, type):
            values[item.name] = _build(kind, origins, key + ".")
        else:
            values[item.name] = origins[key].value
    try:
        return tree(**values)
    except SettingsError as error:
        if error.where:
            raise
        blamed = [
            origin.where
            for key, origin in origins.items()
            if key.startswith(prefix) and origin.where != "default"
        ]
        raise type(error)(error.what, where=", ".join(blamed), mend=error.mend) from None
