# SPDX-License-Identifier: MIT
"""The decorators with which admission, analytics and estimators are compiled.

``step`` is a part of every ``entry`` that calls it; ``entry`` is what Python calls, cached on
disk beside its file.  Numba compares that file only: who calls functions of other files keeps
a digest of them (:func:`seawall.model.compiled.drop_stale`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

step: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, error_model="numpy")
"""Decorator of functions that compiled code alone calls."""

inlined: Any = njit(inline="always", error_model="numpy")
"""Decorator of functions on a hot path, where a call would pass every array of a state."""


def entry(function: Callable[..., Any], *, nogil: bool = True) -> Any:
    """Compile what Python calls, when it is first called; cached on disk.

    Parameters
    ----------
    function : callable
        Of arrays and numbers.
    nogil : bool
        Whether other threads may run meanwhile; they must leave its arrays alone.
    """
    return njit(cache=True, error_model="numpy", nogil=nogil)(function)


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
