# SPDX-License-Identifier: MIT
"""Processes that work through jobs, die with their parent, and leave Ctrl-C to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from seawall.model.errors import ResearchError

ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS",
)  # fmt: skip


T = TypeVar("T")


class Workers:
    """Fresh processes with one thread each, fed two jobs ahead.

    Every worker holds the reading end of a pipe whose writing end only this process has.
    When it is closed, on purpose or because this process was killed, the workers exit at
    once: nothing is left behind by Ctrl-C, by an error, or by ``kill -9``.

    Parameters
    ----------
    count : int
        Processes.
    begin : callable, optional
        Called once in every worker, with ``given``.
    given : tuple
        Arguments of ``begin``.
    """

    def __init__(
        self, count: int, begin: Callable[..., None] | None = None, given: tuple[Any, ...] = ()
    ) -> None:
        self._count = count
        resource_tracker.ensure_running()
        self._theirs, self._lifeline = multiprocessing.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(self._theirs, begin, given),
        )

    def run(self, function: Callable[..., T], jobs: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield the result of each job as it finishes.

        Raises
        ------
        ResearchError
            When a worker died, for example for want of memory.
        """
        queue, running = iter(jobs), set[Future[T]]()
        with _single_threaded():
            while True:
                for job in _take(queue, 2 * self._count - len(running)):
                    with _sigint_held():
                        running.add(self._pool.submit(function, *job))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _result(future)

    def close(self) -> None:
        """Let the workers exit at once."""
        self._lifeline.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._theirs.close()


def _result(future: Future[T]) -> T:
    try:
        return future.result()
    except BrokenProcessPool:
        raise ResearchError(
            "a worker process died before it gave its result",
            mend="use fewer workers if memory ran out; a script that starts one does so under "
            "`if __name__ == '__main__':`; what is finished is kept and skipped next time",
        ) from None


def _take(queue: Iterator[tuple[Any, ...]], count: int) -> Iterator[tuple[Any, ...]]:
    for _ in range(count):
        job = next(queue, None)
        if job is None:
            return
        yield job


def _start(lifeline: Connection, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(lifeline,), daemon=True).start()
    if begin is not None:
        begin(*given)


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
