# SPDX-License-Identifier: MIT
"""Files that are whole or absent: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.model.errors import CatalogueError

_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path whose file replaces ``path`` when the block succeeds.

    Raises
    ------
    CatalogueError
        When the disk is full; the temporary file is removed and ``path`` is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        full = disk_full(error, path)
        if full is not None:
            raise full from error
        raise


def sweep(root: Path) -> None:
    """Remove temporary files that killed writers left beside records and instruments.

    Only under the write lock: no other import can be writing them.
    """
    for folder in (root, root / "imports"):
        for left in folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)


def disk_full(error: BaseException, path: Path) -> CatalogueError | None:
    """Clear error for a write that failed for want of space, none for other errors."""
    quota = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    if not quota and "No space left on device" not in str(error):
        return None
    return CatalogueError(
        "the disk is full",
        where=str(path),
        mend="free space and run the same command again: what was stored before is untouched "
        "and the import starts where it stopped",
    )


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file by these bytes, or leave it as it is."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame, zstd, with the statistics that let scans skip row groups."""
    with whole_file(path) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True, row_group_size=250_000)


def write_array(path: Path, array: npt.NDArray[np.generic]) -> None:
    """Write an array that :func:`numpy.load` can map."""
    with whole_file(path) as temporary, temporary.open("wb") as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the catalogue's write lock; the kernel frees it when the process dies.

    Raises
    ------
    CatalogueError
        When another process is writing.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CatalogueError(
                "another process is importing into this catalogue",
                where=str(root),
                mend="wait until it is done, or set catalogue.root to another folder",
            ) from None
        yield
