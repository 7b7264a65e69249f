# SPDX-License-Identifier: MIT
"""Ready-made parts to attach to a model: arrays that change in place, and generators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Floats
from seawall.robust.gate.errors import CheckpointError

AnyArray = npt.NDArray[np.generic]
WORD = 2**64 - 1


class ArraysPart:
    """Arrays that their owner changes in place, such as a reservoir or states of trust.

    Parameters
    ----------
    **arrays : array
        Numbers, of any shape and kind; they go on being the same objects.
    """

    __slots__ = ("_arrays",)

    def __init__(self, **arrays: AnyArray) -> None:
        self._arrays = arrays

    def export(self) -> dict[str, Floats]:
        """Return copies of all arrays."""
        return {name: array.copy() for name, array in self._arrays.items()}  # type: ignore[misc]

    def restore(self, state: Mapping[str, Floats]) -> None:
        """Put all arrays back, or none when one is missing or has another shape or kind."""
        for name, own in self._arrays.items():
            if name not in state:
                raise CheckpointError(f"the checkpoint has no array {name}")
            other = state[name]
            if other.shape != own.shape or other.dtype != own.dtype:
                raise CheckpointError(
                    f"{name} is {other.dtype}{other.shape} in the checkpoint, "
                    f"and {own.dtype}{own.shape} here"
                )
        for name, own in self._arrays.items():
            own[...] = state[name]


class RandomPart:
    """A generator of numpy's default kind (PCG64): after a rollback it draws the same again.

    Parameters
    ----------
    generator : numpy.random.Generator
        Goes on being the same object.
    """

    __slots__ = ("_generator",)

    def __init__(self, generator: np.random.Generator) -> None:
        if generator.bit_generator.state["bit_generator"] != "PCG64":
            raise CheckpointError(
                f"a generator of kind {generator.bit_generator.state['bit_generator']}",
                mend="use numpy.random.default_rng(seed)",
            )
        self._generator = generator

    def export(self) -> dict[str, Floats]:
        """Return its state as six words."""
        raw = self._generator.bit_generator.state
        state, inc = raw["state"]["state"], raw["state"]["inc"]
        words = [state & WORD, state >> 64, inc & WORD, inc >> 64, raw["has_uint32"],
                 raw["uinteger"]]  # fmt: skip
        return {"pcg64": np.array(words, dtype=np.uint64)}

    def restore(self, state: Mapping[str, Floats]) -> None:
        """Put its state back."""
        if "pcg64" not in state or state["pcg64"].shape != (6,):
            raise CheckpointError("the checkpoint has no state of a PCG64 generator")
        w = [int(v) for v in state["pcg64"]]
        self._generator.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": w[0] | w[1] << 64, "inc": w[2] | w[3] << 64},
            "has_uint32": w[4],
            "uinteger": w[5],
        }
