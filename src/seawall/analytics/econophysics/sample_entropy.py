# SPDX-License-Identifier: MIT
"""Sample entropy: how often a run that resembled another goes on resembling it.

Formula: -ln(A / B); B = pairs of runs of m values that differ by at most r everywhere, A =
those that agree in the next value too, among the n - m runs that have a next one; r = factor
times the standard deviation.
Unit: nats; 0: regular; about 2.2 for white noise at m = 2, factor 0.2.
Assumption: a stationary series of some hundred values or more.  Not-a-number where no two
runs agree, rather than infinite.  A trend or a burst of volatility widens r and makes the
series look regular: compare with the shuffled one (``shuffled``).
Cost: O(n^2) pairs at worst; runs are sorted by their first value, so that only those
within r of each other are looked at.
Source: Richman and Moorman (2000), American Journal of Physiology 278(6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite, shuffled
from seawall.analytics.jit import Array, Times, entry
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 20


@dataclass(frozen=True, slots=True)
class SampleEntropy:
    """Entropy, the pairs it was counted from, and that of shuffled series.

    Parameters
    ----------
    entropy : float
        Nats.
    longer, shorter : int
        Pairs A and B.
    tolerance : float
        Distance r, in the unit of the input.
    shuffled, z : float
        Mean entropy of shuffled series, and how many of their standard deviations away it is.
    n : int
        Values.
    """

    entropy: float
    longer: int
    shorter: int
    tolerance: float
    shuffled: float
    z: float
    n: int


@entry
def count_pairs(x: Array, order: Times, m: int, r: float) -> tuple[int, int]:
    """Pairs A and B; ``order`` sorts the first n - m values upwards."""
    longer, shorter = 0, 0
    for a in range(order.size):
        i = order[a]
        for b in range(a + 1, order.size):
            j = order[b]
            if x[j] - x[i] > r:
                break
            alike = True
            for k in range(1, m):
                if abs(x[i + k] - x[j + k]) > r:
                    alike = False
                    break
            if alike:
                shorter += 1
                longer += abs(x[i + m] - x[j + m]) <= r
    return longer, shorter


def entropy_of(x: Vector, m: int, r: float) -> tuple[float, int, int]:
    """Entropy with the pairs A and B."""
    longer, shorter = count_pairs(x, np.argsort(x[: x.size - m], kind="stable"), m, r)
    value = -math.log(longer / shorter) if longer else math.nan
    return value, int(longer), int(shorter)


def fit(
    value: npt.ArrayLike,
    *,
    m: float = 2,
    factor: float = 0.2,
    samples: float = 10,
    seed: float = 0,
) -> SampleEntropy:
    """Estimate the sample entropy of a series.

    Raises
    ------
    ResearchError
        With fewer than 20 finite values, or when all are equal.
    """
    x = finite(value, LEAST, "sample_entropy")
    r = factor * float(x.std())
    found, longer, shorter = entropy_of(x, int(m), r)
    rng = np.random.default_rng(int(seed))
    null = np.array([entropy_of(shuffled(x, rng), int(m), r)[0] for _ in range(int(samples))])
    null = null[np.isfinite(null)]
    mean = float(null.mean()) if null.size else math.nan
    deviation = float(null.std(ddof=1)) if null.size > 1 else math.nan
    z = (found - mean) / deviation if deviation > 0.0 else math.nan
    return SampleEntropy(found, longer, shorter, r, mean, z, x.size)


ANALYTIC = Analytic(
    name="sample_entropy", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("m", 2, "values in a run", 1, 20, whole=True),
        Param("factor", 0.2, "tolerance, standard deviations", 1e-9),
        Param("samples", 10, "shuffled series", 0, 1e4, whole=True),
        Param("seed", 0, "of the shuffling", 0, 2**31, whole=True),
    ),
    need=Need(seconds=300.0),
)  # fmt: skip
