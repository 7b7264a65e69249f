# SPDX-License-Identifier: MIT
"""Checkpoints on disk: whole or absent at whatever instruction the process dies."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seawall.robust.base import Floats
from seawall.robust.gate.checkpoint import Checkpoint, decode, encode, name_of
from seawall.robust.gate.errors import CheckpointError

INDEX = "index"
OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index: an accepted checkpoint."""

    ts_ns: int
    sha256: str

    def line(self) -> bytes:
        """Text of the line, with a check sum of its own."""
        text = f"{self.ts_ns} {self.sha256}"
        return f"{text} {_sum(text)}\n".encode()


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class FileStore:
    """A folder of checkpoints named by their content, and an index of what was accepted.

    A checkpoint is written beside its place, synchronised, and renamed; only then is a line
    added to the index and synchronised.  A process that dies in between leaves a file that
    nobody names; one that dies within the line leaves a line whose check sum differs, which
    is dropped.  Nothing accepted before is touched.  One process writes at a time.

    Parameters
    ----------
    folder : Path
        Made when missing.
    keep : int
        How many of the newest are kept.
    """

    def __init__(self, folder: Path, keep: int = 16) -> None:
        if keep < 2:
            raise CheckpointError("a store with nothing to fall back on", mend="give keep >= 2")
        self.folder, self.keep = folder, keep
        (folder / OBJECTS).mkdir(parents=True, exist_ok=True)
        self._entries, whole = read_index(folder)
        if not whole:
            self._rewrite()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Accepted checkpoints, oldest first."""
        return tuple(self._entries)

    def put(self, ts_ns: int, arrays: Mapping[str, Floats]) -> str:
        """Keep a state; when this returns it survives the process and the power."""
        data = encode(ts_ns, arrays)
        entry = Entry(ts_ns, name_of(data))
        write_whole(self._path(entry.sha256), data)
        with (self.folder / INDEX).open("ab") as out:
            out.write(entry.line())
            out.flush()
            os.fsync(out.fileno())
        self._entries.append(entry)
        if len(self._entries) >= 2 * self.keep:
            self._prune()
        return entry.sha256

    def get(self, sha256: str) -> Checkpoint:
        """Read one checkpoint.

        Raises
        ------
        CheckpointError
            Missing, cut short or changed.
        """
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise CheckpointError(
                "a checkpoint's file is missing",
                where=str(self._path(sha256)),
                mend="the checkpoint before it is used; restore this one from a copy",
            ) from None
        return decode(data, sha256)

    def latest(self) -> Checkpoint | None:
        """Return the newest whole checkpoint, naming damaged ones after it; or none."""
        skipped: list[str] = []
        for entry in reversed(self._entries):
            try:
                found = self.get(entry.sha256)
            except CheckpointError:
                skipped.append(entry.sha256)
                continue
            return Checkpoint(found.sha256, entry.ts_ns, found.arrays, tuple(skipped))
        return None

    def faults(self) -> tuple[str, ...]:
        """Say what is wrong with kept checkpoints, one line each; empty when all is well."""
        out = []
        for entry in self._entries:
            try:
                self.get(entry.sha256)
            except CheckpointError as error:
                out.append(f"{entry.sha256[:12]}: {error.what}")
        return tuple(out)

    def _path(self, sha256: str) -> Path:
        return self.folder / OBJECTS / f"{sha256}.ckpt"

    def _prune(self) -> None:
        """Shorten the index first, then remove files that it names no more."""
        self._entries = self._entries[-self.keep :]
        self._rewrite()
        named = {e.sha256 for e in self._entries}
        for path in (self.folder / OBJECTS).iterdir():
            if path.stem not in named:
                path.unlink(missing_ok=True)

    def _rewrite(self) -> None:
        write_whole(self.folder / INDEX, b"".join(e.line() for e in self._entries))


def read_index(folder: Path) -> tuple[list[Entry], bool]:
    """Read the whole lines of an index; says whether there were no others."""
    try:
        data = (folder / INDEX).read_bytes()
    except FileNotFoundError:
        return [], True
    entries: list[Entry] = []
    for line in data.split(b"\n")[:-1]:
        words = line.decode("ascii", "replace").split(" ")
        if len(words) != 3 or _sum(f"{words[0]} {words[1]}") != words[2]:
            continue  # damaged: files are named by their content, so the rest is still good
        entries.append(Entry(int(words[0]), words[1]))
    return entries, data == b"".join(e.line() for e in entries)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that its name holds all of the bytes or what was there before."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
