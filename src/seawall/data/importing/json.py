# SPDX-License-Identifier: MIT
"""JSON files, plain or gzipped, with errors that name the file and the place."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from seawall.model.errors import FormatError

T = TypeVar("T")


def load_json(path: Path, shape: type[T]) -> T:
    """Read a JSON file of a given shape.

    Raises
    ------
    FormatError
        When the file is cut short, no JSON, or of another shape.
    """
    try:
        text = path.read_bytes()
        if path.suffix == ".gz":
            text = gzip.decompress(text)
        return msgspec.json.decode(text, type=shape)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(
            f"the gzip file is cut short or corrupted ({error})",
            where=str(path), mend="fetch the file again",
        ) from error  # fmt: skip
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise FormatError(
            f"not the JSON that was expected ({error})",
            where=str(path), mend="check that the file is whole and of the format named",
        ) from error  # fmt: skip
