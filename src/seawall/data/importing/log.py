# SPDX-License-Identifier: MIT
"""What a reader has to say about a file beside its rows."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A piece of a file that could not even be split into cells."""

    file: str
    row: int  # 0-based data row, -1 unknown
    reason: str
    text: str


@dataclass(slots=True)
class ImportLog:
    """Notes and refused lines that an importer leaves while it reads.

    The import pipeline puts both into the quality report; refused lines also go to
    the quarantine.
    """

    notes: list[str] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Leave a remark once; the same text again is ignored."""
        if text not in self.notes:
            self.notes.append(text)

    def refuse(self, file: str, row: int, reason: str, text: str) -> None:
        """Leave a line that cannot be read; at most 400 characters of it are kept."""
        self.refused.append(RefusedLine(file, row, reason, text[:400]))
