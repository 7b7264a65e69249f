# SPDX-License-Identifier: MIT
"""The golden rows of the lab, and what every variant knows before the market opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation.rows import rows_of
from seawall.research.attack.runs import Teaching
from seawall.research.attack.sampling import FEATURES, Samples, sample
from seawall.research.attack.settings import LabSettings, Terms, lab_config, sources_of
from seawall.robust.gate import Learner, calibrated, reference_of

Floats = npt.NDArray[np.float64]


def golden_rows(samples: Samples, terms: Terms) -> Floats:
    """Rows of a clean market in the order in which a learner meets them."""
    rows = np.concatenate([samples.features, samples.outcomes(terms.horizon)[:, :, None]], axis=2)
    flat = rows[terms.warmup : -terms.horizon].reshape(-1, rows.shape[2])
    good: Floats = flat[np.isfinite(flat).all(axis=1)]
    return good


def teach(
    settings: LabSettings, advance: Callable[[float], None] = lambda amount: None
) -> Teaching:
    """Simulate the golden markets, fit the reference and calibrate the gate on it."""
    from seawall.data.simulated import simulate

    windows = []
    for seed in settings.golden_seeds:
        market = simulate(lab_config(seed, settings)).to_market()
        windows.append(golden_rows(sample([rows_of(market, s) for s in sources_of(market)]), settings.terms))
        advance(1)
    return teach_from(windows, settings)


def teach_from(windows: Sequence[Floats], settings: LabSettings) -> Teaching:
    """Fit the reference to rows of clean windows and calibrate the gate on it."""
    reference = reference_of(np.concatenate(windows), (*FEATURES, "outcome"))
    profile = calibrated(
        reference, false_alarm_rate=settings.false_alarm_rate,
        learner=Learner(settings.terms.halflife), every=settings.check_every,
    )  # fmt: skip
    return Teaching(reference, profile)
