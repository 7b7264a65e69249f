# SPDX-License-Identifier: MIT
"""Detectors of pumps against labelled pumps, without leakage.

A published threshold needs no training.  The classifier is trained on other coins, or on
what came earlier, and its threshold is chosen on the training side too.  All alarms over the
whole recording count, muted for 30 minutes, not only those near the pump.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.manipulation.counts import Counts, rate_95
from seawall.research.manipulation.events import (
    DAY_S,
    NS,
    Event,
    Natural,
    load_events,
    load_natural,
)
from seawall.research.manipulation.logistic import Logistic, fit

Floats = npt.NDArray[np.float64]
Told = Callable[[float], None]

BEFORE_S, AFTER_S, MUTE_S = 120.0, 300.0, 1_800.0
"""An alarm is right from 120 s before the announced minute to 300 s after it."""

HOT_S = 100.0
"""Chunks up to this long after the announcement are positives of the training."""

RISE, SURGE = 0.05, 3.0

MONTH_DAYS = 30.4375
GRID: Final = tuple(round(0.02 * k, 2) for k in range(1, 50))


@dataclass(frozen=True, slots=True)
class Split:
    """One way of judging.

    Parameters
    ----------
    detector, protocol : str
        What was judged, and on which side it learned.
    counts : Counts
        Over the events that could be tested.
    months : float
        Coin-months that were watched.
    per_month, low, high : float
        False alarms per coin-month, with a 95 % interval.
    natural_flagged, natural_moves : int
        Natural moves that were called pumps, of how many.
    thresholds : tuple of float
        One per training side.
    missed : tuple of str
        Events without an alarm.
    """

    detector: str
    protocol: str
    counts: Counts
    months: float
    per_month: float
    low: float
    high: float
    natural_flagged: int
    natural_moves: int
    thresholds: tuple[float, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PumpReport:
    """Detectors of pumps against labelled pumps.

    Parameters
    ----------
    events : tuple of str
        Coins and announcements.
    splits : tuple of Split
        One per detector and protocol.
    trials : int
        Thresholds and models that were tried.
    """

    events: tuple[str, ...]
    splits: tuple[Split, ...]
    trials: int


def evaluate_pumps(folder: Path | str, *, told: Told | None = None) -> PumpReport:
    """Judge the detectors on a folder of trades around labelled pumps.

    Parameters
    ----------
    folder : path
        As :func:`seawall.research.manipulation.events.load_events` reads it.
    told : callable, optional
        Called with the share that is done.

    Raises
    ------
    DataError
        When the folder has no events.
    ResearchError
        When there are fewer than two coins.
    """
    place = Path(folder)
    events = load_events(place)
    if told is not None:
        told(0.6)
    coins = sorted({e.coin for e in events})
    if len(coins) < 2:
        raise ResearchError("one coin cannot be both sides of a split", mend="give more events")
    natural = load_natural(place)
    out = [_rule(events, natural), _hourly(events)]
    groups = [tuple(e for e in events if e.coin == c) for c in coins]
    sides = [(tuple(e for e in events if e.coin != g[0].coin), g) for g in groups]
    out.append(_learned("leave one coin out", sides, natural))
    if natural is not None:
        late = natural.part(first=False)
        out.append(_learned("leave one coin out; earlier natural moves taught as none", sides,
                            late, natural.part(first=True)))  # fmt: skip
    if told is not None:
        told(0.85)
    # The first two events only ever teach; a coin that was pumped before is left to them.
    later: list[tuple[tuple[Event, ...], tuple[Event, ...]]] = [
        (events[:k], (e,))
        for k, e in enumerate(events)
        if k >= 2 and e.coin not in {x.coin for x in events[:k]}
    ]
    if later:
        out.append(_learned("forward in time, new coins", later, natural))
    if told is not None:
        told(1.0)
    models = len(sides) * (1 if natural is None else 2) + len(later)
    return PumpReport(tuple(e.name for e in events), tuple(out), 1 + models * len(GRID))


def alarms_of(event: Event, score: Floats, threshold: float) -> npt.NDArray[np.int64]:
    """Times of alarms, muted for half an hour after the last print above."""
    above = event.ts[np.nan_to_num(score, nan=-1.0) >= threshold]
    if not above.size:
        return above
    first = np.concatenate(([True], np.diff(above) > MUTE_S * NS))
    found: npt.NDArray[np.int64] = above[first]
    return found


def judge(event: Event, score: Floats, threshold: float) -> Counts:
    """Compare the alarms over one recording with its label."""
    late = (alarms_of(event, score, threshold) - event.announced_ns) / NS
    right = (late >= -BEFORE_S) & (late <= AFTER_S)
    found = bool(right.any())
    return Counts(
        int(found), int(not found), int(right.sum()), int((~right).sum()),
        (float(late[right][0]),) if found else (),
    )  # fmt: skip


def _rule(events: tuple[Event, ...], natural: Natural | None) -> Split:
    total = Counts(0, 0, 0, 0)
    missed = []
    for event in events:
        one = judge(event, event.score, 0.5)
        total += one
        missed += [event.name] if one.missed else []
    flagged = natural.flagged(natural.features[:, 0], 0.3032) if natural else 0
    return _split("std of rush orders up by 30.32 %", "published threshold, nothing learned",
                  total, sum(e.days for e in events), flagged, natural, (0.5,), missed)  # fmt: skip


def _hourly(events: tuple[Event, ...]) -> Split:
    """Both anomalies of hourly bars at once: known when the bar has closed."""
    total = Counts(0, 0, 0, 0)
    missed = []
    for event in events:
        with np.errstate(invalid="ignore"):
            hit = (event.hourly[:, 0] >= RISE) & (event.hourly[:, 1] >= SURGE)
        late = (event.hours[hit] - event.announced_ns) / NS
        right = (late > 0.0) & (late <= 2.0 * 3_600.0)
        found = bool(right.any())
        total += Counts(int(found), int(not found), int(right.sum()), int((~right).sum()),
                        (float(late[right][0]),) if found else ())  # fmt: skip
        missed += [] if found else [event.name]
    days = sum(float(e.hours[-1] - e.hours[0]) / NS / DAY_S for e in events)
    name = f"hourly bars: price +{RISE:.0%}, volume +{SURGE:.0%} over 12 h"
    learned = "thresholds of our own, nothing learned"
    return _split(name, learned, total, days, 0, None, (), missed)


def _learned(
    protocol: str, sides: list[tuple[tuple[Event, ...], tuple[Event, ...]]],
    natural: Natural | None, taught: Natural | None = None,
) -> Split:  # fmt: skip
    total, days, flagged = Counts(0, 0, 0, 0), 0.0, []
    thresholds, missed = [], []
    for train, test in sides:
        model, threshold = _train(train, taught)
        thresholds.append(threshold)
        for event in test:
            one = judge(event, _scored(model, event), threshold)
            total += one
            days += event.days
            missed += [event.name] if one.missed else []
        if natural is not None:
            flagged.append(natural.flagged(model.score(natural.features), threshold))
    worst = max(flagged) if flagged else 0
    return _split("logistic, eight features", protocol, total, days, worst, natural,
                  tuple(thresholds), missed)  # fmt: skip


def _train(events: tuple[Event, ...], taught: Natural | None) -> tuple[Logistic, float]:
    """Fit on whole chunks; choose the threshold by F1 of events, the highest of the best.

    Natural moves count as quiet chunks in the fit, and a flagged one as a false alarm in the
    choice.
    """
    features, label = [], []
    for event in events:
        rows = event.known & event.last_of_chunk
        late = (event.ts[rows] - event.announced_ns) / NS
        hot = (late >= 0.0) & (late <= HOT_S)
        # The aftermath is neither: it is left out, as a detector is mute then.
        cold = (late < -BEFORE_S) | (late > MUTE_S)
        features.append(event.features[rows][hot | cold])
        label.append(hot[hot | cold])
    if taught is not None:
        features.append(taught.features)
        label.append(np.zeros(len(taught.features), dtype=np.bool_))
    model = fit(np.concatenate(features), np.concatenate(label))
    scored = [(e, _scored(model, e)) for e in events]
    best, chosen = -1.0, GRID[0]
    for limit in GRID:
        total = Counts(0, 0, 0, 0)
        for event, score in scored:
            total += judge(event, score, limit)
        if taught is not None:
            flagged = taught.flagged(model.score(taught.features), limit)
            total += Counts(0, 0, 0, flagged)
        if total.f1 >= best:
            best, chosen = total.f1, limit
    return model, chosen


def _scored(model: Logistic, event: Event) -> Floats:
    out = np.full(event.ts.size, np.nan)
    known = event.known
    out[known] = model.score(event.features[known])
    return out


def _split(
    detector: str, protocol: str, counts: Counts, days: float, flagged: int,
    natural: Natural | None, thresholds: tuple[float, ...], missed: list[str],
) -> Split:  # fmt: skip
    months = days / MONTH_DAYS
    low, high = rate_95(counts.wrong, months)
    rate = counts.wrong / months if months else float("nan")
    return Split(detector, protocol, counts, months, rate, low, high, flagged,
                 natural.moves if natural else 0, thresholds, tuple(missed))  # fmt: skip


__all__ = ["DAY_S", "PumpReport", "Split", "alarms_of", "evaluate_pumps", "judge"]
