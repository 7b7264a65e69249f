# SPDX-License-Identifier: MIT
"""The decorator of all kernel functions: one machine version of each, from its annotations.

Left alone, Numba compiles a function again for every mix of integer widths and literal
constants that it is called with, here three times as many versions as functions.  A
signature made from the annotations stops that, and the first compilation takes seconds
instead of most of a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numba import njit, typeof, types

from seawall.data.simulated import layout as at
from seawall.model.compiled import borrow as borrow
from seawall.model.compiled import drop_stale

_HERE = Path(__file__).parent
drop_stale(_HERE / "__pycache__", "simulated", _HERE.glob("*.py"))

F = TypeVar("F", bound=Callable[..., Any])


def blank_world(books: int = 1) -> at.World:
    """Return a world with the right types and next to no room."""

    def room(dtype: Any, *shape: int) -> at.Array:
        return np.zeros(shape, dtype)

    return at.World(
        orders=room(at.ORDER, 2), levels=room(at.LEVEL, books, 1), books=room(at.BOOK, books),
        heap=room(at.MESSAGE, 2), log=room(at.LOG, 1), tape=room(at.TAPE, 1),
        cash=room(np.int64, 1), pos=room(np.int64, 1, books), makers=room(at.MAKER, 1),
        assets=room(at.ASSET, 1), accounts=room(at.ACCOUNT, 1), metas=room(at.META, 1, 1),
        coins=room(at.COIN, 1), script=room(at.SCRIPT, 1), held=room(np.int64, 1),
        groups=room(np.int64, 1), rng=room(np.uint64, 1, 4), ctr=room(np.int64, at.COUNTERS),
        par=room(np.float64, at.PARAMETERS),
    )  # fmt: skip


_TYPES = {
    "World": typeof(blank_world()),
    "int": types.int64,
    "float": types.float64,
    "np.uint64": types.uint64,
    "None": types.void,
    "Commands": typeof(np.zeros(1, at.MESSAGE)),
}


def _signature(function: Callable[..., Any]) -> Any:
    # A module may name further types in its own KINDS, by an example value of each.
    examples = function.__globals__.get("KINDS", {})
    known = _TYPES | {name: typeof(value) for name, value in examples.items()}
    notes = dict(function.__annotations__)
    back = known[notes.pop("return")]
    return back(*(known[note] for note in notes.values()))


def compiled(function: F) -> F:
    """Compile a function that only other kernel functions call."""
    make: Any = njit(
        _signature(function),
        cache=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        error_model="numpy",
    )
    result: F = make(function)
    return result


def entry(function: F) -> F:
    """Compile a function that Python calls."""
    make: Any = njit(_signature(function), cache=True, error_model="numpy")
    result: F = make(function)
    return result
