# SPDX-License-Identifier: MIT
"""How kernel functions are compiled, and when compiled code on disk is stale.

``internal`` functions are only called by other compiled functions, so they get no
Python wrapper and no cache file of their own: their machine code is part of every
``entry``, which is cached on disk beside the code.  Numba looks at the file of the
entry only, so a change in another kernel file would go unseen; a digest of all of
them, kept beside the cache, catches it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import from_dtype, types

from seawall.model import compiled
from seawall.model.compiled import borrow as borrow
from seawall.model.events import EVENT
from seawall.model.kernel_cache import Deferred, compiled_plainly

_HERE = Path(__file__).parent


def drop_stale(folder: Path, pattern: str = "*") -> bool:
    """Delete machine code in a ``__pycache__`` that was made from other kernel sources.

    Returns
    -------
    bool
        Whether what is cached there is up to date.
    """
    engine = _HERE.parent
    model = engine.parent / "model"
    files = [*_HERE.glob("*.py"), engine / "layout.py"]
    files += [model / f"{name}.py" for name in ("events", "kernel_cache", "order")]
    return compiled.drop_stale(folder, "kernel", files, pattern)


def is_compiled() -> bool:
    """Whether the kernel has been compiled on this machine and is up to date."""
    return drop_stale(_HERE / "__pycache__") and any(
        (_HERE / "__pycache__").glob("advance.advance-*.nbc")
    )


drop_stale(_HERE / "__pycache__")

words = compiled.pointer
"""Give the address of a world's words: what internal functions take for a world."""

Rows = npt.NDArray[np.int64]
"""Annotation of a two-dimensional int64 parameter."""

_WORDS = types.CPointer(types.int64)
_WORLD = types.int64[::1]
Words = npt.NDArray[np.int64]
"""Annotation of a one-dimensional int64 parameter."""

_KINDS: dict[str, Any] = {
    "ev": types.Array(from_dtype(EVENT), 1, "C"),
    "bars": types.int64[:, ::1],
    "targets": types.int64[::1],
    "handles": types.int64[::1],
    "wanted": types.float64[::1],
    "float": types.float64,
    "Rows": types.int64[:, ::1],
    "Words": types.int64[::1],
}
"""Types by parameter name or by annotation; everything else is int64."""


def _deferred(world: Any, *, cached: bool = False, **options: Any) -> Callable[..., Deferred]:
    """Make a decorator: compile in one version, over this type of world, when it is needed."""
    known = _KINDS | {"w": world}

    def make(function: Callable[..., Any]) -> Any:
        notes = function.__annotations__
        names = inspect.signature(function).parameters
        kinds = tuple(known.get(str(notes.get(n, "")), known.get(n, types.int64)) for n in names)
        return compiled_plainly(function, kinds, cached=cached, **options)

    return lambda function: Deferred(function, make)


_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

internal = _deferred(_WORDS, **_BARE)
"""Compile a function that only the kernel calls, when it is first needed.

Its world ``w`` is an address: see :func:`words`.
"""

inlined = _deferred(_WORDS, forceinline=True, **_BARE)
"""Compile like :func:`internal`, but into its callers: for what every record passes."""

shared = _deferred(_WORLD, **_BARE)
"""Compile a function that compiled strategies call; its world is the array they hold."""

entry = _deferred(_WORLD, cached=True)
"""Compile a function that Python calls, when it is first called; cached on disk."""


def direct(function: Deferred) -> Callable[..., Any]:
    """Give the compiled function of an entry without the look at its arguments' types."""
    return function.now
