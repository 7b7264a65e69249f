# SPDX-License-Identifier: MIT
"""Times of what no package has: fits, detectors, and the work of the gate.

    OMP_NUM_THREADS=1 python benchmarks/alone.py            # a table
    OMP_NUM_THREADS=1 python benchmarks/alone.py --json     # one object

Inputs come from fixed seeds; a time is the median of the laps after one that compiles.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from seawall.analytics.durations import acd_fit, regimes_fit
from seawall.analytics.econophysics import power_law
from seawall.analytics.hawkes import fit_many, fit_power, fit_pq, fit_sum
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.jumps import merton_fit, realised
from seawall.analytics.measure import machine_name
from seawall.analytics.regimes import bocpd
from seawall.analytics.spec import run
from seawall.robust import MRCD, OGK, CatoniMean, EwRobust
from seawall.robust.change import cusum
from seawall.robust.gate import (
    Gate,
    GatedModel,
    GateSettings,
    Learner,
    MemoryStore,
    Reference,
    calibrated,
    reference_of,
)

Work = tuple[str, Callable[[], object]]
BRISK_S, MOST_LAPS = 1.0, 1_001


def median_ms(work: Callable[[], object]) -> float:
    """Median of three laps or more, after one that is not counted."""
    work()
    laps: list[float] = []
    end = time.perf_counter() + BRISK_S
    while len(laps) < 3 or (len(laps) < MOST_LAPS and time.perf_counter() < end):
        start = time.perf_counter()
        work()
        laps.append(time.perf_counter() - start)
    return 1e3 * statistics.median(laps)


def points() -> list[Work]:
    """Point processes, durations and jumps."""
    rng = np.random.default_rng(0)
    t, _ = simulate(rng, 50_000.0, 0.5, 0.5, 2.0)
    few, _ = simulate(rng, 4_000.0, 0.5, 0.5, 2.0)
    a = np.full((4, 4), 0.05) + 0.3 * np.eye(4)
    many, kind = simulate(rng, 25_000.0, np.full(4, 0.25), a, 3.0)
    marks = kind.astype(float)
    x, price = np.exp(rng.normal(size=100_000)), np.exp(np.cumsum(rng.normal(0, 1e-4, 86_401)))
    jumps = rng.normal(0, 1, 10_000) + 5 * rng.normal(size=10_000) * (rng.random(10_000) < 0.02)
    close = np.exp(np.cumsum(0.01 * jumps))
    tail = np.abs(rng.standard_t(3, 10_000))
    return [
        (f"Hawkes, 4 types, a decay per pair, {many.size} events",
         lambda: fit_many.fit(many, marks, end=25_000.0, types=4, pairs=1.0)),
        (f"Hawkes, sum of exponentials, {t.size} events", lambda: fit_sum.fit(t, end=50_000.0)),
        (f"Hawkes, power law, {t.size} events", lambda: fit_power.fit(t, end=50_000.0)),
        (f"Hawkes (p, q), {few.size} events", lambda: fit_pq.fit(few, end=4_000.0)),
        ("ACD(1,1), Weibull, 100,000", lambda: acd_fit.fit_durations(x, weibull=True)),
        ("durations of two regimes, 100,000", lambda: regimes_fit.fit_durations(x)),
        ("realised measures, 86,400 returns", lambda: realised.fit(price)),
        ("Merton, 10,000 returns", lambda: merton_fit.fit(close)),
        ("power law with rivals and p-value, 10,000", lambda: power_law.fit(tail, samples=500)),
    ]  # fmt: skip


def clustered(n: int, d: int) -> np.ndarray:
    """Normal rows, a tenth of them in a tight cluster five deviations away."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(n, d))
    rows[: n // 10] = 5.0 + 0.1 * rng.normal(size=(n // 10, d))
    return rows


def estimators() -> list[Work]:
    """Robust estimators and detectors of change."""
    window, z = clustered(1_000, 20), np.random.default_rng(3).normal(size=1_000_000)
    stream = EwRobust().fit(window)
    return [
        ("MRCD, 1,000 x 20", lambda: MRCD().fit(window)),
        ("OGK, 1,000 x 20", lambda: OGK().fit(window)),
        ("Catoni, 1,000 x 20", lambda: CatoniMean().fit(window)),
        ("EwRobust, a batch of 1,000 x 20", lambda: EwRobust().fit(window)),
        ("EwRobust, one row of 20", lambda: stream.update(window[-1])),
        ("CUSUM, 1,000,000", lambda: cusum(z)),
        ("BOCPD, 20,000", lambda: run(bocpd.ANALYTIC, {"value": z[:20_000]})),
    ]


def gate(d: int) -> list[Work]:
    """Work of the gate on d features and 3,000 golden rows."""
    rows = np.random.default_rng(2).standard_t(5, (3_000, d))
    reference: Reference = reference_of(rows, tuple(f"f{k}" for k in range(d)))
    learner = Learner(250.0)
    terms = {"learner": learner, "every": 50, "paths": 20, "nulls": ("bootstrap",)}
    profile = calibrated(reference, false_alarm_rate=1e-3, **terms)  # type: ignore[arg-type]
    judge = Gate(reference, profile)
    model = learner.make(reference)
    thousand, ones = np.ascontiguousarray(rows[:1_000]), np.ones(1_000)
    model.push(thousand, ones)
    gated = GatedModel(judge, learner=learner, settings=GateSettings(every=10**9))
    store, state = MemoryStore(), model.export()
    clock = iter(range(10**9))
    return [
        (f"gate, one check, d = {d}", lambda: judge.judge(model.location, model.covariance)),
        (f"gate, learns 1,000 rows, d = {d}", lambda: model.push(thousand, ones)),
        (f"gate, observes one row, d = {d}", lambda: gated.observe(next(clock), rows[0])),
        (f"gate, a checkpoint in memory, d = {d}", lambda: store.put(next(clock), state)),
    ]


def main() -> None:
    """Measure and print."""
    rows = {name: median_ms(work) for name, work in [*points(), *estimators(), *gate(10)]}
    if "--json" in sys.argv:
        print(json.dumps({"machine": machine_name(), "median_ms": rows}))
        return
    print(machine_name())
    for name, value in rows.items():
        print(f"{name:52s} {value:10.4f} ms")


if __name__ == "__main__":
    main()
