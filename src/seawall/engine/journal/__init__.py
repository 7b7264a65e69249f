# SPDX-License-Identifier: MIT
"""The journal: what went into a session and what came out, record by record.

Append-only segment files with a checksum per record.  What was on the disk before a crash is
read back exactly; a record that was being written is cut off and reported; damage elsewhere
is an error that names file and offset.

Does not know what the payloads of most records mean and never reads the market; the session
writes it, and replay and audit read it.
"""

from __future__ import annotations

from seawall.engine.journal.layout import Record, RecordType, Sync
from seawall.engine.journal.payload import Input, pack_input, unpack_input
from seawall.engine.journal.reader import JournalInfo, inspect_journal, read_journal
from seawall.engine.journal.writer import Journal

__all__ = [
    "Input",
    "Journal",
    "JournalInfo",
    "Record",
    "RecordType",
    "Sync",
    "inspect_journal",
    "pack_input",
    "read_journal",
    "unpack_input",
]
