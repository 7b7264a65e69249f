# SPDX-License-Identifier: MIT
"""A command group that imports the module of a command when it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from seawall.cli.failure import report

_WITH_VALUE = ("--set", "--config")
_FLAGS = ("--debug",)
_COMPLETION = ("install_completion", "show_completion")


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lives and what the overview says about it.

    Parameters
    ----------
    name : str
        Word on the command line.
    module : str
        Module that holds ``app``, a ``typer.Typer``.
    summary : str
        One line for ``seawall --help``.
    group : bool
        Whether verbs follow the noun.
    """

    name: str
    module: str
    summary: str
    group: bool = True


def load(command: LazyCommand) -> TyperGroup | TyperCommand:
    """Import the module of a command and build the command from its ``app``."""
    app: typer.Typer = import_module(command.module).app
    built: Any = get_group(app) if command.group else get_command(app)
    built.name = command.name
    # Completion is a matter of the whole command line, not of each command.
    built.params = [p for p in built.params if p.name not in _COMPLETION]
    return built  # type: ignore[no-any-return]


def lazy_group(commands: Sequence[LazyCommand]) -> type[TyperGroup]:
    """Return a group class whose commands are those given.

    A command whose module does not exist in this installation is left out, so that
    a part of Seawall that is not installed never breaks another.
    """
    table = {c.name: c for c in commands if find_spec(c.module) is not None}

    class LazyGroup(TyperGroup):
        def __init__(self, **attrs: Any) -> None:
            super().__init__(**attrs)
            for command in table.values():
                self.add_command(TyperCommand(command.name, help=command.summary))

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, hoist(args))

        def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
            name, stub, rest = super().resolve_command(ctx, args)
            if name not in table:
                return name, stub, rest
            return name, load(table[name]), rest

        def invoke(self, ctx: Any) -> Any:
            as_json = "--json" in ctx.args
            try:
                return super().invoke(ctx)
            except (typer.Exit, typer.Abort, typer.TyperException):
                raise
            except BrokenPipeError:  # the reader has seen enough, as in `seawall ... | head`
                raise
            except (Exception, KeyboardInterrupt) as error:
                code = report(error, debug=bool(ctx.params.get("debug")), as_json=as_json)
                raise typer.Exit(code) from error

    return LazyGroup


def hoist(args: Sequence[str]) -> list[str]:
    """Move the options that all commands share in front of the command.

    They may then stand anywhere: ``seawall demo --debug`` is ``seawall --debug demo``.
    Everything after ``--`` stays where it is.
    """
    front: list[str] = []
    rest: list[str] = []
    queue = list(args)
    while queue:
        word = queue.pop(0)
        if word == "--":
            return [*front, *rest, word, *queue]
        if word in _FLAGS or word.startswith(tuple(f"{name}=" for name in _WITH_VALUE)):
            front.append(word)
        elif word in _WITH_VALUE:
            front.append(word)
            front.extend(queue[:1])
            del queue[:1]
        else:
            rest.append(word)
    return front + rest
