# SPDX-License-Identifier: MIT
"""False alarms on markets in which no attack is known of."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.analytics.manipulation.scores import DETECTORS, score_market
from seawall.model.errors import ResearchError
from seawall.model.market import Market
from seawall.research.manipulation.counts import rate_95

HOUR_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Quiet:
    """Alarms of one detector.

    Parameters
    ----------
    detector : str
        Which.
    threshold : float
        Score from which it calls.
    alarms : int
        Calls over all instruments.
    hours : float
        Instrument-hours that were scored.
    low, high : float
        95 % interval of the calls per hour.
    """

    detector: str
    threshold: float
    alarms: int
    hours: float
    low: float
    high: float


def false_alarms(market: Market, thresholds: dict[str, float] | None = None) -> tuple[Quiet, ...]:
    """Count the alarms over every instrument of a market that has quotes.

    Parameters
    ----------
    market : Market
        Recorded or simulated.
    thresholds : dict of str to float, optional
        By detector; the detectors' own without.

    Raises
    ------
    ResearchError
        When no instrument has quotes.
    """
    alarms = dict.fromkeys((d.name for d in DETECTORS), 0)
    seconds = dict.fromkeys(alarms, 0)
    for instrument in market.instruments:
        try:
            scan = score_market(market, instrument.symbol, instrument.venue)
        except ResearchError:
            continue
        for one in scan.evidence:
            name = one.detector.name
            limit = (thresholds or {}).get(name, one.detector.alarm)
            alarms[name] += int(one.alarms(limit).size)
            seconds[name] += int((one.score == one.score).sum())
    if not any(seconds.values()):
        raise ResearchError("no instrument has quotes", mend="give a market with books")
    out = []
    for d in DETECTORS:
        hours = seconds[d.name] / HOUR_S
        low, high = rate_95(alarms[d.name], hours)
        limit = (thresholds or {}).get(d.name, d.alarm)
        out.append(Quiet(d.name, limit, alarms[d.name], hours, low, high))
    return tuple(out)
