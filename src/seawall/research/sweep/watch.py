# SPDX-License-Identifier: MIT
"""A bar with the best result so far, for sweeps started from a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watch = Callable[[int, str], None]
"""Called with the trials finished since the last call and the best so far as text."""


@contextmanager
def watched(title: str, total: int, *, show: bool) -> Iterator[Watch]:
    """Show a bar on standard error while the block runs, if that is a terminal."""
    if not (show and sys.stderr.isatty()):
        yield lambda done, best: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[best]}"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=total, best="")
        yield lambda done, best: bar.update(task, advance=done, best=best)
