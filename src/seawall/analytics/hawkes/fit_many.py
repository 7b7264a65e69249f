# SPDX-License-Identifier: MIT
"""Maximum likelihood of a Hawkes process of several types with exponential kernels.

Formula: lambda_i(t) = mu_i + sum_j A_ij beta_ij sum over events t_k < t of type j of
exp(-beta_ij (t - t_k)); maximised over mu, A >= 0 and one beta, or one per pair.
Unit: mu and beta per second, A none; the spectral radius of A is the branching ratio.
Assumption: constant base rates.  Events of the same time and type are merged; events of the
same time and different types are put in order by type, the earlier exciting the later.
Cost: O(events x d) per evaluation with one decay, O(events x d^2) with one per pair.
Source: Hawkes (1971); Bacry, Mastromatteo and Muzy (2015), Market Microstructure and
Liquidity 1(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.likelihood import loglik_many, loglik_pairs
from seawall.analytics.hawkes.optimise import BURST_DECAY, BURST_DOUBT, Maximum, maximise
from seawall.analytics.spec import Analytic, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW_PER_PARAMETER = 20
STARTS = (0.3, 2.0, 10.0, 50.0)


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
    time: Vector, kind: Vector, *, end: float = 0.0, types: float = 0.0, pairs: float = 0.0
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

    Raises
    ------
    ResearchError
        When there are too few events, times outside (0, end] or types outside 0 to d - 1.
    """
    order = np.lexsort((kind, time))
    t, c = np.asarray(time, np.float64)[order], np.asarray(kind, np.float64)[order]
    fresh = np.append(True, (np.diff(t) > 0.0) | (np.diff(c) != 0.0))[: t.size]
    t, c, merged = t[fresh], c[fresh], int(t.size - fresh.sum())
    d = int(types) or (int(c.max()) + 1 if c.size else 0)
    end = end or (float(t[-1]) if t.size else 0.0)
    sound = t.size > d * d and np.isfinite(t).all() and t[0] >= 0.0 and t[-1] <= end
    if not sound or not np.isin(c, np.arange(d)).all():
        raise ResearchError(
            f"{t.size} events of {d} types within 0 to {end:g} s cannot be fitted",
            mend="types are 0 to d - 1, times finite and within 0 to the end",
        )
    gap = end / t.size
    problem = _Problem(t / gap, c, float(t.size), d, bool(pairs))
    best = problem.solve()
    mu, a, beta = problem.split(best.x)
    counts = np.bincount(c.astype(int), minlength=d).astype(np.int64)
    seen = counts[counts > 0]
    radius = float(np.max(np.abs(np.linalg.eigvals(a))))
    return HawkesManyFit(
        mu / gap, a.copy(), beta / gap, best.value - t.size * float(np.log(gap)),
        float((seen * np.log(seen / end)).sum() - t.size), radius, best.kkt, t.size, merged,
        _doubts(t.size, counts, best, radius),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Problem:
    """The likelihood in scaled time, as a function of one vector."""

    t: Vector
    kind: Vector
    end: float
    d: int
    pairs: bool

    def split(self, x: Vector) -> tuple[Vector, Vector, Vector]:
        d = self.d
        a = np.ascontiguousarray(x[d : d + d * d].reshape(d, d))
        beta = x[d + d * d :]
        return x[:d].copy(), a, np.array(np.broadcast_to(
            beta.reshape(d, d) if self.pairs else beta, (d, d)
        ))  # fmt: skip

    def value(self, x: Vector) -> tuple[float, Vector]:
        mu, a, beta = self.split(x)
        grad = np.empty(x.size)
        if self.pairs:
            return loglik_pairs(self.t, self.kind, self.end, mu, a, beta, grad), grad
        return loglik_many(self.t, self.kind, self.end, mu, a, x[-1], grad), grad

    def solve(self) -> Maximum:
        d = self.d
        share = np.bincount(self.kind.astype(int), minlength=d) / self.kind.size
        head = np.concatenate((0.5 * np.maximum(share, 1e-6), np.full(d * d, 0.5 / d)))
        size = d + d * d + (d * d if self.pairs else 1)
        low, high = np.zeros(size), np.full(size, 10.0)
        low[:d] = 1e-10
        low[d + d * d :], high[d + d * d :] = min(10.0 / self.end, 0.3), 1e5
        starts = [np.concatenate((head, np.full(size - head.size, b))) for b in STARTS]
        starts.sort(key=lambda x: -self.value(x)[0])
        best = maximise(self.value, starts[0], low, high)
        if best.kkt > 1e-2:  # go on from where it stood, with the scale of that place
            again = maximise(self.value, np.maximum(best.x, 1e-9), low, high)
            best = again if again.value >= best.value else best
        return best


def _doubts(n: int, counts: npt.NDArray[np.int64], best: Maximum, radius: float) -> tuple[str, ...]:
    out = []
    if n < FEW_PER_PARAMETER * best.x.size:
        out.append(f"only {n} events for {best.x.size} parameters")
    if counts.min() < FEW_PER_PARAMETER:
        out.append("a type with hardly any events")
    if radius >= 0.99:
        out.append("branching ratio near 1 or above: the rates drift, or the kernel is wrong")
    if best.x[-1] > BURST_DECAY:
        out.append(BURST_DOUBT)
    if best.kkt > 1e-1:
        out.append("the search did not end in a maximum")
    return tuple(out)


ANALYTIC = Analytic(
    name="hawkes_many_fit", group="hawkes", inputs=("time", "kind"), doc=__doc__, fit=fit,
    params=(
        Param("end", 0.0, "end of the observation, s; 0: the last event", 0.0),
        Param("types", 0.0, "number of types; 0: the largest that occurs", 0.0, 64, True),
        Param("pairs", 0.0, "1: a decay for each pair of types", 0.0, 1.0, True),
    ),
)  # fmt: skip
