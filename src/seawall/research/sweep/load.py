# SPDX-License-Identifier: MIT
"""Find what a user names: ``path/to/file.py:Name`` or ``package.module:Name``."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from seawall.model.errors import ResearchError, SettingsError


def load_object(name: str) -> Any:
    """Import an object by name; a file is imported once per content.

    Parameters
    ----------
    name : str
        ``path/to/file.py:Name`` or ``package.module:Name``.

    Raises
    ------
    SettingsError
        When the file, the module or the name in it does not exist.
    ResearchError
        When the file fails while it is imported.
    """
    place, colon, wanted = name.rpartition(":")
    if not colon or not place or not wanted.isidentifier():
        raise SettingsError(
            f"{name!r} names nothing",
            mend="write path/to/file.py:Name or package.module:Name",
        )
    module = _module(place)
    if not hasattr(module, wanted):
        own = [k for k in vars(module) if not k.startswith("_")]
        near = get_close_matches(wanted, own, n=3, cutoff=0.3)
        raise SettingsError(
            f"there is no {wanted} in {place}",
            where=name,
            mend=f"the nearest are {', '.join(near)}" if near else "check the spelling",
        )
    return getattr(module, wanted)


def source_hash(name: str) -> str:
    """Identity of the code behind a name: the hash of its file."""
    place = name.rpartition(":")[0]
    module = _module(place)
    path = Path(inspect.getsourcefile(module) or place)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _module(place: str) -> ModuleType:
    if place.endswith(".py"):
        path = Path(place).expanduser().resolve()
        if not path.is_file():
            raise SettingsError("no such file", where=str(path), mend="check the path")
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        return _imported(str(path), content)
    try:
        return importlib.import_module(place)
    except ImportError as problem:
        raise SettingsError(
            f"the module {place} cannot be imported: {problem}",
            mend="name a file as path/to/file.py:Name, or set PYTHONPATH",
        ) from None


@lru_cache(maxsize=64)
def _imported(path: str, content: str) -> ModuleType:
    name = f"seawall_user_{Path(path).stem}_{content[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SettingsError("this file is no Python module", where=path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling look the module up by name
    folder = str(Path(path).parent)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        del sys.modules[name]
        raise ResearchError(
            f"importing it failed: {type(problem).__name__}: {problem}", where=path
        ) from problem
    finally:
        sys.path.remove(folder)
    return module


def is_objective(found: object) -> bool:
    """Whether an object takes ``(params, window)`` rather than being a strategy."""
    if inspect.isclass(found) or not callable(found):
        return False
    try:
        names = list(inspect.signature(found).parameters)
    except (TypeError, ValueError):
        return False
    return names[:2] == ["params", "window"]
