# SPDX-License-Identifier: MIT
"""Arrays that many processes read without copying: files mapped into memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seawall.model.errors import DataError


@dataclass(frozen=True, slots=True)
class SharedArrays:
    """Handle of named arrays on disk; a few hundred bytes when pickled.

    Parameters
    ----------
    folder : str
        Where the files lie.
    names : tuple of str
        Arrays, each in ``<name>.npy``.
    data_hash : str
        sha256 over names, types, shapes and bytes: the identity of the data.
    """

    folder: str
    names: tuple[str, ...]
    data_hash: str

    def __getitem__(self, name: str) -> npt.NDArray[np.generic]:
        """Read-only array, mapped once per process."""
        if name not in self.names:
            raise DataError(
                f"no shared array {name!r}", where=self.folder, mend=f"use {', '.join(self.names)}"
            )
        return _mapped(str(Path(self.folder) / f"{name}.npy"))


def share_arrays(folder: Path | str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> SharedArrays:
    """Write arrays so that other processes can map them.

    The files of one content go to one folder below ``folder`` and are never changed, so a
    running sweep is not disturbed by a new one.
    """
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.descr} {array.shape}".encode())
        digest.update(array.data.cast("B") if array.size else b"")
    home = Path(folder) / digest.hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        path, draft = home / f"{name}.npy", home / f".{name}.{os.getpid()}.npy"
        if not path.exists():
            np.save(draft, np.ascontiguousarray(array), allow_pickle=False)
            draft.replace(path)
    return SharedArrays(str(home.resolve()), tuple(sorted(arrays)), digest.hexdigest())


@lru_cache(maxsize=256)
def _mapped(path: str) -> npt.NDArray[np.generic]:
    try:
        mapped: npt.NDArray[np.generic] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as problem:
        raise DataError(
            f"a shared array cannot be mapped: {problem}",
            where=path,
            mend="write it again with share_arrays; it must be on a disk that all workers see",
        ) from None
    return mapped
