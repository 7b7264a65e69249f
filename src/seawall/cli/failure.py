# SPDX-License-Identifier: MIT
"""Errors as people read them: what is wrong, where, and how to mend it.

Exit codes are part of the interface: 0 success, 1 to 8 by the branch of
:class:`~seawall.model.errors.SeawallError`, 2 also for a wrong command line,
70 for a fault in Seawall itself, 74 for a disk that is full or refuses,
130 for an interruption.
"""

from __future__ import annotations

import errno
import traceback

from seawall.model.errors import SeawallError

EXIT_BUG = 70
EXIT_IO = 74
EXIT_INTERRUPTED = 130

_EXTRAS = {"ccxt": "venues", "optuna": "sweep", "ray": "ray"}


def report(error: BaseException, *, debug: bool = False, as_json: bool = False) -> int:
    """Print an error to standard error and return the exit code that it means.

    Parameters
    ----------
    error : BaseException
        What was raised.
    debug : bool
        Whether the traceback is printed as well.
    as_json : bool
        Whether a program asked: it finds an object ``error`` on standard output, where it
        would have found the result.
    """
    if debug:
        traceback.print_exception(error)
    what, where, mend, code = describe(error)
    _panel(what, where, mend)
    if as_json:
        from seawall.cli.output import print_json

        print_json({"error": {"what": what, "where": where, "mend": mend, "exit_code": code}})
    return code


def describe(error: BaseException) -> tuple[str, str, str, int]:
    """Split an error into what, where, mend and exit code."""
    if isinstance(error, KeyboardInterrupt):
        mend = "what was finished is kept; give the same command again"
        return "interrupted", "", mend, EXIT_INTERRUPTED
    if isinstance(error, SeawallError):
        return error.what, error.where, error.mend, error.exit_code
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.split(".")[0]
        if package in _EXTRAS:
            extra = _EXTRAS[package]
            return (
                f"{package} is not installed",
                "",
                f"python -m pip install 'seawall[{extra}]'",
                SeawallError.exit_code,
            )
    if isinstance(error, OSError) and error.errno is not None:
        mend = "free some space, or choose another folder with --set catalogue.root=DIR"
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            mend = "see that the path exists and that you may read and write it"
        return error.strerror or str(error), str(error.filename or ""), mend, EXIT_IO
    frame = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
    where = f"{frame[0].filename}:{frame[0].lineno}" if frame else ""
    return (
        f"a fault in Seawall: {type(error).__name__}: {error}",
        where,
        "run the command again with --debug and report what it prints",
        EXIT_BUG,
    )


def _panel(what: str, where: str, mend: str) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    text = Text(what, style="bold")
    for label, line in (("where", where), ("mend", mend)):
        if line:
            text.append(f"\n{label:>6}  ", style="dim")
            text.append(line, style="not bold")
    console = Console(stderr=True)
    if console.is_terminal:
        console.print(Panel(text, border_style="red", title="error", title_align="left"))
    else:  # logs and pipes: whole lines that can be searched, no box
        console.print(Text("error: ") + text, soft_wrap=True)
