# SPDX-License-Identifier: MIT
"""Machine words: leading and trailing zeros, float bits, a random stream."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from seawall.engine.kernel.jit import internal


def _count_zeros(name: str) -> Any:
    def make(typingctx: Any, word: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = ir.IntType(64)
            call = builder.module.declare_intrinsic(
                f"llvm.{name}", [kind], ir.FunctionType(kind, [kind, ir.IntType(1)])
            )
            return builder.call(call, [args[0], ir.Constant(ir.IntType(1), 0)])

        return types.int64(types.int64), emit

    return make


leading_zeros = intrinsic(_count_zeros("ctlz"))
"""Number of leading zero bits of an int64 (64 for zero)."""

trailing_zeros = intrinsic(_count_zeros("cttz"))
"""Number of trailing zero bits of an int64 (64 for zero)."""


def _emit_to_float(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.bitcast(args[0], ir.DoubleType())


def _emit_to_bits(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.bitcast(args[0], ir.IntType(64))


@intrinsic
def as_float(typingctx: Any, word: Any) -> Any:
    """Read the bits of an int64 as float64."""
    return types.float64(types.int64), _emit_to_float


@intrinsic
def as_bits(typingctx: Any, value: Any) -> Any:
    """Read the bits of a float64 as int64."""
    return types.int64(types.float64), _emit_to_bits


@intrinsic
def expect(typingctx: Any, table: Any, row: Any, column: Any) -> Any:
    """Tell the processor that an element of a two-dimensional array will be read soon."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, value=args[0])
        shape = cgutils.unpack_tuple(builder, array.shape, count=2)
        at = builder.add(builder.mul(args[1], shape[1]), args[2])
        address = builder.bitcast(builder.gep(array.data, [at]), ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch",
            [address.type],
            ir.FunctionType(ir.VoidType(), [address.type] + 3 * [flag]),
        )
        builder.call(prefetch, [address, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64), emit


@internal
def next_random(state):
    """One step of splitmix64: (new state, 63-bit non-negative number).

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
    OOPSLA 2014.
    """
    s = np.uint64(state) + np.uint64(0x9E3779B97F4A7C15)
    z = s
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64(s), np.int64(z >> np.uint64(1))
