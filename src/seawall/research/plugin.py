# SPDX-License-Identifier: MIT
"""Code of the user's: ``path/to/file.py:Name`` or ``package.module:Name``, and its parameters."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from seawall.model.errors import ResearchError, SettingsError

if TYPE_CHECKING:
    from seawall.engine.run import AnyStrategy

BUILT_IN: Final[Mapping[str, str]] = {
    "multi_signal_ensemble": "seawall.research.ensemble.strategy:multi_signal_ensemble",
}
"""Strategies that come with the package, by their short names."""


def load_object(name: str) -> Any:
    """Import an object by name; a file is imported once per content.

    Parameters
    ----------
    name : str
        ``path/to/file.py:Name``, ``package.module:Name`` or a name of :data:`BUILT_IN`.

    Raises
    ------
    SettingsError
        When the file, the module or the name in it does not exist.
    ResearchError
        When the file fails while it is imported.
    """
    place, colon, wanted = BUILT_IN.get(name, name).rpartition(":")
    if not colon or not place or not wanted.isidentifier():
        raise SettingsError(
            f"{name!r} names nothing",
            mend="write path/to/file.py:Name or package.module:Name, or one of "
            + ", ".join(BUILT_IN),
        )
    module = _module(place)
    if not hasattr(module, wanted):
        own = [k for k, v in vars(module).items() if k[0] != "_" and not inspect.ismodule(v)]
        near = get_close_matches(wanted, own, n=3, cutoff=0.3)
        raise SettingsError(
            f"there is no {wanted} in {place}",
            where=name,
            mend=f"the nearest are {', '.join(near)}" if near else "check the spelling",
        )
    return getattr(module, wanted)


def source_hash(name: str) -> str:
    """Identity of the code behind a name: the hash of its file."""
    place = BUILT_IN.get(name, name).rpartition(":")[0]
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
            f"importing it failed: {type(problem).__name__}: {problem}",
            where=_line_of(problem, path),
            mend="mend the file; --debug shows the whole traceback",
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


def load_strategy(name: str, words: Sequence[str] = ()) -> AnyStrategy:
    """Load a strategy and make it with ``NAME=VALUE`` parameters.

    Raises
    ------
    SettingsError
        When a word is no parameter, or the strategy does not take it.
    ResearchError
        When what is named is no strategy.
    """
    return make_strategy(name, parse_params(words))


def parse_params(words: Sequence[str]) -> dict[str, int | float | str]:
    """Read ``NAME=VALUE`` words; a value is a whole number, a number, or text.

    Raises
    ------
    SettingsError
        When a word is none, or a name comes twice.
    """
    out: dict[str, int | float | str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.strip().isidentifier() or not text.strip():
            raise SettingsError(f"{word!r} is no parameter", mend="write NAME=VALUE")
        if name.strip() in out:
            raise SettingsError(f"{name} is given twice", where=word, mend="give each name once")
        out[name.strip()] = parse_value(text.strip())
    return out


def parse_value(text: str) -> int | float | str:
    """Read a whole number, a number, or text, whichever fits first."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _line_of(problem: Exception, path: str) -> str:
    """Say where in the user's file it failed, as far as the traceback reaches into it."""
    if isinstance(problem, SyntaxError) and problem.filename:
        return f"{problem.filename}:{problem.lineno}"
    lines = [f.lineno for f in traceback.extract_tb(problem.__traceback__) if f.filename == path]
    return f"{path}:{lines[-1]}" if lines else path


def make_strategy(name: str, params: Mapping[str, Any]) -> AnyStrategy:
    """Call what is named with parameters by name, and see that a strategy comes out.

    Raises
    ------
    SettingsError
        When it does not take these parameters.
    ResearchError
        When it is no strategy.
    """
    from seawall.engine.strategy import CompiledStrategy, Strategy, TargetStrategy

    found: Any = load_object(name)
    kinds = (Strategy, TargetStrategy, CompiledStrategy)
    if isinstance(found, kinds):
        if params:
            raise SettingsError(
                f"{name} is a finished strategy and takes no parameters",
                mend="name a class or a function that makes it",
            )
        return found
    if not callable(found):
        raise _no_strategy(name, "is", found)
    try:
        inspect.signature(found).bind(**params)
    except (TypeError, ValueError) as problem:
        what = f"does not take {', '.join(params)}" if params else "needs parameters"
        raise SettingsError(
            f"{name} {what}: {problem}", mend="name the parameters as in its definition"
        ) from None
    made = found(**params)
    if not isinstance(made, kinds):
        raise _no_strategy(name, "gave", made)
    return made


def _no_strategy(name: str, verb: str, found: object) -> ResearchError:
    return ResearchError(
        f"{name} {verb} a {type(found).__name__}, which is no strategy",
        mend="name a Strategy class, or a function that returns a strategy",
    )
