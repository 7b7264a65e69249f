# SPDX-License-Identifier: MIT
"""Means over seeds and their intervals, by resampling seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]
RESAMPLES = 4_000


def plain(value: Any) -> Any:
    """Return JSON values; what is not finite becomes null."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value


def draws(n: int, seed: int = 1) -> npt.NDArray[np.int64]:
    """Resampled seeds, shape (resamples, n)."""
    return np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))


def of_mean(values: Floats) -> Interval:
    """95 % percentile interval of a mean over seeds."""
    if values.size < 2:
        return float("nan"), float("nan")
    means = values[draws(values.size)].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def removed(naive: Floats, defended: Floats) -> tuple[float, Interval]:
    """Share of a mean impact that is removed, ``1 - |mean defended| / |mean naive|``.

    Seeds are resampled together, so that the pairing counts.
    """
    whole = abs(float(naive.mean()))
    value = 1.0 - abs(float(defended.mean())) / whole if whole > 0.0 else float("nan")
    if naive.size < 2 or not whole > 0.0:
        return value, (float("nan"), float("nan"))
    pick = draws(naive.size)
    below = np.maximum(np.abs(naive[pick].mean(axis=1)), 1e-12)
    low, high = np.quantile(1.0 - np.abs(defended[pick].mean(axis=1)) / below, [0.025, 0.975])
    return value, (float(low), float(high))


def cost_of(naive: Floats, defended: Floats) -> tuple[float, Interval]:
    """What the defences cost without an attack, as a share of the naive result."""
    base = float(naive.mean())
    value = float((naive - defended).mean()) / abs(base) if base else float("nan")
    if naive.size < 2:
        return value, (float("nan"), float("nan"))
    pick = draws(naive.size)
    below = np.maximum(np.abs(naive[pick].mean(axis=1)), 1e-12)
    low, high = np.quantile((naive - defended)[pick].mean(axis=1) / below, [0.025, 0.975])
    return value, (float(low), float(high))
