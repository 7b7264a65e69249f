# SPDX-License-Identifier: MIT
"""Stationary block bootstrap of returns, with the path figures computed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.metrics._kernel import Floats, Ints, kernel
from seawall.research.statistics._block import block_length
from seawall.research.statistics._random import next_state, scramble, split

FAN_POINTS = 120

Rows = npt.NDArray[np.int32]


@kernel
def draw_rows(rows: Rows, block: float, state: np.uint64) -> np.uint64:
    """Fill one stationary bootstrap sample; the random state moves on and is returned.

    Short blocks are drawn row by row (stay with probability 1 - 1/b, else jump), long
    ones by their geometric length: the same law, each at its cheaper end.
    """
    n = rows.shape[0]
    keep = 1.0 - 1.0 / block
    at = n - 1
    if block < 8.0:
        leave = 1.0
        for i in range(n):
            state = next_state(state)
            jump, u = split(scramble(state), n)
            follow = at + 1 if at + 1 < n else 0
            at = jump if u < leave else follow
            rows[i] = at
            leave = 1.0 - keep
        return state
    log_keep = np.log(keep)
    i = 0
    while i < n:
        state = next_state(state)
        at, u = split(scramble(state), n)
        length = 1 + int(np.log(u) / log_keep)
        for _ in range(min(length, n - i)):
            rows[i] = at
            i += 1
            at = at + 1 if at + 1 < n else 0
    return state


@kernel
def draw_samples(n: int, draws: int, block: float, seed: int) -> Rows:
    """Rows of many samples, shape (draws, n)."""
    rows = np.empty((draws, n), dtype=np.int32)
    state = np.uint64(seed)
    for d in range(draws):
        state = draw_rows(rows[d], block, state)
    return rows


@kernel
def walk(rows: Rows, step: Floats, mean: float, marks: Ints, fan: Floats) -> Floats:
    """Follow one sample: log growth, deepest fall, three moments; fills ``fan``."""
    level, peak, deepest = 0.0, 0.0, 0.0
    first, second, down = 0.0, 0.0, 0.0
    begin = 0
    for m in range(marks.shape[0]):
        for i in range(begin, marks[m]):
            at = rows[i]
            level += step[at, 0]
            peak = max(peak, level)
            deepest = max(deepest, peak - level)
            x = step[at, 1]
            first += x
            second += x * x
            loss = min(x + mean, 0.0)
            down += loss * loss
        begin = marks[m]
        fan[m] = level
    return np.array([level, deepest, first, second, down])


@kernel
def worst_sum(
    rows: Rows, rank: Rows, ordered: Floats, mass: float, watched: int, count: Rows
) -> float:
    """Sum of the worst ``mass`` returns of a sample, counted by rank and never sorted.

    Only the ``watched`` worst returns of the original are counted; NaN when the sample
    holds fewer of them than ``mass``.
    """
    count[:watched] = 0
    for i in range(rows.shape[0]):
        place = rank[rows[i]]
        if place < watched:
            count[place] += 1
    needed, total = mass, 0.0
    for j in range(watched):
        part = min(needed, float(count[j]))
        total += part * ordered[j]
        needed -= part
    return total if needed <= 1e-9 * mass else np.nan


@kernel
def resample_paths(
    step: Floats, rank: Rows, ordered: Floats, mean: float, marks: Ints,
    draws: int, block: float, seed: int, tail: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Figures and fan of bootstrap paths, none of which is kept.

    ``step`` holds log(1 + r) and r less its mean side by side, ``rank`` the place of
    each return among all, ``ordered`` the sorted returns.

    Returns
    -------
    figures : float64 array, shape (draws, 6)
        Log growth, deepest fall in logs, sums of r less its mean, of its square, of
        min(r, 0)^2, and mean of the worst ``tail`` of the returns.
    fan : float64 array, shape (draws, marks)
        Log growth after ``marks`` periods.
    """
    n = step.shape[0]
    rows = np.empty(n, dtype=np.int32)
    count = np.zeros(n, dtype=np.int32)
    figures = np.empty((draws, 6))
    fan = np.empty((draws, marks.shape[0]))
    mass = tail * n
    usual = min(n, int(1.5 * mass + 4.0 * np.sqrt(mass * block)) + 8)
    state = np.uint64(seed)
    for d in range(draws):
        state = draw_rows(rows, block, state)
        figures[d, :5] = walk(rows, step, mean, marks, fan[d])
        figures[d, 5] = np.nan
        if mass >= 1.0 - 1e-9:
            total = worst_sum(rows, rank, ordered, mass, usual, count)
            if np.isnan(total):
                total = worst_sum(rows, rank, ordered, mass, n, count)
            figures[d, 5] = total / mass
    return figures, fan


@dataclass(frozen=True, slots=True)
class BootstrapPaths:
    """Figures of resampled paths, one value per draw.

    Parameters
    ----------
    block : float
        Mean block length, periods.
    seed : int
        Seed of the draws.
    total_return, max_drawdown, mean, deviation, downside, es_95 : float64 array, (draws,)
        Per path: fractions; ``max_drawdown`` negative; mean, standard deviation (n - 1)
        and root mean square of negative returns per period; expected shortfall positive.
    fan_at : int64 array, shape (m,)
        Periods at which the fan is known, the first is 0.
    fan : float64 array, shape (draws, m)
        Growth of 1 at these periods.
    """

    block: float
    seed: int
    total_return: Floats
    max_drawdown: Floats
    mean: Floats
    deviation: Floats
    downside: Floats
    es_95: Floats
    fan_at: Ints
    fan: Floats

    def fan_quantiles(self, levels: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> Floats:
        """Quantiles of the growth of 1, shape (levels, m)."""
        return np.asarray(np.quantile(self.fan, list(levels), axis=0), dtype=np.float64)


def stationary_indices(n: int, draws: int, *, block: float, seed: int = 0) -> Rows:
    """Row numbers of stationary bootstrap samples (Politis and Romano 1994).

    Blocks start anywhere with equal chance, have geometric lengths of the given mean
    and wrap around the end.

    Parameters
    ----------
    n : int
        Rows of the data; resample all columns by the same rows to keep them together.
    draws : int
        Number of samples.
    block : float
        Mean block length, at least 1.
    seed : int
        Same seed, same rows.

    Returns
    -------
    int32 array, shape (draws, n)
    """
    _check(n, draws, block)
    return draw_samples(n, draws, float(block), seed)


def bootstrap_paths(
    returns: npt.ArrayLike, *, draws: int = 1_000, seed: int = 0, block: float | None = None
) -> BootstrapPaths:
    """Resample a series of returns in blocks and measure every path.

    Parameters
    ----------
    returns : array_like, shape (n,)
        Simple returns per period.
    draws : int
        Paths.
    seed : int
        Same seed, same paths.
    block : float, optional
        Mean block length; if absent, the longer of the lengths chosen for the returns
        and for their absolute values, because drawdown feels clustered volatility.

    Raises
    ------
    ResearchError
        With fewer than eight returns, or a block shorter than 1.
    """
    r = np.ascontiguousarray(returns, dtype=np.float64)
    n = r.shape[0]
    if block is None:
        block = max(block_length(r), block_length(np.abs(r)))
    _check(n, draws, block)
    with np.errstate(divide="ignore"):
        growth = np.log1p(np.maximum(r, -1.0))
    order = np.argsort(r, kind="stable")
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    marks = np.unique(np.linspace(0, n, min(n, FAN_POINTS) + 1).round().astype(np.int64))
    mean = float(r.mean())
    step = np.column_stack([growth, r - mean])
    figures, fan = resample_paths(
        step, rank, r[order], mean, marks[1:], draws, float(block), seed, 0.05
    )
    level, deepest, first, second, down, shortfall = figures.T
    drift = first / n
    variance = np.maximum(second / n - drift * drift, 0.0)
    return BootstrapPaths(
        block=float(block),
        seed=seed,
        total_return=np.expm1(level),
        max_drawdown=np.expm1(-deepest),
        mean=mean + drift,
        deviation=np.sqrt(variance * n / max(n - 1, 1)),
        downside=np.sqrt(down / n),
        es_95=-shortfall,
        fan_at=marks,
        fan=np.concatenate([np.ones((draws, 1)), np.exp(fan)], axis=1),
    )


def _check(n: int, draws: int, block: float) -> None:
    if n < 1 or draws < 1 or not block >= 1.0:
        raise ResearchError(
            f"a bootstrap of {n} rows, {draws} draws and blocks of {block} is ill-posed",
            mend="give at least one row and one draw, and a block length of at least 1",
        )
