# SPDX-License-Identifier: MIT
"""How analytics are compiled.

``step`` is the update of one event: only compiled code calls it, and it is part of every
``entry``.  Numba's cache looks at the file of the entry alone, so an analytic calls no
compiled function of another file, except those of :mod:`seawall.analytics.elementary`, whose
callers drop their cache when it changes.  Other small steps that two share are written in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

Array = npt.NDArray[np.float64]
"""One-dimensional, contiguous."""

Table = npt.NDArray[np.float64]
"""Two-dimensional, contiguous: rows by levels, or rows by outputs."""

Times = npt.NDArray[np.int64]
"""Receive times, ns UTC."""


def step(function: Callable[..., Any]) -> Any:
    """Compile the update of one event, as a part of the entries that call it."""
    make = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
    return make(function)


def entry(function: Callable[..., Any]) -> Any:
    """Compile what Python calls, when it is first called; cached on disk."""
    return njit(cache=True, error_model="numpy", nogil=True)(function)


@intrinsic
def prefetch(context: Any, array: Any, at: Any) -> Any:
    """Call the cache line of ``array[at]`` from memory and go on; past the end, do nothing.

    For loops that wait for their own sums: the loads of what comes next then cost no time.
    """

    def code(target: Any, builder: Any, signature: Any, values: Any) -> Any:
        column = target.make_array(signature.args[0])(target, builder, value=values[0])
        where = builder.bitcast(builder.gep(column.data, [values[1]]), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [where.type, word, word, word])
        call = builder.module.declare_intrinsic("llvm.prefetch", [where.type], kind)
        # To read; to be kept in every cache; data.
        builder.call(call, [where, word(0), word(3), word(1)])
        return target.get_dummy_value()

    return types.void(array, at), code
