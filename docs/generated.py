# SPDX-License-Identifier: MIT
"""Fill the reference pages from the code, so that they cannot be out of date.

A page asks for text with a comment such as ``<!-- generated: settings -->``; this hook
of mkdocs puts it there when the site is built.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

MARK = re.compile(r"<!-- generated: ([\w-]+) -->")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace every mark of a page (called by mkdocs)."""
    return MARK.sub(lambda found: "\n".join(PARTS[found[1]]()), markdown)


def settings() -> Iterator[str]:
    """Table of all settings."""
    from seawall.cli.config import written
    from seawall.cli.settings import Settings
    from seawall.model.settings import schema_of
    from seawall.model.settings.coerce import expected

    yield "| setting | takes | default | meaning |"
    yield "|---|---|---|---|"
    for key, leaf in schema_of(Settings).items():
        takes = expected(key, leaf.kind)
        yield f"| `{key}` | {takes} | `{written(key, leaf.default)}` | {leaf.meaning} |"


def exit_codes() -> Iterator[str]:
    """Table of exit codes."""
    from seawall.cli.failure import EXIT_BUG, EXIT_INTERRUPTED, EXIT_IO
    from seawall.model.errors import SeawallError

    yield "| code | meaning | raised in Python as |"
    yield "|---|---|---|"
    yield "| 0 | success | |"
    for kind in (SeawallError, *SeawallError.__subclasses__()):
        yield f"| {kind.exit_code} | {_summary(kind)} | `{kind.__name__}` |"
    yield f"| {EXIT_BUG} | A fault in Seawall itself. | anything else |"
    yield f"| {EXIT_IO} | The disk is full or refuses. | `OSError` |"
    yield f"| {EXIT_INTERRUPTED} | Interrupted from the keyboard. | `KeyboardInterrupt` |"


def order_table() -> Iterator[str]:
    """State and event to the next state."""
    from seawall.model.order import TRANSITIONS, OrderEvent, OrderState

    yield "| state | " + " | ".join(e.name.lower() for e in OrderEvent) + " |"
    yield "|---" * (len(OrderEvent) + 1) + "|"
    for state in OrderState:
        cells = (TRANSITIONS.get((state, event)) for event in OrderEvent)
        words = ("" if cell is None else cell.name.lower() for cell in cells)
        yield f"| **{state.name.lower()}** | " + " | ".join(words) + " |"


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    from seawall.cli.app import COMMANDS
    from seawall.cli.lazy import load

    for entry in COMMANDS:
        if find_spec(entry.module) is None:
            continue
        command = load(entry)
        yield f"## seawall {entry.name}\n\n{entry.summary}\n"
        verbs = getattr(command, "commands", None)
        if verbs is None:
            yield from _command(f"seawall {entry.name}", command)
            continue
        for name, verb in verbs.items():
            yield f"### seawall {entry.name} {name}\n"
            yield from _command(f"seawall {entry.name} {name}", verb)


def _command(words: str, command: Any) -> Iterator[str]:
    yield (command.help or "").strip().replace("\b", "") + "\n"
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    line = " ".join([words, "[OPTIONS]", *(_argument(p) for p in arguments)])
    yield f"```text\n{line}\n```\n"
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    if options:
        yield "| option | meaning | default |\n|---|---|---|"
    for option in options:
        default = (
            ""
            if option.default in (None, False, [], (), "") or callable(option.default)
            else (f"`{option.default}`")
        )
        names = ", ".join(f"`{o}`" for o in (*option.opts, *option.secondary_opts))
        yield f"| {names} | {' '.join((option.help or '').split())} | {default} |"
    yield ""


def _argument(param: Any) -> str:
    name = (param.metavar or param.name or "").upper()
    return name if param.required else f"[{name}]"


def _summary(kind: type[object]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def signals() -> Iterator[str]:
    """Table of the kinds of signal."""
    from seawall.signals.registry import KINDS

    yield "| signal | says | horizon | rule | source |"
    yield "|---|---|---|---|---|"
    for k in KINDS:
        rows = ", ".join(f"{n} {'s' if s == 'events' else 'bars'}" for s, n in k.horizon.items())
        rule = k.section("Rule").replace("|", r"\|")
        yield f"| `{k.name}` | {k.target} | {rows} | {rule} | {k.section('Source')} |"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "settings": settings,
    "exit-codes": exit_codes,
    "commands": commands,
    "order-table": order_table,
    "signals": signals,
}
