# SPDX-License-Identifier: MIT
"""Intervals by resampling blocks of time: neighbours in time are not independent.

A block holds the rows of all instruments within one stretch of time, because coins move
together: six of them at one moment are hardly more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]
Interval = tuple[float, float, float]
LEAST_BLOCKS = 10
NONE: Interval = (float("nan"), float("nan"), float("nan"))


def block_sums(parts: Sequence[Floats], keys: Sequence[Keys]) -> Floats:
    """Sums over the rows of each block.

    Parameters
    ----------
    parts : sequence of arrays of shape (rows, values)
        One per instrument.
    keys : sequence of arrays of int64
        Block of each row.
    """
    table, key = np.concatenate(list(parts)), np.concatenate(list(keys))
    known, at = np.unique(key, return_inverse=True)
    out = np.empty((known.size, table.shape[1]))
    for k in range(table.shape[1]):
        out[:, k] = np.bincount(at, weights=table[:, k], minlength=known.size)
    return out


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
    pairs: Sequence[tuple[Floats, Floats]], keys: Sequence[Keys], draws: int, seed: int
) -> Interval:
    """Pooled correlation with its 95 % interval."""
    parts = [np.column_stack([np.ones(x.size), x, y, x * x, y * y, x * y]) for x, y in pairs]
    if not sum(p.shape[0] for p in parts):
        return NONE
    sums = block_sums(parts, keys)
    value = float(correlation(sums.sum(axis=0)))
    return (value, *bounds(sums, correlation, draws, seed))


def ratio_interval(
    parts: Sequence[tuple[Floats, Floats]],
    keys: Sequence[Keys],
    draws: int,
    seed: int,
    level: float = 0.95,
) -> Interval:
    """Ratio of two sums, a mean when the second is a count, with its interval."""
    if not sum(float(p[1].sum()) for p in parts):
        return NONE
    sums = block_sums([np.column_stack(p) for p in parts], keys)
    value = float(ratio(sums.sum(axis=0)))
    return (value, *bounds(sums[sums[:, 1] > 0.0], ratio, draws, seed, level))


def excess_low(
    parts: Sequence[tuple[Floats, Floats, Floats, Floats]],
    keys: Sequence[Keys],
    draws: int,
    seed: int,
    level: float,
) -> float:
    """Lower end of the difference of two ratios of sums, resampled together."""
    if not sum(float(p[1].sum()) for p in parts):
        return float("nan")
    sums = block_sums([np.column_stack(p) for p in parts], keys)
    if np.count_nonzero(sums[:, 1] > 0.0) < LEAST_BLOCKS:
        return float("nan")
    sums = sums[sums[:, 3] > 0.0]
    return bounds(sums, difference, draws, seed, level)[0]


def ratio(totals: Floats) -> Floats:
    """First sum over the second."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(totals[..., 0] / totals[..., 1])


def difference(totals: Floats) -> Floats:
    """First sum over the second, less the third over the fourth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(totals[..., 0] / totals[..., 1] - totals[..., 2] / totals[..., 3])


def bounds(
    sums: Floats, of: Callable[[Floats], Floats], draws: int, seed: int, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of a statistic of block sums; unknown with few blocks."""
    if sums.shape[0] < LEAST_BLOCKS:
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
