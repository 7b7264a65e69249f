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
from seawall.admission.decision import Decision
from seawall.admission.event_judge import UNPRICED, EventJudge, priced, visible
from seawall.admission.settings import AdmissionSettings
from seawall.admission.shares import Concentration, concentration
from seawall.model.market import Market


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
    judge = EventJudge(market, settings, admission=admission, seed=seed)
    codes = judge.judge(market.events)
    learn = (codes == Decision.ADMITTED) & priced(market.events)
    report = AdmissionReport(
        codes, learn, judge.counts(), _concentration(market, judge, learn),
        int(market.bars.shape[1]), judge.admission,
    )  # fmt: skip
    return visible(codes), report


def admitted(market: Market, mask: npt.NDArray[np.bool_]) -> Market:
    """Return the market with the events of a mask only."""
    return replace(market, events=market.events[mask])


def _concentration(
    market: Market, judge: EventJudge, learn: npt.NDArray[np.bool_]
) -> Concentration:
    per_stream = np.bincount(market.events["stream"][learn], minlength=len(judge.sources))
    per_origin: dict[str, int] = {}
    for number, source in enumerate(judge.sources):
        if source.feed in UNPRICED:
            continue
        text = source.origin.text
        per_origin[text] = per_origin.get(text, 0) + int(per_stream[number])
    trust = [judge.admission.trust(text) for text in per_origin]
    return concentration(list(per_origin.values()), trust)
