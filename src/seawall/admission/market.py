# SPDX-License-Identifier: MIT
"""Admission of a whole market: which events a strategy may see, and which may teach.

Prices of trades, best levels, marks and indices are compared among all sources of the same
asset.  Depth changes, funding, open interest and liquidations are judged by source, clock
and rate only: their numbers are not prices of the moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from seawall.admission.admission import Admission
from seawall.admission.decision import SURPLUS, Decision
from seawall.admission.settings import AdmissionSettings
from seawall.admission.shares import Concentration, concentration
from seawall.admission.source import Source
from seawall.model.events import MARK_FP_BITS, EventKind, Events
from seawall.model.instrument import Instrument
from seawall.model.market import Market

DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "DAI", "USDE"})
"""Quote currencies whose prices are compared with each other."""

UNPRICED = frozenset({"depth", "funding", "open_interest", "liquidations"})
"""Feeds that are compared with nothing, and take no share of their venue's voice."""

_CHUNK = 1 << 20
_PRICED = (EventKind.TRADE, EventKind.TOP)
_MARKED = (EventKind.MARK, EventKind.INDEX)


@dataclass(frozen=True, eq=False)
class AdmissionReport:
    """What admission said about the events of a market.

    Parameters
    ----------
    codes : ndarray of uint8, shape (n_events,)
        :class:`~seawall.admission.decision.Decision` of every event.
    learn : ndarray of bool, shape (n_events,)
        Events that may teach a model: admitted, priced, within quota and rate.
    counts : dict of str to dict of str to int
        Events by source and decision.
    concentration : Concentration
        Of all events that may teach, by source.
    bars_unjudged : int
        Bars of the market, which are not judged: they are summaries of what was.
    admission : Admission
        The judge, for ``explain``, ``suspicious``, ``rejections`` and ``reservoir``.
    """

    codes: npt.NDArray[np.uint8]
    learn: npt.NDArray[np.bool_]
    counts: dict[str, dict[str, int]]
    concentration: Concentration
    bars_unjudged: int
    admission: Admission

    @property
    def refused(self) -> int:
        """Events that a strategy must not see."""
        return int(np.count_nonzero(~visible(self.codes)))


def visible(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Events that a strategy may see: nothing is wrong with them."""
    return np.isin(codes, [int(d) for d in (Decision.ADMITTED, *SURPLUS)])


def group_of(instrument: Instrument, feed: str) -> str:
    """Name of the group in which prices of a feed are compared; empty for none."""
    if feed in UNPRICED:
        return ""
    quote = "USD" if instrument.quote in DOLLARS else instrument.quote
    return f"{instrument.base}/{quote}"


def admit_market(
    market: Market,
    settings: AdmissionSettings | None = None,
    *,
    admission: Admission | None = None,
    seed: int = 1,
) -> tuple[npt.NDArray[np.bool_], AdmissionReport]:
    """Judge the events of a market per source.

    Parameters
    ----------
    market : Market
        Its events; bars are not judged.
    settings : AdmissionSettings, optional
        How sources are judged.
    admission : Admission, optional
        Goes on from an earlier judgement, with its trust and bans, instead of a new one.
    seed : int
        Of a new one's reservoir and log.

    Returns
    -------
    mask : ndarray of bool, shape (n_events,)
        Events that a strategy may see.  Messages are kept or dropped whole, and a book from
        which a message was dropped is dropped until its next snapshot.
    report : AdmissionReport
        Decisions and the state behind them.
    """
    judge = admission if admission is not None else Admission(settings, seed=seed)
    places = [market.instruments[i] for i in market.instrument_of_stream()]
    sources = [Source.of(s) for s in market.streams]
    numbers = judge.enroll_all(
        (source, group_of(place, source.feed))
        for source, place in zip(sources, places, strict=True)
    )
    ticks = np.array([float(p.tick) for p in places], dtype=np.float64)
    codes = np.empty(market.events.size, np.uint8)
    for start in range(0, market.events.size, _CHUNK):
        part = market.events[start : start + _CHUNK]
        codes[start : start + part.size] = _judge(judge, part, np.array(numbers), ticks)
    _keep_whole(market, codes)
    learn = (codes == Decision.ADMITTED) & np.isin(market.events["kind"], (*_PRICED, *_MARKED))
    counts = _counts(market, sources, codes)
    report = AdmissionReport(
        codes, learn, counts, _concentration(market, judge, sources, learn),
        int(market.bars.shape[1]), judge,
    )  # fmt: skip
    return visible(codes), report


def admitted(market: Market, mask: npt.NDArray[np.bool_]) -> Market:
    """Return the market with the events of a mask only."""
    return replace(market, events=market.events[mask])


def _judge(
    judge: Admission, events: Events, numbers: npt.NDArray[np.int64], ticks: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint8]:
    kind, stream = events["kind"], events["stream"].astype(np.int64)
    priced, marked = np.isin(kind, _PRICED), np.isin(kind, _MARKED)
    price = np.where(marked, events["qty"] * 2.0**-MARK_FP_BITS, events["px"])
    price *= ticks[stream]
    # A price of zero or less is not a number on the scale of logarithms.
    value = np.log(price, out=np.full(price.size, np.nan), where=price > 0.0)
    return judge.admit(
        events["ts"],
        numbers[stream],
        value,
        lag_ns=events["lag_us"].astype(np.int64) * 1_000,
        seq=np.where(kind == EventKind.TRADE, events["seq"].astype(np.int64), 0),
        judged=priced | marked,
    )


def _keep_whole(market: Market, codes: npt.NDArray[np.uint8]) -> None:
    from seawall.admission.kernel.messages import whole_messages

    events = market.events
    columns = (np.ascontiguousarray(events[name]) for name in ("stream", "kind", "flags"))
    whole_messages(*columns, codes, np.zeros(len(market.streams), np.uint8))


def _counts(
    market: Market, sources: list[Source], codes: npt.NDArray[np.uint8]
) -> dict[str, dict[str, int]]:
    width = len(Decision)
    flat = np.bincount(
        market.events["stream"].astype(np.int64) * width + codes, minlength=len(sources) * width
    ).reshape(-1, width)
    out: dict[str, dict[str, int]] = {}
    for number, source in enumerate(sources):
        into = out.setdefault(
            source.origin.text, dict.fromkeys((d.name.lower() for d in Decision), 0)
        )
        for d in Decision:
            into[d.name.lower()] += int(flat[number, d])
    return out


def _concentration(
    market: Market, judge: Admission, sources: list[Source], learn: npt.NDArray[np.bool_]
) -> Concentration:
    per_stream = np.bincount(market.events["stream"][learn], minlength=len(sources))
    per_origin: dict[str, int] = {}
    for number, source in enumerate(sources):
        if source.feed in UNPRICED:
            continue
        text = source.origin.text
        per_origin[text] = per_origin.get(text, 0) + int(per_stream[number])
    return concentration(list(per_origin.values()), [judge.trust(text) for text in per_origin])
