# SPDX-License-Identifier: MIT
"""The manifest: what a run was made of, left beside its results.

A run is a function of its settings, data, seed and versions; whoever has the manifest
can make the run again and compare fingerprints.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from seawall.model.encoding import to_json
from seawall.model.errors import FormatError

FORM = 1
"""Number of the manifest's form; raised when a field changes its meaning."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one run was made of.

    Parameters
    ----------
    command : str
        Command line or Python call that started it.
    seed : int
        Seed of everything random.
    settings : mapping of str to object
        Resolved settings by dotted name, as plain JSON values.
    data_hashes : mapping of str to str
        sha256 of every input by name.
    versions : mapping of str to str
        Versions of Seawall, Python and the packages that shape results.
    commit : str
        Commit of the code, with ``+`` behind it when files were changed; empty when
        not run from a repository.
    created_ts : int
        When the run was started, ns UTC, as the caller says: nothing here reads a clock.
    host : mapping of str to str
        Facts about the machine: system, processor, cores.
    fingerprint : str
        sha256 over orders, fills and equity; empty until the run has ended.
    form : int
        Number of the manifest's form.
    """

    command: str
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    data_hashes: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    created_ts: int = 0
    host: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    form: int = FORM


def write_manifest(manifest: Manifest, path: Path) -> Path:
    """Write a manifest whole or not at all.

    Parameters
    ----------
    manifest : Manifest
        What to write.
    path : Path
        File, or a folder in which ``manifest.json`` is written.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        When the disk refuses; a file that stood there before is untouched.
    """
    file = path / "manifest.json" if path.is_dir() else path
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(to_json(manifest, indent=2) + "\n")
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return file


def read_manifest(path: Path) -> Manifest:
    """Read a manifest from its file, or from the folder that holds it.

    Raises
    ------
    FormatError
        When the file is absent, is no manifest, or has a newer form.
    """
    file = path / "manifest.json" if path.is_dir() else path
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except OSError as error:
        raise FormatError(
            f"no manifest can be read: {error.strerror}",
            where=str(file),
            mend="name the folder of a run, which holds manifest.json",
        ) from None
    except msgspec.MsgspecError as error:
        raise FormatError(
            f"this is no manifest: {error}", where=str(file), mend="run it again to make a new one"
        ) from None
    if manifest.form > FORM:
        raise FormatError(
            f"the manifest has form {manifest.form}; this version reads up to {FORM}",
            where=str(file),
            mend="update Seawall",
        )
    return manifest
