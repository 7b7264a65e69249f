# SPDX-License-Identifier: MIT
"""Payloads: raw messages, structured arrays and JSON."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from seawall.model.errors import JournalError

_INPUT = struct.Struct("<qH")


@dataclass(frozen=True, slots=True)
class Input:
    """One message as it came.

    Parameters
    ----------
    receive_ts : int
        Receive time, ns UTC; -1 unknown.
    connection : int
        Number of the connection that brought it.
    message : bytes
        Text as the venue sent it.
    """

    receive_ts: int
    connection: int
    message: bytes


def pack_input(receive_ts: int, connection: int, message: bytes) -> bytes:
    """Payload of an INPUT record."""
    return _INPUT.pack(receive_ts, connection) + message


def unpack_input(payload: bytes) -> Input:
    """Read the payload of an INPUT record back."""
    receive_ts, connection = _INPUT.unpack_from(payload)
    return Input(receive_ts, connection, payload[_INPUT.size :])


def pack_json(value: Any) -> bytes:
    """Payload of a NOTE, DECISION or CHECKPOINT record."""
    return msgspec.json.encode(value)


def unpack_json(payload: bytes) -> Any:
    """Read a JSON payload back."""
    return msgspec.json.decode(payload)


def unpack_rows(payload: bytes, dtype: np.dtype[np.void]) -> npt.NDArray[np.void]:
    """Structured array of a FILL, ORDER or EVENT payload.

    Raises
    ------
    JournalError
        When the payload is no whole number of rows.
    """
    if len(payload) % dtype.itemsize:
        raise JournalError(
            f"a payload of {len(payload)} bytes holds no whole rows of {dtype.itemsize}",
            mend="the journal was written by another version of seawall; replay it with that one",
        )
    return np.frombuffer(payload, dtype=dtype)
