# SPDX-License-Identifier: MIT
"""A pool of processes that dies with its parent and leaves Ctrl-C to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection

from seawall.model.errors import ResearchError
from seawall.research.sweep.executor import Evaluated, Task, evaluate_task
from seawall.research.sweep.objective import Objective

ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS",
)  # fmt: skip


class PoolExecutor:
    """Fresh processes with one thread each, fed two tasks ahead.

    Every worker holds the reading end of a pipe whose writing end only this process has.
    When it is closed, on purpose or because this process was killed, the workers exit at
    once: nothing is left behind by Ctrl-C, by an error, or by ``kill -9``.
    """

    def __init__(self, objective: Objective, workers: int) -> None:
        self._objective, self._workers = objective, workers
        resource_tracker.ensure_running()
        self._theirs, self._lifeline = multiprocessing.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(self._theirs,),
        )

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[list[Evaluated]]:
        """Yield the outcome of each task as it finishes.

        Raises
        ------
        ResearchError
            When a worker died, for example for want of memory.
        """
        queue, running = iter(tasks), set[Future[list[Evaluated]]]()
        with _single_threaded():
            while True:
                for task in _take(queue, 2 * self._workers - len(running)):
                    running.add(self._submit(task))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _outcome(future)

    def _submit(self, task: Task) -> Future[list[Evaluated]]:
        with _sigint_held():
            return self._pool.submit(evaluate_task, self._objective, task)

    def close(self) -> None:
        """Let the workers exit at once."""
        self._lifeline.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._theirs.close()


def _outcome(future: Future[list[Evaluated]]) -> list[Evaluated]:
    try:
        return future.result()
    except BrokenProcessPool:
        raise ResearchError(
            "a worker process died before it gave its result",
            mend="use fewer workers if memory ran out; a script that starts a sweep does so under "
            "`if __name__ == '__main__':`; finished trials are kept and skipped next time",
        ) from None


def _take(queue: Iterator[Task], count: int) -> Iterator[Task]:
    for _ in range(count):
        task = next(queue, None)
        if task is None:
            return
        yield task


def _start_worker(lifeline: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(lifeline,), daemon=True).start()


def _exit_with_parent(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)


@contextmanager
def _sigint_held() -> Iterator[None]:
    """Hold Ctrl-C back while a worker may be started: it inherits the mask.

    A worker interrupted during its first imports would print a traceback and break the pool.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Workers read these variables when they import; as many processes as cores do work."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
