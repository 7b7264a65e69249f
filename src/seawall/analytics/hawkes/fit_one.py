# SPDX-License-Identifier: MIT
"""Maximum likelihood of a Hawkes process with one exponential kernel.

Formula: maximise sum ln lambda(t_i) - integral of lambda over (0, T], lambda as in
``hawkes_intensity``, over mu >= 0, n >= 0 and beta within what the sample can tell.
Unit: mu and beta per second, branching ratio none.
Assumption: a constant base rate.  A rate that drifts looks like a branching ratio near 1:
read it with its window, its kernel and its reasons for doubt.  Events of the same time make
the likelihood unbounded in beta; they are merged into one event, and counted.
Cost: O(events) per pass, about five passes: Newton's method with the exact Hessian, which
starts where a part of the sample has its maximum.
Source: Ozaki (1979), Annals of the Institute of Statistical Mathematics 31; Filimonov and
Sornette (2015), Quantitative Finance 15(8), for the biases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.climb_one import COUNTED, climb
from seawall.analytics.hawkes.fitness import exponential_p
from seawall.analytics.hawkes.optimise import BURST_DECAY, BURST_DOUBT, Maximum, residual
from seawall.analytics.hawkes.samples import MERGE, apart
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW_EVENTS = 200
EVIDENCE = 5.99  # 95 % point of chi-squared with two degrees: twice the gain over Poisson
STARTS = (0.02, 0.1, 0.5, 2.0, 10.0, 50.0, 500.0)  # decays, per mean gap
SHARES = (0.5, 0.1)  # branching ratios to start from: weak feedback has maxima of its own
BETA_LOW, BETA_HIGH = 10.0, 1e5  # slowest decay per sample, fastest per mean gap
BRANCHING_HIGH = 5.0


@dataclass(frozen=True, slots=True)
class HawkesFit:
    """A fitted process.

    Parameters
    ----------
    mu, branching, beta : float
        Base rate per second, branching ratio, decay per second.
    loglik, loglik_poisson : float
        Log-likelihood, and that of a constant rate.
    errors : tuple of float
        Standard errors of mu, branching and beta; too small in short samples.
    kkt : float
        Condition of a maximum, relative; near 0 where it holds.
    events, merged : int
        Events that were used, and those that shared a time with one before.
    ks_p : float
        Kolmogorov-Smirnov p-value of the residuals against the exponential law.
    doubts : tuple of str
        Why the branching ratio should not be relied on.
    """

    mu: float
    branching: float
    beta: float
    loglik: float
    loglik_poisson: float
    errors: tuple[float, float, float]
    kkt: float
    events: int
    merged: int
    ks_p: float
    doubts: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """Whether there is no reason for doubt."""
        return not self.doubts


def distinct(time: Vector) -> tuple[Vector, int]:
    """Sorted finite times without repeats, and how many were repeats."""
    if np.isfinite(time).all() and (np.diff(time) > 0.0).all():
        return np.ascontiguousarray(time), 0
    finite = np.sort(time[np.isfinite(time)])
    once = np.unique(finite)
    return once, int(finite.size - once.size)


def residuals(t: Vector, mu: float, branching: float, beta: float) -> Vector:
    """Compensator between events, from 0 to the first one on: exponential(1) if true."""
    from seawall.analytics.hawkes.intensity import batch

    out = np.empty((t.size, 2))
    batch(np.zeros(4), np.array([mu, branching, beta]), out, np.ascontiguousarray(t))
    rest = out[:, 1].copy()
    rest[:1] = mu * t[:1]
    return rest


def fit(time: Vector, *, end: float = 0.0, merge: float = 0.0) -> HawkesFit:
    """Fit mu, branching ratio and decay to times in (0, end].

    Parameters
    ----------
    time : array
        Times of events, seconds.
    end : float
        End of the observation; 0 takes the last event.
    merge : float
        Seconds within which an event joins the one before: prints of one order.

    Raises
    ------
    ResearchError
        With fewer than three distinct times, or times outside (0, end].
    """
    t, merged = distinct(np.asarray(time, dtype=np.float64))
    if merge > 0.0:
        first = apart(t, merge)
        t, merged = t[first], merged + int(t.size - first.sum())
    end = end or (float(t[-1]) if t.size else 0.0)
    if t.size < 3 or t[0] < 0.0 or t[-1] > end:
        raise ResearchError(
            f"{t.size} distinct times within 0 to {end:g} s cannot be fitted",
            mend="give at least three events after 0 and before the end",
        )
    gap = end / t.size
    scaled, stop = t / gap, float(t.size)  # one event per unit of time, so that sizes agree
    low = np.array([1e-10, 0.0, BETA_LOW / stop])
    high = np.array([10.0, BRANCHING_HIGH, BETA_HIGH])
    best, errors = _best(scaled, stop, low, high)
    mu, branching, beta = best.x[0] / gap, best.x[1], best.x[2] / gap
    errors = errors / np.array([gap, 1.0, gap])
    ks_p = exponential_p(residuals(t, mu, branching, beta))
    shift = -t.size * math.log(gap)  # the likelihood of the times before they were scaled
    poisson = -t.size + shift
    doubts = _doubts(t.size, best, low, high, ks_p)
    return HawkesFit(
        float(mu), float(branching), float(beta), best.value + shift, poisson,
        (float(errors[0]), float(errors[1]), float(errors[2])), best.kkt, t.size, merged,
        ks_p, doubts,
    )  # fmt: skip


def _best(t: Vector, end: float, low: Vector, high: Vector) -> tuple[Maximum, Vector]:
    """Best of the climbs and of the constant rate, and its standard errors."""
    starts = np.array([(1.0 - n, n, b) for b in STARTS for n in SHARES if low[2] < b < high[2]])
    x, total = np.empty(3), np.empty(COUNTED)
    value = climb(np.diff(t, prepend=0.0), end - t[-1], starts, low, high, x, total)
    if value < -t.size:  # no branching ratio is better than none
        return Maximum(np.array([1.0, 0.0, x[2]]), -float(t.size), 0.0), np.full(3, np.nan)
    best = Maximum(x, value, residual(x, total[1:4], low, high))
    mm, mn, mb, nn, nb, bb = total[4:10]
    return best, _errors(np.array([[mm, mn, mb], [mn, nn, nb], [mb, nb, bb]]), x, low, high)


def _errors(hessian: Vector, x: Vector, low: Vector, high: Vector) -> Vector:
    """Standard errors from the observed information; not-a-number at a bound."""
    free = np.flatnonzero((x > low) & (x < high))
    errors = np.full(x.size, np.nan)
    try:
        variance = np.diag(np.linalg.inv(-hessian[np.ix_(free, free)]))
    except np.linalg.LinAlgError:
        return errors
    errors[free] = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return errors


def _doubts(n: int, best: Maximum, low: Vector, high: Vector, ks_p: float) -> tuple[str, ...]:
    out = []
    if n < FEW_EVENTS:
        out.append(f"only {n} events: fewer than {FEW_EVENTS}")
    if 2.0 * (best.value + n) < EVIDENCE:
        out.append("hardly likelier than a constant rate: no self-excitation shown")
    if best.x[1] >= 0.99:
        out.append("branching ratio near 1 or above: the rate drifts, or the kernel is wrong")
    if not low[2] * 1.01 < best.x[2] < high[2] * 0.99:
        out.append("the decay is at the edge of what the sample can tell")
    if best.x[2] > BURST_DECAY:
        out.append(BURST_DOUBT)
    if best.kkt > 1e-2:
        out.append("the search did not end in a maximum")
    if ks_p < 0.01:
        out.append("residuals are not exponential: the model does not fit")
    return tuple(out)


ANALYTIC = Analytic(
    name="hawkes_fit", group="hawkes", inputs=("time",), doc=__doc__, fit=fit,
    params=(Param("end", 0.0, "end of the observation, s; 0: the last event", 0.0), MERGE),
    need=Need(seconds=900.0),
)  # fmt: skip
