# SPDX-License-Identifier: MIT
"""Admission of market events, in pieces of any size: a whole day or one message.

A backtest judges its market with one call, a session every message as it comes; the same
object does both, so the two cannot differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seawall.admission.admission import Admission
from seawall.admission.decision import SURPLUS, Decision
from seawall.admission.settings import AdmissionSettings
from seawall.admission.source import Source
from seawall.model.events import EventKind, Events
from seawall.model.instrument import Instrument
from seawall.model.market import INFORMATION, Market

DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "DAI", "USDE"})
"""Quote currencies whose prices are compared with each other."""

UNPRICED = frozenset({"depth", "funding", "open_interest", "liquidations", *INFORMATION})
"""Feeds that are compared with nothing, and take no share of their venue's voice."""

_CHUNK = 1 << 16
_ROOM = 256
"""Samples for which a judge has room from the start: a large message."""

_KINDS = 256


def _of_kinds(*kinds: EventKind) -> npt.NDArray[np.bool_]:
    """Return a table that says of every kind whether it is one of these."""
    table = np.zeros(_KINDS, np.bool_)
    table[list(kinds)] = True
    return table


_PRICED = _of_kinds(EventKind.TRADE, EventKind.TOP, EventKind.MARK, EventKind.INDEX)
_VISIBLE = np.isin(np.arange(_KINDS), [int(d) for d in (Decision.ADMITTED, *SURPLUS)])


def visible(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Events that a strategy may see: nothing is wrong with them."""
    seen: npt.NDArray[np.bool_] = _VISIBLE[codes]
    return seen


def priced(events: Events) -> npt.NDArray[np.bool_]:
    """Events whose number is a price of the moment."""
    is_price: npt.NDArray[np.bool_] = _PRICED[events["kind"]]
    return is_price


def group_of(instrument: Instrument, feed: str) -> str:
    """Name of the group in which prices of a feed are compared; empty for none."""
    if feed in UNPRICED:
        return ""
    quote = "USD" if instrument.quote in DOLLARS else instrument.quote
    return f"{instrument.base}/{quote}"


class EventJudge:
    """Judges the events of given streams as they come.

    Parameters
    ----------
    market : Market
        Gives streams and instruments; its events are not looked at.
    settings : AdmissionSettings, optional
        How sources are judged.
    admission : Admission, optional
        Goes on from an earlier judgement, with its trust and bans, instead of a new one.
    seed : int
        Of a new one's reservoir and log.

    Attributes
    ----------
    refused : int
        Events so far that a strategy must not see.
    """

    def __init__(
        self,
        market: Market,
        settings: AdmissionSettings | None = None,
        *,
        admission: Admission | None = None,
        seed: int = 1,
    ) -> None:
        self.admission = admission if admission is not None else Admission(settings, seed=seed)
        self.sources: Sequence[Source] = tuple(Source.of(s) for s in market.streams)
        places = [market.instruments[i] if i >= 0 else None for i in market.instrument_of_stream()]
        numbers = self.admission.enroll_all(
            (source, group_of(place, source.feed) if place else "")
            for source, place in zip(self.sources, places, strict=True)
        )
        self._numbers = np.array(numbers, dtype=np.int64)
        self._ticks = np.array([float(p.tick) if p else 1.0 for p in places], dtype=np.float64)
        self._broken = np.zeros(len(self.sources), np.uint8)
        self._counts = np.zeros((len(self.sources), len(Decision)), np.int64)
        self._digest = hashlib.sha256()
        self._columns = _columns(_ROOM)
        self._kernel = _kernel()
        self.refused = 0

    @property
    def digest(self) -> str:
        """sha256 over the decisions so far, in the order of the events."""
        return self._digest.hexdigest()

    def judge(self, events: Events) -> npt.NDArray[np.uint8]:
        """Decide the next events.

        Parameters
        ----------
        events : Events
            In the order of receipt, no message of a stream cut in two: a fault in it is a
            fault of the whole message, and of its book until the next snapshot.

        Returns
        -------
        ndarray of uint8, shape (n_events,)
            Codes of :class:`~seawall.admission.decision.Decision`.
        """
        codes = np.empty(events.size, np.uint8)
        for start in range(0, events.size, _CHUNK):
            part = events[start : start + _CHUNK]
            self._decide(part, codes[start : start + part.size])
        refused = self._kernel.whole_messages(
            np.ascontiguousarray(events["stream"]), np.ascontiguousarray(events["kind"]),
            np.ascontiguousarray(events["flags"]), codes, self._broken, self._counts,
        )  # fmt: skip
        self.refused += refused
        self._digest.update(codes.tobytes())
        return codes

    def counts(self) -> dict[str, dict[str, int]]:
        """Events so far by source and decision."""
        out: dict[str, dict[str, int]] = {}
        for number, source in enumerate(self.sources):
            into = out.setdefault(
                source.origin.text, dict.fromkeys((d.name.lower() for d in Decision), 0)
            )
            for d in Decision:
                into[d.name.lower()] += int(self._counts[number, d])
        return out

    def totals(self) -> dict[str, int]:
        """Events so far by decision; decisions that were not made are left out."""
        sums = self._counts.sum(axis=0)
        return {d.name.lower(): int(sums[d]) for d in Decision if sums[d]}

    def refusals(self, events: Events, codes: npt.NDArray[np.uint8]) -> dict[str, dict[str, int]]:
        """Events of one piece that a strategy must not see, by source and reason."""
        out: dict[str, dict[str, int]] = {}
        bad = ~visible(codes)
        for stream, code in zip(events["stream"][bad].tolist(), codes[bad].tolist(), strict=True):
            of = out.setdefault(self.sources[stream].text, {})
            reason = Decision(code).name.lower()
            of[reason] = of.get(reason, 0) + 1
        return out

    def _decide(self, events: Events, out: npt.NDArray[np.uint8]) -> None:
        """Decide a piece, each event by itself."""
        if not (events.flags.c_contiguous and events.flags.writeable):
            events = events.copy()  # the kernel has one machine version: mapped files are read-only
        n = events.size
        if n > self._columns[0].size:
            self._columns = _columns(n)
        columns = tuple(c[:n] for c in self._columns)
        self._kernel.samples_of(events, self._numbers, self._ticks, *columns)
        self._kernel.admit(self.admission.state, *columns, out)


class _Kernel(NamedTuple):
    """What is compiled; loaded with the first judge, for it needs Numba."""

    samples_of: Callable[..., None]
    admit: Callable[..., None]
    whole_messages: Callable[..., int]


def _kernel() -> _Kernel:
    from seawall.admission.kernel.judge import admit
    from seawall.admission.kernel.messages import samples_of, whole_messages

    return _Kernel(samples_of, admit, whole_messages)


def _columns(n: int) -> tuple[npt.NDArray[Any], ...]:
    """Room for the columns of samples: ts, lag_ns, stream, seq, value, judged."""
    whole = [np.empty(n, np.int64) for _ in range(4)]
    return (*whole, np.empty(n, np.float64), np.empty(n, np.uint8))
