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
from seawall.model.settings import Setting, schema_of

app = typer.Typer(no_args_is_help=True, help="Show or start the settings.")


@app.command()
def show(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print every setting with its value and who set it."""
    found = resolved(ctx).origins
    if json:
        print_json({k: {"value": o.value, "origin": o.where} for k, o in found.items()})
        return
    meanings = schema_of(Settings)
    table(
        "Settings",
        ["setting", "value", "origin", "meaning"],
        [(k, written(o.value), o.where, meanings[k].meaning) for k, o in found.items()],
    )
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
        lines += [f"# {name} = {_toml(leaf)}", ""]
    return "\n".join(lines)


def written(value: Any) -> str:
    """Return a setting's value as a person would type it."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, tuple):
        return ",".join(written(v) for v in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def _toml(leaf: Setting) -> str:
    value = leaf.default
    if isinstance(value, bool | int | float) and not isinstance(value, Enum):
        return written(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{written(v)}"' for v in value) + "]"
    return f'"{written(value)}"'
