# SPDX-License-Identifier: MIT
"""Who evaluates: this process, a pool of processes, or Ray, behind one interface."""

from __future__ import annotations

import math
import os
import pickle
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from seawall.model.errors import ResearchError, SettingsError
from seawall.research.sweep.objective import BatchObjective, Objective, TrialResult
from seawall.research.sweep.space import Params

ENGINES = ("pool", "ray", "serial")
BATCH_MAX = 256
OBJECTIVE_BYTES_MAX = 8 << 20


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came of one configuration: a result or the reason why there is none."""

    index: int
    result: TrialResult | None
    error: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """Configurations evaluated together, with their places in the sweep's batch."""

    indices: tuple[int, ...]
    params: tuple[Params, ...]
    window: slice | None = None


class Executor(Protocol):
    """Evaluates tasks in any order; leaving it stops whatever still runs."""

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[list[Evaluated]]:
        """Yield the outcome of each task as it finishes."""
        ...

    def close(self) -> None:
        """Stop the workers at once, finished or not."""
        ...


def make_executor(engine: str, objective: Objective, workers: int | None) -> Executor:
    """Executor by name; ``workers`` defaults to the cores this process may use.

    Raises
    ------
    SettingsError
        When the engine is unknown or not installed.
    ResearchError
        When the objective is too heavy to send to other processes.
    """
    count = workers or available_cores()
    if count < 1:
        raise SettingsError(f"{count} workers cannot work", mend="give at least 1")
    if engine == "serial":
        return SerialExecutor(objective)
    check_weight(objective)
    if engine == "pool":
        from seawall.research.sweep.pool import PoolExecutor

        return PoolExecutor(objective, count)
    if engine == "ray":
        from seawall.research.sweep.rayengine import RayExecutor

        return RayExecutor(objective, count)
    raise SettingsError(f"no engine {engine!r}", mend=f"use one of {', '.join(ENGINES)}")


def available_cores() -> int:
    """Cores that the operating system lets this process use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_weight(objective: Objective) -> None:
    """Refuse an objective that carries its data: each task would copy them.

    Raises
    ------
    ResearchError
        When its pickle is larger than 8 MiB.
    """
    size = len(pickle.dumps(objective))
    if size > OBJECTIVE_BYTES_MAX:
        raise ResearchError(
            f"the objective carries {size / 1e6:.0f} MB, sent again with every task",
            mend="put its arrays into seawall.research.sweep.share_arrays(folder, ...)",
        )


def tasks_of(
    objective: Objective,
    params: Sequence[Params],
    indices: Sequence[int],
    workers: int,
    window: slice | None,
) -> list[Task]:
    """Cut configurations into tasks: single ones, or slices for a batch objective."""
    size = 1
    if isinstance(objective, BatchObjective):
        # Two slices per worker even out their speeds and still share the common work.
        size = min(BATCH_MAX, max(1, math.ceil(len(indices) / (2 * workers))))
    cuts = range(0, len(indices), size)
    return [
        Task(tuple(indices[c : c + size]), tuple(params[i] for i in indices[c : c + size]), window)
        for c in cuts
    ]


def evaluate_task(objective: Objective, task: Task) -> list[Evaluated]:
    """Evaluate one task; an error of the objective becomes part of the outcome."""
    start = time.perf_counter()
    if len(task.indices) > 1 and isinstance(objective, BatchObjective):
        try:
            results = objective.evaluate_batch(task.params, task.window)
        except Exception as problem:
            return [Evaluated(i, None, describe(problem), 0.0) for i in task.indices]
        each = (time.perf_counter() - start) / len(task.indices)
        pairs = zip(task.indices, results, strict=True)
        return [Evaluated(i, result, "", each) for i, result in pairs]
    outcomes = []
    for index, params in zip(task.indices, task.params, strict=True):
        start = time.perf_counter()
        try:
            result, error = objective(params, task.window), ""
        except Exception as problem:
            result, error = None, describe(problem)
        outcomes.append(Evaluated(index, result, error, time.perf_counter() - start))
    return outcomes


def describe(problem: Exception) -> str:
    """Name and text of an exception on one line."""
    return " ".join(f"{type(problem).__name__}: {problem}".split())


class SerialExecutor:
    """Evaluate in this process, one after the other."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[list[Evaluated]]:
        """Yield outcomes in order."""
        for task in tasks:
            yield evaluate_task(self._objective, task)

    def close(self) -> None:
        """Nothing runs beside this process."""
