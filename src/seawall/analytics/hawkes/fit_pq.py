# SPDX-License-Identifier: MIT
"""Whether a burst of events came from outside or from feedback: the Hawkes(p, q) process.

Formula: lambda(t) = mu(t) + sum over t_i < t of n(t_i) s exp(-s (t - t_i)); mu a spline of p
functions, n a spline of q functions, weights not negative.  Maximum likelihood for each (p, q)
and Schwarz's criterion among them: q > 1 alone is endogenous (feedback moved), p > 1 alone is
exogenous (news moved), both are mixed, none is steady.
Unit: mu per second, n none, s per second; criterion in units of 2 ln likelihood.
Assumption: one exponential kernel whose memory is short beside the knots: slow feedback and a
moving base rate are nearly the same thing.  The published method climbs splines of logarithms
by EM; here the splines are linear, so that for each s the likelihood is concave and its one
maximum is found.  Use one to four hours around a crash and 2,000 events or more, no outage.
Cost: O(events (p + q)^2) for each of some ten Newton steps, (p, q) and decay.
Source: Wehrli and Sornette (2022), Quantitative Finance 22(2), for the model and its reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.concave import climb
from seawall.analytics.hawkes.samples import MERGE, sample
from seawall.analytics.hawkes.varying import Splines, marked_features
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12)
FEW_EVENTS = 2_000
LEAST_EVENTS = 100
MEMORIES = 20.0  # a knot's distance holds this many memories of the kernel or more
SLOWEST, FASTEST = 0.1, 30.0  # decays per mean gap
MOST_Q = 8
GRID = 5
CLEAR = 6.0  # gap of the criterion beyond which one class is preferred
POINTS = 101


@dataclass(frozen=True, slots=True)
class HawkesPq:
    """The preferred model and what speaks for it.

    Parameters
    ----------
    kind : str
        ``endogenous``, ``exogenous``, ``mixed`` or ``steady``.
    p, q : int
        Functions of the base rate and of the branching ratio.
    bic_gap : float
        Criterion of the best model of another class less that of this one.
    bic_exogenous, bic_endogenous, bic_mixed, bic_steady : float
        Criterion of the best model of each class, less the least one.
    decay : float
        Decay of the kernel, per second.
    exogenous_share : float
        Share of events that the base rate explains.
    mu_breaks, mu_weights : arrays
        Spline of the base rate: where its pieces meet, seconds, and its weights, per second.
    n_breaks, n_weights : arrays
        Spline of the branching ratio.
    rise : float
        Branching ratio at the trough less its mean over the first quarter of the window.
    loglik : float
        Log-likelihood of the preferred model.
    events, merged : int
        Events that were used, and those that shared a time with one before.
    doubts : tuple of str
        Why it should not be relied on.
    """

    kind: str
    p: int
    q: int
    bic_gap: float
    bic_exogenous: float
    bic_endogenous: float
    bic_mixed: float
    bic_steady: float
    decay: float
    exogenous_share: float
    mu_breaks: Vector
    mu_weights: Vector
    n_breaks: Vector
    n_weights: Vector
    rise: float
    loglik: float
    events: int
    merged: int
    doubts: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """Whether there is no reason for doubt."""
        return not self.doubts

    def mu_at(self, time: Vector) -> Vector:
        """Base rate per second at given seconds."""
        found: Vector = self.mu_weights @ Splines(self.p, self.mu_breaks).at(time)
        return found

    def branching_at(self, time: Vector) -> Vector:
        """Branching ratio at given seconds."""
        found: Vector = self.n_weights @ Splines(self.q, self.n_breaks).at(time)
        return found


@dataclass(frozen=True, slots=True)
class _Model:
    p: int
    q: int
    decay: float
    theta: Vector
    value: float
    bic: float

    @property
    def kind(self) -> str:
        if self.q == 1:
            return "steady" if self.p == 1 else "exogenous"
        return "endogenous" if self.p == 1 else "mixed"


def fit(
    time: Vector, *, end: float = 0.0, trough: float = 0.0, most: float = 12.0, merge: float = 0.0
) -> HawkesPq:
    """Choose among the models for events in (0, end].

    Parameters
    ----------
    time : array
        Times of events, seconds.
    end : float
        End of the window; 0 takes the last event.
    trough : float
        Time of the price's trough, at which the branching ratio should have risen; 0 takes
        the largest branching ratio.
    most : float
        Largest p; q is at most 8.
    merge : float
        Seconds within which an event joins the one before: prints of one order.

    Raises
    ------
    ResearchError
        With fewer than 100 distinct times, or times outside (0, end].
    """
    one = sample(time, np.zeros(np.asarray(time).size), end, 1, merge)
    if one.t.size < LEAST_EVENTS:
        raise ResearchError(
            f"{one.t.size} events tell nothing about a course", mend="give 2,000 or more"
        )
    gap = one.gap
    window = _Window(one.t / gap, float(one.t.size))
    sizes = [k for k in SIZES if k <= most]
    models = _search(window, sizes)
    best = min(models, key=lambda m: m.bic)
    classes = {kind: min((m.bic for m in models if m.kind == kind), default=math.inf) - best.bic
               for kind in ("exogenous", "endogenous", "mixed", "steady")}  # fmt: skip
    rival = min(value for kind, value in classes.items() if kind != best.kind)
    at = np.linspace(0.0, window.end, POINTS)
    base, feed = window.splines(best.p), window.splines(best.q)
    n = best.theta[best.p :] @ feed.at(at)
    place = int(np.argmax(n)) if trough <= 0.0 else int(np.argmin(np.abs(at * gap - trough)))
    rise = float(n[place] - n[: POINTS // 4].mean())
    share = float(best.theta[: best.p] @ base.integrals) / one.t.size
    shift = -one.t.size * math.log(gap)
    return HawkesPq(
        best.kind, best.p, best.q, rival, classes["exogenous"], classes["endogenous"],
        classes["mixed"], classes["steady"], best.decay / gap, min(share, 1.0),
        base.breaks * gap, best.theta[: best.p] / gap, feed.breaks * gap,
        best.theta[best.p :].copy(), rise, best.value + shift, one.t.size, one.merged,
        _doubts(one.t.size, best, rival, rise, float(n.max())),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Window:
    """Events scaled to one per unit of time."""

    t: Vector
    end: float

    def splines(self, count: int) -> Splines:
        return Splines.among(count, self.t, self.end)

    def model(self, p: int, q: int, decay: float) -> _Model:
        base, feed = self.splines(p), self.splines(q)
        x, mass = np.empty((p + q, self.t.size)), np.empty(p + q)
        x[:p], mass[:p] = base.at(self.t), base.integrals
        marked_features(self.t, feed.at(self.t), self.end, decay, x[p:], mass[p:])
        row = climb(x, mass, np.full(p + q, 0.5), bases=p)
        bic = (p + q + 1) * math.log(self.t.size) - 2.0 * row.value
        return _Model(p, q, decay, row.theta, row.value, bic)


def _search(window: _Window, sizes: list[int]) -> list[_Model]:
    """Each p alone, each q alone, and both up to the best of those."""
    found = {(1, 1): _profile(window, 1, 1)}
    for k in sizes[1:]:
        found[k, 1] = _profile(window, k, 1)
        if k <= MOST_Q:
            found[1, k] = _profile(window, 1, k)
    top_p = min((m.bic, m.p) for m in found.values() if m.q == 1)[1]
    top_q = min((m.bic, m.q) for m in found.values() if m.p == 1)[1]
    decays = [found[top_p, 1].decay, found[1, top_q].decay]
    for p in [k for k in sizes[1:] if k <= max(top_p, 2)][-3:]:
        for q in [k for k in sizes[1:] if k <= max(top_q, 2)][-3:]:
            found[p, q] = _profile(window, p, q, decays)
    return list(found.values())


def _profile(window: _Window, p: int, q: int, decays: list[float] | None = None) -> _Model:
    """Best decay on a grid, or of those given, and then between its neighbours."""
    slow = max(MEMORIES * max(p, q, 2) / window.end, SLOWEST)
    grid = np.geomspace(slow, FASTEST, GRID)
    tried = grid if decays is None else np.unique(np.clip(decays, slow, FASTEST))
    best = min((window.model(p, q, float(s)) for s in tried), key=lambda m: m.bic)
    ratio = math.log(grid[1] / grid[0]) / 2.0
    while ratio > 0.15:
        near = [window.model(p, q, float(s)) for s in best.decay * np.exp([-ratio, ratio])
                if slow <= s <= FASTEST]  # fmt: skip
        best = min([best, *near], key=lambda m: m.bic)
        ratio /= 2.0
    return best


def _doubts(n: int, best: _Model, rival: float, rise: float, highest: float) -> tuple[str, ...]:
    out = []
    if n < FEW_EVENTS:
        out.append(f"only {n} events: fewer than {FEW_EVENTS}")
    if rival < CLEAR:
        out.append("another class is nearly as good")
    if best.kind in ("endogenous", "mixed") and rise <= 0.0:
        out.append("the branching ratio does not rise towards the trough")
    if highest > 1.5:
        out.append("a branching ratio far above 1: a burst that the splines cannot follow")
    return tuple(out)


ANALYTIC = Analytic(
    name="hawkes_pq_fit", group="hawkes", inputs=("time",), doc=__doc__, fit=fit,
    params=(
        Param("end", 0.0, "end of the window, s; 0: the last event", 0.0),
        Param("trough", 0.0, "time of the price's trough, s; 0: unknown", 0.0),
        Param("most", 12.0, "largest p (q: at most 8)", 1.0, 12.0, True),
        MERGE,
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
