# SPDX-License-Identifier: MIT
"""Intervals by resampling blocks: neighbours in time are not independent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float, float]
LEAST_BLOCKS = 5
NONE: Interval = (float("nan"), float("nan"), float("nan"))


def block_sums(parts: Sequence[Floats], length: int) -> Floats:
    """Sums over blocks of rows; a block never reaches from one part into another.

    Parameters
    ----------
    parts : sequence of arrays of shape (rows, values)
        One per grid.
    length : int
        Rows of a block; the last of a part may be shorter.
    """
    out = [
        np.add.reduceat(part, np.arange(0, part.shape[0], length), axis=0)
        for part in parts
        if part.shape[0]
    ]
    return np.concatenate(out) if out else np.zeros((0, 1))


def resampled(sums: Floats, draws: int, seed: int) -> Floats:
    """Totals of as many blocks drawn with replacement, shape (draws, values)."""
    rng = np.random.default_rng(seed)
    n = sums.shape[0]
    counts = rng.multinomial(n, np.full(n, 1.0 / n), size=draws).astype(np.float64)
    return np.asarray(counts @ sums)


def correlation(totals: Floats) -> Floats:
    """Correlation from sums of 1, x, y, x x, y y and x y."""
    n, x, y, xx, yy, xy = (totals[..., k] for k in range(6))
    with np.errstate(divide="ignore", invalid="ignore"):
        top = xy - x * y / n
        return np.asarray(top / np.sqrt((xx - x * x / n) * (yy - y * y / n)))


def correlation_interval(
    pairs: Sequence[tuple[Floats, Floats]], length: int, draws: int, seed: int
) -> Interval:
    """Pooled correlation with its 95 % interval."""
    parts = [
        np.column_stack([np.ones(x.size), x, y, x * x, y * y, x * y]) for x, y in pairs if x.size
    ]
    if not parts:
        return NONE
    value = float(correlation(np.sum([p.sum(axis=0) for p in parts], axis=0)))
    return (value, *_bounds(parts, length, draws, seed, correlation))


def ratio_interval(
    parts: Sequence[tuple[Floats, Floats]], length: int, draws: int, seed: int, level: float = 0.95
) -> Interval:
    """Ratio of two sums, a mean when the second is a count, with its interval."""
    stacked = [np.column_stack(p) for p in parts if p[0].size]
    total = np.sum([s.sum(axis=0) for s in stacked], axis=0) if stacked else np.zeros(2)
    if not total[1] > 0.0:
        return NONE
    return (float(total[0] / total[1]), *_bounds(stacked, length, draws, seed, _ratio, level))


def excess_low(
    parts: Sequence[tuple[Floats, Floats, Floats, Floats]],
    length: int,
    draws: int,
    seed: int,
    level: float,
) -> float:
    """Lower end of the difference of two ratios of sums, resampled together."""
    stacked = [np.column_stack(p) for p in parts if p[0].size]
    if not stacked:
        return float("nan")
    return _bounds(stacked, length, draws, seed, _difference, level)[0]


def _difference(totals: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(totals[..., 0] / totals[..., 1] - totals[..., 2] / totals[..., 3])


def _ratio(totals: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(totals[..., 0] / totals[..., 1])


def _bounds(
    parts: list[Floats], length: int, draws: int, seed: int, of: object, level: float = 0.95
) -> tuple[float, float]:
    sums = block_sums(parts, length)
    if sums.shape[0] < LEAST_BLOCKS or not callable(of):
        return float("nan"), float("nan")
    values = of(resampled(sums, draws, seed))
    known = values[np.isfinite(values)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)


def ranks(values: Floats) -> Floats:
    """Ranks from -1/2 to 1/2, ties sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - 0.5 * (counts + 1.0)
    return np.asarray((middle[inverse] + 0.5) / max(values.size, 1) - 0.5)
