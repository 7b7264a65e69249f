# SPDX-License-Identifier: MIT
"""The same evaluation on Ray, on this machine or on the cluster it is connected to."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

from seawall.model.errors import SettingsError
from seawall.research.sweep.executor import Evaluated, Task, evaluate_task
from seawall.research.sweep.objective import Objective


class RayExecutor:
    """Ray tasks of one core each.

    A Ray that is already connected, or named by ``RAY_ADDRESS``, is used and left alone;
    otherwise one is started here without dashboard and without usage reports, and stopped
    at the end.
    """

    def __init__(self, objective: Objective, workers: int) -> None:
        # Ray reads it when it starts; a study does not report to anybody.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        self._ray = ray = _ray()
        self._ours = not ray.is_initialized()
        if self._ours:
            remote = bool(os.environ.get("RAY_ADDRESS"))
            ray.init(
                num_cpus=None if remote else workers,
                include_dashboard=None if remote else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        self._workers = workers
        self._objective = ray.put(objective)
        self._evaluate = ray.remote(num_cpus=1, max_retries=0)(evaluate_task)

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[list[Evaluated]]:
        """Yield the outcome of each task as it finishes."""
        queue: list[Task] = list(reversed(tasks))
        running: list[Any] = []
        while queue or running:
            while queue and len(running) < 2 * self._workers:
                task = queue.pop()
                running.append(self._evaluate.remote(self._objective, task))
            done, running = self._ray.wait(running, num_returns=1)
            yield from self._ray.get(done)

    def close(self) -> None:
        """Stop Ray if it was started here."""
        if self._ours:
            self._ray.shutdown()


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise SettingsError(
            "the engine ray needs Ray", mend="pip install 'seawall[ray]', or use --engine pool"
        ) from None
    return ray
