# SPDX-License-Identifier: MIT
"""The golden set of the lab, and what every variant knows before the market opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation.rows import rows_of
from seawall.research.attack.sampling import FEATURES, Samples, sample
from seawall.research.attack.settings import LabSettings, Terms, lab_config, sources_of
from seawall.robust.gate import (
    GateProfile,
    GoldenSet,
    Learner,
    Reference,
    WindowRows,
    build_golden,
    calibrated,
    fit_reference,
)

Floats = npt.NDArray[np.float64]
Advance = Callable[[float], None]
COLUMNS = (*FEATURES, "outcome")


@dataclass(frozen=True, eq=False)
class Teaching:
    """What every variant begins with.

    Parameters
    ----------
    golden : GoldenSet
        Clean rows.
    reference : Reference
        Fitted to them.
    profile : GateProfile
        Limits of the gate.
    """

    golden: GoldenSet
    reference: Reference
    profile: GateProfile


def golden_rows(samples: Samples, terms: Terms) -> Floats:
    """Rows of a clean market in the order in which a learner meets them."""
    rows = np.concatenate([samples.features, samples.outcomes(terms.horizon)[:, :, None]], axis=2)
    flat = rows[terms.warmup : -terms.horizon].reshape(-1, rows.shape[2])
    good: Floats = flat[np.isfinite(flat).all(axis=1)]
    return good


def teach(settings: LabSettings, advance: Advance = lambda amount: None) -> Teaching:
    """Simulate the golden markets, fit the reference and calibrate the gate on it.

    Parameters
    ----------
    settings : LabSettings
        Golden seeds, terms, rate of false alarms.
    advance : callable
        Called with 1 after each golden market.
    """
    from seawall.data.simulated import simulate

    windows = []
    for seed in settings.golden_seeds:
        market = simulate(lab_config(seed, settings)).to_market()
        samples = sample([rows_of(market, s) for s in sources_of(market)])
        rough = float(np.median(samples.volatility[settings.terms.warmup :, 0]))
        windows.append((f"seed {seed}", rough, golden_rows(samples, settings.terms)))
        advance(1)
    return teach_from(windows, settings)


def teach_from(windows: Sequence[tuple[str, float, Floats]], settings: LabSettings) -> Teaching:
    """Build the golden set, fit the reference and calibrate the gate.

    Parameters
    ----------
    windows : sequence of (str, float, float64 array)
        Name, typical volatility and rows of every clean window.
    settings : LabSettings
        Memory of the learner and rate of false alarms.
    """
    middle = float(np.median([rough for _, rough, _ in windows]))
    golden = build_golden(
        [
            WindowRows(name, "calm" if rough <= middle else "volatile", rows)
            for name, rough, rows in windows
        ],
        COLUMNS, standardised=True, note="clean markets of the attack lab",
    )  # fmt: skip
    reference = fit_reference(golden)
    profile = calibrated(
        reference, false_alarm_rate=settings.false_alarm_rate,
        learner=Learner(settings.terms.halflife), every=settings.check_every,
    )  # fmt: skip
    return Teaching(golden, reference, profile)
