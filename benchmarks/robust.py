# SPDX-License-Identifier: MIT
"""Times of the robust estimators on fixed inputs; prints one line each.

Run with ``OMP_NUM_THREADS=1 python benchmarks/robust.py``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from seawall.robust import (
    MRCD,
    OGK,
    CatoniMean,
    EwRobust,
    LedoitWolf,
    catoni_mean,
    median_of_means,
    qn,
)
from seawall.robust.change import adwin, cusum, page_hinkley
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


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """Median time of some runs after one that is not counted, in milliseconds."""
    work()
    laps = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        laps.append(time.perf_counter() - start)
    return 1e3 * statistics.median(laps)


def clustered(n: int, d: int, bad: float) -> np.ndarray:
    """Correlated Gaussian rows, a share of them in a tight cluster five deviations away."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(n, d)) @ np.linalg.cholesky(0.3 + 0.7 * np.eye(d)).T
    count = int(bad * n)
    rows[:count] = 5.0 + 0.1 * rng.normal(size=(count, d))
    return rows


def gate_rows(d: int) -> tuple[tuple[str, Callable[[], object], int], ...]:
    """Work of the gate on d features and 3,000 golden rows."""
    rows = np.random.default_rng(2).standard_t(5, (3000, d))
    reference: Reference = reference_of(rows, tuple(f"f{k}" for k in range(d)))
    learner = Learner(250.0)
    terms = {"learner": learner, "every": 50, "paths": 20, "nulls": ("bootstrap",)}
    profile = calibrated(reference, false_alarm_rate=1e-3, **terms)  # type: ignore[arg-type]
    gate = Gate(reference, profile)
    model = learner.make(reference)
    model.push(rows[:1000], np.ones(1000))
    thousand, ones = np.ascontiguousarray(rows[:1000]), np.ones(1000)
    gated = GatedModel(gate, learner=learner, settings=GateSettings(every=10**9))
    store, state = MemoryStore(), model.export()
    clock = iter(range(10**9))
    return (
        (f"gate check d={d}", lambda: gate.judge(model.location, model.covariance), 2001),
        (f"gate learns n=1000 d={d}", lambda: model.push(thousand, ones), 101),
        (f"gate observes one row d={d}", lambda: gated.observe(next(clock), rows[0]), 2001),
        (f"checkpoint in memory d={d}", lambda: store.put(next(clock), state), 501),
    )


def main() -> None:
    """Measure and print."""
    tall, wide = clustered(1000, 50, 0.2), clustered(200, 400, 0.2)
    window, column = clustered(1000, 20, 0.1), clustered(1000, 1, 0.1)[:, 0]
    stream = EwRobust().fit(window)
    uniform = np.random.default_rng(1).random(1_000_000)
    rows = (
        ("MRCD n=1000 p=50", lambda: MRCD().fit(tall), 7),
        ("MRCD n=200 p=400", lambda: MRCD().fit(wide), 5),
        ("MRCD n=1000 p=20", lambda: MRCD().fit(window), 9),
        ("OGK n=1000 p=20", lambda: OGK().fit(window), 5),
        ("Ledoit-Wolf n=1000 p=50", lambda: LedoitWolf().fit(tall), 21),
        ("Catoni n=1000", lambda: catoni_mean(column), 51),
        ("Catoni n=1000 p=20", lambda: CatoniMean().fit(window), 21),
        ("median of means n=1000 K=251", lambda: median_of_means(column, 251), 51),
        ("Qn n=1000", lambda: qn(column), 51),
        ("EwRobust batch n=1000 d=20", lambda: EwRobust().fit(window), 9),
        ("EwRobust update d=20", lambda: stream.update(window[-1]), 201),
        ("CUSUM n=1e6", lambda: cusum(uniform - 0.5), 11),
        ("Page-Hinkley n=1e6", lambda: page_hinkley(uniform), 11),
        ("ADWIN n=1e6", lambda: adwin(uniform), 11),
        *gate_rows(10),
        *gate_rows(20),
    )
    for name, work, repeats in rows:
        print(f"{name:32s} {median_ms(work, repeats):10.3f} ms")


if __name__ == "__main__":
    main()
