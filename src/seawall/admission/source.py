# SPDX-License-Identifier: MIT
"""Who a sample comes from."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.admission.errors import AdmissionError
from seawall.model.events import Stream

SEPARATOR = "|"
_PARTS_MAX = 4


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Identity of a source: venue, stream, feed, batch.

    Trust, quota and rate belong to the *origin*, the first three parts.  A batch is one
    delivery of it, a file or a connection: were trust kept per batch, a source would lose
    its record by connecting again.

    Parameters
    ----------
    venue : str
        Venue in ccxt's spelling.
    stream : str
        What is described: an instrument's symbol.
    feed : str
        Kind of feed: ``trades``, ``depth``, ``mark``...
    batch : str
        What delivered it; empty for the origin itself.
    """

    venue: str
    stream: str
    feed: str
    batch: str = ""

    def __post_init__(self) -> None:
        parts = (self.venue, self.stream, self.feed, self.batch)
        if not all(parts[:3]) or any(SEPARATOR in p or not p.isprintable() for p in parts):
            raise AdmissionError(
                "a source needs a venue, a stream and a feed of printable text without '|'",
                where=repr(parts),
                mend="write venue|stream|feed or venue|stream|feed|batch",
            )

    @classmethod
    def of(cls, stream: Stream) -> Source:
        """Return the source of an engine stream; its text is ``Stream.source_id``."""
        return cls(stream.venue, stream.symbol, stream.feed, stream.batch)

    @classmethod
    def parse(cls, text: str) -> Source:
        """Read ``venue|stream|feed`` with or without ``|batch``.

        Raises
        ------
        AdmissionError
            When it is something else.
        """
        parts = text.split(SEPARATOR)
        if len(parts) not in (_PARTS_MAX - 1, _PARTS_MAX):
            raise AdmissionError(
                f"{text!r} names no source", mend="write venue|stream|feed or with |batch behind"
            )
        return cls(*parts)

    @property
    def origin(self) -> Source:
        """The source without its batch: what is judged."""
        return Source(self.venue, self.stream, self.feed)

    @property
    def text(self) -> str:
        """Parts joined by ``|``; an empty batch is left out."""
        parts = (self.venue, self.stream, self.feed, self.batch)
        return SEPARATOR.join(parts if self.batch else parts[:-1])

    def under(self, pattern: str) -> bool:
        """Whether the leading parts are those of a pattern such as ``binance``."""
        wanted = pattern.split(SEPARATOR)
        mine = (self.venue, self.stream, self.feed, self.batch)
        return len(wanted) <= _PARTS_MAX and tuple(wanted) == mine[: len(wanted)]


def clean_pattern(text: str) -> str:
    """Check a pattern: one to four leading parts of a source.

    Raises
    ------
    AdmissionError
        When a part is empty or there are too many.
    """
    parts = text.strip().split(SEPARATOR)
    if not 1 <= len(parts) <= _PARTS_MAX or not all(p and p.isprintable() for p in parts):
        raise AdmissionError(
            f"{text!r} names no source",
            mend="write venue, venue|stream, venue|stream|feed or venue|stream|feed|batch",
        )
    return SEPARATOR.join(parts)
