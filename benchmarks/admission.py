# SPDX-License-Identifier: MIT
"""How many samples per second the admission kernel decides on one core; prints only.

Processor time is counted, because the machine may have other work; the wall is told beside it.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from seawall.admission import Admission, Decision

CASES = (
    (4, 2_000.0),
    (8, 2_000.0),
    (8, 200_000.0),
    (12, 2_000.0),
    (12, 200_000.0),
    (16, 20_000.0),
    (32, 20_000.0),
    (64, 2_000.0),
    (64, 200_000.0),
)
"""Sources that are compared with each other, and samples per second of the data."""


def samples(n: int, sources: int, rate: float) -> tuple[np.ndarray, ...]:
    """Noisy copies of one random walk, in turn from every source."""
    rng = np.random.default_rng(7)
    ts = 1_700_000_000 * 10**9 + np.cumsum(rng.exponential(1e9 / rate, n)).astype(np.int64)
    value = np.cumsum(rng.normal(0, 1e-6, n)) + rng.normal(0, 1e-4, n)
    stream = rng.integers(0, sources, n)
    return ts, stream, value, rng.integers(0, 20_000_000, n), np.arange(1, n + 1)


def main() -> None:
    """Measure; every run starts from an empty state."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=4_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    for sources, rate in CASES:
        columns = samples(asked.samples, sources, rate)
        speeds, walls = [], []
        for _ in range(asked.repeats):
            admission = Admission()
            admission.enroll_all((f"venue{k}|BTC/USDT|trades", "BTC") for k in range(sources))
            warm = [c[:1] for c in columns]
            admission.admit(warm[0], warm[1], warm[2], lag_ns=warm[3], seq=warm[4])
            ts, stream, value, lag, seq = columns
            began, used = time.perf_counter(), time.process_time()
            out = admission.admit(ts, stream, value, lag_ns=lag, seq=seq)
            speeds.append(asked.samples / (time.process_time() - used) / 1e6)
            walls.append(asked.samples / (time.perf_counter() - began) / 1e6)
        share = np.bincount(out, minlength=len(Decision)) / len(out)
        told = ", ".join(f"{d.name.lower()} {share[d]:.1%}" for d in Decision if share[d] > 0)
        print(
            f"{sources:2d} sources, {rate:9,.0f}/s: median {statistics.median(speeds):.2f} "
            f"million/s ({min(speeds):.2f} to {max(speeds):.2f}; wall "
            f"{statistics.median(walls):.2f}); {told}"
        )


if __name__ == "__main__":
    main()
