# SPDX-License-Identifier: MIT
"""Intervals of Hawkes parameters by parametric bootstrap: simulate the fit, fit again.

Standard errors of the likelihood are too small in short samples and say nothing about bias;
the spread of refits says both.  One kernel gets the studentised interval, [x - t(1 - a/2) se,
x - t(a/2) se] with t the quantiles of (refit - x) / its own error; where refits have no errors
it is the reversed percentile one, [2 x - q(1 - a/2), 2 x - q(a/2)].  Both are cut at 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes import fit_many, fit_one, fit_sum
from seawall.analytics.hawkes.simulate import simulate
from seawall.analytics.hawkes.simulate_sum import simulate as simulate_sum
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], Vector]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a parameter lies.

    Parameters
    ----------
    value : float
        Estimate.
    low, high : float
        Bounds of the interval.
    spread, bias : float
        Standard deviation of the refits, and their mean less the estimate.
    """

    value: float
    low: float
    high: float
    spread: float
    bias: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Intervals of a fit.

    Parameters
    ----------
    parameters : dict of str to Interval
        By name.
    level : float
        Confidence.
    refits, failed : int
        Refits that were used, and samples that could not be fitted.
    """

    parameters: dict[str, Interval]
    level: float
    refits: int
    failed: int


def bootstrap_one(found: fit_one.HawkesFit, end: float, *, refits: int = 200,
                  level: float = 0.95, seed: int = 0,
                  watch: Callable[[int], None] | None = None) -> Bootstrap:  # fmt: skip
    """Intervals of mu, branching and beta of a fit of one exponential kernel on (0, end].

    Raises
    ------
    ResearchError
        When the branching ratio is 1 or more: such a process cannot be simulated.
    """

    def draw(rng: np.random.Generator) -> Vector:
        t, _ = simulate(rng, end, found.mu, found.branching, found.beta)
        got = fit_one.fit(t, end=end)
        return np.array([got.mu, got.branching, got.beta, *got.errors])

    value = np.array([found.mu, found.branching, found.beta])
    return _run(("mu", "branching", "beta"), value, draw, refits, level, seed, watch,
                np.array(found.errors))  # fmt: skip


def bootstrap_many(found: fit_many.HawkesManyFit, end: float, *, refits: int = 100,
                   level: float = 0.95, seed: int = 0,
                   watch: Callable[[int], None] | None = None) -> Bootstrap:  # fmt: skip
    """Intervals of the spectral radius, base rates and branching matrix, one decay for all.

    Raises
    ------
    ResearchError
        When decays differ between pairs, or the process is not stationary.
    """
    d, beta = found.mu.size, float(found.beta[0, 0])
    if not (found.beta == beta).all():
        raise ResearchError("a decay for each pair", mend="fit with one decay, pairs=0")
    names = ["spectral_radius", "beta", *(f"mu_{i}" for i in range(d)),
             *(f"a_{i}_{j}" for i in range(d) for j in range(d))]  # fmt: skip

    def values(one: fit_many.HawkesManyFit) -> Vector:
        return np.concatenate(([one.spectral_radius, one.beta[0, 0]], one.mu, one.a.ravel()))

    def draw(rng: np.random.Generator) -> Vector:
        t, kind = simulate(rng, end, found.mu, found.a, beta)
        return values(fit_many.fit(t, kind.astype(np.float64), end=end, types=d))

    return _run(tuple(names), values(found), draw, refits, level, seed, watch)


def bootstrap_sum(found: fit_sum.HawkesSumFit, end: float, *, refits: int = 100,
                  level: float = 0.95, seed: int = 0,
                  watch: Callable[[int], None] | None = None) -> Bootstrap:  # fmt: skip
    """Intervals of the branching ratio and base rates of a sum of exponentials.

    Raises
    ------
    ResearchError
        When the process is not stationary.
    """
    d = found.mu.size

    def values(one: fit_sum.HawkesSumFit) -> Vector:
        return np.concatenate(([one.branching], one.mu))

    def draw(rng: np.random.Generator) -> Vector:
        t, kind = simulate_sum(rng, end, found.mu, found.a, found.decays)
        return values(fit_sum.fit_types(t, kind.astype(np.float64), end=end, types=d,
                                        decays=found.decays))  # fmt: skip

    names = ("branching", *(f"mu_{i}" for i in range(d)))
    return _run(names, values(found), draw, refits, level, seed, watch)


def _run(names: tuple[str, ...], value: Vector, draw: Draw, refits: int, level: float, seed: int,
         watch: Callable[[int], None] | None, errors: Vector | None = None
         ) -> Bootstrap:  # fmt: skip
    seeds = np.random.SeedSequence(seed).spawn(refits)
    rows, failed = [], 0
    for k, one in enumerate(seeds):
        try:
            rows.append(draw(np.random.default_rng(one)))
        except ResearchError:
            failed += 1
            if failed > 0.1 * refits + 1:  # a fit whose samples cannot be fitted has no interval
                raise
        if watch is not None:
            watch(k + 1)
    got = np.array(rows)
    found = {name: _interval(float(value[i]), got[:, i], level,
                             None if errors is None else got[:, names.index(name) + len(names)],
                             math.nan if errors is None else float(errors[i]))
             for i, name in enumerate(names)}  # fmt: skip
    return Bootstrap(found, level, got.shape[0], failed)


def _interval(value: float, refits: Vector, level: float, own: Vector | None, error: float
              ) -> Interval:  # fmt: skip
    spread, bias = float(refits.std(ddof=1)), float(refits.mean()) - value
    ends = (0.5 * (1.0 + level), 0.5 * (1.0 - level))
    away, unit = refits - value, 1.0
    if own is not None and math.isfinite(error):
        sound = np.isfinite(own) & (own > 0.0)
        if sound.mean() > 0.8:  # a refit at a bound has no error of its own
            away, unit = away[sound] / own[sound], error
    low, high = (max(value - float(np.quantile(away, q)) * unit, 0.0) for q in ends)
    return Interval(value, low, high, spread, bias)
