# SPDX-License-Identifier: MIT
"""Other laws for a tail than a power law, by maximum likelihood from the same start."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from seawall.analytics.econophysics.series import Vector


@dataclass(frozen=True, slots=True)
class Rival:
    """One law against the power law.

    Parameters
    ----------
    name : str
        ``exponential``, ``lognormal``, ``stretched`` or ``cut_off``.
    ratio : float
        Log-likelihood of the power law less that of the rival.
    statistic : float
        Vuong's normal statistic, or minus twice the ratio for the law that is cut off,
        which holds the power law as a case.
    p_value : float
        Two-sided chance of such a statistic when both fit alike; small and with a negative
        ratio: the rival is better.
    """

    name: str
    ratio: float
    statistic: float
    p_value: float


def vuong(first: Vector, second: Vector) -> tuple[float, float, float]:
    """Sum of differences of log-likelihoods, normal statistic and two-sided p-value."""
    difference = first - second
    deviation = float(difference.std())
    ratio = float(difference.sum())
    if not deviation > 0.0:
        return ratio, 0.0, 1.0
    statistic = ratio / (deviation * math.sqrt(difference.size))
    return ratio, statistic, math.erfc(abs(statistic) / math.sqrt(2.0))


def _nearest(
    cost: Callable[[Vector], float],
    starts: tuple[tuple[float, float], ...],
    bounds: tuple[tuple[float, float], tuple[float, float]],
) -> Vector:
    """Two parameters of the least cost, from several starts."""
    from scipy.optimize import minimize

    least, best = math.inf, np.array(starts[0])
    for start in starts:
        found: Any = minimize(
            cast("Any", cost), np.array(start), method="Nelder-Mead", bounds=bounds,
            options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000},
        )  # fmt: skip
        if found.fun < least:
            least, best = float(found.fun), np.asarray(found.x)
    return best


def exponential(x: Vector) -> Vector:
    """Log density of each value under an exponential law from the first on."""
    mean = float(np.mean(x - x[0]))
    return np.asarray(-math.log(mean) - (x - x[0]) / mean)


def lognormal(x: Vector) -> Vector:
    """Log density of each value under a lognormal law from the first on."""
    from scipy.special import log_ndtr

    logs = np.log(x)
    above = logs - logs[0]
    scale = float(above.mean())

    def density(point: Vector) -> Vector:
        mean, deviation = point[0] * scale, math.exp(point[1]) * scale
        z = (above - mean) / deviation
        norm = float(log_ndtr(mean / deviation))  # of the part from the start on
        return np.asarray(
            -0.5 * z * z - math.log(deviation) - 0.5 * math.log(2.0 * math.pi) - norm - logs
        )

    best = _nearest(
        lambda p: -float(density(p).sum()), ((0.5, 0.0), (-5.0, 1.0), (-50.0, 2.0)),
        ((-2000.0, 50.0), (-6.0, 6.0)),
    )  # fmt: skip
    return density(best)


def stretched(x: Vector) -> Vector:
    """Log density under a stretched exponential (Weibull) law from the first on."""
    from scipy.optimize import minimize_scalar

    logs = np.log(x / x[0])

    def density(power: float) -> Vector:
        grown = np.expm1(power * logs)
        rate = 1.0 / float(grown.mean())
        return np.asarray(math.log(power * rate / x[0]) + (power - 1.0) * logs - rate * grown)

    best = minimize_scalar(
        lambda b: -float(density(math.exp(b)).sum()), bounds=(math.log(1e-4), math.log(20.0)),
        method="bounded", options={"xatol": 1e-8},
    )  # fmt: skip
    return density(math.exp(float(best.x)))


def log_upper_gamma(s: float, z: float) -> float:
    """Logarithm of the upper incomplete gamma function, also for s <= 0, z > 0."""
    from scipy.special import exp1, gammaincc, gammaln

    steps = 0
    while s + steps < 0.0:
        steps += 1
    top = s + steps
    if top == 0.0:
        value = float(exp1(z))
    else:
        value = float(gammaincc(top, z)) * math.exp(float(gammaln(top)))
    for k in range(steps):  # down from top to s: G(s, z) = (G(s + 1, z) - z^s e^-z) / s
        low = top - 1.0 - k
        value = (value - math.exp(low * math.log(z) - z)) / low
    return math.log(value) if value > 0.0 else -math.inf


def cut_off(x: Vector, rate: float) -> Vector:
    """Log density under a power law that an exponential cuts off, from the first value on."""
    y = x / x[0]
    logs, mean_log, mean = np.log(y), float(np.log(y).mean()), float(y.mean())

    def height(point: Vector) -> float:
        alpha, decay = 1.0 + point[0], math.exp(point[1])
        norm = log_upper_gamma(1.0 - alpha, decay)
        if not math.isfinite(norm):
            return -1e9
        return float(-alpha * mean_log - decay * mean - norm - (alpha - 1.0) * math.log(decay))

    best = _nearest(
        lambda p: -height(p),
        ((rate, -12.0), (0.6 * rate, math.log(0.3 / mean)), (0.2, -math.log(mean))),
        ((-3.0, 30.0), (-14.0, 4.0)),
    )
    alpha, decay = 1.0 + best[0], math.exp(best[1])
    norm = log_upper_gamma(1.0 - alpha, decay) + (alpha - 1.0) * math.log(decay)
    return np.asarray(-alpha * logs - decay * y - norm - math.log(x[0]))


def rivals(x: Vector, rate: float) -> tuple[Rival, ...]:
    """Likelihood ratios of a power law against four other laws.

    Parameters
    ----------
    x : array
        Values of the tail, sorted upwards; the first is the start.
    rate : float
        Exponent of the density less one.
    """
    power = math.log(rate / x[0]) - (1.0 + rate) * np.log(x / x[0])
    found = [
        Rival(name, *vuong(power, law(x)))
        for name, law in (
            ("exponential", exponential), ("lognormal", lognormal), ("stretched", stretched),
        )
    ]  # fmt: skip
    ratio = min(0.0, float((power - cut_off(x, rate)).sum()))
    statistic = -2.0 * ratio
    found.append(Rival("cut_off", ratio, statistic, math.erfc(math.sqrt(0.5 * statistic))))
    return tuple(found)
