# SPDX-License-Identifier: MIT
"""Trials in a pool of processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seawall.research.sweep.executor import Evaluated, Task, evaluate_task
from seawall.research.sweep.objective import Objective
from seawall.research.workers import Workers


class PoolExecutor:
    """Evaluates trials in fresh processes; see :class:`~seawall.research.workers.Workers`."""

    def __init__(self, objective: Objective, workers: int) -> None:
        self._objective = objective
        self._workers = Workers(workers)

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[list[Evaluated]]:
        """Yield the outcome of each task as it finishes.

        Raises
        ------
        ResearchError
            When a worker died, for example for want of memory.
        """
        yield from self._workers.run(evaluate_task, ((self._objective, task) for task in tasks))

    def close(self) -> None:
        """Let the workers exit at once."""
        self._workers.close()
