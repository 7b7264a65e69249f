# SPDX-License-Identifier: MIT
"""What commands print: tables, the next command, JSON, and progress.

Results go to standard output and everything else to standard error, so that
``seawall ... --json | jq`` works on any command.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rich.console import Console

Advance = Callable[[float], None]
"""Called with the work done since the last call."""


def console(*, stderr: bool = False) -> Console:
    """Return a console on the present standard output, or standard error."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def say(text: str) -> None:
    """Print a line of rich markup for people, to standard error."""
    console(stderr=True).print(text)


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numeric: Sequence[str] = (),
    whole: Sequence[str] = (),
    note: str = "",
) -> None:
    """Print a table to standard output.

    Parameters
    ----------
    title : str
        Shown above the table.
    columns : sequence of str
        Headings.
    rows : iterable of sequences
        Cells; ``None`` is printed as a dash.
    numeric : sequence of str
        Headings whose cells are aligned to the right.
    whole : sequence of str
        Headings whose cells are never broken into lines.
    note : str
        Shown below the table.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, caption=note or None)
    out.caption_justify = "left"
    for name in columns:
        side: Literal["right", "left"] = "right" if name in numeric else "left"
        out.add_column(name, justify=side, overflow="fold", no_wrap=name in whole)
    for row in rows:
        out.add_row(*(c if isinstance(c, Text) else Text(_cell(c)) for c in row))
    console().print(out)


def next_steps(*commands: str) -> None:
    """Name the commands that usually follow, to standard error."""
    from rich.text import Text

    for number, command in enumerate(commands):
        label = "next: " if number == 0 else "  or: "
        line = Text(label, style="dim") + Text(command, style="bold not dim")
        console(stderr=True).print(line, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print one JSON object on one line, as the last line of standard output.

    Dataclasses, numpy scalars and arrays, paths, decimals and enumerations are
    understood; not-a-number and infinities become null.
    """
    from seawall.model.encoding import to_json

    sys.stdout.write(to_json(value) + "\n")
    sys.stdout.flush()


@contextmanager
def progress(description: str, total: float | None = None) -> Iterator[Advance]:
    """Show a bar on standard error while the block runs, if that is a terminal.

    Parameters
    ----------
    description : str
        What is being done.
    total : float, optional
        Amount of work; unknown when absent.

    Yields
    ------
    callable
        ``advance(amount)``.
    """
    if not sys.stderr.isatty():
        yield lambda amount: None
        return
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(description, total=total)
        yield lambda amount: bar.advance(task, amount)


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
