# SPDX-License-Identifier: MIT
"""The one exception tree.

Every error that a user can meet says three things: what is wrong, where, and how
to mend it.  The command line prints those three lines and hides the traceback
unless ``--debug`` is given; programs catch :class:`SeawallError` or a branch of it.
"""

from __future__ import annotations


class SeawallError(Exception):
    """Base of all errors that Seawall raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence.
    where : str, optional
        File, line, row, setting or symbol at which it is wrong.
    mend : str, optional
        What the user can do about it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(what)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default pickling, and errors do
        # cross process borders in sweeps.
        return (_rebuild, (type(self), self.what, self.where, self.mend))

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"where: {self.where}")
        if self.mend:
            parts.append(f"mend: {self.mend}")
        return "\n  ".join(parts)


def _rebuild(kind: type[SeawallError], what: str, where: str, mend: str) -> SeawallError:
    return kind(what, where=where, mend=mend)


class SettingsError(SeawallError):
    """A setting is unknown, of the wrong type, or out of range."""

    exit_code = 2


class DataError(SeawallError):
    """Input data cannot be read as what they claim to be."""

    exit_code = 3


class FormatError(DataError):
    """A file has the wrong columns, encoding or container."""


class CatalogueError(DataError):
    """The catalogue lacks, or cannot give, what was asked for."""


class InstrumentError(SeawallError):
    """An instrument is unknown or its description contradicts itself."""

    exit_code = 4


class OrderError(SeawallError):
    """An order breaks a rule of its instrument or of the order table."""

    exit_code = 5


class EngineError(SeawallError):
    """The engine was asked for something it cannot do without lying."""

    exit_code = 6


class JournalError(SeawallError):
    """A journal is cut short, corrupted, or does not belong to this run."""

    exit_code = 7


class ResearchError(SeawallError):
    """A study is ill-posed: too little data, no trials, contradictory folds."""

    exit_code = 8
