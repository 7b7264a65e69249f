# SPDX-License-Identifier: MIT
"""Writing a journal: append, roll, recover."""

from __future__ import annotations

import fcntl
import os
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from seawall.engine.journal.layout import (
    FRAME,
    HEAD,
    HEADER,
    PAYLOAD_MAX,
    RecordType,
    SegmentHeader,
    Sync,
    segment_name,
)
from seawall.engine.journal.reader import Tail, segment_paths, walk_segments
from seawall.model.errors import JournalError
from seawall.model.time import NS_PER_MS

_BUFFER_BYTES = 1 << 18


class Journal:
    """An append-only journal in a folder; one writer at a time.

    Opening a folder that has a journal goes on behind its last whole record; a record cut
    short by a crash is removed first and its size is in :attr:`recovered_bytes`.

    Parameters
    ----------
    folder : Path
        Folder of the segments; made when missing.
    run_id : bytes
        16 bytes that name the run.
    manifest_hash : bytes
        sha256 of the run's manifest, 32 bytes.
    sync : Sync
        When the disk is asked to keep what was written.
    interval_ms : int
        For ``Sync.INTERVAL``.
    segment_bytes : int
        Size beyond which the next segment is begun.
    clock : callable
        Monotonic clock, ns; read for ``Sync.INTERVAL`` only.

    Raises
    ------
    JournalError
        When another process writes it, it belongs to another run, or it is damaged.
    """

    def __init__(
        self,
        folder: Path,
        *,
        run_id: bytes = bytes(16),
        manifest_hash: bytes = bytes(32),
        sync: Sync = Sync.CLOSE,
        interval_ms: int = 100,
        segment_bytes: int = 64 << 20,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        if len(run_id) != 16 or len(manifest_hash) != 32:
            raise JournalError(
                "a run id has 16 bytes and a manifest hash 32",
                where=str(folder),
                mend="give uuid4().bytes and a sha256 digest",
            )
        self.folder = folder
        self.recovered_bytes = 0
        self._run_id, self._manifest_hash = run_id, manifest_hash
        self._sync, self._interval_ns = sync, interval_ms * NS_PER_MS
        self._segment_bytes, self._clock = segment_bytes, clock
        self._parts: list[bytes] = []
        self._waiting = 0
        self._number = 0
        self._size = 0
        self._file = -1
        self._broken = False
        self._synced_at = clock() if sync is Sync.INTERVAL else 0
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        try:
            self._open()
        except BaseException:
            os.close(self._lock)
            raise

    @property
    def next_number(self) -> int:
        """Number of the next record."""
        return self._number

    def append(self, kind: RecordType, payload: bytes) -> int:
        """Append one record and return its number.

        Raises
        ------
        JournalError
            When the journal is closed, the payload is too long, or the disk refuses.
        """
        number = self._number
        body = HEAD.pack(number, kind) + payload
        if len(payload) > PAYLOAD_MAX:
            raise JournalError(
                f"a payload of {len(payload)} bytes is above {PAYLOAD_MAX}",
                where=str(self.folder),
                mend="split it",
            )
        self._parts.append(FRAME.pack(len(body), zlib.crc32(body)))
        self._parts.append(body)
        self._number = number + 1
        self._waiting += len(body) + FRAME.size
        if self._waiting >= _BUFFER_BYTES or self._sync is not Sync.CLOSE:
            self._after_append()
        return number

    def append_many(self, kind: RecordType, payloads: Iterable[bytes]) -> int:
        """Append records of one type; return the number of the first.

        Under ``Sync.RECORD`` the disk is asked once, after the last of them.
        """
        first = number = self._number
        add, pack_frame, pack_head, crc32 = (
            self._parts.append, FRAME.pack, HEAD.pack, zlib.crc32,
        )  # fmt: skip
        size = 0
        for payload in payloads:
            body = pack_head(number, kind) + payload
            add(pack_frame(len(body), crc32(body)))
            add(body)
            number += 1
            size += len(body) + 8
            if size >= _BUFFER_BYTES:
                self._number, self._waiting, size = number, self._waiting + size, 0
                self.flush()
                add = self._parts.append
        self._number = number
        self._waiting += size
        self._after_append()
        return first

    def flush(self, *, to_disk: bool = False) -> None:
        """Hand everything to the system, and with ``to_disk`` to the disk.

        Raises
        ------
        JournalError
            When the disk is full or refuses; the journal then takes no more.
        """
        if self._broken or self._file < 0:
            raise JournalError(
                "the journal takes no more records",
                where=str(self.folder),
                mend="open it again: it goes on behind its last whole record",
            )
        try:
            if self._parts:
                data = memoryview(b"".join(self._parts))
                while data:
                    data = data[os.write(self._file, data) :]
                self._size += self._waiting
                self._parts.clear()
                self._waiting = 0
            if to_disk:
                os.fsync(self._file)
        except OSError as refused:
            self._broken = True
            raise JournalError(
                f"the disk refused a write: {refused.strerror}",
                where=str(self.folder),
                mend="make room, then open the journal again: it goes on behind its last "
                "whole record",
            ) from refused
        if self._size >= self._segment_bytes:
            self._roll()

    def close(self) -> None:
        """Write what is waiting, ask the disk to keep it, and release the folder."""
        if self._lock < 0:
            return
        try:
            if not self._broken:
                self.flush(to_disk=True)
        finally:
            if self._file >= 0:
                os.close(self._file)
            os.close(self._lock)
            self._file = self._lock = -1

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _after_append(self) -> None:
        """Flush as the policy says."""
        if self._sync is Sync.RECORD:
            self.flush(to_disk=True)
        elif self._sync is Sync.INTERVAL:
            now = self._clock()
            if now - self._synced_at >= self._interval_ns:
                self._synced_at = now
                self.flush(to_disk=True)
        if self._waiting >= _BUFFER_BYTES:
            self.flush()

    def _take_lock(self) -> int:
        lock = os.open(self.folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise JournalError(
                "another process writes this journal",
                where=str(self.folder),
                mend="stop it, or choose another folder",
            ) from None
        return lock

    def _open(self) -> None:
        """Go on behind the last whole record, or begin the first segment."""
        for left in self.folder.glob("segment-*.new"):
            left.unlink()  # a segment that was being begun
        if not segment_paths(self.folder):
            self._begin(0)
            return
        tail: Tail | None = None
        for header, _, end in walk_segments(self.folder):
            tail = end
            if (header.run_id, header.manifest_hash) != (self._run_id, self._manifest_hash):
                raise JournalError(
                    "the folder holds the journal of another run",
                    where=str(self.folder),
                    mend="choose an empty folder, or give that run's id and manifest",
                )
        assert tail is not None
        self._number = tail.next_number
        self.recovered_bytes = tail.torn_bytes
        if tail.good_bytes == 0:
            tail.path.unlink()
            self._begin(tail.next_number)
            return
        if tail.torn_bytes:
            os.truncate(tail.path, tail.good_bytes)
        self._file = os.open(tail.path, os.O_WRONLY | os.O_APPEND)
        os.fsync(self._file)
        self._size = tail.good_bytes

    def _begin(self, first: int) -> None:
        """Begin a segment; it appears under its name with its header complete."""
        header = SegmentHeader(first, self._run_id, self._manifest_hash).pack()
        path = self.folder / segment_name(first)
        new = path.with_suffix(".new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        try:
            os.write(file, header)
            os.fsync(file)
            new.rename(path)
        except BaseException:
            os.close(file)
            raise
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self._file, self._size = file, HEADER.size

    def _roll(self) -> None:
        """Close the segment and begin the next."""
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1
        self._begin(self._number)
