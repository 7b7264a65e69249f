# SPDX-License-Identifier: MIT
"""Lines out of plain, gzipped and zstd-compressed text, with errors that name the file."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from seawall.model.errors import FormatError

_CHUNK = 1 << 20
_MEND = "fetch the file again; compare its size or checksum with the source's"


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a text file without their ends, whatever its compression.

    Raises
    ------
    FormatError
        When the file is absent, empty, cut short or not compressed as its name says.
    """
    if not path.is_file():
        raise FormatError("no such file", where=str(path), mend="check the path")
    if path.stat().st_size == 0:
        raise FormatError("the file is empty", where=str(path), mend=_MEND)
    rest = b""
    for chunk in _chunks(path):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from lines
    if rest:
        yield rest


def first_line(path: Path) -> bytes:
    """First line of a file, empty where there is none."""
    return next(read_lines(path), b"")


def _chunks(path: Path) -> Iterator[bytes]:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        yield from _gzip_chunks(path)
    elif suffix in (".zst", ".zstd"):
        yield from _zstd_chunks(path)
    else:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


def _gzip_chunks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, OSError, zlib.error) as error:
        raise FormatError(
            f"the gzip stream is cut short or corrupted ({error})", where=str(path), mend=_MEND
        ) from error


def _zstd_chunks(path: Path) -> Iterator[bytes]:
    import zstandard

    # A decompression object says whether its frame was complete; a stream reader returns
    # less on a file cut short and says nothing.
    frame = zstandard.ZstdDecompressor().decompressobj()
    try:
        with path.open("rb") as stream:
            while raw := stream.read(_CHUNK):
                while raw:
                    if frame.eof:
                        frame = zstandard.ZstdDecompressor().decompressobj()
                    yield frame.decompress(raw)
                    raw = frame.unused_data if frame.eof else b""
    except zstandard.ZstdError as error:
        raise FormatError(
            f"the zstd stream is corrupted ({error})", where=str(path), mend=_MEND
        ) from error
    if not frame.eof:
        raise FormatError("the zstd stream is cut short", where=str(path), mend=_MEND)
