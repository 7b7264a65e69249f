# SPDX-License-Identifier: MIT
"""Autoregressive conditional duration model of the times between events.

Formula: x_i = psi_i e_i with psi_i = omega + alpha x_(i-1) + beta psi_(i-1), or with
``logs`` ln psi_i = omega + alpha ln x_(i-1) + beta ln psi_(i-1); errors e of mean 1 are
exponential, or with ``weibull`` of a fitted shape.  Maximised from psi_0 = the mean duration.
Unit: seconds for omega and durations (none with ``logs``); alpha, beta and shape none.
Assumption: no time of day in the durations: take it out before.  With exponential errors the
estimates are consistent for any errors of mean 1; the standard errors are then the sandwich's
only approximately.  Events of one time are one event.
Cost: O(events) per pass, some 6 to 12 passes of Newton's method with the exact Hessian.
Source: Engle and Russell (1998), Econometrica 66(5); Bauwens and Giot (2000), Annales
d'Economie et de Statistique 60, for logarithms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln, polygamma

from seawall.analytics.durations.acd_moments import moments
from seawall.analytics.hawkes.fitness import Fitness, fitness
from seawall.analytics.hawkes.samples import MERGE, apart
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
FEW = 500
STEPS = 200
DONE = 1e-9
EDGE = 1e-9
SHAPE_LOW, SHAPE_HIGH = 0.05, 20.0


@dataclass(frozen=True, slots=True)
class AcdFit:
    """A fitted model of durations.

    Parameters
    ----------
    omega, alpha, beta, shape : float
        Parameters; shape 1 is exponential.
    errors : tuple of float
        Their standard errors from the observed information.
    mean : float
        Unconditional mean duration of the model, seconds; not-a-number with logarithms.
    loglik : float
        Log-likelihood of the durations in seconds.
    kkt : float
        Largest derivative that could still be followed, per relative step.
    durations, merged : int
        Durations that were used, and events that shared a time with one before.
    next_duration : float
        Expected duration after the last one, seconds.
    fitness : Fitness
        Tests of the errors, brought to the exponential law.
    doubts : tuple of str
        Why it should not be relied on.
    """

    omega: float
    alpha: float
    beta: float
    shape: float
    errors: tuple[float, float, float, float]
    mean: float
    loglik: float
    kkt: float
    durations: int
    merged: int
    next_duration: float
    fitness: Fitness
    doubts: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """Whether there is no reason for doubt."""
        return not self.doubts


def durations_of(time: npt.ArrayLike, merge: float = 0.0) -> tuple[Vector, int]:
    """Times between distinct events, and the number of events that were merged.

    Events within ``merge`` seconds of the one before are part of it: prints of one order.

    Raises
    ------
    ResearchError
        When times are not finite or go back.
    """
    t = np.asarray(time, dtype=np.float64)
    gaps = np.diff(t)
    if not np.isfinite(t).all() or (gaps < 0.0).any():
        raise ResearchError("times are not finite or go back", mend="sort and clean them first")
    first = apart(t, merge)
    return np.diff(t[first]), int(t.size - first.sum())


def fit(time: Vector, *, weibull: float = 0.0, logs: float = 0.0,
        merge: float = 0.0) -> AcdFit:  # fmt: skip
    """Fit the durations between events.

    Parameters
    ----------
    time : array
        Times of events, seconds, in order.
    weibull, logs : float
        1 for Weibull errors; 1 for the model of logarithms.
    merge : float
        Seconds within which an event joins the one before.

    Raises
    ------
    ResearchError
        With fewer than ten durations, or times that go back.
    """
    x, merged = durations_of(time, merge)
    return fit_durations(x, weibull=bool(weibull), logs=bool(logs), merged=merged)


def fit_durations(
    durations: npt.ArrayLike, *, weibull: bool = False, logs: bool = False,
    first: float | None = None, merged: int = 0,
) -> AcdFit:  # fmt: skip
    """Fit positive durations; ``first`` is psi_0, the mean unless given.

    Raises
    ------
    ResearchError
        With fewer than ten durations, or some that are not positive and finite.
    """
    x = np.ascontiguousarray(durations, dtype=np.float64)
    if x.size < 10 or not (x > 0.0).all() or not np.isfinite(x).all():
        raise ResearchError(
            f"{x.size} durations cannot be fitted", mend="give ten or more, finite and above 0"
        )
    scale = float(x.mean())
    model = Model(x / scale, logs, weibull, 1.0 if first is None else first / scale)
    p, value, grad, hess = model.climb()
    resid = np.empty(x.size)
    model.at(p, resid)
    u = (resid * math.exp(gammaln(1.0 + 1.0 / p[3]))) ** p[3] if weibull else resid
    tests = fitness(u)
    errors = _errors(hess, weibull) * model.unit(scale)
    expected = model.x[-1] / resid[-1]
    omega, value = model.unscale(p, scale), value - x.size * math.log(scale)
    kkt = float(np.abs(model.free(p, grad) * np.maximum(np.abs(p), 1e-3)).max())
    after = p[0] + p[1] * model.y[-1] + p[2] * (math.log(expected) if logs else expected)
    ahead = scale * (math.exp(after) if logs else after)
    mean = math.nan if logs or p[1] + p[2] >= 1.0 else omega / (1.0 - p[1] - p[2])
    return AcdFit(
        omega, float(p[1]), float(p[2]), float(p[3]),
        (float(errors[0]), float(errors[1]), float(errors[2]), float(errors[3])), float(mean),
        value, kkt, x.size, merged, ahead, tests, _doubts(x.size, p, kkt, tests, logs),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """The likelihood of durations of mean 1.

    Parameters
    ----------
    x : array
        Durations over their mean.
    logs, weibull : bool
        Whether the recursion is of logarithms, and whether errors have a shape.
    first : float
        Expected duration at the begin, over the mean.
    """

    x: Vector
    logs: bool
    weibull: bool
    first: float = 1.0

    @property
    def y(self) -> Vector:
        """What drives the recursion."""
        return np.log(self.x) if self.logs else self.x

    def at(self, p: Vector, resid: Vector | None = None, y: Vector | None = None
           ) -> tuple[float, Vector, Vector]:  # fmt: skip
        """Value, gradient and Hessian by (omega, alpha, beta, shape)."""
        k = float(p[3])
        z = 1.0 + 1.0 / k
        c1 = -float(digamma(z)) / k**2
        c2 = float(polygamma(1, z)) / k**4 + 2.0 * float(digamma(z)) / k**3
        shape = np.array([k, float(gammaln(z)), c1, c2])
        grad, hess = np.empty(4), np.empty((4, 4))
        first = math.log(self.first) if self.logs else self.first
        keep = np.empty(0) if resid is None else resid
        value = moments(
            self.x, self.y if y is None else y, first, p[:3].copy(), shape, self.logs,
            self.weibull, grad, hess, keep,
        )  # fmt: skip
        if not self.weibull:
            grad[3] = 0.0
        return float(value), grad, hess

    def free(self, p: Vector, grad: Vector) -> Vector:
        """Gradient without what points out of bounds."""
        g = grad.copy()
        if not self.weibull:
            g[3] = 0.0
        if not self.logs:
            g[:3] = np.where((p[:3] <= EDGE) & (g[:3] < 0.0), 0.0, g[:3])
        return g

    def climb(self) -> tuple[Vector, float, Vector, Vector]:
        """Damped Newton steps from the best of three starts."""
        starts = [
            np.array([1.0 - a - b, a, b, 1.0]) for a, b in ((0.1, 0.8), (0.05, 0.9), (0.2, 0.3))
        ]
        if self.logs:
            starts = [np.array([0.05, a, b, 1.0]) for a, b in ((0.1, 0.8), (0.05, 0.9), (0.1, 0.3))]
        y = self.y
        found = [(self.at(p, y=y), p) for p in starts]
        (value, grad, hess), p = max(found, key=lambda one: one[0][0])
        damping = 1e-6
        for _ in range(STEPS):
            step, gain = self._step(p, grad, hess, damping)
            if gain < DONE or damping > 1e9:
                break
            trial = self._inside(p, p + step)
            there, g, h = self.at(trial, y=y)
            if math.isfinite(there) and there > value:
                p, value, grad, hess = trial, there, g, h
                damping = max(0.1 * damping, 1e-9)
            else:
                damping = max(10.0 * damping, 1e-3)
        return p, value, grad, hess

    def _step(self, p: Vector, grad: Vector, hess: Vector, damping: float) -> tuple[Vector, float]:
        g = self.free(p, grad)
        fixed = g == 0.0
        m = -hess * ~(fixed[:, None] | fixed[None, :])
        m[fixed, fixed] = 1.0
        values, vectors = np.linalg.eigh(m)  # where it is not concave, go up all the same
        values = np.maximum(np.abs(values), 1e-9 * np.abs(values).max()) * (1.0 + damping)
        step = vectors @ ((vectors.T @ g) / (values + damping))
        return step, 0.5 * float(step @ g)

    def _inside(self, p: Vector, trial: Vector) -> Vector:
        trial[3] = min(max(trial[3], 0.5 * p[3], SHAPE_LOW), 2.0 * p[3], SHAPE_HIGH)
        if self.logs:
            trial[2] = min(max(trial[2], -0.999), 0.999)
            return trial
        trial[:3] = np.maximum(trial[:3], EDGE)
        persistence = trial[1] + trial[2]
        if persistence >= 1.0:
            old = p[1] + p[2]
            trial[1:3] *= (0.5 * (1.0 + old)) / persistence if old < 1.0 else 0.999 / persistence
        return trial

    def unit(self, scale: float) -> Vector:
        """Factors from errors of scaled parameters to those in seconds."""
        return np.array([1.0 if self.logs else scale, 1.0, 1.0, 1.0])

    def unscale(self, p: Vector, scale: float) -> float:
        """Constant of the recursion for durations in seconds."""
        if self.logs:
            return float(p[0] + (1.0 - p[1] - p[2]) * math.log(scale))
        return float(p[0] * scale)


def _errors(hess: Vector, weibull: bool) -> Vector:
    size = 4 if weibull else 3
    errors = np.full(4, math.nan)
    try:
        variance = np.diag(np.linalg.inv(-hess[:size, :size]))
    except np.linalg.LinAlgError:
        return errors
    errors[:size] = np.sqrt(np.where(variance > 0.0, variance, math.nan))
    return errors


def _doubts(n: int, p: Vector, kkt: float, tests: Fitness, logs: bool) -> tuple[str, ...]:
    out = []
    if n < FEW:
        out.append(f"only {n} durations: fewer than {FEW}")
    edge = not logs and p[1] + p[2] > 0.999
    if edge:
        out.append("alpha and beta near 1: the mean drifts, or a time of day is left")
    if abs(p[1]) < 1e-6:
        out.append("no memory found: alpha is zero")
    if kkt > 1e-1 and not edge:  # at the edge the likelihood goes on climbing beyond it
        out.append("the search did not end in a maximum")
    if tests.ljung_box_p < 0.01:
        out.append("errors remember: the recursion does not take all of it")
    if tests.ks_p < 0.01:
        out.append("errors are not of the assumed law")
    return tuple(out)


ANALYTIC = Analytic(
    name="acd_fit", group="durations", inputs=("time",), doc=__doc__, fit=fit,
    params=(
        Param("weibull", 0.0, "1: Weibull errors with a fitted shape", 0.0, 1.0, True),
        Param("logs", 0.0, "1: the model of logarithms", 0.0, 1.0, True),
        MERGE,
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
