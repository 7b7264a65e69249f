# SPDX-License-Identifier: MIT
"""Golden sets on disk: a folder with one file per window and a manifest of hashes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate.errors import GoldenError
from seawall.robust.gate.golden import (
    FORMAT,
    GoldenSet,
    GoldenWindow,
    manifest,
    sha256_of,
)
from seawall.robust.gate.standard import Standardisation

MANIFEST = "golden.json"
_RESTORE = "restore the folder from a copy, or build a new version: seawall golden build"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a stored golden set.

    Parameters
    ----------
    window : str
        The window, or ``"manifest"``.
    what : str
        What is wrong with it.
    """

    window: str
    what: str


def save_golden(golden: GoldenSet, folder: Path) -> Path:
    """Write a golden set to a folder that does not exist yet; whole or not at all.

    Raises
    ------
    GoldenError
        The folder exists: a golden set is frozen and never overwritten.
    """
    if folder.exists():
        raise GoldenError(
            "a golden set is frozen: it is never overwritten",
            where=str(folder),
            mend="give a new folder, and the old one as --parent",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for number, window in enumerate(golden.windows):
            _write(beside / _file(number), np.ascontiguousarray(window.rows).tobytes())
        _write(beside / MANIFEST, _text(golden))
        beside.chmod(0o755)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _sync_folder(folder.parent)
    return folder


def load_golden(folder: Path) -> GoldenSet:
    """Read a golden set, having verified every byte of it.

    Raises
    ------
    GoldenError
        Something is missing, cut short or changed; it says which window.
    """
    golden, faults = _read(folder)
    if faults:
        raise GoldenError(
            "; ".join(f"window {f.window!r}: {f.what}" for f in faults),
            where=str(folder),
            mend=_RESTORE,
        )
    assert golden is not None
    return golden


def verify_golden(folder: Path) -> tuple[Fault, ...]:
    """Compare every byte of a stored golden set with its hashes; empty when all is well."""
    return _read(folder)[1]


def _read(folder: Path) -> tuple[GoldenSet | None, tuple[Fault, ...]]:
    path = folder / MANIFEST
    try:
        stored = path.read_bytes()
        raw: dict[str, Any] = msgspec.json.decode(stored)
        if raw["format"] != FORMAT:
            return None, (Fault("manifest", f"format {raw['format']} is not known here"),)
        found = [_window(folder, n, w, len(raw["names"])) for n, w in enumerate(raw["windows"])]
        standard = Standardisation(
            tuple(raw["names"]),
            tuple(raw["standardisation"]["centre"]),
            tuple(raw["standardisation"]["scale"]),
            raw["standardisation"]["halflife"],
            raw["standardisation"]["clip"],
            raw["standardisation"]["least"],
        )
        windows = tuple(
            GoldenWindow(w["name"], w["regime"], w["source"], w["start_ns"], w["end_ns"],
                         w["sha256"], w["raw_sha256"], rows)
            for w, (rows, _) in zip(raw["windows"], found, strict=True)
        )  # fmt: skip
        golden = GoldenSet(standard, windows, raw["version"], raw["parent"], raw["note"])
        written = _written(golden, raw)
    except FileNotFoundError:
        raise GoldenError(
            "there is no golden set", where=str(path), mend="seawall golden build makes one"
        ) from None
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError):
        return None, (Fault("manifest", "cut short or changed"),)
    faults = [fault for _, fault in found if fault is not None]
    if written != stored:
        faults.append(Fault("manifest", "changed"))
    return golden, tuple(faults)


def _text(golden: GoldenSet) -> bytes:
    return _pretty(manifest(golden) | {"digest": golden.digest})


def _pretty(values: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(values, order="sorted"), indent=2) + b"\n"


def _written(golden: GoldenSet, raw: dict[str, Any]) -> bytes:
    """Bytes of the manifest that was written; numbers of rows are those it states itself."""
    values = manifest(golden)
    for window, stated in zip(values["windows"], raw["windows"], strict=True):
        window["rows"] = stated["rows"]
    digest = hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
    return _pretty(values | {"digest": digest})


def _window(
    folder: Path, number: int, stated: dict[str, Any], d: int
) -> tuple[Floats, Fault | None]:
    name = str(stated["name"])
    path = folder / _file(number)
    none = np.zeros((0, d))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return none, Fault(name, f"its file {path.name} is missing")
    wanted = int(stated["rows"]) * d * 8
    if len(data) != wanted:
        return none, Fault(name, f"{path.name} has {len(data)} bytes, not {wanted}")
    rows = np.frombuffer(data, dtype="<f8").reshape(-1, d)
    if sha256_of(rows) != stated["sha256"]:
        return rows, Fault(name, f"{path.name} was changed: its hash differs")
    return rows, None


def _file(number: int) -> str:
    return f"window-{number:03d}.f64"


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
