# SPDX-License-Identifier: MIT
"""Merton's jump diffusion fitted to log returns by maximum likelihood.

Formula: the density of a return over a step h is a sum over n jumps of Poisson(n; lam h) times
the normal law with mean drift h + n mean and variance vol^2 h + n deviation^2.
Unit: drift, vol, lam per year of 365 days; mean and deviation of the logarithm of a jump.
Assumption: independent returns at equal steps.  Volatility that clusters is read as jumps:
lam of hundreds a year usually says that, not that there were so many.  Deviation is kept
above a hundredth of that of a step, or the likelihood has no bound.
Cost: O(returns x terms) per evaluation, some 50 evaluations from four starts.
Source: Merton (1976); Honore (1998) for the bound that the likelihood needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.hawkes.optimise import Maximum, information_errors, maximise
from seawall.analytics.jit import Array, entry
from seawall.analytics.jumps.realised import log_returns
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

Vector = npt.NDArray[np.float64]
YEAR = 365.0 * 86_400.0
TERMS = 12
FEW = 500
EVIDENCE = 7.8 / 2.0  # half the 95 % point of chi-squared with three degrees
STARTS = ((0.02, 2.0), (0.1, 1.5), (0.005, 5.0), (0.3, 1.0))


@dataclass(frozen=True, slots=True)
class MertonFit:
    """A fitted jump diffusion.

    Parameters
    ----------
    drift, vol, lam, mean, deviation : float
        Parameters, per year of 365 days; ``drift`` is that of the log price between jumps.
    errors : tuple of float
        Standard errors of vol, lam, mean and deviation.
    loglik, loglik_normal : float
        Log-likelihood, and that of returns without jumps.
    jump_share : float
        Share of the variance that comes from jumps.
    returns : int
        Returns that were used.
    doubts : tuple of str
        Why it should not be relied on.
    """

    drift: float
    vol: float
    lam: float
    mean: float
    deviation: float
    errors: tuple[float, float, float, float]
    loglik: float
    loglik_normal: float
    jump_share: float
    returns: int
    doubts: tuple[str, ...]


@entry
def loglik(r: Array, p: Array, grad: Array) -> float:
    """Log-likelihood of returns in deviations, and its gradient.

    ``p``: drift per step, ln vol per step, ln jumps per step, mean and ln deviation of a jump.
    """
    drift, v2, rate = p[0], math.exp(2.0 * p[1]), math.exp(p[2])
    mean, d2 = p[3], math.exp(2.0 * p[4])
    grad[:] = 0.0
    total = 0.0
    weight, var, by = np.empty(TERMS), np.empty(TERMS), np.empty(5)
    log_weight = -rate
    for n in range(TERMS):
        if n > 0:
            log_weight += p[2] - math.log(n)
        var[n] = v2 + n * d2
        weight[n] = math.exp(log_weight) / math.sqrt(2.0 * math.pi * var[n])
    for i in range(r.size):
        mass = 0.0
        by[:] = 0.0
        for n in range(TERMS):
            z = r[i] - drift - n * mean
            f = weight[n] * math.exp(-0.5 * z * z / var[n])
            mass += f
            pull = f * z / var[n]
            spread = 0.5 * f * (z * z / var[n] - 1.0) / var[n]
            by[0] += pull
            by[1] += spread * 2.0 * v2
            by[2] += f * (n - rate)
            by[3] += pull * n
            by[4] += spread * 2.0 * d2 * n
        if not mass > 1e-300:
            grad[:] = 0.0
            return -math.inf
        total += math.log(mass)
        for k in range(5):
            grad[k] += by[k] / mass
    return total


def fit(close: Vector, *, step_s: float = 86_400.0) -> MertonFit:
    """Fit the returns between prices at equal steps.

    Parameters
    ----------
    close : array
        Prices.
    step_s : float
        Seconds between them.

    Raises
    ------
    ResearchError
        With fewer than fifty returns, or prices that never move.
    """
    r = log_returns(close)
    scale = float(r.std()) if r.size else 0.0
    if r.size < 50 or scale <= 0.0:
        raise ResearchError(f"{r.size} returns cannot be fitted", mend="give 51 prices that move")
    x = np.ascontiguousarray(r / scale)
    low = np.array([-5.0, math.log(0.01), math.log(1e-6), -20.0, math.log(0.01)])
    high = np.array([5.0, math.log(2.0), math.log(3.0), 20.0, math.log(50.0)])
    best = _best(x, low, high)
    errors = [float(e) for e in information_errors(lambda p: _value(x, p), best.x, low, high)]
    h = step_s / YEAR
    drift, lam = float(best.x[0]) * scale / h, math.exp(best.x[2]) / h
    vol = math.exp(best.x[1]) * scale / math.sqrt(h)
    mean, deviation = float(best.x[3]) * scale, math.exp(best.x[4]) * scale
    shift = -r.size * math.log(scale)
    normal = -0.5 * r.size * (1.0 + math.log(2.0 * math.pi)) + shift
    jumps = lam * (mean**2 + deviation**2)
    return MertonFit(
        drift, vol, lam, mean, deviation,
        (vol * errors[1], lam * errors[2], scale * errors[3], deviation * errors[4]),
        best.value + shift, normal, jumps / (vol**2 + jumps), r.size,
        _doubts(best, r.size, low, high, best.value + shift - normal),
    )  # fmt: skip


def _value(x: Vector, p: Vector) -> tuple[float, Vector]:
    grad = np.empty(5)
    return float(loglik(x, np.ascontiguousarray(p), grad)), grad


def _best(x: Vector, low: Vector, high: Vector) -> Maximum:
    spread = 1.4826 * float(np.median(np.abs(x - np.median(x)))) or 0.5
    found = []
    for rate, size in STARTS:
        start = np.array([0.0, math.log(min(max(spread, 0.05), 1.5)), math.log(rate), 0.0,
                          math.log(size)])  # fmt: skip
        found.append(maximise(lambda p: _value(x, p), start, low, high))
    return max(found, key=lambda one: one.value)


def _doubts(best: Maximum, n: int, low: Vector, high: Vector, gain: float) -> tuple[str, ...]:
    out = []
    if n < FEW:
        out.append(f"only {n} returns: fewer than {FEW}")
    if gain < EVIDENCE:
        out.append("hardly likelier than normal returns: no jumps shown")
    if (best.x <= low).any() or (best.x >= high).any():
        out.append("a parameter at the edge of what is searched")
    if math.exp(best.x[2]) > 0.2:
        out.append("a jump in every fifth return: volatility that clusters, not jumps")
    if best.kkt > 1e-1:
        out.append("the search did not end in a maximum")
    return tuple(out)


ANALYTIC = Analytic(
    name="merton_fit", group="jumps", inputs=("close",), doc=__doc__, fit=fit,
    params=(Param("step_s", 86_400.0, "seconds between the prices", 1e-3, 1e9),),
    need=Need(bars=1_000, bar_s=86_400.0),
)  # fmt: skip
