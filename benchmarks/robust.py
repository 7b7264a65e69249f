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


def main() -> None:
    """Measure and print."""
    tall, wide = clustered(1000, 50, 0.2), clustered(200, 400, 0.2)
    window, column = clustered(1000, 20, 0.1), clustered(1000, 1, 0.1)[:, 0]
    stream = EwRobust().fit(window)
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
    )
    for name, work, repeats in rows:
        print(f"{name:32s} {median_ms(work, repeats):10.3f} ms")


if __name__ == "__main__":
    main()
