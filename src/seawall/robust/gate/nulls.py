# SPDX-License-Identifier: MIT
"""Paths of a gated model without drift: what the distances look like by chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from seawall.robust.base import Floats
from seawall.robust.gate import _kernels as at
from seawall.robust.gate.check import measure
from seawall.robust.gate.errors import GateError
from seawall.robust.gate.learner import MakesModel
from seawall.robust.gate.reference import Reference, refit

ANCHOR_SHARE = 0.01
WORLDS = 8
"""References of the parametric null; each costs a fit."""
ROWS_MAX = 20_000

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


@dataclass(frozen=True, slots=True)
class World:
    """A reference, and how to draw rows of the truth behind it.

    Parameters
    ----------
    reference : Reference
        As estimated there.
    draw : callable
        Rows without drift.
    """

    reference: Reference
    draw: DrawRows


def parametric(reference: Reference, seed: int, worlds: int = WORLDS) -> tuple[World, ...]:
    """Make worlds of independent t rows, each with a reference fitted to its own golden set.

    Rows have the golden covariance and tail; every reference carries the sampling error of a
    golden set of that size (20,000 rows at most).
    """
    nu, d = tail_of(reference), reference.dimensions
    n = min(reference.lengths.size, ROWS_MAX)

    def draw(rng: np.random.Generator, count: int) -> Floats:
        rows = _t_rows(rng, count, d, nu)
        return np.ascontiguousarray(rows @ reference.factor.T + reference.location)

    made = []
    for world in range(worlds):
        golden = draw(np.random.default_rng((seed, 1, world)), n)
        made.append(World(refit(reference, (golden,)), draw))
    return tuple(made)


def _t_rows(rng: np.random.Generator, n: int, d: int, nu: float) -> Floats:
    """Rows of unit covariance with a common t tail."""
    rows = rng.standard_normal((n, d))
    if math.isfinite(nu):
        rows *= np.sqrt((nu - 2.0) / rng.chisquare(nu, (n, 1)))
    return rows


def bootstrap(reference: Reference) -> tuple[World, ...]:
    """Make the world of the golden rows, drawn in stretches as long as windows allow.

    Tails, serial dependence and the differences between windows all count as they are.  The
    golden set is a sample too: each path is moved and stretched by the sampling error of as
    many t rows as it has.
    """
    sizes = np.array([s.shape[0] for s in reference.segments], dtype=np.float64)
    share = sizes / sizes.sum()
    nu, d = tail_of(reference), reference.dimensions
    n_golden = min(reference.lengths.size, ROWS_MAX)
    back = np.linalg.inv(reference.factor)

    def stretches(rng: np.random.Generator, n: int) -> Floats:
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

    def draw(rng: np.random.Generator, n: int) -> Floats:
        sample = _t_rows(rng, n_golden, d, nu)
        stretch = np.linalg.cholesky(np.cov(sample, rowvar=False).reshape(d, d))
        axes = (stretches(rng, n) - reference.location) @ back.T
        axes = axes @ stretch.T + sample.mean(axis=0)
        return np.ascontiguousarray(axes @ reference.factor.T + reference.location)

    return (World(reference, draw),)


@dataclass(frozen=True, slots=True)
class Held:
    """Golden rows, and a reference that has not seen them."""

    reference: Reference
    rows: Floats


def hold_out(reference: Reference, lengths: Lengths) -> tuple[Held, ...]:
    """Hold each golden window out in turn; none when the windows do not make three groups.

    What real seasons do to a model that was fitted to others: change of the market that no
    resampling of one sample can show.  Neighbouring windows are held out together where one
    alone does not outlast the start-up by a third of it.
    """
    least = lengths.every * (lengths.start + max(10, lengths.start // 3))
    groups: list[list[int]] = [[]]
    rows = 0
    for n, segment in enumerate(reference.segments):
        if rows >= least:
            groups.append([])
            rows = 0
        groups[-1].append(n)
        rows += segment.shape[0]
    if rows < least and len(groups) > 1:
        last = groups.pop()
        groups[-1] += last
    if len(groups) < 3:
        return ()
    out = []
    for group in groups:
        others = tuple(s for k, s in enumerate(reference.segments) if k not in group)
        seen = np.concatenate([reference.segments[n] for n in group])
        out.append(Held(refit(reference, others), seen))
    return tuple(out)


def held_paths(held: tuple[Held, ...], learner: MakesModel, lengths: Lengths) -> Floats:
    """Measure held-out rows against the references that have not seen them.

    Returns
    -------
    float64 array, shape (paths, checks, measures)
        Stretches of at most ``lengths.checks`` checks, as long as half of the groups allow.
    """
    if not held:
        return np.empty((0, lengths.checks, at.MEASURES))
    room = [h.rows.shape[0] // lengths.every - lengths.start for h in held]
    checks = min(lengths.checks, int(np.median(room)))
    paths: list[Floats] = []
    for one, length in zip(held, room, strict=True):
        if length < checks:
            continue
        full = Lengths(lengths.every, lengths.start, length)
        path = _measure_path(one.reference, learner, one.rows, full)
        pieces = length // checks
        paths += list(path[: pieces * checks].reshape(pieces, checks, at.MEASURES))
    return np.array(paths)


def draws_of(
    worlds: tuple[World, ...], lengths: Lengths, paths: int, seed: int
) -> Iterator[tuple[Reference, Floats]]:
    """Draw rows of the worlds in turn, each with its reference."""
    for path in range(paths):
        world = worlds[path % len(worlds)]
        yield world.reference, world.draw(np.random.default_rng((seed, 0, path)), lengths.rows)


def null_paths(
    worlds: tuple[World, ...],
    learner: MakesModel,
    lengths: Lengths,
    paths: int,
    seed: int,
    *,
    advance: Advance = lambda amount: None,
) -> Floats:
    """Measure paths of a model that learns rows without drift, the worlds in turn.

    Returns
    -------
    float64 array, shape (paths, checks, measures)
        As the kernel writes them; a check that failed is infinite in all.
    """
    out = np.empty((paths, lengths.checks, at.MEASURES))
    for path, (reference, rows) in enumerate(draws_of(worlds, lengths, paths, seed)):
        out[path] = _measure_path(reference, learner, rows, lengths)
        advance(1.0)
    return out


def anchor_distance_of(reference: Reference) -> float:
    """Distance beyond which 1 % of the golden rows lie from their own reference."""
    return float(np.quantile(reference.lengths, 1.0 - ANCHOR_SHARE))


def _measure_path(
    reference: Reference, learner: MakesModel, rows: Floats, lengths: Lengths
) -> Floats:
    out = np.empty((lengths.checks, at.MEASURES))
    tau = anchor_distance_of(reference)
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
