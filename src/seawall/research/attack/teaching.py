# SPDX-License-Identifier: MIT
"""The golden set of the lab, and what every variant knows before the market opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.manipulation.rows import rows_of
from seawall.research.attack.sampling import FEATURES, Samples, sample
from seawall.research.attack.screen import Screen, fit_screen
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
    screen : Screen
        How far apart the sources' golden lessons are.
    """

    golden: GoldenSet
    reference: Reference
    profile: GateProfile
    screen: Screen


@dataclass(frozen=True, eq=False)
class CleanWindow:
    """Golden rows of one clean market.

    Parameters
    ----------
    name : str
        Which market.
    roughness : float
        Typical volatility, fraction per square root of a second.
    rows : float64 array, shape (n, d + 1)
        Features and outcome of all sources.
    lessons : float64 array, shape (seconds, sources, d + 1)
        The same side by side, as the sources told them.
    """

    name: str
    roughness: float
    rows: Floats
    lessons: Floats


def clean_window(name: str, samples: Samples, terms: Terms) -> CleanWindow:
    """Take a clean market into the golden set."""
    part = slice(terms.warmup, -terms.horizon)
    return CleanWindow(
        name, float(np.nanmedian(samples.volatility[part, 0])), golden_rows(samples, terms),
        side_by_side(samples, terms)[part],
    )  # fmt: skip


def side_by_side(samples: Samples, terms: Terms) -> Floats:
    """Features and outcome of all sources; shape (n, sources, d + 1)."""
    outcomes = samples.outcomes(terms.horizon)[:, :, None]
    return np.concatenate([samples.features, outcomes], axis=2)


def golden_rows(samples: Samples, terms: Terms) -> Floats:
    """Rows of a clean market in the order in which a learner meets them."""
    rows = side_by_side(samples, terms)
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
        windows.append(clean_window(f"seed {seed}", samples, settings.terms))
        advance(1)
    return teach_from(windows, settings)


def teach_from(windows: Sequence[CleanWindow], settings: LabSettings) -> Teaching:
    """Build the golden set, fit the reference and calibrate the gate.

    Parameters
    ----------
    windows : sequence of CleanWindow
        At least three, for the gate to learn how much windows differ.
    settings : LabSettings
        Memory of the learner and rate of false alarms.
    """
    middle = float(np.median([w.roughness for w in windows]))
    golden = build_golden(
        [
            WindowRows(w.name, "calm" if w.roughness <= middle else "volatile", w.rows)
            for w in windows
        ],
        COLUMNS, standardised=True, note="clean markets of the attack lab",
    )  # fmt: skip
    reference = fit_reference(golden)
    profile = calibrated(
        reference, false_alarm_rate=settings.false_alarm_rate, paths=settings.paths,
        learner=Learner(settings.terms.halflife), every=settings.check_every,
    )  # fmt: skip
    screen = fit_screen(
        [w.lessons for w in windows], reference.location, np.sqrt(np.diag(reference.covariance))
    )
    return Teaching(golden, reference, profile, screen)
