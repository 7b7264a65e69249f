# SPDX-License-Identifier: MIT
"""Samples of made-up sources that agree, and an admission that knows them."""

from __future__ import annotations

import numpy as np

from seawall.admission import Admission, AdmissionSettings, Decision

T0 = 1_700_000_000_000_000_000
S = 1_000_000_000
Columns = dict[str, np.ndarray]


def walk(
    n: int, sources: int, *, seed: int = 3, rate: float = 200.0, noise: float = 1e-4
) -> Columns:
    """Samples of one random walk, each from a random source with noise of its own."""
    rng = np.random.default_rng(seed)
    return {
        "ts": T0 + np.cumsum(rng.exponential(S / rate, n)).astype(np.int64),
        "stream": rng.integers(0, sources, n),
        "value": 11.0 + np.cumsum(rng.normal(0, 1e-5, n)) + rng.normal(0, noise, n),
    }


def enrolled(sources: int = 5, given: AdmissionSettings | None = None, seed: int = 1) -> Admission:
    made = Admission(given, seed=seed)
    made.enroll_all((f"venue{k}|BTC/USDT|trades|c0", "BTC") for k in range(sources))
    return made


def name(k: int) -> str:
    return f"venue{k}|BTC/USDT|trades"


def one(a: Admission, **sample: object) -> Decision:
    first = {"ts": [T0], "stream": [0], "value": [1.0]} | {k: [v] for k, v in sample.items()}
    return Decision(int(a.admit(**first)[0]))  # type: ignore[arg-type]
