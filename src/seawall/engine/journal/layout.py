# SPDX-License-Identifier: MIT
"""Bytes of a journal: segment header and record.

A segment is ``segment-<first number>.swj``.  All numbers are little-endian.

header, 80 bytes
    magic ``SWJL``, u16 version, u16 zero, u64 first record number, 16 bytes run id,
    32 bytes manifest hash, 12 bytes zero, u32 CRC-32 of the bytes before.

record, 17 bytes and the payload
    u32 length of what follows the checksum, u32 CRC-32 of it, u64 record number,
    u8 type, payload.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple

from seawall.model.errors import JournalError

MAGIC = b"SWJL"
VERSION = 1
SUFFIX = ".swj"

HEADER = struct.Struct("<4sHHQ16s32s12xI")
FRAME = struct.Struct("<II")  # length, checksum
HEAD = struct.Struct("<QB")  # number, type
OVERHEAD = FRAME.size + HEAD.size
PAYLOAD_MAX = 1 << 28


class RecordType(IntEnum):
    """What a record holds."""

    INPUT = 1  # a message as it came, with receive time and connection
    EVENT = 2  # event records that did not come as text
    COMMAND = 3  # an order sent or cancelled
    FILL = 4
    ORDER = 5  # an order that ended
    DECISION = 6  # what a strategy or a risk rule decided, as JSON
    TIMER = 7  # a moment at which the session was told the time
    NOTE = 8  # JSON: settings at the start, remarks
    CHECKPOINT = 9  # JSON: totals and fingerprint so far


class Sync(Enum):
    """When the disk is asked to keep what was written."""

    RECORD = "record"  # after every record
    INTERVAL = "interval"  # when the given time has passed since the last
    CLOSE = "close"  # when a segment or the journal is closed


class Record(NamedTuple):
    """One record."""

    number: int  # position in the journal, from 0, without gaps
    type: RecordType
    payload: bytes


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """First bytes of a segment."""

    first: int
    run_id: bytes
    manifest_hash: bytes

    def pack(self) -> bytes:
        """Bytes on the disk."""
        body = HEADER.pack(MAGIC, VERSION, 0, self.first, self.run_id, self.manifest_hash, 0)
        return body[:-4] + struct.pack("<I", zlib.crc32(body[:-4]))

    @classmethod
    def unpack(cls, data: bytes, where: str) -> SegmentHeader:
        """Read the bytes back.

        Raises
        ------
        JournalError
            When they are not a header, or of another version.
        """
        magic, version, _, first, run_id, manifest_hash, checksum = HEADER.unpack_from(data)
        if magic != MAGIC or zlib.crc32(data[: HEADER.size - 4]) != checksum:
            raise JournalError(
                "this is not a journal segment, or its header is damaged",
                where=f"{where} offset 0",
                mend="restore the file from a copy; the segments before it stay readable",
            )
        if version != VERSION:
            raise JournalError(
                f"the segment has format version {version}, this program reads {VERSION}",
                where=where,
                mend="read it with the version of seawall that wrote it",
            )
        return cls(first, run_id, manifest_hash)


def segment_name(first: int) -> str:
    """File name of the segment that begins with record ``first``."""
    return f"segment-{first:016d}{SUFFIX}"


def pack_record(number: int, kind: int, payload: bytes) -> bytes:
    """Bytes of one record."""
    body = HEAD.pack(number, kind) + payload
    return FRAME.pack(len(body), zlib.crc32(body)) + body
