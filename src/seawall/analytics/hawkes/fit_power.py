# SPDX-License-Identifier: MIT
"""Maximum likelihood of a Hawkes process with a power-law kernel.

Formula: lambda(t) = mu + sum over t_i < t of n theta c^theta (t - t_i + c)^(-1 - theta);
maximised over mu, n, c and theta, the kernel written as a sum of exponentials on a geometric
grid of decays that does not depend on the parameters.
Unit: mu per second, c seconds, n (branching ratio) and theta none.
Assumption: a constant base rate.  Base rate and slow excitation are nearly the same thing in a
short sample: n depends on how far the power law is believed to go; read it with theta.
Cost: O(events x grid), grid of about 35, to prepare and for each of some 20 Newton steps.
Source: Hardiman, Bercot and Bouchaud (2013), European Physical Journal B 86; Bochud and
Challet (2007), Quantitative Finance 7(6), for sums of exponentials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

from seawall.analytics.hawkes import newton
from seawall.analytics.hawkes.fitness import Fitness, fitness
from seawall.analytics.hawkes.power import Prepared, decay_grid, prepare, weights
from seawall.analytics.hawkes.samples import MERGE, sample
from seawall.analytics.spec import Analytic, Need, Param

Vector = npt.NDArray[np.float64]
COARSE, DEEP = 0.7, 1e-3  # step and depth of the grid of decays: 2e-5 of the kernel
PART = 4_096  # events that are enough to find the region of the maximum
FEW_EVENTS = 500
EVIDENCE = 3.9  # half the 95 % point of chi-squared with three degrees
STARTS = ((0.5, 0.1, 0.5), (0.5, 1.0, 0.5), (0.5, 0.3, 2.0))  # n, c per mean gap, theta
LOW = np.array([1e-6, 1e-6, math.log(1e-3), math.log(0.05)])
HIGH = np.array([10.0, 2.0, math.log(1e3), math.log(20.0)])
SPAN = 20.0  # a sample holds so many times the short end, or it cannot tell the law


@dataclass(frozen=True, slots=True)
class HawkesPowerFit:
    """A fitted process.

    Parameters
    ----------
    mu, branching, c, theta : float
        Base rate per second, branching ratio, short end of the power law in seconds, exponent.
    loglik, loglik_poisson : float
        Log-likelihood, and that of a constant rate.
    kkt : float
        Largest derivative that could still be followed, per relative step.
    events, merged : int
        Events that were used, and those that shared a time with one before.
    fitness : Fitness
        Tests of the residuals.
    doubts : tuple of str
        Why it should not be relied on.
    """

    mu: float
    branching: float
    c: float
    theta: float
    loglik: float
    loglik_poisson: float
    kkt: float
    events: int
    merged: int
    fitness: Fitness
    doubts: tuple[str, ...]

    @property
    def reliable(self) -> bool:
        """Whether there is no reason for doubt."""
        return not self.doubts


def fit(time: Vector, *, end: float = 0.0, merge: float = 0.0) -> HawkesPowerFit:
    """Fit base rate, branching ratio, short end and exponent to times in (0, end].

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
    one = sample(time, np.zeros(np.asarray(time).size), end, 1, merge)
    gap = one.gap
    t, stop = one.t / gap, float(one.t.size)
    decays = decay_grid(math.exp(LOW[2]), stop, COARSE, DEEP)
    ready = prepare(t, stop, decays)
    few = min(PART, t.size)
    first = ready if few == t.size else prepare(t[:few].copy(), float(t[few - 1]), decays)
    tries = [_climb(first, _start(*start)) for start in STARTS]
    best = _climb(ready, max(tries, key=lambda found: found.value).x)
    z, value = best.x, float(best.value)
    mu, n, c, theta = float(z[0]), float(z[1]), math.exp(z[2]), math.exp(z[3])
    tests = fitness(_residuals(t, ready, mu, n * weights(ready.decays, c, theta)))
    kkt = float(np.abs(best.grad * np.array([mu, max(n, 1e-3), 1.0, 1.0])).max())
    shift = -one.t.size * math.log(gap)
    return HawkesPowerFit(
        mu / gap, n, c * gap, theta, value + shift, -one.t.size + shift, kkt, one.t.size,
        one.merged, tests, _doubts(one.t.size, value, z, kkt, tests),
    )  # fmt: skip


def _start(n: float, c: float, theta: float) -> Vector:
    return np.array([1.0 - n, n, math.log(c), math.log(theta)])


def _at(ready: Prepared, z: Vector) -> tuple[float, Vector, Vector]:
    """Value, gradient and Hessian by (mu, n, ln c, ln theta)."""
    mu, n, c, theta = z[0], z[1], math.exp(z[2]), math.exp(z[3])
    w = weights(ready.decays, c, theta)
    by_c = theta - c * ready.decays  # d ln w / d ln c
    log = math.log(c) + np.log(ready.decays) - float(digamma(theta))
    by_t = theta * log  # d ln w / d ln theta
    cc = by_c**2 - c * ready.decays
    ct = by_c * by_t + theta
    tt = by_t**2 + by_t - theta**2 * float(polygamma(1, theta))
    sides = np.stack((w, w * by_c, w * by_t, w * cc, w * ct, w * tt))
    f = sides @ ready.x
    mass = sides @ ready.mass
    inverse = 1.0 / (mu + n * f[0])
    first = np.stack((np.ones_like(inverse), f[0], n * f[1], n * f[2]))
    value = -float(np.log(inverse).sum()) - mu * ready.end - n * mass[0]
    grad = first @ inverse - np.array([ready.end, mass[0], n * mass[1], n * mass[2]])
    hess = -(first * inverse**2) @ first.T
    extra = f @ inverse - mass
    hess[1, 2] += extra[1]
    hess[1, 3] += extra[2]
    hess[2, 2] += n * extra[3]
    hess[2, 3] += n * extra[4]
    hess[3, 3] += n * extra[5]
    hess[2, 1], hess[3, 1], hess[3, 2] = hess[1, 2], hess[1, 3], hess[2, 3]
    return value, grad, hess


def _high(end: float) -> Vector:
    high = HIGH.copy()
    high[2] = min(high[2], math.log(max(end / SPAN, 2e-3)))
    return high


def _climb(ready: Prepared, z: Vector) -> newton.Summit:
    return newton.climb(lambda p: _at(ready, p), z, LOW, _high(ready.end), far=1.5)


def _residuals(t: Vector, ready: Prepared, mu: float, w: Vector) -> Vector:
    """Compensator between events."""
    before = ready.x / ready.decays[:, None]
    after = np.zeros_like(before)
    after[:, 1:] = before[:, :-1] + 1.0
    rest: Vector = mu * np.diff(t, prepend=0.0) + w @ (after - before)
    return rest


def _doubts(n: int, value: float, z: Vector, kkt: float, tests: Fitness) -> tuple[str, ...]:
    out = []
    if n < FEW_EVENTS:
        out.append(f"only {n} events: fewer than {FEW_EVENTS}")
    if value + n < EVIDENCE:
        out.append("hardly likelier than a constant rate: no self-excitation shown")
    if z[1] >= 0.99:
        out.append("branching ratio near 1 or above: the rate drifts, or the law goes too far")
    if not (LOW[2:] < z[2:]).all() or not (z[2:] < _high(float(n))[2:]).all():
        out.append("short end or exponent at the edge of what the sample can tell")
    if kkt > 1e-2:
        out.append("the search did not end in a maximum")
    if tests.ks_p < 0.01:
        out.append("residuals are not exponential: the model does not fit")
    return tuple(out)


ANALYTIC = Analytic(
    name="hawkes_power_fit", group="hawkes", inputs=("time",), doc=__doc__, fit=fit,
    params=(Param("end", 0.0, "end of the observation, s; 0: the last event", 0.0), MERGE),
    need=Need(seconds=900.0),
)  # fmt: skip
