# SPDX-License-Identifier: MIT
"""What one variant sees of a market: all of it, or what its defences let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation.rows import Rows, rows_of
from seawall.analytics.manipulation.scores import score_rows
from seawall.analytics.registry import analytic
from seawall.analytics.spec import run
from seawall.model.instrument import Instrument
from seawall.model.market import Market
from seawall.research.attack.learner import Lessons
from seawall.research.attack.sampling import FEATURES, Samples, grid_of, sample
from seawall.research.attack.screen import Screen
from seawall.research.attack.settings import Defences, Terms

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SUSPECT = {
    "wash": ("flow", "vwap"), "spoof": ("depth",), "stuffing": ("depth",),
    "ignition": ("flow", "vwap", "momentum"),
}  # fmt: skip
"""Features that a detector's alarm puts in doubt."""
HALTING = ("withdrawal",)
LIMITS = {"withdrawal": 0.9}
"""Detectors whose alarm concerns the whole market of a source, and their own limits."""
DOUBT_S = 10
"""Seconds for which an alarm lasts."""
BUCKET_NS = 120 * 1_000_000_000
"""Begin of a market from which the size of VPIN's buckets is taken, ns."""


@dataclass(frozen=True, eq=False)
class Sight:
    """A market as the lab's strategies may see it; made once, shared by all variants.

    Parameters
    ----------
    market : Market
        What the engine trades in: the venue's own truth.
    told : Market
        What the feeds told; another one than ``market`` when a feed is forged.
    raw, admitted : Samples
        Of all that was told, and of what admission lets through.
    doubt : bool array, shape (n, sources, d)
        Features that detectors hold to be manipulated.
    halt : bool array, shape (n,)
        Seconds in which detectors hold the traded venue to be withdrawn or ignited.
    toxicity : float64 array, shape (n, sources)
        VPIN, where it is known.
    refused : int
        Events that admission refused.
    """

    market: Market
    told: Market
    raw: Samples
    admitted: Samples
    doubt: Bools
    halt: Bools
    toxicity: Floats
    refused: int


def sight_of(
    market: Market, sources: Sequence[Instrument], told: Market | None = None,
    step_ms: int = 1_000,
) -> Sight:  # fmt: skip
    """Look at a market once with all detectors.

    Parameters
    ----------
    market : Market
        What the engine trades in.
    sources : sequence of Instrument
        Listings of one asset, the traded one first.
    told : Market, optional
        What the feeds told; the market itself when it is not given.
    step_ms : int
        Time between two rows, milliseconds.
    """
    from seawall.admission import admit_market

    told = market if told is None else told
    seen, report = admit_market(told)
    tables = [rows_of(told, s) for s in sources]
    raw = sample(tables, grid_of(tables, step_ms * 1_000_000))
    through = replace(told, events=told.events[seen])
    admitted = raw if seen.all() else sample([rows_of(through, s) for s in sources], raw.ts)
    doubt, halt = doubts(tables, raw)
    return Sight(market, told, raw, admitted, doubt, halt, toxicity(tables, raw), report.refused)


def doubts(tables: Sequence[Rows], samples: Samples) -> tuple[Bools, Bools]:
    """Ask every detector about every source; returns doubted features and halted seconds."""
    shape = (samples.ts.size, len(tables), len(FEATURES))
    doubt, halt = np.zeros(shape, np.bool_), np.zeros(shape[0], np.bool_)
    for v, table in enumerate(tables):
        for evidence in score_rows(table).evidence:
            limit = LIMITS.get(evidence.detector.name, evidence.detector.alarm)
            with np.errstate(invalid="ignore"):
                above = evidence.score >= limit
            rows = _spread(evidence.ts[above], samples.ts)
            for name in SUSPECT.get(evidence.detector.name, ()):
                doubt[rows, v, FEATURES.index(name)] = True
            if v == 0 and evidence.detector.name in HALTING:
                halt |= rows
    return doubt, halt


def _spread(alarms: npt.NDArray[np.int64], ts: npt.NDArray[np.int64]) -> Bools:
    """Seconds up to ``DOUBT_S`` after an alarm, the alarm's own included."""
    out: Bools = np.zeros(ts.size, np.bool_)
    if alarms.size:
        last = np.searchsorted(alarms, ts, "right") - 1
        since = np.where(last >= 0, ts - alarms[np.maximum(last, 0)], np.iinfo(np.int64).max)
        out = since <= DOUBT_S * 1_000_000_000
    return out


def toxicity(tables: Sequence[Rows], samples: Samples) -> Floats:
    """VPIN of every source at every second; buckets of twenty mean trades of the first minutes.

    Not-a-number during those minutes: the size of the buckets is not known before they end.
    """
    out = np.full(samples.mid.shape, np.nan)
    known_ns = samples.ts[0] + BUCKET_NS
    for v, table in enumerate(tables):
        traded = table.columns["qty"] > 0.0
        ts, qty, side = (table.columns[name][traded] for name in ("ts", "qty", "side"))
        early = qty[ts <= known_ns]
        if early.size < 20:
            continue
        given = {"bucket": 20.0 * float(early.mean()), "window": 20}
        found = run(analytic("vpin"), {"qty": qty, "side": side}, given)["vpin"]
        last = np.searchsorted(ts, samples.ts, "right") - 1
        known = (last >= 0) & (samples.ts >= known_ns)
        out[:, v] = np.where(known, found[np.maximum(last, 0)], np.nan)
    return out


def lessons_for(
    sight: Sight, defences: Defences, terms: Terms, screen: Screen, forged: Floats | None = None
) -> Lessons:
    """Rows and weights as they reach a learner.

    Parameters
    ----------
    sight : Sight
        The market.
    defences : Defences
        What is up.
    terms : Terms
        Horizon.
    screen : Screen
        How far sources' lessons may be apart.
    forged : float64 array, shape (n, sources, d + 1), optional
        What an attacker adds to the rows on their way to the learner.
    """
    from seawall.robust.gate import toxicity_weight

    samples = sight.admitted if defences.admission else sight.raw
    outcome = samples.outcomes(terms.horizon)
    rows = np.concatenate([samples.features, outcome[:, :, None]], axis=2)
    if forged is not None:
        rows = rows + forged
    weights = np.ones(outcome.shape)
    if defences.toxicity:
        weights = toxicity_weight(
            np.where(np.isnan(sight.toxicity), 0.0, sight.toxicity), fine=0.75, toxic=0.95
        )
    if defences.evidence:
        # A made-up feature teaches nothing, and neither would a zero in its place.
        weights = np.where(sight.doubt.any(axis=2), 0.0, weights)
    if defences.admission:
        weights = weights * screen.admit(rows)
    return Lessons(rows, weights)
