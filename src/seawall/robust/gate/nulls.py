# SPDX-License-Identifier: MIT
"""Paths of a gated model without drift: what the distances look like by chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate import _kernels as at
from seawall.robust.gate.check import measure
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.learner import MakesModel
from seawall.robust.gate.reference import Reference

Advance = Callable[[float], None]
DrawRows = Callable[[np.random.Generator, int], Floats]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long null paths are.

    Parameters
    ----------
    every : int
        Rows between checks.
    start : int
        Checks left out while the estimate still remembers that it began at the reference.
    checks : int
        Checks that count.
    """

    every: int
    start: int
    checks: int

    @property
    def rows(self) -> int:
        """Rows per path."""
        return self.every * (self.start + self.checks)


def lengths_for(halflife: float, every: int) -> Lengths:
    """Three half-lives to forget the start, then six that count."""
    if every < 1:
        raise GateError(f"a check every {every} rows", mend="give 1 or more")
    start = math.ceil(3.0 * halflife / every)
    return Lengths(every, start, max(2 * start, 30))


def tail_of(reference: Reference) -> float:
    """Degrees of freedom of the t law whose squared lengths have the golden rows' kurtosis.

    Mardia's kurtosis is ``d (d + 2) (nu - 2) / (nu - 4)``; infinite where golden rows are no
    heavier than a Gaussian's, and never below 4.5.
    """
    d = reference.dimensions
    # Lengths are in the axes of clipped rows: bring the mean square to d first.
    square = np.square(reference.lengths)
    ratio = float(np.square(square).mean() / np.square(square.mean()) * d / (d + 2))
    if ratio <= 1.01:
        return math.inf
    return max(4.5, (4.0 * ratio - 2.0) / (ratio - 1.0))


def parametric(reference: Reference) -> DrawRows:
    """Draw independent t rows whose plain covariance is that of the golden rows."""
    nu = tail_of(reference)
    plain = reference.factor @ np.linalg.cholesky(reference.anchor_cov)
    centre = reference.location + reference.factor @ reference.anchor_mean

    def draw(rng: np.random.Generator, n: int) -> Floats:
        rows = rng.standard_normal((n, reference.dimensions))
        if math.isfinite(nu):
            rows *= np.sqrt((nu - 2.0) / rng.chisquare(nu, (n, 1)))
        return np.ascontiguousarray(rows @ plain.T + centre)

    return draw


def bootstrap(reference: Reference) -> DrawRows:
    """Draw golden rows in stretches as long as their windows allow, in the order of time.

    Tails, serial dependence and the differences between windows all count as they are.
    """
    sizes = np.array([s.shape[0] for s in reference.segments], dtype=np.float64)
    share = sizes / sizes.sum()

    def draw(rng: np.random.Generator, n: int) -> Floats:
        out: list[Floats] = []
        left = n
        while left > 0:
            segment = reference.segments[int(rng.choice(sizes.size, p=share))]
            size = segment.shape[0]
            begin = int(rng.integers(0, max(size - left, size // 2, 1)))
            piece = segment[begin : begin + left]
            out.append(piece)
            left -= piece.shape[0]
        return np.concatenate(out)

    return draw


def null_paths(
    reference: Reference,
    learner: MakesModel,
    draw: DrawRows,
    lengths: Lengths,
    paths: int,
    anchor_distance: float,
    seed: int,
    *,
    advance: Advance = lambda amount: None,
) -> Floats:
    """Measure paths of a model that learns rows without drift.

    Returns
    -------
    float64 array, shape (paths, checks, measures)
        As the kernel writes them; a check that failed is infinite in all.
    """
    out = np.empty((paths, lengths.checks, at.MEASURES))
    weights = np.ones(lengths.every)
    scratch = np.empty(at.MEASURES)
    for path in range(paths):
        rows = draw(np.random.default_rng((seed, path)), lengths.rows)
        model = learner.make(reference)
        for check in range(lengths.start + lengths.checks):
            model.push(rows[check * lengths.every : (check + 1) * lengths.every], weights)
            if check < lengths.start:
                continue
            line = out[path, check - lengths.start]
            if measure(model.location, model.covariance, reference, anchor_distance, scratch):
                line[:] = scratch
            else:
                line[:] = math.inf
        advance(1.0)
    return out
