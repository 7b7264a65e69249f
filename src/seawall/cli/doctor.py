# SPDX-License-Identifier: MIT
"""``seawall doctor``: is this machine ready, and what would make it so."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seawall.cli.output import next_steps, print_json, table
from seawall.cli.settings import resolved
from seawall.model.errors import SeawallError
from seawall.model.settings import CatalogueSettings

app = typer.Typer()

NEEDED = ("numpy", "numba", "polars", "duckdb", "pyarrow", "plotly", "scipy", "msgspec", "rich")
OPTIONAL = (("ccxt", "venues"), ("optuna", "sweep"), ("ray", "ray"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")
STYLES = {"ok": "green", "hint": "yellow", "bad": "bold red"}
DISK_FREE_MIN_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination found.

    Parameters
    ----------
    part : str
        What was looked at.
    state : str
        ``ok``, ``hint`` (works without) or ``bad``.
    detail : str
        What was found.
    mend : str
        What to do, when there is something to do.
    """

    part: str
    state: str
    detail: str
    mend: str = ""


@app.command()
def doctor(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """See whether this machine is ready; exit code 1 when something needed is missing."""
    try:
        root = resolved(ctx).settings.catalogue.root
        settings = Finding("settings", "ok", "all names and values are valid")
    except SeawallError as error:
        root = CatalogueSettings().root
        settings = Finding("settings", "bad", f"{error.what} ({error.where})", error.mend)
    found = [settings, *examine(root)]
    from rich.text import Text

    bad = any(f.state == "bad" for f in found)
    if json:
        print_json({"ready": not bad, "findings": found})
    else:
        table(
            "Is this machine ready?",
            ["part", "state", "found", "mend"],
            [(f.part, Text(f.state, style=STYLES[f.state]), f.detail, f.mend) for f in found],
        )
        next_steps("seawall demo" if not bad else "make setup")
    raise typer.Exit(int(bad))


def examine(root: Path) -> list[Finding]:
    """Examine Python, packages, the cache of compiled code, disk, catalogue and browser."""
    return [
        _python(),
        *(_package(name, "") for name in NEEDED),
        *(_package(name, extra) for name, extra in OPTIONAL),
        _numba_cache(),
        _disk(root),
        _catalogue(root),
        _browser(),
    ]


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()}, {os.cpu_count()} cores")


def _package(name: str, extra: str) -> Finding:
    try:
        return Finding(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        if extra:
            mend = f"python -m pip install 'seawall[{extra}]'"
            return Finding(name, "hint", "not installed (optional)", mend)
        return Finding(name, "bad", "not installed", "make setup")


def _numba_cache() -> Finding:
    """Numba writes beside the code unless told otherwise, or else into the user's cache."""
    place = os.environ.get("NUMBA_CACHE_DIR") or str(Path(__file__).parents[1])
    if _writable(Path(place)):
        return Finding("compiled code", "ok", f"is cached in {place}")
    return Finding(
        "compiled code", "hint", f"{place} cannot be written",
        "set NUMBA_CACHE_DIR to a folder of yours, or the first call of each run compiles",
    )  # fmt: skip


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(_existing(root)).free
    detail = f"{free / 1024**3:.1f} GiB free at {_existing(root)}"
    if free < DISK_FREE_MIN_BYTES:
        return Finding("disk", "hint", detail, "free some space, or set catalogue.root elsewhere")
    return Finding("disk", "ok", detail)


def _catalogue(root: Path) -> Finding:
    if not root.exists():
        return Finding("catalogue", "ok", f"{root} is made by the first import")
    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        return Finding("catalogue", "bad", f"{root} cannot be read", "set catalogue.root elsewhere")
    if not _writable(root):
        return Finding("catalogue", "hint", f"{root} can be read, not written")
    return Finding("catalogue", "ok", str(root))


def _browser() -> Finding:
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return Finding("browser", "ok", path)
    return Finding("browser", "hint", "none found", "open reports elsewhere, or install chromium")


def _existing(path: Path) -> Path:
    path = path.resolve()
    return next((p for p in (path, *path.parents) if p.exists()), Path("/"))


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
