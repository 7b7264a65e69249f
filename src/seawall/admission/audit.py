# SPDX-License-Identifier: MIT
"""The audit file: who banned what, when and why; lines are added and never changed.

Each line carries the hash of the line before it, so a changed or missing line shows.
Which sources are banned is nothing but the sum of this file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from seawall.admission.errors import AdmissionError
from seawall.admission.settings import AdmissionSettings
from seawall.admission.source import clean_pattern

FILE = "audit.jsonl"
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act.

    Parameters
    ----------
    ts : int
        When, ns UTC.
    act : str
        ``ban`` or ``unban``.
    pattern : str
        Leading parts of the sources meant.
    why : str
        The reason that was given.
    by : str
        Who did it.
    previous : str
        sha256 of the line before, in hexadecimal.
    """

    ts: int
    act: str
    pattern: str
    why: str
    by: str
    previous: str


class Audit:
    """Bans in a folder.

    Parameters
    ----------
    root : Path
        State folder of admission; made on the first act.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / FILE

    def lines(self) -> tuple[AuditLine, ...]:
        """Read all acts, oldest first.

        Raises
        ------
        AdmissionError
            When a line is changed, missing or cut short.
        """
        return self._read()[0]

    def banned(self) -> dict[str, AuditLine]:
        """Return the patterns that are banned now, with the act that did it."""
        found: dict[str, AuditLine] = {}
        for line in self.lines():
            if line.act == "ban":
                found[line.pattern] = line
            else:
                found.pop(line.pattern, None)
        return found

    def ban(self, pattern: str, why: str, *, ts: int, by: str = "") -> AuditLine:
        """Ban every source under a pattern; banning twice is recorded twice."""
        return self._add("ban", clean_pattern(pattern), why, ts, by)

    def unban(self, pattern: str, why: str, *, ts: int, by: str = "") -> AuditLine:
        """Take a ban back.

        Raises
        ------
        AdmissionError
            When there is no such ban.
        """
        pattern = clean_pattern(pattern)
        known = self.banned()
        if pattern not in known:
            raise AdmissionError(
                f"{pattern} is not banned",
                where=str(self.path),
                mend=f"banned are {', '.join(sorted(known))}" if known else "nothing is banned",
            )
        return self._add("unban", pattern, why, ts, by)

    def _add(self, act: str, pattern: str, why: str, ts: int, by: str) -> AuditLine:
        if not why.strip():
            raise AdmissionError(f"a reason is wanted to {act} {pattern}", mend="say why")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            # Two processes that add at once would both name the same line before.
            fcntl.flock(file, fcntl.LOCK_EX)
            line = AuditLine(ts, act, pattern, why.strip(), by, self._read()[1])
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return line

    def _read(self) -> tuple[tuple[AuditLine, ...], str]:
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return (), _START
        out: list[AuditLine] = []
        previous = _START
        for number, text in enumerate(raw.splitlines(keepends=True), 1):
            try:
                line = msgspec.json.decode(text, type=AuditLine)
            except msgspec.MsgspecError:
                raise self._broken(number, "cannot be read") from None
            if line.previous != previous or not text.endswith(b"\n"):
                raise self._broken(number, "does not follow from the line before")
            previous = hashlib.sha256(text).hexdigest()
            out.append(line)
        return tuple(out), previous

    def _broken(self, number: int, how: str) -> AdmissionError:
        return AdmissionError(
            f"the audit file was changed: line {number} {how}",
            where=f"{self.path}:{number}",
            mend="find out who changed it; restore the file from a copy",
        )


def with_bans(settings: AdmissionSettings) -> AdmissionSettings:
    """Return the settings with the bans of their audit file besides their own.

    Raises
    ------
    AdmissionError
        When the audit file was changed.
    """
    found = {*settings.banned, *Audit(settings.root).banned()}
    return replace(settings, banned=tuple(sorted(found)))
