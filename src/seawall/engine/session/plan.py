# SPDX-License-Identifier: MIT
"""What a session is told before its first message; enough to do it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from seawall.admission.settings import AdmissionSettings
from seawall.engine.settings import EngineSettings
from seawall.model.errors import JournalError
from seawall.model.events import Stream
from seawall.model.instrument import Instrument
from seawall.model.market import Market

if TYPE_CHECKING:
    from seawall.data.venues.binance import BinanceDecoder


@dataclass(frozen=True, slots=True)
class Connection:
    """What one connection carries.

    Parameters
    ----------
    instruments : tuple of int
        Indices into the plan's instruments.
    symbols : tuple of str
        The venue's own symbols, one per instrument.
    cold_start : bool
        Whether depth is passed on although no snapshot will come; the book is GAPPED.
    """

    instruments: tuple[int, ...]
    symbols: tuple[str, ...]
    cold_start: bool = False


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """Everything that decides what a session does, beside its messages and its strategy.

    Parameters
    ----------
    instruments : tuple of Instrument
        What can be traded.
    streams : tuple of Stream
        Feeds with their clock offsets, which are measured before the session.
    connections : tuple of Connection
        Who carries what; messages name their connection by its index.
    settings : EngineSettings
        Settings of the engine.
    strategy : str
        Where the strategy is, ``FILE.py:NAME``; for whoever replays the journal.
    parameters : tuple of str
        ``NAME=VALUE`` with which it was made.
    admission : AdmissionSettings, optional
        Judge the events first, and let engine and strategy see only what was admitted.
    """

    instruments: tuple[Instrument, ...]
    streams: tuple[Stream, ...]
    connections: tuple[Connection, ...]
    settings: EngineSettings
    strategy: str = ""
    parameters: tuple[str, ...] = ()
    admission: AdmissionSettings | None = None

    def to_json(self) -> bytes:
        """Text for the journal's first record."""
        return msgspec.json.encode(self, enc_hook=_to_text)

    @classmethod
    def from_json(cls, text: bytes) -> SessionPlan:
        """Read the text back.

        Raises
        ------
        JournalError
            When it is not a plan, or one of another version.
        """
        try:
            return msgspec.json.decode(text, type=cls, dec_hook=_from_text)
        except (msgspec.DecodeError, msgspec.ValidationError) as wrong:
            raise JournalError(
                f"the journal does not begin with a plan that this version reads: {wrong}",
                mend="replay it with the version of seawall that wrote it",
            ) from wrong

    @property
    def digest(self) -> bytes:
        """sha256 of the text, 32 bytes; stands in the journal's headers."""
        return hashlib.sha256(self.to_json()).digest()

    def market(self) -> Market:
        """Instruments and streams without events."""
        return Market(self.instruments, self.streams)

    def decoders(self) -> tuple[BinanceDecoder, ...]:
        """One decoder per connection, at its start."""
        from seawall.data.venues.binance import BinanceDecoder, feeds_of

        return tuple(
            BinanceDecoder(
                feeds_of(
                    tuple(self.instruments[n] for n in c.instruments),
                    self.streams,
                    symbols=c.symbols,
                ),
                cold_start=c.cold_start,
            )
            for c in self.connections
        )


def _to_text(value: Any) -> str:
    """Text of what JSON has no form for: a path."""
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))


def _from_text(kind: type, text: Any) -> Any:
    """Make a path from its text."""
    if kind is Path:
        return Path(text)
    raise NotImplementedError(kind)


def plan_recordings(
    paths: Sequence[Path],
    settings: EngineSettings | None = None,
    *,
    strategy: str = "",
    parameters: Sequence[str] = (),
    measure_seconds: float | None = None,
    admission: AdmissionSettings | None = None,
) -> SessionPlan:
    """Plan a session over recordings, one connection each.

    Parameters
    ----------
    paths : sequence of Path
        Recordings of one instrument each.
    settings : EngineSettings, optional
        Settings of the engine.
    strategy, parameters, admission
        As in :class:`SessionPlan`.
    measure_seconds : float, optional
        Measure steps and clock offsets on the first seconds only, as a live session has to;
        by default on the whole file, as an import does.
    """
    from seawall.data.venues.binance import describe_recording, plan_streams

    instruments: list[Instrument] = []
    streams: list[Stream] = []
    connections = []
    for path in paths:
        about = describe_recording(path, seconds=measure_seconds)
        connections.append(
            Connection((len(instruments),), (about.symbol,), cold_start=not about.has_snapshot)
        )
        instruments.append(about.instrument)
        wanted = (*about.feeds, *(("funding",) if "mark" in about.feeds else ()))
        streams += plan_streams(
            (about.instrument,), wanted=wanted, batch=path.name, clock_offsets=about.clock_offsets
        )
    return SessionPlan(
        tuple(instruments), tuple(streams), tuple(connections), settings or EngineSettings(),
        strategy, tuple(parameters), admission,
    )  # fmt: skip


def plan_for_market(
    market: Market,
    settings: EngineSettings | None = None,
    *,
    strategy: str = "",
    parameters: Sequence[str] = (),
    cold_start: bool = False,
    admission: AdmissionSettings | None = None,
) -> SessionPlan:
    """Plan a session whose events are numbered and timed as in a market of the catalogue.

    One connection carries the instruments of each venue.

    Parameters
    ----------
    market : Market
        Gives instruments, streams and clock offsets; its events are not looked at.
    settings : EngineSettings, optional
        Settings of the engine.
    strategy, parameters, admission
        As in :class:`SessionPlan`.
    cold_start : bool
        As in :class:`Connection`.
    """
    from seawall.data.venues.binance import venue_symbol

    venues = list(dict.fromkeys(i.venue for i in market.instruments))
    connections = []
    for venue in venues:
        numbers = tuple(n for n, i in enumerate(market.instruments) if i.venue == venue)
        symbols = tuple(venue_symbol(market.instruments[n]) for n in numbers)
        connections.append(Connection(numbers, symbols, cold_start))
    return SessionPlan(
        market.instruments, market.streams, tuple(connections), settings or EngineSettings(),
        strategy, tuple(parameters), admission,
    )  # fmt: skip


def merge_recordings(paths: Sequence[Path]) -> Iterator[tuple[int, int, bytes]]:
    """Receive time, connection and message of several recordings, in order of time.

    Lines without a receive time come at once, in the order of their file.
    """
    from seawall.data.venues.binance import read_messages

    def lines(connection: int, path: Path) -> Iterator[tuple[int, int, bytes]]:
        return ((ts, connection, message) for ts, message in read_messages(path))

    return merge(*(lines(n, p) for n, p in enumerate(paths)), key=lambda line: line[0])
