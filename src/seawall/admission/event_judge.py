# SPDX-License-Identifier: MIT
"""Admission of market events, in pieces of any size: a whole day or one message.

A backtest judges its market with one call, a session every message as it comes; the same
object does both, so the two cannot differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seawall.admission.admission import Admission
from seawall.admission.decision import SURPLUS, Decision
from seawall.admission.settings import AdmissionSettings
from seawall.admission.source import Source
from seawall.model.events import MARK_FP_BITS, EventKind, Events
from seawall.model.instrument import Instrument
from seawall.model.market import INFORMATION, Market

DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "DAI", "USDE"})
"""Quote currencies whose prices are compared with each other."""

UNPRICED = frozenset({"depth", "funding", "open_interest", "liquidations", *INFORMATION})
"""Feeds that are compared with nothing, and take no share of their venue's voice."""

_CHUNK = 1 << 20
_KINDS = 256


def _of_kinds(*kinds: EventKind) -> npt.NDArray[np.bool_]:
    """Return a table that says of every kind whether it is one of these."""
    table = np.zeros(_KINDS, np.bool_)
    table[list(kinds)] = True
    return table


_MARKED = _of_kinds(EventKind.MARK, EventKind.INDEX)
_PRICED = _of_kinds(EventKind.TRADE, EventKind.TOP) | _MARKED
_NUMBERED = _of_kinds(EventKind.TRADE)
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
        from seawall.admission.kernel.messages import whole_messages

        codes = np.empty(events.size, np.uint8)
        for start in range(0, events.size, _CHUNK):
            part = events[start : start + _CHUNK]
            codes[start : start + part.size] = self._values(part)
        stream, kind, flags = (
            np.ascontiguousarray(events[name]) for name in ("stream", "kind", "flags")
        )
        whole_messages(stream, kind, flags, codes, self._broken)
        width = len(Decision)
        self._counts += np.bincount(
            stream.astype(np.int64) * width + codes, minlength=self._counts.size
        ).reshape(self._counts.shape)
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

    def _values(self, events: Events) -> npt.NDArray[np.uint8]:
        kind, stream = events["kind"], events["stream"].astype(np.int64)
        price = np.where(_MARKED[kind], events["qty"] * 2.0**-MARK_FP_BITS, events["px"])
        price *= self._ticks[stream]
        # A price of zero or less is not a number on the scale of logarithms.
        value = np.log(price, out=np.full(price.size, np.nan), where=price > 0.0)
        return self.admission.admit(
            events["ts"],
            self._numbers[stream],
            value,
            lag_ns=events["lag_us"].astype(np.int64) * 1_000,
            seq=np.where(_NUMBERED[kind], events["seq"].astype(np.int64), 0),
            judged=_PRICED[kind],
        )
