# SPDX-License-Identifier: MIT
"""Facts about code and machine that a manifest records: versions, commit, host.

They are read from the installation and the operating system, never from a clock.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

SHAPING = ("seawall", "numpy", "numba", "llvmlite", "scipy", "polars", "duckdb", "pyarrow")
"""Packages whose version can change a result."""

_CHUNK_BYTES = 1 << 20


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that shape results."""
    found = {"python": platform.python_version()}
    for name in SHAPING:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit(folder: Path | None = None) -> str:
    """Return the commit of the repository around a folder.

    Parameters
    ----------
    folder : Path, optional
        Folder inside the repository; that of Seawall's own code when absent.

    Returns
    -------
    str
        Twelve hexadecimal digits, with ``+`` behind them when tracked files were
        changed; empty when there is no repository or no git.
    """
    place = folder or Path(__file__).parent
    # Called by name on purpose: whoever may choose git on this machine may choose all else.
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    try:
        answer = subprocess.run(  # noqa: S603
            command, cwd=place, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def host() -> dict[str, str]:
    """Return facts about the machine: system, processor architecture and cores."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "cores": str(os.cpu_count() or 0),
    }


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal, read in bounded memory.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
