# SPDX-License-Identifier: MIT
"""Detectors against attacks of the simulated market, whose truth is known.

Thresholds are chosen on seeds of their own; figures come from other seeds.  The negatives
are the time before and after each attack, markets without one, and markets under attacks of
another kind, outside their windows; what sounds within those is counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from seawall.analytics.manipulation.rows import rows_of
from seawall.analytics.manipulation.scores import DETECTORS, Detector, Evidence, score_with
from seawall.data.attacks.kinds import KINDS
from seawall.data.simulated.config import BTC, AttackConfig, SimConfig, preset
from seawall.data.simulated.sim import simulate
from seawall.research.manipulation.counts import Counts

TARGETS: Final = {
    "wash": ("wash", "wash_trading"),
    "spoof": ("spoof", "spoofing", "layering"),
    "stuffing": ("quote_stuffing",),
    "withdrawal": ("withdraw", "flash_crash"),
    "ignition": ("momentum_ignition",),
    "pump": ("pump_and_dump",),
}
"""Attacks that each detector is meant to see."""

START_S, LENGTH_S, AFTER_S, GRACE_S = 120.0, 60.0, 120.0, 10.0
GRID: Final = tuple(round(0.1 + 0.05 * k, 2) for k in range(18))
FAST = {"chunk": 1.0, "window": 60.0}
"""Chunks of a pump in a market that lasts minutes, not weeks."""

Told = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """Evidence of one market.

    Parameters
    ----------
    kind : str
        Attack, or empty.
    seed : int
        Of the market.
    start_ns, end_ns : int
        Window of the attack.
    evidence : tuple of Evidence
        One per detector.
    """

    kind: str
    seed: int
    start_ns: int
    end_ns: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What one detector did with one kind of attack.

    Parameters
    ----------
    detector, kind : str
        Which, against what.
    threshold : float
        Chosen on the seeds for calibration.
    counts : Counts
        On the other seeds.
    """

    detector: str
    kind: str
    threshold: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class SimulatedReport:
    """Detectors against simulated attacks.

    Parameters
    ----------
    lines : tuple of Line
        One per detector and attack it is meant for, and one over all of them.
    other : mapping of str to int
        Alarms of each detector within windows of attacks of another kind.
    wrong_per_hour : mapping of str to float
        Alarms outside all windows, per hour.
    hours : float
        Time outside all windows.
    calibration_seeds, test_seeds : tuple of int
        Which chose, which are reported.
    trials : int
        Thresholds that were tried in all.
    """

    lines: tuple[Line, ...]
    other: dict[str, int]
    wrong_per_hour: dict[str, float]
    hours: float
    calibration_seeds: tuple[int, ...]
    test_seeds: tuple[int, ...]
    trials: int


def evaluate_simulated(
    test_seeds: Iterable[int] = range(1, 9), calibration_seeds: Iterable[int] = range(101, 105),
    *, strength: float = 1.0, told: Told | None = None,
) -> SimulatedReport:  # fmt: skip
    """Run every attack on every seed and judge the detectors.

    Parameters
    ----------
    test_seeds, calibration_seeds : iterable of int
        No seed may be in both.
    strength : float
        Multiple of each attack's usual intensity.
    told : callable, optional
        Called with the share that is done.
    """
    test, calibration = tuple(test_seeds), tuple(calibration_seeds)
    if set(test) & set(calibration):
        raise ValueError("a seed both chooses and reports")
    kinds = ("", *(k for group in TARGETS.values() for k in group))
    total = len(kinds) * (len(test) + len(calibration))
    trials: dict[int, list[Trial]] = {}
    done = 0
    for seed in (*calibration, *test):
        for kind in kinds:
            trials.setdefault(seed, []).append(run_trial(kind, seed, strength))
            done += 1
            if told is not None:
                told(done / total)
    own = [t for s in calibration for t in trials[s]]
    thresholds = {d.name: _choose(d.name, own) for d in DETECTORS}
    seen = [t for s in test for t in trials[s]]
    lines: list[Line] = []
    for name, group in TARGETS.items():
        each = [Line(name, k, thresholds[name], _counts(name, thresholds[name], seen, (k,)))
                for k in group]  # fmt: skip
        lines += each
        if len(group) > 1:
            counts = _counts(name, thresholds[name], seen, group)
            lines.append(Line(name, "all of them", thresholds[name], counts))
    quiet = sum(_quiet_s(t) for t in seen) / 3_600.0
    return SimulatedReport(
        tuple(lines), {d.name: _within_others(d.name, thresholds[d.name], seen) for d in DETECTORS},
        {d.name: sum(_outside(d.name, thresholds[d.name], t) for t in seen) / quiet
         for d in DETECTORS},
        quiet, calibration, test, len(GRID) * len(DETECTORS),
    )  # fmt: skip


def run_trial(kind: str, seed: int, strength: float = 1.0) -> Trial:
    """Simulate one market, with one attack or none, and score it."""
    base = replace(preset("small"), seed=seed, venues=1, assets=(BTC,),
                   duration_s=START_S + LENGTH_S + AFTER_S)  # fmt: skip
    market = simulate(_with(base, kind, strength)).to_market()
    perp = next(i for i in market.instruments if ":" in i.symbol)
    scan = score_with(rows_of(market, perp), [_fast(d) for d in DETECTORS])
    start = base.start_ns + int(START_S * 1e9)
    return Trial(kind, seed, start, start + int(LENGTH_S * 1e9), scan.evidence)


def _with(base: SimConfig, kind: str, strength: float) -> SimConfig:
    if not kind:
        return base
    usual = KINDS[kind].default_intensity if kind in KINDS else 1.0
    strong = usual * strength
    if kind == "withdraw":
        strong = min(0.8 * strength, 1.0)
    return replace(base, attacks=(AttackConfig(kind, START_S, LENGTH_S, strong, 1),))


def _fast(one: Detector) -> Detector:
    return replace(one, params=FAST) if one.name == "pump" else one


def _evidence(name: str, trial: Trial) -> Evidence:
    return next(e for e in trial.evidence if e.detector.name == name)


def _split(name: str, limit: float, trial: Trial) -> tuple[list[int], list[int]]:
    """Times of alarms in the window of the attack, and outside."""
    one = _evidence(name, trial)
    times = [int(one.ts[i]) for i in one.alarms(limit)]
    end = trial.end_ns + int(GRACE_S * 1e9)
    inside = [t for t in times if trial.kind and trial.start_ns <= t <= end]
    return inside, [t for t in times if t not in inside]


def _counts(name: str, limit: float, trials: list[Trial], kinds: tuple[str, ...]) -> Counts:
    total = Counts(0, 0, 0, 0)
    for trial in trials:
        inside, outside = _split(name, limit, trial)
        if trial.kind in kinds:
            late = ((min(inside) - trial.start_ns) / 1e9,) if inside else ()
            total += Counts(int(bool(inside)), int(not inside), len(inside), len(outside), late)
        elif not trial.kind:
            total += Counts(0, 0, 0, len(outside))
    return total


def _choose(name: str, trials: list[Trial]) -> float:
    """Threshold with the best F1; of equals the one in the middle, away from both edges."""
    scores = [_counts(name, g, trials, TARGETS[name]).f1 for g in GRID]
    best = np.flatnonzero(np.array(scores) >= max(scores) - 1e-12)
    return GRID[int(best[len(best) // 2])]


def _within_others(name: str, limit: float, trials: list[Trial]) -> int:
    own = TARGETS[name]
    return sum(
        len(_split(name, limit, t)[0]) for t in trials if t.kind and t.kind not in own
    )  # fmt: skip


def _outside(name: str, limit: float, trial: Trial) -> int:
    return len(_split(name, limit, trial)[1])


def _quiet_s(trial: Trial) -> float:
    whole = START_S + LENGTH_S + AFTER_S
    return whole - (LENGTH_S + GRACE_S if trial.kind else 0.0)
