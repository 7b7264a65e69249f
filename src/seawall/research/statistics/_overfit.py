# SPDX-License-Identifier: MIT
"""Probability of backtest overfitting by combinatorially symmetric cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from seawall.model.errors import ResearchError
from seawall.research.metrics._kernel import Floats

_CHUNK_CELLS = 2_000_000  # memory: a chunk of splits keeps a few arrays of this size


@dataclass(frozen=True, slots=True)
class Overfit:
    """Result of the cross-validation.

    Parameters
    ----------
    pbo : float
        Share of splits in which the best configuration in sample is at or below the
        median out of sample.
    logits : float64 array, shape (splits,)
        Logit of its relative rank out of sample, per split.
    slope : float
        Slope of out-of-sample on in-sample Sharpe of the chosen configurations.
    loss : float
        Share of splits in which the chosen one loses out of sample.
    """

    pbo: float
    logits: Floats
    slope: float
    loss: float


def overfit_probability(trials: npt.ArrayLike, *, blocks: int = 16) -> Overfit:
    """Estimate the probability of backtest overfitting (PBO).

    Bailey, Borwein, Lopez de Prado and Zhu (2017): cut the rows into blocks, take every
    half of them as in-sample, choose the best configuration by Sharpe ratio there and
    rank it in the other half.  Sums and sums of squares per block give the ratio of any
    half, so no return is read twice.

    Parameters
    ----------
    trials : array_like, shape (periods, configurations)
        Returns of every configuration that was tried.
    blocks : int
        Even number of row blocks; 16 gives 12,870 splits.

    Raises
    ------
    ResearchError
        With fewer than two configurations, an odd number of blocks, fewer than two rows
        per block, or a return that is not finite.

    Notes
    -----
    One study is weak evidence: with 1,000 rows and 50 configurations of pure noise the
    estimate itself has a standard deviation of about 0.16.
    """
    m = np.asarray(trials, dtype=np.float64)
    if m.ndim != 2 or m.shape[1] < 2 or blocks < 2 or blocks % 2 or m.shape[0] < 2 * blocks:
        raise ResearchError(
            f"overfitting cannot be judged from an array of shape {m.shape} in {blocks} blocks",
            mend="give (periods, 2 or more configurations), an even number of blocks, "
            "and two periods per block",
        )
    if not np.isfinite(m).all():
        raise ResearchError("a trial return is not a number", mend="drop or mend that trial")
    shift = m.mean(axis=0)
    edges = np.linspace(0, m.shape[0], blocks + 1).round().astype(np.int64)
    # Squares about the column mean keep their digits.
    centred = m - shift
    sums = np.add.reduceat(centred, edges[:-1], axis=0)
    squares = np.add.reduceat(centred * centred, edges[:-1], axis=0)
    sizes = np.diff(edges).astype(np.float64)
    halves = _halves(blocks)
    step = max(1, _CHUNK_CELLS // m.shape[1])
    parts = [
        part
        for i in range(0, halves.shape[0], step)
        for part in _judge(halves[i : i + step], sums, squares, sizes, shift)
    ]
    rank, inside, outside = (np.concatenate(column) for column in zip(*parts, strict=True))
    share = rank / (m.shape[1] + 1.0)
    logits = np.log(share / (1.0 - share))
    spread = inside - inside.mean()
    scale = float(spread @ spread)
    slope = float(spread @ (outside - outside.mean())) / scale if scale > 0.0 else float("nan")
    return Overfit(
        pbo=float((logits <= 1e-12).mean()),
        logits=logits,
        slope=slope,
        loss=float((outside < 0.0).mean()),
    )


def _halves(blocks: int) -> Floats:
    """All halves that hold the first block, as rows of zeros and ones.

    The other halves are their complements.
    """
    others = np.array(list(combinations(range(1, blocks), blocks // 2 - 1)), dtype=np.int64)
    out = np.zeros((others.shape[0], blocks))
    out[:, 0] = 1.0
    np.put_along_axis(out, others, 1.0, axis=1)
    return out


def _judge(
    half: Floats, sums: Floats, squares: Floats, sizes: Floats, shift: Floats
) -> list[tuple[Floats, Floats, Floats]]:
    """Judge each half and its complement as in-sample.

    Per direction: rank out of sample (1 is worst, ties share) and both ratios of the
    chosen configurations.
    """
    total, square, count = half @ sums, half @ squares, half @ sizes
    one = _ratio(total, square, count, shift)
    other = _ratio(
        sums.sum(axis=0) - total, squares.sum(axis=0) - square, sizes.sum() - count, shift
    )
    return [_rank(one, other), _rank(other, one)]


def _rank(inside: Floats, outside: Floats) -> tuple[Floats, Floats, Floats]:
    rows = np.arange(inside.shape[0])
    best = inside.argmax(axis=1)
    mine = outside[rows, best]
    below = np.count_nonzero(outside < mine[:, None], axis=1)
    level = np.count_nonzero(outside <= mine[:, None], axis=1)
    return (below + level + 1.0) / 2.0, inside[rows, best], mine


def _ratio(total: Floats, square: Floats, n: Floats, shift: Floats) -> Floats:
    """Sharpe ratio per period from sums about ``shift``; 0 for a flat series."""
    count = n[:, None]
    mean = total / count
    variance = (square - count * mean * mean) / (count - 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (mean + shift) / np.sqrt(variance)
    return np.where(variance > 0.0, ratio, 0.0)
