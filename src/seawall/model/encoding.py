# SPDX-License-Identifier: MIT
"""JSON text of the values that Seawall reports: one spelling for every command.

Keys are sorted, so equal values have equal text; not-a-number and infinities become
null, because JSON has no word for them.
"""

from __future__ import annotations

from enum import Enum
from pathlib import PurePath
from typing import Any

import msgspec


def to_json(value: Any, *, indent: int = 0) -> str:
    """Return JSON text.

    Parameters
    ----------
    value : object
        Mappings, sequences, dataclasses, numbers, text, decimals (as text), paths,
        enumerations (by name), numpy scalars and arrays.
    indent : int
        Spaces per level; 0 prints everything on one line.

    Raises
    ------
    TypeError
        When a value has no JSON form.
    """
    raw = msgspec.json.encode(_plain(value), enc_hook=_foreign, order="sorted")
    return (msgspec.json.format(raw, indent=indent) if indent else raw).decode()


def _plain(value: Any) -> Any:
    """Replace enumerations by their names, which msgspec would write as numbers."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, dict):
        return {_key(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def _key(key: Any) -> str:
    return key.name.lower() if isinstance(key, Enum) else str(key)


def _foreign(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):  # numpy, named by what it can do so that it need not be loaded
        return _plain(value.tolist())
    raise TypeError(f"{type(value).__name__} has no JSON form")
