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
from seawall.robust.gate.reference import Reference, refit

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
        return np.ascontiguousarray(_t_rows(rng, n, reference.dimensions, nu) @ plain.T + centre)

    return draw


def _t_rows(rng: np.random.Generator, n: int, d: int, nu: float) -> Floats:
    """Rows of unit covariance with a common t tail."""
    rows = rng.standard_normal((n, d))
    if math.isfinite(nu):
        rows *= np.sqrt((nu - 2.0) / rng.chisquare(nu, (n, 1)))
    return rows


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


def of_another_sample(reference: Reference, draw: DrawRows) -> DrawRows:
    """Draw rows of a truth of which the golden set is only a sample.

    The reference is estimated too: each path is moved and stretched by the sampling error of
    as many t rows as the golden set has (20,000 at most).
    """
    nu, d = tail_of(reference), reference.dimensions
    n_golden = min(reference.lengths.size, 20_000)
    back = np.linalg.inv(reference.factor)

    def moved(rng: np.random.Generator, n: int) -> Floats:
        sample = _t_rows(rng, n_golden, d, nu)
        stretch = np.linalg.cholesky(np.cov(sample, rowvar=False).reshape(d, d))
        axes = (draw(rng, n) - reference.location) @ back.T
        axes = axes @ stretch.T + sample.mean(axis=0)
        return np.ascontiguousarray(axes @ reference.factor.T + reference.location)

    return moved


def left_out(
    reference: Reference, learner: MakesModel, lengths: Lengths, anchor_distance: float
) -> Floats:
    """Measure every golden window against a reference that has not seen it.

    What real windows do to a model that was fitted to others: change of the market that no
    resampling of one sample can show.

    Returns
    -------
    float64 array, shape (paths, checks, measures)
        Stretches of ``lengths.checks`` checks; none when fewer than three windows are long
        enough.
    """
    long = [n for n, s in enumerate(reference.segments) if s.shape[0] >= lengths.rows]
    paths: list[Floats] = []
    if len(long) < 3:
        return np.empty((0, lengths.checks, at.MEASURES))
    for n in long:
        others = tuple(s for k, s in enumerate(reference.segments) if k != n)
        fitted = refit(reference, others)
        rows = reference.segments[n]
        whole = (rows.shape[0] // lengths.every) - lengths.start
        full = Lengths(lengths.every, lengths.start, whole)
        path = _measure_path(fitted, learner, rows, full, anchor_distance)
        stretches = whole // lengths.checks
        paths += list(
            path[: stretches * lengths.checks].reshape(stretches, lengths.checks, at.MEASURES)
        )
    return np.array(paths)


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
    for path in range(paths):
        rows = draw(np.random.default_rng((seed, path)), lengths.rows)
        out[path] = _measure_path(reference, learner, rows, lengths, anchor_distance)
        advance(1.0)
    return out


def _measure_path(
    reference: Reference, learner: MakesModel, rows: Floats, lengths: Lengths, tau: float
) -> Floats:
    out = np.empty((lengths.checks, at.MEASURES))
    weights, scratch = np.ones(lengths.every), np.empty(at.MEASURES)
    model = learner.make(reference)
    for check in range(lengths.start + lengths.checks):
        model.push(rows[check * lengths.every : (check + 1) * lengths.every], weights)
        if check < lengths.start:
            continue
        line = out[check - lengths.start]
        if measure(model.location, model.covariance, reference, tau, scratch):
            line[:] = scratch
        else:
            line[:] = math.inf
    return out
