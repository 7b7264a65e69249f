# SPDX-License-Identifier: MIT
"""What can be set: the leaves of a tree of dataclasses, with types and meaning."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, get_type_hints

_PARAMETER = re.compile(r"^(\w+(?:, \w+)*) :")


@dataclass(frozen=True, slots=True)
class Setting:
    """One leaf of the settings tree.

    Parameters
    ----------
    key : str
        Dotted name, for example ``run.seed``.
    kind : object
        Type annotation of the field.
    default : object
        Value when nobody sets it.
    meaning : str
        First sentence about it in the docstring of its dataclass.
    """

    key: str
    kind: Any
    default: Any
    meaning: str


def schema_of(tree: type[Any], prefix: str = "") -> dict[str, Setting]:
    """Return every leaf of a tree of dataclasses by its dotted name.

    Raises
    ------
    TypeError
        When a field has no default: a tree of settings must exist without a file.
    """
    found: dict[str, Setting] = {}
    hints = get_type_hints(tree)
    meanings = parameter_docs(tree)
    for item in fields(tree):
        key = prefix + item.name
        kind = hints[item.name]
        if is_dataclass(kind) and isinstance(kind, type):
            found |= schema_of(kind, key + ".")
            continue
        if item.default is not MISSING:
            default = item.default
        elif item.default_factory is not MISSING:
            default = item.default_factory()
        else:
            raise TypeError(f"{tree.__name__}.{item.name} needs a default to be a setting")
        found[key] = Setting(key, kind, default, meanings.get(item.name, ""))
    return found


def parameter_docs(kind: type[Any]) -> dict[str, str]:
    """Read what a NumPy docstring says about each parameter."""
    docs: dict[str, str] = {}
    names: list[str] = []
    lines: list[str] = []
    for line in [*inspect.cleandoc(kind.__doc__ or "").splitlines(), "end :"]:
        head = _PARAMETER.match(line)
        if head is None and line.startswith(" "):
            lines.append(line.strip())
            continue
        docs |= dict.fromkeys(names, " ".join(lines))
        names, lines = (head[1].split(", ") if head else []), []
    return docs
