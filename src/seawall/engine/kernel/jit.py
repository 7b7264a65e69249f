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
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import from_dtype, njit, types
from numba.extending import intrinsic

from seawall.model import compiled
from seawall.model.compiled import borrow as borrow
from seawall.model.events import EVENT
from seawall.model.kernel_cache import Deferred, LightCache
from seawall.model.numba_start import hidden

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
    files += [model / name for name in ("events.py", "kernel_cache.py", "order.py")]
    return compiled.drop_stale(folder, "kernel", files, pattern)


def is_compiled() -> bool:
    """Whether the kernel has been compiled on this machine and is up to date."""
    return drop_stale(_HERE / "__pycache__") and any(
        (_HERE / "__pycache__").glob("advance.advance-*.nbc")
    )


@contextmanager
def without_blas() -> Iterator[None]:
    """Let Numba's array functions load without SciPy, which costs 0.2 s.

    Numba asks for SciPy's BLAS when it first loads them; kernels use none.
    """
    if "numba.np.arraymath" in sys.modules or "scipy.linalg" in sys.modules:
        yield
        return
    with hidden("scipy.linalg"):
        yield


drop_stale(_HERE / "__pycache__")

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


@contextmanager
def _plain_indices() -> Iterator[None]:
    """Compile indexing without Python's meaning of negative indices.

    Numba adds the length to every negative index; the kernel has none, and the
    compare and select at each of its loads costs a fifth of its speed.
    """
    from numba.np import arrayobj  # slow to load, and cached code needs it not

    usual = arrayobj.fix_integer_index

    def plain(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
        return context.cast(builder, index, kind, types.intp)

    arrayobj.fix_integer_index = plain
    try:
        yield
    finally:
        arrayobj.fix_integer_index = usual


@intrinsic
def words(context: Any, world: Any) -> Any:
    """Give the address of the world's words: what internal functions take for a world.

    An array is seven machine words per call, most of them through memory; an address is
    one register.
    """

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        return target.make_array(signature.args[0])(target, builder, value=values[0]).data

    return _WORDS(_WORLD), code


def _one_version(dispatcher: Any, function: Callable[..., Any], world: Any) -> Any:
    """Let a function have one machine version, whatever integers it is called with.

    Left alone, Numba compiles another version for every mix of widths, booleans and
    literals in the calls: three times as many versions as functions.
    """
    notes = function.__annotations__
    names = inspect.signature(function).parameters
    known = _KINDS | {"w": world}
    kinds = tuple(known.get(str(notes.get(n, "")), known.get(n, types.int64)) for n in names)
    compile_any = dispatcher.compile
    compiler = dispatcher._compiler
    make = compiler.compile

    def make_plain(arguments: Any, result: Any) -> Any:
        with without_blas(), _plain_indices():
            return make(arguments, result)

    def compile_once(signature: Any) -> Any:
        return compile_any(kinds)

    compiler.compile = make_plain
    dispatcher.compile = compile_once
    return dispatcher


def _deferred(world: Any, *, cached: bool = False, **options: Any) -> Callable[..., Deferred]:
    """Make a decorator: compile in one version, over this type of world, when it is needed."""

    def make(function: Callable[..., Any]) -> Any:
        dispatcher = njit(error_model="numpy", **options)(function)
        if cached:
            dispatcher._cache = LightCache(function)
        return _one_version(dispatcher, function, world)

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
