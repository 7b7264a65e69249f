# SPDX-License-Identifier: MIT
"""Maximum likelihood of a Hawkes process of several types with exponential kernels.

Formula: lambda_i(t) = mu_i + sum_j A_ij beta_ij sum over events t_k < t of type j of
exp(-beta_ij (t - t_k)); maximised over mu, A >= 0 and one beta, or one per pair.
Unit: mu and beta per second, A none; the spectral radius of A is the branching ratio.
Assumption: constant base rates.  Events of the same time and type are merged; events of the
same time and different types are put in order by type, the earlier exciting the later.
Cost: O(events x d^2) per pass, about five passes of Newton's method with one decay, ten to
thirty with one per pair.
Source: Hawkes (1971); Bacry, Mastromatteo and Muzy (2015), Market Microstructure and
Liquidity 1(1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes import newton
from seawall.analytics.hawkes.climb_many import MU_LOW, STEPS, Point, Sample, climb
from seawall.analytics.hawkes.features import features
from seawall.analytics.hawkes.moments_pairs import moments
from seawall.analytics.hawkes.optimise import BURST_DECAY, BURST_DOUBT
from seawall.analytics.hawkes.samples import MERGE
from seawall.analytics.hawkes.samples import sample as events
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW_PER_PARAMETER = 20
EVIDENCE = 3.0  # gain of the log-likelihood per type over a constant rate
STARTS = (0.3, 2.0, 10.0, 50.0)  # decays, per mean gap
BETA_LOW, BETA_HIGH = 10.0, 1e5  # slowest decay per sample, fastest per mean gap
PART = 4_096  # events that are enough to find the region of the maximum
TRIES = 6


@dataclass(frozen=True, slots=True)
class HawkesManyFit:
    """A fitted process of d types.

    Parameters
    ----------
    mu : array of d
        Base rates per second.
    a : array of shape (d, d)
        ``a[i, j]``: direct children of type i of an event of type j.
    beta : array of shape (d, d)
        Decays per second, all alike with one decay.
    loglik, loglik_poisson : float
        Log-likelihood, and that of constant rates.
    spectral_radius : float
        Branching ratio of the whole.
    kkt : float
        Condition of a maximum, relative; near 0 where it holds.
    events, merged : int
        Events that were used, and those that were merged.
    doubts : tuple of str
        Why it should not be relied on.
    """

    mu: Vector
    a: Vector
    beta: Vector
    loglik: float
    loglik_poisson: float
    spectral_radius: float
    kkt: float
    events: int
    merged: int
    doubts: tuple[str, ...]


def fit(
    time: Vector,
    kind: Vector,
    *,
    end: float = 0.0,
    types: float = 0.0,
    pairs: float = 0.0,
    merge: float = 0.0,
) -> HawkesManyFit:
    """Fit base rates, branching matrix and decay to marked times in (0, end].

    Parameters
    ----------
    time, kind : arrays
        Times in seconds, and types 0 to d - 1.
    end : float
        End of the observation; 0 takes the last event.
    types : float
        d; 0 takes the largest type that occurs.
    pairs : float
        1 gives each pair its own decay.
    merge : float
        Seconds within which an event joins the one of its type before: prints of one order.

    Raises
    ------
    ResearchError
        When there are too few events, times outside (0, end] or types outside 0 to d - 1.
    """
    one = events(time, kind, end, int(types), merge)
    t, c, d, end = one.t, one.kind, one.d, one.end
    if t.size <= d * d:
        raise ResearchError(
            f"{t.size} events are too few for {d} types", mend=f"give more than {d * d}"
        )
    gap = end / t.size
    sample = Sample(t / gap, c, float(t.size), d)
    best = _climb(sample)
    if pairs:
        mu, a, beta, value, kkt = _with_pairs(sample, best)
    else:
        mu, a, value, kkt = best.theta[:, 0], best.theta[:, 1:], best.value, best.kkt
        beta = np.full((d, d), best.beta)
    counts = np.bincount(c.astype(int), minlength=d).astype(np.int64)
    radius = float(np.max(np.abs(np.linalg.eigvals(a))))
    size = d + d * d + (d * d if pairs else 1)
    return HawkesManyFit(
        mu / gap, a.copy(), beta / gap, value - t.size * float(np.log(gap)),
        one.loglik_poisson, radius, kkt, t.size, one.merged,
        _doubts(t.size, size, counts, float(beta.max()), kkt, radius,
                value - t.size * float(np.log(gap)) - one.loglik_poisson),
    )  # fmt: skip


def residuals(time: Vector, kind: Vector, found: HawkesManyFit, *, end: float = 0.0,
              merge: float = 0.0) -> list[Vector]:  # fmt: skip
    """Compensator of each type between its own events: exponential(1) if the fit is true.

    Parameters
    ----------
    time, kind, end, merge
        As the fit was given them.
    found : HawkesManyFit
        Fitted process.
    """
    d = found.mu.size
    one = events(time, kind, end, d, merge)
    gap, out = np.diff(one.t, prepend=0.0), []
    left, spent = np.empty((d, one.t.size)), np.empty(d)
    for i in range(d):
        steps = found.mu[i] * gap
        for j in range(d):
            slow = found.beta[i, j]
            features(one.t, one.kind, one.end, d, np.array([slow]), left, spent)
            before = left[j] / slow
            after = np.append(0.0, (before + (one.kind == j))[:-1])
            steps = steps + found.a[i, j] * (after - before)
        out.append(np.diff(np.cumsum(steps)[one.kind == i], prepend=0.0))
    return out


def _climb(sample: Sample) -> Point:
    """Maximum with one decay: the region from a part of the sample, then all of it."""
    d = sample.d
    low = min(BETA_LOW / sample.end, 0.3)
    share = np.bincount(sample.kind.astype(int), minlength=d) / sample.kind.size
    rows = np.column_stack((0.5 * np.maximum(share, 1e-6), np.full((d, d), 0.5 / d)))
    part = sample.part(max(PART, FEW_PER_PARAMETER * rows.size))
    steps = TRIES if part.t.size < sample.t.size else STEPS
    tries = [climb(part, rows, b, low, BETA_HIGH, steps) for b in STARTS]
    best = max(tries, key=lambda point: point.value)
    if best.theta is rows:
        return best
    return climb(sample, best.theta, best.beta, low, BETA_HIGH)


def _with_pairs(sample: Sample, one: Point) -> tuple[Vector, Vector, Vector, float, float]:
    """Maximum with a decay per pair, type by type, climbed from that with one decay."""
    d = sample.d
    low = np.concatenate(
        ([MU_LOW], np.zeros(d), np.full(d, math.log(min(BETA_LOW / sample.end, 0.3))))
    )
    high = np.concatenate(([10.0], np.full(d, 10.0), np.full(d, math.log(BETA_HIGH))))
    found = []
    for i in range(d):
        start = np.concatenate((
            one.theta[i, :1], np.maximum(one.theta[i, 1:], 1e-3), np.full(d, math.log(one.beta))
        ))  # fmt: skip
        found.append(newton.climb(_PairsOfType(sample, i).at, start, low, high, far=2.0))
    x = np.array([summit.x for summit in found])
    size = np.column_stack((np.maximum(x[:, : 1 + d], 1e-3), np.ones((d, d))))
    kkt = float(np.abs(np.array([summit.grad for summit in found]) * size).max())
    value = sum(summit.value for summit in found)
    return x[:, 0].copy(), x[:, 1 : 1 + d], np.exp(x[:, 1 + d :]), value, kkt


@dataclass(frozen=True, slots=True)
class _PairsOfType:
    """Likelihood of one type by its base rate, weights and logarithms of decays."""

    sample: Sample
    target: int

    def at(self, x: Vector) -> tuple[float, Vector, Vector]:
        d, one = self.sample.d, self.sample
        beta, size = np.exp(x[1 + d :]), 1 + 2 * d
        grad, hess = np.empty(size), np.empty((size, size))
        rows = np.empty((5 * d + 4, int((one.kind == self.target).sum())))
        value = moments(one.t, one.kind, one.end, self.target, float(x[0]), x[1 : 1 + d].copy(),
                        beta, grad, hess, rows)  # fmt: skip
        unit = np.concatenate((np.ones(1 + d), beta))
        hess = hess * np.outer(unit, unit)
        grad = grad * unit
        at = np.arange(1 + d, size)
        hess[at, at] += grad[at]
        return value, grad, hess


def _doubts(n: int, size: int, counts: npt.NDArray[np.int64], beta: float, kkt: float,
            radius: float, gain: float) -> tuple[str, ...]:  # fmt: skip
    out = []
    if n < FEW_PER_PARAMETER * size:
        out.append(f"only {n} events for {size} parameters")
    if gain < EVIDENCE * counts.size:
        out.append("hardly likelier than constant rates: no self-excitation shown")
    if counts.min() < FEW_PER_PARAMETER:
        out.append("a type with hardly any events")
    if radius >= 0.99:
        out.append("branching ratio near 1 or above: the rates drift, or the kernel is wrong")
    if beta > BURST_DECAY:
        out.append(BURST_DOUBT)
    if kkt > 1e-1:
        out.append("the search did not end in a maximum")
    return tuple(out)


ANALYTIC = Analytic(
    name="hawkes_many_fit", group="hawkes", inputs=("time", "kind"), doc=__doc__, fit=fit,
    params=(
        Param("end", 0.0, "end of the observation, s; 0: the last event", 0.0),
        Param("types", 0.0, "number of types; 0: the largest that occurs", 0.0, 64, True),
        Param("pairs", 0.0, "1: a decay for each pair of types", 0.0, 1.0, True),
        MERGE,
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
