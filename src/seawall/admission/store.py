# SPDX-License-Identifier: MIT
"""Save and restore the whole state of admission in one file, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from seawall.admission.admission import Admission
from seawall.admission.audit import Audit
from seawall.admission.errors import AdmissionError
from seawall.admission.gateway import Gateway
from seawall.admission.kernel import layout as at
from seawall.admission.registry import Registry
from seawall.admission.settings import AdmissionSettings
from seawall.admission.source import Source

FILE = "state.bin"
FORM = 1
_DIGEST_BYTES = 32


def save(admission: Admission, root: Path, gateway: Gateway | None = None) -> Path:
    """Write the state; a file that stood there is replaced only by a whole one.

    Parameters
    ----------
    admission : Admission
        To be kept.
    root : Path
        State folder; made when missing.
    gateway : Gateway, optional
        Its replay protection is kept in the same file.

    Raises
    ------
    OSError
        When the disk refuses; the file that stood there is untouched.
    """
    registry = admission.registry
    meta = {
        "form": FORM,
        "settings": asdict(replace(admission.settings, root=Path())) | {"root": ""},
        "origins": [x.text for x in registry.origins],
        "streams": [x.text for x in registry.streams],
        "groups": registry.groups,
        "group_of": registry.group_of,
        "gateway": gateway.export() if gateway else None,
    }
    arrays = {k: v for k, v in admission.state._asdict().items() if k not in at.DERIVED}
    buffer = io.BytesIO()
    np.savez(buffer, meta=np.frombuffer(msgspec.json.encode(meta), np.uint8), **arrays)
    root.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=root, prefix=f".{FILE}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue())
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(root / FILE)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return root / FILE


def load(
    root: Path, settings: AdmissionSettings | None = None, gateway: Gateway | None = None
) -> Admission:
    """Go on from a state folder: its state, and the bans of its audit file.

    Parameters
    ----------
    root : Path
        State folder.
    settings : AdmissionSettings, optional
        How to judge from now on; as before when absent.
    gateway : Gateway, optional
        Given back its replay protection.

    Raises
    ------
    AdmissionError
        When there is no state, it is cut short or changed, or its memories have other sizes
        than the settings ask for; the gateway is then untouched.
    """
    file = root / FILE
    meta, arrays = _read(file)
    try:
        if meta["form"] != FORM:
            raise ValueError(f"form {meta['form']} is not known here")
        saved = meta["settings"]
        banned = tuple(saved.get("banned", ()))
        before = AdmissionSettings(**(saved | {"root": root, "banned": banned}))
        registry = Registry(
            [Source.parse(x) for x in meta["origins"]],
            [Source.parse(x) for x in meta["streams"]],
            [str(x) for x in meta["groups"]],
            [int(x) for x in meta["group_of"]],
        )
        wanted = registry.make_room(None, before)
        old = wanted._replace(**{k: v for k, v in arrays.items() if k not in at.DERIVED})
        _check(old, wanted, arrays)
    except (KeyError, TypeError, ValueError, AdmissionError) as problem:
        raise AdmissionError(
            f"this is no state of admission: {problem}", where=str(file),
            mend="restore the file from a copy, or move it away to start anew",
        ) from None  # fmt: skip
    now = settings or before
    caps = ("reservoir_cap", "history_cap", "log_cap")
    if any(getattr(now, c) != getattr(before, c) for c in caps):
        raise AdmissionError(
            "the state has memories of other sizes than the settings ask for", where=str(file),
            mend=", ".join(f"set admission.{c} to {getattr(before, c)}" for c in caps),
        )  # fmt: skip
    admission = Admission(now)
    admission.registry = registry
    admission.state = registry.make_room(old, now)
    admission.ban(Audit(root).banned())
    if gateway is not None and meta["gateway"] is not None:
        gateway.restore(meta["gateway"])
    return admission


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        raw = file.read_bytes()
        if hashlib.sha256(raw[_DIGEST_BYTES:]).digest() != raw[:_DIGEST_BYTES]:
            raise ValueError("the checksum differs")
        with np.load(io.BytesIO(raw[_DIGEST_BYTES:]), allow_pickle=False) as saved:
            arrays = {name: saved[name] for name in saved.files}
        return msgspec.json.decode(arrays.pop("meta").tobytes()), arrays
    except FileNotFoundError:
        raise AdmissionError(
            "nothing has been judged yet: there is no state", where=str(file),
            mend="judge some data first: seawall provenance judge VENUE SYMBOL",
        ) from None  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.MsgspecError):
        raise AdmissionError(
            "the state of admission is cut short or changed", where=str(file),
            mend="restore the file from a copy, or move it away to start anew",
        ) from None  # fmt: skip


def _check(old: at.State, wanted: at.State, saved: dict[str, Any]) -> None:
    """Refuse a state in which an array is missing or has another form."""
    missing = set(at.State._fields) - set(saved) - set(at.DERIVED)
    if missing:
        raise ValueError(f"{', '.join(sorted(missing))} is missing")
    for name, want, have in zip(at.State._fields, wanted, old, strict=True):
        if want.shape != have.shape or want.dtype != have.dtype:
            raise ValueError(f"{name} is {have.dtype}{have.shape}, not {want.dtype}{want.shape}")
