# SPDX-License-Identifier: MIT
"""Reading a journal, and judging what is wrong with it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seawall.engine.journal.layout import (
    FRAME,
    HEAD,
    HEADER,
    PAYLOAD_MAX,
    SUFFIX,
    Record,
    RecordType,
    SegmentHeader,
)
from seawall.model.errors import JournalError

_LOOK_AHEAD = 16
_TYPES = {int(kind): kind for kind in RecordType}


@dataclass(frozen=True, slots=True)
class JournalInfo:
    """What a journal holds.

    Parameters
    ----------
    run_id : str
        Hexadecimal id of the run that wrote it.
    manifest_hash : str
        Hexadecimal sha256 of the run's manifest.
    segments : int
        Segment files.
    records : int
        Whole records.
    counts : dict of RecordType to int
        Records by type.
    torn_bytes : int
        Bytes of a record that was being written when the writer died.
    """

    run_id: str
    manifest_hash: str
    segments: int
    records: int
    counts: dict[RecordType, int]
    torn_bytes: int


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the whole records of the last segment end."""

    path: Path
    good_bytes: int
    torn_bytes: int
    next_number: int


def segment_paths(folder: Path) -> list[Path]:
    """Segments of a journal in their order."""
    return sorted(folder.glob(f"segment-*{SUFFIX}"))


def read_journal(folder: Path) -> Iterator[Record]:
    """Iterate over the whole records of a journal.

    A record cut short at the very end is passed over: it was never acknowledged.

    Raises
    ------
    JournalError
        When there is no journal, a segment is missing, or a record in the middle is damaged.
    """
    for _, records, _ in walk_segments(folder):
        yield from records


def inspect_journal(folder: Path) -> JournalInfo:
    """Read a journal whole and say what it holds.

    Raises
    ------
    JournalError
        As :func:`read_journal`.
    """
    counts: dict[RecordType, int] = {}
    first: SegmentHeader | None = None
    segments, torn = 0, 0
    for header, records, tail in walk_segments(folder):
        first = first or header
        segments += 1
        for record in records:
            counts[record.type] = counts.get(record.type, 0) + 1
        torn = tail.torn_bytes
    assert first is not None
    return JournalInfo(
        first.run_id.hex(), first.manifest_hash.hex(), segments, sum(counts.values()), counts, torn
    )


def walk_segments(folder: Path) -> Iterator[tuple[SegmentHeader, list[Record], Tail]]:
    """Headers, whole records and ends of the segments, checked against each other.

    Raises
    ------
    JournalError
        As :func:`read_journal`.
    """
    paths = segment_paths(folder)
    if not paths:
        raise JournalError(
            "there is no journal here", where=str(folder), mend="give the folder of a session"
        )
    expected: int | None = None
    run: tuple[bytes, bytes] | None = None
    for n, path in enumerate(paths):
        data = path.read_bytes()
        last = n == len(paths) - 1
        if len(data) < HEADER.size and last and n:
            # Segments appear whole by renaming; a file cut in its header holds nothing.
            before = SegmentHeader(expected or 0, *(run or (b"", b"")))
            yield before, [], Tail(path, 0, len(data), before.first)
            return
        if len(data) < HEADER.size:
            raise JournalError(
                "the segment ends inside its header",
                where=f"{path} offset {len(data)}",
                mend="restore the file from a copy",
            )
        header = SegmentHeader.unpack(data, str(path))
        if run is not None and (header.run_id, header.manifest_hash) != run:
            raise JournalError(
                "the segment belongs to another run",
                where=str(path),
                mend="move the segments of other runs out of the folder",
            )
        if header.first != (expected if expected is not None else 0):
            raise JournalError(
                f"the segment begins with record {header.first}, not {expected or 0}",
                where=str(path),
                mend="a segment is missing: restore it from a copy",
            )
        run = (header.run_id, header.manifest_hash)
        records, good = _read_records(data, header.first, path)
        expected = header.first + len(records)
        torn = len(data) - good
        if torn and not last:
            raise _damaged(path, good, expected)
        if torn and _goes_on(data, good, expected):
            raise _damaged(path, good, expected)
        yield header, records, Tail(path, good, torn, expected)


def _read_records(data: bytes, number: int, path: Path) -> tuple[list[Record], int]:
    """Whole records from the header on, and where they end."""
    records: list[Record] = []
    at, size = HEADER.size, len(data)
    unpack_frame, unpack_head = FRAME.unpack_from, HEAD.unpack_from
    frame, head, crc32 = FRAME.size, HEAD.size, zlib.crc32
    view = memoryview(data)
    while at + frame + head <= size:
        length, checksum = unpack_frame(data, at)
        start = at + frame
        end = start + length
        if length < head or end > size or crc32(view[start:end]) != checksum:
            break
        found, kind = unpack_head(data, start)
        if found != number:
            break
        try:
            records.append(Record(number, _TYPES[kind], data[start + head : end]))
        except KeyError:
            raise JournalError(
                f"record {number} has the unknown type {kind}",
                where=f"{path} offset {at}",
                mend="read it with the version of seawall that wrote it",
            ) from None
        number += 1
        at = end
    return records, at


def _goes_on(data: bytes, at: int, number: int) -> bool:
    """Whether a whole later record lies behind a damaged one: then it was no torn write."""
    for later in range(number, number + _LOOK_AHEAD):
        mark = later.to_bytes(8, "little")
        place = data.find(mark, at + FRAME.size)
        while place >= 0:
            length, checksum = FRAME.unpack_from(data, place - FRAME.size)
            if (
                HEAD.size <= length <= min(PAYLOAD_MAX, len(data) - place)
                and zlib.crc32(data[place : place + length]) == checksum
            ):
                return True
            place = data.find(mark, place + 1)
    return False


def _damaged(path: Path, at: int, number: int) -> JournalError:
    return JournalError(
        f"record {number} is damaged and is not the last one",
        where=f"{path} offset {at}",
        mend="restore the segment from a copy; the records before it are sound",
    )
