# SPDX-License-Identifier: MIT
"""Generalised Pareto tail by maximum likelihood, with value at risk and expected shortfall.

Formula: y = x - u > 0 over the threshold u, P(y > t) = (1 + xi t / sigma)^(-1/xi).  With
theta = xi / sigma the likelihood is maximal in xi at mean ln(1 + theta y), which leaves one
unknown: -ln(xi / theta) - xi - 1 is maximised over theta.  VaR_p = u + sigma / xi
((n (1 - p) / k)^-xi - 1), ES_p = (VaR_p + sigma - xi u) / (1 - xi), k of n values over u.
Unit: sigma, VaR and ES as the input; xi none.
Assumption: independent exceedances of a threshold that is high enough.  Clusters are not
removed: the extremal index tells the mean size of a cluster, 1 / index.  xi is sought from
-1 on (below, the likelihood has no maximum); for xi >= 1 there is no ES.
Cost: O(exceedances) for each of some 30 evaluations.
Source: Grimshaw (1993), Technometrics 35(2); Hosking and Wallis (1987), Technometrics
29(3); Ferro and Segers (2003), Journal of the Royal Statistical Society B 65(2); McNeil,
Frey and Embrechts (2015), Quantitative Risk Management, section 5.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import BOTH, Vector
from seawall.analytics.jit import Array, entry
from seawall.analytics.spec import Analytic, Need, Param
from seawall.model.errors import ResearchError

LEAST = 10
SMALL = 1e-4  # of theta times the largest value: nearer to 0 a series is exact


@dataclass(frozen=True, slots=True)
class GpdFit:
    """Tail beyond a threshold.

    Parameters
    ----------
    xi, sigma : float
        Shape and scale; a survival exponent is 1 / xi.
    error_xi, error_sigma : float
        Standard errors from the observed information; not-a-number at the border xi = -1.
    loglik : float
        Log-likelihood of the exceedances.
    threshold : float
        Threshold u.
    exceedances, n : int
        Values above it, and values in all.
    var, es : float
        Value at risk and expected shortfall at ``level``.
    level : float
        Probability of the two.
    extremal_index : float
        Reciprocal of the mean size of a cluster, by the intervals between exceedances.
    xi_pwm, sigma_pwm : float
        Probability-weighted moments, for comparison.
    """

    xi: float
    sigma: float
    error_xi: float
    error_sigma: float
    loglik: float
    threshold: float
    exceedances: int
    n: int
    var: float
    es: float
    level: float
    extremal_index: float
    xi_pwm: float
    sigma_pwm: float


@entry
def sums(theta: float, y: Array, near: bool, out: Array) -> None:
    """Means of ln(1 + theta y) and of y / (1 + theta y); ``near``: every theta y is small."""
    logs, first = 0.0, 0.0
    n = y.size
    whole = 0 if near else n - n % 8
    for i in range(0, whole, 8):  # one logarithm for eight factors
        product = 1.0
        for j in range(i, i + 8):
            factor = 1.0 + theta * y[j]
            product *= factor
            first += y[j] / factor
        logs += math.log(product)
    for i in range(whole, n):
        logs += math.log1p(theta * y[i])
        first += y[i] / (1.0 + theta * y[i])
    out[0], out[1] = logs / n, first / n


class _Profile:
    """Likelihood of positive values over theta, the shape being the best one for it."""

    def __init__(self, y: Vector) -> None:
        self.y, self.top = y, float(y.max())
        self.moments = tuple(float(np.mean(y**p)) for p in (1, 2, 3, 4))
        self.out = np.empty(2)

    def shape(self, theta: float) -> float:
        """Best shape: the mean of ln(1 + theta y)."""
        return theta * self.ratio(theta)[0]

    def ratio(self, theta: float) -> tuple[float, float]:
        """Best shape over theta, which is the scale, and its derivative."""
        reach = abs(theta) * self.top
        if reach < SMALL:  # ln(1 + t y) / t by its series
            a, b, c, d = self.moments
            scale = a - theta * b / 2.0 + theta**2 * c / 3.0
            return scale, -b / 2.0 + 2.0 * theta * c / 3.0 - 0.75 * theta**2 * d
        sums(theta, self.y, reach < 0.5, self.out)
        scale = self.out[0] / theta
        return float(scale), float((self.out[1] - scale) / theta)

    def __call__(self, theta: float) -> tuple[float, float]:
        """Mean log-likelihood and its slope."""
        scale, change = self.ratio(theta)
        return -math.log(scale) - theta * scale - 1.0, -change / scale - scale - theta * change


def maximise(y: Vector) -> tuple[float, float, float]:
    """Shape, scale and mean log-likelihood of positive values whose median is 1."""
    profile = _Profile(y)
    left = -1.0 / profile.top  # where the largest value is the end of the law
    near = left * (1.0 - np.array([1e-6, 1e-4, 1e-2, 0.1, 0.25, 0.5, 0.75]))
    grid = np.concatenate((near, [0.0], np.geomspace(0.02, 200.0, 14))).tolist()
    heights = [profile(t)[0] if profile.shape(t) >= -1.0 else -math.inf for t in grid]
    best = max(range(len(grid)), key=lambda i: heights[i])
    theta = _climb(profile, grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], grid[best])
    scale, height = profile.ratio(theta)[0], profile(theta)[0]
    if theta * scale < -1.0 or height < -math.log(profile.top):
        # the border: an even law up to the largest value
        return -1.0, profile.top, -math.log(profile.top)
    return theta * scale, scale, height


def _climb(profile: _Profile, low: float, high: float, start: float) -> float:
    """Root of the slope within a bracket: secant steps, halved where they leave it."""
    a, b, t = low, high, start
    slope = profile(t)[1]
    t0, s0 = t, slope
    for _ in range(80):
        a, b = (t, b) if slope > 0.0 else (a, t)
        step = 0.5 * (a + b)
        if t != t0 and slope != s0:
            secant = t - slope * (t - t0) / (slope - s0)
            step = secant if a < secant < b else step
        t0, s0, t = t, slope, step
        slope = profile(t)[1]
        if abs(t - t0) <= 1e-13 * abs(t) or slope == 0.0:
            break
    return t


def observed_errors(xi: float, sigma: float, y: Vector) -> tuple[float, float]:
    """Standard errors of xi and sigma from the second derivatives of the likelihood."""
    n, z = y.size, y / sigma
    w = 1.0 + xi * z
    if xi <= -0.5 or w.min() <= 0.0:
        return math.nan, math.nan
    if abs(xi) < 1e-4:  # the limit of the derivatives, by the expected information
        return (1.0 + xi) / math.sqrt(n), sigma * math.sqrt(2.0 * (1.0 + xi) / n)
    r = z / w
    logs, one, two = np.log(w).sum(), r.sum(), (r * r).sum()
    xx = 2.0 * logs / xi**3 - 2.0 * one / xi**2 - (1.0 + 1.0 / xi) * two
    xs = -(one - (1.0 + xi) * two) / sigma
    ss = -(n - 2.0 * (1.0 + xi) * one + xi * (1.0 + xi) * two) / sigma**2
    information = np.array([[xx, xs], [xs, ss]])
    if np.linalg.det(information) <= 0.0:
        return math.nan, math.nan
    inverse = np.linalg.inv(information)
    return math.sqrt(max(inverse[0, 0], 0.0)), math.sqrt(max(inverse[1, 1], 0.0))


def weighted_moments(y: Vector) -> tuple[float, float]:
    """Shape and scale by probability-weighted moments, positions (i - 0.35) / n."""
    x = np.sort(y)
    p = (np.arange(1, x.size + 1) - 0.35) / x.size
    a0, a1 = x.mean(), np.mean((1.0 - p) * x)
    return float(2.0 - a0 / (a0 - 2.0 * a1)), float(2.0 * a0 * a1 / (a0 - 2.0 * a1))


def extremal_index(exceeds: npt.NDArray[np.bool_]) -> float:
    """Intervals estimator: 1 for exceedances that come alone, less for clusters."""
    gaps = np.diff(np.flatnonzero(exceeds)).astype(np.float64)
    if gaps.size < 2:
        return math.nan
    if gaps.max() <= 2.0:
        index = 2.0 * gaps.sum() ** 2 / (gaps.size * np.sum(gaps**2))
    else:
        index = 2.0 * np.sum(gaps - 1.0) ** 2 / (gaps.size * np.sum((gaps - 1.0) * (gaps - 2.0)))
    return float(min(1.0, index))


def runs_index(exceeds: npt.NDArray[np.bool_], run: int) -> float:
    """Runs estimator: share of exceedances that ``run`` values below the threshold follow."""
    at = np.flatnonzero(exceeds)
    return float((1 + np.sum(np.diff(at) > run)) / at.size) if at.size else math.nan


def var_es(
    xi: float, sigma: float, threshold: float, share: float, level: float
) -> tuple[float, float]:
    """Value at risk and expected shortfall at ``level``, given the share beyond the threshold."""
    q = (1.0 - level) / share
    grown = -math.log(q) if abs(xi) < 1e-12 else math.expm1(-xi * math.log(q)) / xi
    var = threshold + sigma * grown
    es = (var + sigma - xi * threshold) / (1.0 - xi) if xi < 1.0 else math.inf
    return var, es


def fit(
    value: npt.ArrayLike,
    *,
    side: float = 0.0,
    threshold: float = 0.0,
    share: float = 0.05,
    level: float = 0.99,
) -> GpdFit:
    """Fit the tail of a sample beyond a threshold.

    Raises
    ------
    ResearchError
        With fewer than ten values beyond the threshold, or when they are all equal.
    """
    given = np.asarray(value, dtype=np.float64).ravel()
    given = given[np.isfinite(given)]
    x = np.abs(given) if side == BOTH else side * given
    u = threshold or (float(np.quantile(x, 1.0 - share)) if x.size else 0.0)
    beyond = x > u
    y = x[beyond] - u
    if y.size < LEAST or y.min() == y.max():
        raise ResearchError(
            f"{y.size} values beyond {u:g} cannot be fitted",
            where=f"gpd of {x.size} finite values",
            mend=f"give at least {LEAST} distinct ones, or a lower threshold or larger share",
        )
    middle = float(np.median(y))  # the mean of a tail with xi >= 1 is its largest value
    xi, sigma, height = maximise(np.ascontiguousarray(y / middle))
    sigma *= middle
    errors = observed_errors(xi, sigma, y)
    var, es = var_es(xi, sigma, u, y.size / x.size, level)
    pwm = weighted_moments(y)
    return GpdFit(
        xi, sigma, errors[0], errors[1], y.size * (height - math.log(middle)), u, int(y.size),
        int(x.size), var, es, level, extremal_index(beyond), pwm[0], pwm[1],
    )  # fmt: skip


ANALYTIC = Analytic(
    name="gpd", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("side", 0.0, "+1 gains, -1 losses, 0 the sizes of both", -1, 1, whole=True),
        Param("threshold", 0.0, "threshold, as the input; 0: from the share", 0.0),
        Param("share", 0.05, "share of the values beyond the threshold", 1e-6, 1.0),
        Param("level", 0.99, "probability of value at risk and shortfall", 0.5, 0.9999999),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip
