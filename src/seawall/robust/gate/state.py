# SPDX-License-Identifier: MIT
"""Everything that goes back together: the model's parameters and whatever is attached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate.errors import CheckpointError
from seawall.robust.gate.learner import AdaptiveModel
from seawall.robust.gate.loss_watch import FIELDS, LossWatch
from seawall.robust.gate.standard import Scale

_MEND = "restore checkpoints of the same features, learner and attached parts"


class Stateful(Protocol):
    """Something whose state belongs to the model's: a reservoir, trust, a generator."""

    def export(self) -> Mapping[str, Floats]:
        """Return the whole state as named arrays of numbers."""

    def restore(self, state: Mapping[str, Floats]) -> None:
        """Put a state back, or raise before anything is changed."""


def pack(
    adaptive: AdaptiveModel, watch: LossWatch, parts: Mapping[str, Stateful], scale: Scale,
    ts_ns: int, rows: int,
) -> dict[str, Floats]:  # fmt: skip
    """Gather a state as named arrays."""
    out = {f"model/{name}": array for name, array in adaptive.export().items()}
    out["watch"] = watch.export()
    out["scale"] = np.concatenate([scale.variance, [float(scale.seen)]])
    out["clock"] = np.array([rows, ts_ns], dtype=np.int64)
    for part, owner in parts.items():
        out |= {f"part/{part}/{name}": array for name, array in owner.export().items()}
    return out


def unpack(
    arrays: Mapping[str, Floats], adaptive: AdaptiveModel, watch: LossWatch,
    parts: Mapping[str, Stateful], scale: Scale | None = None,
) -> None:  # fmt: skip
    """Put a state back: all of it, or none when any part refuses.

    Parameters
    ----------
    arrays : mapping of str to array
        As :func:`pack` gave it.
    adaptive, watch, parts
        What is put back.
    scale : Scale, optional
        Also the volatility, as when a process starts again.

    Raises
    ------
    CheckpointError
        Something is missing or does not fit; everything is as it was.
    """
    if "watch" not in arrays or arrays["watch"].shape != (FIELDS,):
        raise CheckpointError("the checkpoint lacks the watch on the golden loss", mend=_MEND)
    if scale is not None and (
        "scale" not in arrays or arrays["scale"].size != scale.variance.size + 1
    ):
        raise CheckpointError("the checkpoint's volatility does not fit", mend=_MEND)
    done: list[tuple[Stateful, Mapping[str, Floats]]] = []
    try:
        for name, owner in (("model", adaptive), *((f"part/{p}", o) for p, o in parts.items())):
            before = owner.export()
            owner.restore(_of(arrays, name))
            done.append((owner, before))
    except Exception as error:
        for owner, before in reversed(done):
            owner.restore(before)
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"a part of the checkpoint was refused: {error}", mend=_MEND
        ) from error
    watch.restore(arrays["watch"])
    if scale is not None:
        scale.variance = arrays["scale"][:-1].astype(np.float64)
        scale.seen = int(arrays["scale"][-1])


def _of(arrays: Mapping[str, Floats], owner: str) -> dict[str, Floats]:
    head = f"{owner}/"
    return {name[len(head) :]: a for name, a in arrays.items() if name.startswith(head)}
