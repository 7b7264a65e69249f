# SPDX-License-Identifier: MIT
"""``seawall config``: the settings in force, and a file to start from."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from seawall.cli.output import next_steps, print_json, table
from seawall.cli.settings import FILE, Settings, resolved
from seawall.model.errors import SettingsError
from seawall.model.settings import schema_of
from seawall.model.time import (
    NS_PER_DAY,
    NS_PER_HOUR,
    NS_PER_MIN,
    NS_PER_MS,
    NS_PER_S,
    NS_PER_US,
)

_UNITS = (
    ("d", NS_PER_DAY),
    ("h", NS_PER_HOUR),
    ("m", NS_PER_MIN),
    ("s", NS_PER_S),
    ("ms", NS_PER_MS),
    ("us", NS_PER_US),
    ("ns", 1),
)

app = typer.Typer(no_args_is_help=True, help="Show or start the settings.")


@app.command()
def show(
    ctx: typer.Context,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each one means.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print every setting with its value and who set it."""
    found = resolved(ctx).origins
    if json:
        print_json({k: {"value": o.value, "origin": o.where} for k, o in found.items()})
        return
    rows = [(key, written(key, origin.value), origin.where) for key, origin in found.items()]
    if explain:
        schema = schema_of(Settings)
        told = [(*row, schema[row[0]].meaning) for row in rows]
        table("Settings", ["setting", "value", "origin", "meaning"], told)
    else:
        table("Settings", ["setting", "value", "origin"], rows)
    next_steps("seawall config init", "seawall --set run.seed=7 config show")


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = FILE,
) -> None:
    """Write a settings file in which every default stands as a comment."""
    text = template()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SettingsError(
            "there is a settings file already", where=str(path), mend="edit it, or name another"
        ) from None
    typer.echo(f"wrote {path}")
    next_steps(f"seawall --config {path} config show")


def template() -> str:
    """Return a settings file that changes nothing and explains everything."""
    lines = ["# Settings of Seawall. Take away a '#' to change a default.", ""]
    section = ""
    for key, leaf in schema_of(Settings).items():
        here, _, name = key.rpartition(".")
        if here != section:
            section = here
            lines += [f"[{section}]"]
        lines += [f"# {leaf.meaning}"] if leaf.meaning else []
        lines += [f"# {name} = {_toml(key, leaf.default)}", ""]
    return "\n".join(lines)


def written(key: str, value: Any) -> str:
    """Return a setting's value as a person would type it."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, tuple):
        return ",".join(
            ":".join(written(key, v) for v in item)
            if isinstance(item, tuple)
            else written(key, item)
            for item in value
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and key.endswith("_ns"):
        return duration(value)
    return "none" if value is None else str(value)


def duration(ns: int) -> str:
    """Return a duration in the largest unit that leaves no remainder: ``5ms``, ``1m``."""
    for unit, size in _UNITS:
        if ns and ns % size == 0:
            return f"{ns // size}{unit}"
    return str(ns)


def _toml(key: str, value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(key, v) for v in value) + "]"
    text = written(key, value)
    bare = isinstance(value, bool | int | float) and not isinstance(value, Enum)
    if bare and not isinstance(value, bool):
        bare = text[-1:].isdigit()  # a duration such as 5ms is text
    return text if bare else f'"{text}"'
