# SPDX-License-Identifier: MIT
"""How the decoder is compiled, and when compiled code on disk is stale.

``internal`` functions have no Python wrapper and no cache file: their code is part of every
``entry``.  Numba compares the entry's own file only, so a digest of all files of the decoder
is kept beside its cache, and the cache is dropped when they change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import types

from seawall.model.compiled import drop_stale
from seawall.model.kernel_cache import Deferred, compiled_plainly

_HERE = Path(__file__).parent
_MODEL = _HERE.parents[2] / "model"
_SOURCES = (
    *_HERE.glob("*.py"),
    _HERE.parent / "faults.py",
    _MODEL / "events.py",
    _MODEL / "kernel_cache.py",
)

drop_stale(_HERE / "__pycache__", "decoder", _SOURCES)


def internal(function: Callable[..., Any]) -> Any:
    """Compile a function that compiled code calls (decorator)."""

    def make(function: Callable[..., Any]) -> Any:
        return compiled_plainly(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)

    return Deferred(function, make)


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, over whole numbers only (decorator).

    Arrays go in as addresses: Python is charged for each array of a call as much as for
    the call itself.
    """

    def make(function: Callable[..., Any]) -> Any:
        kinds = (types.int64,) * len(inspect.signature(function).parameters)
        return compiled_plainly(function, kinds, cached=True)

    return Deferred(function, make)
