# SPDX-License-Identifier: MIT
"""Loading a strategy from a file of the user's: ``path/to/file.py:Name``."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from seawall.model.errors import SettingsError

if TYPE_CHECKING:
    from seawall.engine.run import AnyStrategy


def load_object(target: str) -> Any:
    """Load ``FILE.py:NAME``.

    Raises
    ------
    SettingsError
        When the form is wrong, the file is absent or broken, or the name is not in it.
    """
    file, _, name = target.rpartition(":")
    path = Path(file)
    if not file or not name:
        raise SettingsError(f"{target!r} names no object", mend="write FILE.py:NAME")
    if not path.is_file():
        raise SettingsError(f"there is no file {path}", mend="check the path")
    module = _import(path)
    try:
        return getattr(module, name)
    except AttributeError:
        names = [
            n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__
        ]
        raise SettingsError(
            f"{path} has no {name}", mend=f"it has {', '.join(names) or 'nothing of its own'}"
        ) from None


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SettingsError(
            f"{path} cannot be imported: {type(error).__name__}: {error}",
            where=str(path),
            mend="run it with python to see the whole traceback",
        ) from error
    return module


def load_strategy(target: str, parameters: list[str]) -> AnyStrategy:
    """Load a strategy and, if it is a class, make it with ``NAME=VALUE`` parameters.

    Raises
    ------
    SettingsError
        When the object is no strategy or does not take such parameters.
    """
    from seawall.engine.strategy import CompiledStrategy, Strategy, TargetStrategy

    loaded = load_object(target)
    values = dict(_pair(text) for text in parameters)
    if inspect.isclass(loaded) or (callable(loaded) and not isinstance(loaded, Strategy)):
        try:
            loaded = loaded(**values)
        except TypeError as error:
            raise SettingsError(f"{target}: {error}", mend="see its parameters") from None
    if not isinstance(loaded, Strategy | TargetStrategy | CompiledStrategy):
        raise SettingsError(
            f"{target} is a {type(loaded).__name__}, not a strategy",
            mend="give a Strategy class, or a TargetStrategy or CompiledStrategy object",
        )
    return loaded


def _pair(text: str) -> tuple[str, int | float | str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"{text!r} is no parameter", mend="write NAME=VALUE")
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value
