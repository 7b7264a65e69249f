# SPDX-License-Identifier: MIT
"""Power-law tail after Clauset, Shalizi and Newman: start, exponent, p-value and rivals.

Formula: for every value as start xmin, alpha = 1 + n / sum ln(x / xmin) over the n values
from there on (density ~ x^-alpha; the survival exponent is alpha - 1); the start with the
least Kolmogorov-Smirnov distance D is taken.  p: share of samples, of the same size, with
the law above xmin and the data resampled below, whose own best D is at least as large.
Rivals: likelihood ratio of the same tail under a lognormal, a stretched exponential, an
exponential law (Vuong's test) and a power law that an exponential cuts off (chi-squared).
Unit: xmin as the input, the rest none.
Assumption: independent continuous values; clustered volatility makes p too small.  A p above
0.1 does not prove a power law, it fails to refute one: read the rivals as well.
Cost: O(n log n) and some further O(n) per start that comes near the best, per fit and per
bootstrap sample: candidates are given up at the first point that is farther off than the
best start so far.
Source: Clauset, Shalizi and Newman (2009), SIAM Review 51(4); Vuong (1989), Econometrica
57(2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, tail
from seawall.analytics.econophysics.tail_rivals import Rival, rivals
from seawall.analytics.jit import Array, entry
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 20


@dataclass(frozen=True, slots=True)
class PowerLawFit:
    """Fitted tail.

    Parameters
    ----------
    xmin, alpha, error : float
        Start, exponent of the density and its standard error (alpha - 1) / sqrt(n_tail).
    zeta : float
        Exponent of the survival function, alpha - 1.
    distance : float
        Kolmogorov-Smirnov distance D.
    n_tail, n : int
        Values from xmin on, and positive values in all.
    p_value : float
        Share of bootstrap samples that fit no better; not-a-number without samples.
    rivals : tuple of Rival
        Likelihood ratios against other laws.
    """

    xmin: float
    alpha: float
    error: float
    zeta: float
    distance: float
    n_tail: int
    n: int
    p_value: float
    rivals: tuple[Rival, ...]


@entry
def scan(logs: Array, suffix: Array, least: int, two_sided: bool) -> tuple[int, float, float]:
    """Best start, its exponent less one and its distance, among sorted logarithms.

    ``suffix`` is filled with the sums from each value to the end.
    """
    n = logs.size
    total = 0.0
    for i in range(n - 1, -1, -1):
        total += logs[i] - logs[0]  # sums of small numbers lose less
        suffix[i] = total
    best, best_at, best_rate, worst_point = 1e300, -1, 0.0, 1.0
    coarse = max(1, n // 64)
    for lap in range(2):  # a few starts first, so that the others are soon given up
        stride = coarse if lap == 0 else 1
        for i in range(0, n - least + 1, stride):
            if (lap == 1 and i % coarse == 0) or (i > 0 and logs[i] == logs[i - 1]):
                continue
            count = n - i
            spread = suffix[i] - count * (logs[i] - logs[0])
            if not spread > 0.0:
                break
            rate = count / spread
            # the point that refused the start before usually refuses this one as well
            j = i + int(worst_point * (count - 1))
            gap = 1.0 - math.exp(-rate * (logs[j] - logs[i])) - (j - i) / count
            if abs(gap) > best:
                continue
            far, at = 0.0, i
            for first in range(16):
                for k in range(i + first, n, 16):
                    gap = 1.0 - math.exp(-rate * (logs[k] - logs[i])) - (k - i) / count
                    size = abs(gap)
                    if two_sided:
                        size = max(size, abs(gap - 1.0 / count))
                    if size > far:
                        far, at = size, k
                if far > best:
                    break
            worst_point = (at - i) / max(count - 1, 1)
            if far < best or (far == best and i < best_at):
                best, best_at, best_rate = far, i, rate
    return best_at, best_rate, best


def p_value(
    logs: Vector, at: int, rate: float, distance: float,
    *, least: int, two_sided: bool, samples: int, seed: int,
) -> float:  # fmt: skip
    """Share of semi-parametric samples whose best distance is at least ``distance``."""
    if samples == 0:
        return math.nan
    rng = np.random.default_rng(seed)
    n, suffix, worse = logs.size, np.empty(logs.size), 0
    for _ in range(samples):
        above = int(rng.binomial(n, (n - at) / n)) if at else n
        made = np.empty(n)
        if above < n:
            drawn = np.bincount(rng.integers(0, at, n - above), minlength=at)
            made[: n - above] = np.repeat(logs[:at], drawn)
        gaps = rng.standard_exponential(above) / np.arange(above, 0, -1)  # of sorted values
        made[n - above :] = logs[at] + np.cumsum(gaps) / rate
        worse += scan(made, suffix, least, two_sided)[2] >= distance
    return worse / samples


def fit(
    value: npt.ArrayLike,
    *,
    side: float = 0.0,
    least: float = 10,
    two_sided: float = 0,
    samples: float = 500,
    seed: float = 0,
) -> PowerLawFit:
    """Fit a power law to one tail of a sample over all starts.

    Raises
    ------
    ResearchError
        With fewer than 20 positive values on that side.
    """
    x = tail(value, side, max(LEAST, int(least)), "power_law")
    logs = np.log(x)
    both, fewest = bool(two_sided), int(least)
    at, rate, distance = scan(logs, np.empty(x.size), fewest, both)
    p = p_value(
        logs, at, rate, distance, least=fewest, two_sided=both, samples=int(samples), seed=int(seed)
    )
    n_tail = x.size - at
    return PowerLawFit(
        float(x[at]), 1.0 + rate, rate / math.sqrt(n_tail), rate, distance, n_tail, x.size, p,
        rivals(x[at:], rate),
    )  # fmt: skip


ANALYTIC = Analytic(
    name="power_law", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("side", 0.0, "+1 gains, -1 losses, 0 the sizes of both", -1, 1, whole=True),
        Param("least", 10, "fewest values in a tail", 2, 1e9, whole=True),
        Param("two_sided", 0, "1: both sides of the steps count in the distance", 0, 1, whole=True),
        Param("samples", 500, "bootstrap samples of the p-value; 0: none", 0, 1e6, whole=True),
        Param("seed", 0, "of the bootstrap", 0, 2**31, whole=True),
    ),
    need=Need(seconds=3_600.0),
)  # fmt: skip
