# SPDX-License-Identifier: MIT
"""Maximum likelihood of a Hawkes process whose kernels are sums of exponentials.

Formula: lambda_i(t) = mu_i + sum_j sum_m A_ijm s_m sum over t_k < t of type j of
exp(-s_m (t - t_k)), the decays s_m given; maximised over mu and A >= 0.
Unit: mu and decays per second, A none; the spectral radius of sum_m A is the branching ratio.
Assumption: constant base rates; decays on a geometric grid from one over a tenth of the
sample to two over the median gap, refined twice around those that are used, unless given.
With fixed decays the likelihood is concave: what is found is the one maximum, and weights of
decays that are not needed are zero.
Cost: O(events x d k) to prepare, O(events x (d k)^2) for each of some ten Newton steps.
Source: Hawkes (1971); Hardiman, Bercot and Bouchaud (2013), European Physical Journal B 86,
for sums that stand for power laws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.concave import Row, climb
from seawall.analytics.hawkes.features import features
from seawall.analytics.hawkes.fitness import Fitness, fitness
from seawall.analytics.hawkes.samples import MERGE, Sample, sample
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW_PER_PARAMETER = 20
ROUNDS = 2  # refinements of a grid around the decays that are used
EVIDENCE = 3.0  # gain of the log-likelihood per type over a constant rate


@dataclass(frozen=True, slots=True)
class HawkesSumFit:
    """A fitted process of d types with k decays.

    Parameters
    ----------
    mu : array of d
        Base rates per second.
    a : array of shape (d, d, k)
        ``a[i, j, m]``: direct children of type i of an event of type j at decay m.
    decays : array of k
        Decays per second.
    loglik, loglik_poisson : float
        Log-likelihood, and that of constant rates.
    branching : float
        Spectral radius of the sum of ``a`` over the decays.
    kkt : float
        Condition of a maximum, relative; near 0 where it holds.
    events, merged : int
        Events that were used, and those that were merged.
    fitness : tuple of Fitness
        Tests of the residuals of each type.
    doubts : tuple of str
        Why it should not be relied on.
    """

    mu: Vector
    a: Vector
    decays: Vector
    loglik: float
    loglik_poisson: float
    branching: float
    kkt: float
    events: int
    merged: int
    fitness: tuple[Fitness, ...]
    doubts: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """Whether there is no reason for doubt."""
        return not self.doubts


def grid(gap: float, end: float, count: int) -> Vector:
    """Geometric decays from 10 / end to one over a typical gap, times two."""
    slow = 10.0 / end
    return np.geomspace(slow, max(2.0 / gap, 10.0 * slow), count)


def fit(time: Vector, *, end: float = 0.0, count: float = 10.0, merge: float = 0.0,
        decays: Vector | None = None) -> HawkesSumFit:  # fmt: skip
    """Fit one type; as :func:`fit_types` with all events of one type."""
    kinds = np.zeros(np.asarray(time).size)
    return fit_types(time, kinds, end=end, types=1.0, count=count, merge=merge, decays=decays)


def fit_types(
    time: Vector, kind: Vector, *, end: float = 0.0, types: float = 0.0, count: float = 10.0,
    merge: float = 0.0, decays: Vector | None = None,
) -> HawkesSumFit:  # fmt: skip
    """Fit base rates and weights to marked times in (0, end].

    Parameters
    ----------
    time, kind : arrays
        Times in seconds, and types 0 to d - 1.
    end : float
        End of the observation; 0 takes the last event.
    types : float
        d; 0 takes the largest type that occurs.
    count : float
        Number of decays on the geometric grid.
    merge : float
        Seconds within which an event joins the one of its type before: prints of one order.
    decays : array, optional
        Decays per second, instead of the grid.

    Raises
    ------
    ResearchError
        When there are too few events, times outside (0, end], types outside 0 to d - 1, or
        decays that are not positive.
    """
    one = sample(time, kind, end, int(types), merge)
    chosen = grid(float(np.median(np.diff(one.t, prepend=0.0))) or one.gap, one.end, int(count))
    if decays is not None:
        chosen = np.ascontiguousarray(decays, dtype=np.float64)
    if chosen.size == 0 or not (chosen > 0.0).all():
        raise ResearchError("decays must be positive", mend="give decays per second above 0")
    x, _mass, rows = _climb(one, chosen)
    for _ in range(0 if decays is not None else ROUNDS):
        finer = _finer(chosen, np.array([row.theta for row in rows]))
        x, _mass, rows = _climb(one, finer)
        chosen = finer
    theta = np.array([row.theta for row in rows])
    mu, a = theta[:, 0].copy(), theta[:, 1:].reshape(one.d, one.d, chosen.size)
    radius = float(np.max(np.abs(np.linalg.eigvals(a.sum(axis=2)))))
    tests = tuple(fitness(r) for r in residuals(one, chosen, x, theta))
    loglik = float(sum(row.value for row in rows))
    kkt = max(row.kkt for row in rows)
    return HawkesSumFit(
        mu, a, chosen, loglik, one.loglik_poisson, radius, kkt, one.t.size, one.merged, tests,
        _doubts(one, theta, loglik, radius, kkt, tests),
    )  # fmt: skip


def design(one: Sample, decays: Vector) -> tuple[Vector, Vector]:
    """Features of all events, the constant first, and their integrals."""
    p = one.d * decays.size + 1
    x, mass = np.empty((p, one.t.size)), np.empty(p)
    x[0], mass[0] = 1.0, one.end
    features(one.t, one.kind, one.end, one.d, decays, x[1:], mass[1:])
    return x, mass


def _climb(one: Sample, decays: Vector) -> tuple[Vector, Vector, list[Row]]:
    x, mass = design(one, decays)
    return x, mass, [_row(x, mass, one, i) for i in range(one.d)]


def _finer(decays: Vector, theta: Vector) -> Vector:
    """Decays that are used, and new ones a third of the way to their neighbours."""
    weight = theta[:, 1:].reshape(theta.shape[0], -1, decays.size).sum(axis=(0, 1))
    used = decays[weight > 1e-4 * max(float(weight.sum()), 1e-9)]
    if used.size == 0 or decays.size < 2:
        return decays
    ratio = np.exp(np.min(np.diff(np.log(decays))) / 3.0)
    return np.unique(np.concatenate((used / ratio, used, used * ratio)))


def _row(x: Vector, mass: Vector, one: Sample, i: int) -> Row:
    mine = np.ascontiguousarray(x[:, one.kind == i]) if one.d > 1 else x
    if mine.shape[1] == 0:
        theta = np.zeros(mass.size)
        return Row(theta, 0.0, np.zeros((mass.size, mass.size)), 0.0)
    rate = mine.shape[1] / one.end
    start = np.full(mass.size, 0.5 / max(mass.size - 1, 1))
    start[0] = 0.5 * rate
    return climb(mine, mass, start)


def residuals(one: Sample, decays: Vector, x: Vector, theta: Vector) -> list[Vector]:
    """Compensator of each type between its own events."""
    gap = np.diff(one.t, prepend=0.0)
    slow = np.tile(decays, one.d)[:, None]
    before = x[1:] / slow  # sums of exponentials just before each event
    own = np.repeat(np.arange(one.d), decays.size)[:, None] == one.kind[None, :]
    after = np.zeros_like(before)
    after[:, 1:] = (before + own)[:, :-1]
    spent = after - before
    out = []
    for i in range(one.d):
        steps = theta[i, 0] * gap + theta[i, 1:] @ spent
        out.append(np.diff(np.cumsum(steps)[one.kind == i], prepend=0.0))
    return out


def _doubts(one: Sample, theta: Vector, loglik: float, radius: float, kkt: float,
            tests: tuple[Fitness, ...]) -> tuple[str, ...]:  # fmt: skip
    out = []
    used = int((theta > 1e-6).sum())
    if one.t.size < FEW_PER_PARAMETER * used:
        out.append(f"only {one.t.size} events for {used} parameters that are not zero")
    if loglik - one.loglik_poisson < EVIDENCE * one.d:
        out.append("hardly likelier than constant rates: no self-excitation shown")
    if radius >= 0.99:
        out.append("branching ratio near 1 or above: the rates drift, or the kernel is wrong")
    if kkt > 1e-1:
        out.append("the search did not end in a maximum")
    if any(test.ks_p < 0.01 for test in tests):
        out.append("residuals are not exponential: the model does not fit")
    return tuple(out)


END = Param("end", 0.0, "end of the observation, s; 0: the last event", 0.0)
COUNT = Param("count", 10.0, "number of decays on a geometric grid", 1.0, 40.0, True)

ANALYTIC = Analytic(
    name="hawkes_sum_fit", group="hawkes", inputs=("time",), doc=__doc__, fit=fit,
    params=(END, COUNT, MERGE),
    need=Need(seconds=900.0),
)  # fmt: skip
ANALYTIC_TYPES = Analytic(
    name="hawkes_sum_many_fit", group="hawkes", inputs=("time", "kind"), doc=__doc__,
    fit=fit_types,
    params=(END, Param("types", 0.0, "number of types; 0: the largest that occurs", 0.0, 16, True),
            COUNT, MERGE),
    need=Need(seconds=900.0),
)  # fmt: skip
