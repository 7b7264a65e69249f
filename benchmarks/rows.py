# SPDX-License-Identifier: MIT
"""What the rows of analytics and estimators have in common: input, timing, outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract import LONG_RUN_S, Lap, arguments, report, timed

# Work of less than a second is repeated for this long, and at most so often.
BRISK_S = 1.0
MOST_LAPS = 101

Columns = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One side of a row: what is timed, how much work it is, and what came of it.

    `numbers` and `values` are taken from what the last run gave, outside of the clock.
    `why` is the reason, where it is known, for which this side's outcome may differ.  A task of
    which `warm` is true runs once before it is timed.
    """

    run: Callable[[], Any]
    work: float
    unit: str
    numbers: Callable[[Any], dict[str, Any]] = lambda got: {}
    values: Callable[[Any], Any] | None = None
    note: str | None = None
    why: str | None = None
    warm: bool = True


def laps_of(run: Callable[[], Any], repeats: int) -> tuple[list[Lap], Any]:
    """`repeats` laps, or as many as fit a second where the work is short; one if it is long."""
    laps, got = timed(run, 1)
    if laps[0].seconds >= LONG_RUN_S:
        return laps, got
    end = time.perf_counter() + BRISK_S
    while len(laps) < repeats or (len(laps) < MOST_LAPS and time.perf_counter() < end):
        more, got = timed(run, 1)
        laps += more
    return laps, got


def run_row(
    workload: str,
    peer: str,
    package: str,
    make: Callable[[Columns], Task],
    input: str = "",
) -> None:
    """Load the input, make the task of it, time it and report it."""
    args = arguments()
    with np.load(args.inputs / (input or workload) / "columns.npz") as stored:
        columns = {name: stored[name] for name in stored.files}
    task = make({name: v if v.ndim else v.item() for name, v in columns.items()})
    if task.warm:
        task.run()
    laps, got = laps_of(task.run, args.repeats)
    if task.values is not None:
        values = np.asarray(task.values(got), dtype=np.float64)
        np.save(args.outcomes / f"{workload}.{peer}.npy", values)
    numbers = {name: float(v) if np.isscalar(v) else v for name, v in task.numbers(got).items()}
    report(workload, peer, package, laps, task.work, task.unit, numbers, note=task.note,
           why=task.why)  # fmt: skip
