# SPDX-License-Identifier: MIT
"""Robust means of columns: trimmed and winsorised, Huber's, medians of block means."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from seawall.robust.base import Estimator, Floats, as_rows, require
from seawall.robust.scale import mad

BLOCKS_MIN = 11
BLOCK_ROWS_MIN = 3


def trimmed_mean(X: npt.ArrayLike, proportion: float = 0.25) -> Floats:
    """Mean per column without ``floor(proportion n)`` values at each end.

    Breakdown ``proportion``, O(n).  Source: Tukey (1962).
    """
    rows, cut = _ends(X, proportion)
    return np.asarray(rows[cut : rows.shape[0] - cut].mean(axis=0))


def winsorized_mean(X: npt.ArrayLike, proportion: float = 0.25) -> Floats:
    """Mean per column with ``floor(proportion n)`` values at each end pulled in.

    Breakdown ``proportion``, O(n).  Source: Dixon (1960).
    """
    rows, cut = _ends(X, proportion)
    return np.asarray(np.clip(rows, rows[cut], rows[rows.shape[0] - cut - 1]).mean(axis=0))


def _ends(X: npt.ArrayLike, proportion: float) -> tuple[Floats, int]:
    require(0.0 <= proportion < 0.5, f"proportion {proportion}", "give 0 <= proportion < 0.5")
    rows = as_rows(X)
    n = rows.shape[0]
    cut = math.floor(proportion * n)
    at = sorted({cut, n - cut - 1})
    return np.partition(rows, at, axis=0), cut


def huber_mean(X: npt.ArrayLike, k: float = 1.5) -> Floats:
    """Huber's M-estimate per column with the MAD as scale.

    Root of ``sum clip((x - theta) / MAD, -k, k) = 0``.  Breakdown 50 %, Gaussian
    efficiency 96 % at k = 1.5, O(n) per step.  The median where the MAD is 0.  Source:
    Huber (1964).
    """
    require(k > 0.0, f"k = {k}", "give k > 0")
    rows = as_rows(X)
    centre = np.asarray(np.median(rows, axis=0))
    reach = k * mad(rows)
    for _ in range(200):
        after = np.clip(rows, centre - reach, centre + reach).mean(axis=0)
        moved = np.abs(after - centre) > 1e-12 * reach
        centre = np.where(reach > 0.0, after, centre)
        if not (moved & (reach > 0.0)).any():
            break
    return centre


def block_means(rows: Floats, blocks: int, seed: int | None) -> Floats:
    """Means of blocks whose sizes differ by at most one.

    With a seed, rows are dealt at random, against poison placed on purpose; without,
    blocks are contiguous, as rows that depend on their neighbours need it.
    """
    n = rows.shape[0]
    require(1 <= blocks <= n, f"{blocks} blocks of {n} rows", "give between 1 and n blocks")
    if seed is not None:
        rows = rows[np.random.default_rng(seed).permutation(n)]
    size, longer = divmod(n, blocks)
    starts = np.arange(blocks) * size + np.minimum(np.arange(blocks), longer)
    counts = np.full(blocks, size) + (np.arange(blocks) < longer)
    return np.asarray(np.add.reduceat(rows, starts, axis=0) / counts[:, None])


def median_of_means(X: npt.ArrayLike, blocks: int, seed: int | None = None) -> Floats:
    """Median per column of the means of ``blocks`` blocks.

    Parameters
    ----------
    X : array_like, shape (n, d) or (n,)
        Observations.
    blocks : int
        Between 1 (the mean) and n (the median).
    seed : int, optional
        Deals rows to blocks at random; absent: contiguous blocks.

    Returns
    -------
    float64 array, shape (d,)
        In the unit of the column.
    """
    return np.asarray(np.median(block_means(as_rows(X), blocks, seed), axis=0))


def blocks_for(n: int, contamination: float) -> int:
    """Choose the number of blocks: odd, at least 11 and more than twice the bad rows.

    ``ceil(2.5 contamination n)``; n (which is the median) when blocks would have fewer
    than three rows.
    """
    require(0.0 <= contamination < 0.5, f"contamination {contamination}", "give below 0.5")
    wanted = max(BLOCKS_MIN, math.ceil(2.5 * contamination * n))
    wanted += 1 - wanted % 2
    return wanted if wanted * BLOCK_ROWS_MIN <= n else n


def geometric_median(points: npt.ArrayLike) -> Floats:
    """Point of least summed distance: Weiszfeld's iteration with Vardi and Zhang's step.

    Breakdown 50 %, O(n d) per step.  Source: Vardi and Zhang (2000).
    """
    p = as_rows(points)
    at = np.asarray(np.median(p, axis=0))
    scale = float(np.abs(p - at).max())
    for _ in range(5000):
        away = np.sqrt(np.square(p - at).sum(axis=1))
        on = away <= 1e-15 * scale
        if on.all():
            break
        inverse = 1.0 / away[~on]
        after = inverse @ p[~on] / inverse.sum()
        if on.any():
            pull = float(np.linalg.norm(inverse @ (p[~on] - at)))
            stay = min(1.0, float(on.sum()) / pull) if pull > 0.0 else 1.0
            after = (1.0 - stay) * after + stay * at
        step = float(np.abs(after - at).max())
        at = after
        if step <= 1e-14 * scale:
            break
    return at


class TrimmedMean(Estimator):
    """Mean of each column without its ends.

    Formula: mean of the values between the ``floor(proportion n)`` smallest and largest.
    Assumption: symmetry, if it is to estimate the mean; fewer bad rows than
    ``proportion``.  Breakdown: ``proportion``.  Cost: O(d n).  Source: Tukey (1962).

    Parameters
    ----------
    proportion : float
        Share dropped at each end, below 0.5.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_ : float64 array, shape (d,)
        Means.
    """

    location_: Floats

    def __init__(self, proportion: float = 0.25, window: int = 1000) -> None:
        self.proportion = proportion
        self.window = window

    def _estimate(self, X: Floats) -> None:
        self.location_ = trimmed_mean(X, self.proportion)


class HuberMean(Estimator):
    """Huber's M-estimate of each column.

    Formula: root of ``sum clip((x - theta) / MAD, -k, k) = 0``.  Assumption: symmetry
    about the centre; fewer than half of the rows bad.  Breakdown: 50 %.  Cost: O(d n) per
    step.  Source: Huber (1964).

    Parameters
    ----------
    k : float
        Reach in robust standard deviations; 1.5 has 96 % Gaussian efficiency.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_ : float64 array, shape (d,)
        Estimates.
    """

    location_: Floats

    def __init__(self, k: float = 1.5, window: int = 1000) -> None:
        self.k = k
        self.window = window

    def _estimate(self, X: Floats) -> None:
        self.location_ = huber_mean(X, self.k)


class MedianOfMeans(Estimator):
    """Median, or geometric median, of block means.

    Formula: rows are dealt to K blocks, block means taken, then their median per column
    or their geometric median.  Assumption: finite variance; symmetric enough that block
    means are not skewed; a seed for independent rows, contiguous blocks otherwise.
    Breakdown: ``ceil(K / 2) - 1`` bad *rows*, whatever n is; so K follows from
    ``contamination`` unless given.  Cost: O(n d).  Source: Lugosi and Mendelson (2019);
    geometric form Minsker (2015).

    Parameters
    ----------
    blocks : int, optional
        K; otherwise :func:`blocks_for` of ``contamination``.
    contamination : float
        Share of bad rows to withstand.
    geometric : bool
        Geometric median instead of one median per column.
    seed : int, optional
        Of the dealing; ``None`` keeps blocks contiguous.
    window : int
        Rows that count in the streaming form.

    Attributes
    ----------
    location_ : float64 array, shape (d,)
        Estimates.
    blocks_ : int
        K used.
    """

    location_: Floats

    def __init__(
        self,
        blocks: int | None = None,
        contamination: float = 0.1,
        geometric: bool = False,
        seed: int | None = 0,
        window: int = 1000,
    ) -> None:
        self.blocks = blocks
        self.contamination = contamination
        self.geometric = geometric
        self.seed = seed
        self.window = window

    def _estimate(self, X: Floats) -> None:
        chosen = self.blocks
        self.blocks_ = blocks_for(X.shape[0], self.contamination) if chosen is None else chosen
        means = block_means(X, self.blocks_, self.seed)
        middle = geometric_median(means) if self.geometric else np.median(means, axis=0)
        self.location_ = np.asarray(middle)
