# SPDX-License-Identifier: MIT
"""Checkpoints: named arrays in bytes whose sha256 is their name."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate.errors import CheckpointError

MAGIC = b"SEAWALL-CHECKPOINT-1\n"
_RESTORE = "the checkpoint before it is used; restore this one from a copy if you need it"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state that was accepted.

    Parameters
    ----------
    sha256 : str
        Of its bytes; its name.
    ts_ns : int
        Time of the check that accepted it.
    arrays : mapping of str to float64 array
        Everything the model and what is attached to it need.
    skipped : tuple of str
        Names of later checkpoints that were damaged.
    """

    sha256: str
    ts_ns: int
    arrays: Mapping[str, Floats]
    skipped: tuple[str, ...] = ()


def encode(ts_ns: int, arrays: Mapping[str, Floats]) -> bytes:
    """Write named arrays as bytes; equal arrays have equal bytes."""
    specs, blocks = [], []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        if array.dtype.kind not in "fiub":
            raise CheckpointError(
                f"{name} is an array of {array.dtype}", mend="keep numbers in checkpoints"
            )
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        specs.append([name, array.dtype.str, list(array.shape)])
        blocks.append(array.tobytes())
    head = msgspec.json.encode([ts_ns, specs])
    return b"".join([MAGIC, len(head).to_bytes(8, "little"), head, *blocks])


def name_of(data: bytes) -> str:
    """sha256 of a checkpoint's bytes."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes, sha256: str) -> Checkpoint:
    """Read a checkpoint, having compared its bytes with its name.

    Raises
    ------
    CheckpointError
        The bytes are cut short or changed.
    """
    if name_of(data) != sha256:
        short = " (cut short or changed)"
        raise CheckpointError(
            f"a checkpoint of {len(data)} bytes is not what its name says{short}",
            where=sha256,
            mend=_RESTORE,
        )
    if not data.startswith(MAGIC):
        raise CheckpointError("this is no checkpoint", where=sha256, mend=_RESTORE)
    at = len(MAGIC) + 8
    size = int.from_bytes(data[len(MAGIC) : at], "little")
    ts_ns, specs = msgspec.json.decode(data[at : at + size])
    at += size
    arrays = {}
    for name, dtype, shape in specs:
        kind = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(data, kind, count, at).reshape(shape)
        at += count * kind.itemsize
    return Checkpoint(sha256, ts_ns, arrays)


class CheckpointStore(Protocol):
    """Keeps accepted states; what was put is there whatever happens afterwards."""

    def put(self, ts_ns: int, arrays: Mapping[str, Floats]) -> str:
        """Keep a state; returns its name once it is safe."""

    def latest(self) -> Checkpoint | None:
        """Return the newest state that is whole, or none."""


class MemoryStore:
    """Checkpoints in memory, for backtests.

    Parameters
    ----------
    keep : int
        How many of the newest are kept.
    """

    def __init__(self, keep: int = 4) -> None:
        if keep < 1:
            raise CheckpointError("a store that keeps nothing", mend="give keep >= 1")
        self.keep = keep
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def put(self, ts_ns: int, arrays: Mapping[str, Floats]) -> str:
        """Keep a state; returns its name."""
        data = encode(ts_ns, arrays)
        sha256 = name_of(data)
        self._kept.pop(sha256, None)
        self._kept[sha256] = data
        while len(self._kept) > self.keep:
            self._kept.popitem(last=False)
        return sha256

    def latest(self) -> Checkpoint | None:
        """Return the newest state, or none."""
        if not self._kept:
            return None
        sha256 = next(reversed(self._kept))
        return decode(self._kept[sha256], sha256)

    def __len__(self) -> int:
        return len(self._kept)
