# SPDX-License-Identifier: MIT
"""A small market, its golden set, and a gate calibrated on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from seawall.robust.gate import (
    Gate,
    GateProfile,
    GateSettings,
    GoldenSet,
    Learner,
    Reference,
    WindowRows,
    build_golden,
    calibrated,
    fit_reference,
)

NAMES = ("a", "b", "c", "d")
MINUTE = 60_000_000_000


@dataclass(frozen=True)
class Stage:
    """Golden set, reference, profile, and the terms a model is run on."""

    golden: GoldenSet
    reference: Reference
    profile: GateProfile
    learner: Learner
    settings: GateSettings

    @property
    def gate(self) -> Gate:
        """A gate of its own: they keep scratch space."""
        return Gate(self.reference, self.profile)


def market(n: int, seed: int, volatility: float = 0.01) -> np.ndarray:
    """Correlated t rows without drift."""
    rng = np.random.default_rng(seed)
    factor = np.linalg.cholesky(0.4 + 0.6 * np.eye(len(NAMES)))
    return volatility * rng.standard_t(5, (n, len(NAMES))) @ factor.T


def times(n: int, start: int = 0) -> np.ndarray:
    """A row a minute."""
    return start + MINUTE * np.arange(n, dtype=np.int64)


@pytest.fixture(scope="session")
def stage() -> Stage:
    windows = [
        WindowRows(f"w{k}", regime, market(1_500, k, vol), times(1_500, 10**12 * (k + 1)))
        for k, (regime, vol) in enumerate(
            [("calm", 0.005), ("volatile", 0.02), ("trend", 0.01), ("crash", 0.05)]
        )
    ]
    golden = build_golden(windows, NAMES, halflife=50)
    reference = fit_reference(golden)
    learner = Learner(150.0)
    profile = calibrated(reference, false_alarm_rate=1e-3, learner=learner, every=25, paths=60)
    return Stage(golden, reference, profile, learner, GateSettings(every=25))
