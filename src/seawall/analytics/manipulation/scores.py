# SPDX-License-Identifier: MIT
"""Evidence of manipulation over a market, second by second, with reasons.

A score of a second uses nothing that was received after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation import (
    ignition,
    pump_rush,
    spoof,
    stuffing,
    wash,
    withdrawal,
)
from seawall.analytics.manipulation.rows import LEVELS, Rows, rows_of
from seawall.analytics.spec import Analytic, run
from seawall.model.errors import ResearchError
from seawall.model.instrument import Instrument
from seawall.model.market import Market

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
NS = 1_000_000_000
SILENCE_S = 10.0
"""A stream that says nothing for longer is not scored until it speaks again."""


@dataclass(frozen=True, slots=True)
class Detector:
    """One detector of events.

    Parameters
    ----------
    name : str
        What it looks for.
    analytic : Analytic
        Gives ``score`` and the values behind it.
    reasons : mapping of str to str
        What each of its outputs says, in words, for those that explain the score.
    alarm : float
        Score from which :meth:`Evidence.alarms` calls by default: chosen on seeds of the
        simulated market that no figure is reported on.
    params : mapping of str to float
        Parameters other than the defaults of the analytic.
    """

    name: str
    analytic: Analytic
    reasons: Mapping[str, str]
    alarm: float = 0.5
    params: Mapping[str, float] = field(default_factory=dict)


DETECTORS: Final[tuple[Detector, ...]] = (
    Detector(
        "wash", wash.ANALYTIC,
        {"met": "prints met a quote of their size just added",
         "paired": "prints of one size on both sides within a second",
         "unseen": "prints that took nothing of what was shown"},
        alarm=0.25,
    ),
    Detector(
        "spoof", spoof.ANALYTIC,
        {"cancelled": "large size near the touch was taken back unfilled, again and again",
         "shown": "a large size that jumped up near the touch is shown"},
        alarm=0.25,
    ),
    Detector(
        "stuffing", stuffing.ANALYTIC,
        {"burst": "far more messages than usual per print", "faster": "messages come faster"},
        alarm=0.15,
    ),
    Detector(
        "withdrawal", withdrawal.ANALYTIC,
        {"thin": "the book is far thinner than usual", "wide": "the spread is wider than usual",
         "fast": "the price moves fast"},
        alarm=0.75,
    ),
    Detector(
        "ignition", ignition.ANALYTIC,
        {"lean": "a burst of takers on one side moved the price, which came back"},
        alarm=0.4,
    ),
    Detector(
        "pump", pump_rush.ANALYTIC,
        {"std_rush": "buyers sweep several orders in one instant, far more than before"},
    ),
)  # fmt: skip
"""Detectors that read events, in the order of reports."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one detector says about one instrument, per second.

    Parameters
    ----------
    detector : Detector
        Which.
    instrument : Instrument
        Where.
    level : str
        What the feed shows: ``L1`` or ``L2``; weak evidence where less than L2.
    ts : array of int64
        Ends of the seconds, ns UTC.
    score : array
        Evidence, 0 to 1; not-a-number before the detector knows what is usual.
    parts : array of shape (seconds, reasons)
        What is behind the score, in the order of ``detector.reasons``.
    """

    detector: Detector
    instrument: Instrument
    level: str
    ts: Times
    score: Floats
    parts: Floats

    def reason(self, i: int) -> str:
        """Why the score of a second is what it is, largest contribution first."""
        order = np.argsort(-self.parts[i])
        names = list(self.detector.reasons.items())
        said = [
            f"{names[k][1]} ({names[k][0]} {self.parts[i, k]:.2f})"
            for k in order
            if self.parts[i, k] > 0.0
        ]
        return "; ".join(said) or "nothing unusual"

    def alarms(self, threshold: float | None = None, mute_s: float = 30.0) -> npt.NDArray[np.intp]:
        """Seconds at which the score reaches a threshold, the next ones being mute.

        Parameters
        ----------
        threshold : float, optional
            The detector's own by default.
        mute_s : float
            No second alarm within this many seconds of the last second above.
        """
        limit = self.detector.alarm if threshold is None else threshold
        found: list[int] = []
        last = -np.inf
        with np.errstate(invalid="ignore"):
            above = np.flatnonzero(self.score >= limit)
        for i in above:
            if self.ts[i] - last > mute_s * NS:
                found.append(int(i))
            last = float(self.ts[i])
        return np.array(found, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Scan:
    """Evidence of every detector over one instrument.

    Parameters
    ----------
    instrument : Instrument
        Where.
    rows : int
        Messages and trades that were read.
    evidence : tuple of Evidence
        One per detector.
    """

    instrument: Instrument
    rows: int
    evidence: tuple[Evidence, ...] = field(default_factory=tuple)

    def __getitem__(self, name: str) -> Evidence:
        """Evidence of one detector."""
        for one in self.evidence:
            if one.detector.name == name:
                return one
        raise KeyError(name)


def detector(name: str) -> Detector:
    """Find a detector by its name.

    Raises
    ------
    ResearchError
        When there is none.
    """
    for one in DETECTORS:
        if one.name == name:
            return one
    names = ", ".join(d.name for d in DETECTORS)
    raise ResearchError(f"there is no detector {name!r}", mend=f"use one of {names}")


def instrument_of(market: Market, symbol: str, venue: str = "") -> Instrument:
    """Find an instrument of a market.

    Raises
    ------
    ResearchError
        When there is none, or more than one and no venue says which.
    """
    found = [i for i in market.instruments if i.symbol == symbol and venue in ("", i.venue)]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{i.symbol} at {i.venue}" for i in market.instruments[:12])
    raise ResearchError(
        f"{len(found)} instruments are called {symbol}" + (f" at {venue}" if venue else ""),
        where=there,
        mend="give a symbol and a venue of the market",
    )


def score_rows(rows: Rows, names: Iterable[str] = (), step_s: float = 1.0) -> Scan:
    """Score the rows of one instrument; see :func:`score_market`."""
    chosen = [detector(name) for name in names] or list(DETECTORS)
    return score_with(rows, chosen, step_s)


def score_with(rows: Rows, detectors: Iterable[Detector], step_s: float = 1.0) -> Scan:
    """Score the rows of one instrument with detectors of one's own."""
    ts = np.asarray(rows.columns["ts"], dtype=np.int64)
    if not ts.size:
        return Scan(rows.instrument, 0)
    step = max(int(step_s * NS), 1)
    heard = np.unique(ts // step)
    quiet = max(int(SILENCE_S / step_s), 1)
    ends = np.unique((heard[:, None] + np.arange(1, quiet + 1)).ravel())
    ends = ends[ends <= heard[-1] + 1] * step
    last = np.searchsorted(ts, ends, side="left") - 1
    out = []
    for one in detectors:
        values = run(one.analytic, rows.columns, one.params)
        parts = np.stack([values[name] for name in one.reasons], axis=1)
        out.append(
            Evidence(one, rows.instrument, rows.level, ends, values["score"][last], parts[last])
        )
    return Scan(rows.instrument, ts.size, tuple(out))


def score_market(
    market: Market,
    symbol: str,
    venue: str = "",
    *,
    detectors: Iterable[str] = (),
    step_s: float = 1.0,
    levels: int = LEVELS,
) -> Scan:
    """Score one instrument of a market, second by second.

    Parameters
    ----------
    market : Market
        Recorded or simulated; bars are not read.
    symbol, venue : str
        The instrument; the venue may be left out where the symbol is unique.
    detectors : iterable of str
        Names from :data:`DETECTORS`; all by default.
    step_s : float
        Length of a second of the answer, s.
    levels : int
        Levels of the book that the detectors see.

    Raises
    ------
    ResearchError
        When the instrument or its quotes are missing, or a detector is unknown.
    """
    instrument = instrument_of(market, symbol, venue)
    return score_rows(rows_of(market, instrument, levels), detectors, step_s)
