# SPDX-License-Identifier: MIT
"""Complexity of a series: Lempel-Ziv, Higuchi's dimension, spectral and histogram entropy.

Formula: Lempel-Ziv 1976 count c of new phrases of the signs of x - mean, as c log2(n) / n;
Higuchi: slope of ln length over ln(1 / k) for curves of every k-th value, k = 1 to k_max;
spectral entropy -sum p ln p / ln N of the periodogram p; Shannon entropy of a histogram in
nats; approximate entropy with r = 0.2 standard deviations and m = 2.
Unit: none, entropies of histogram and runs in nats.
Assumption: all hang on the length of the series and on how it is made discrete: compare
series of one length only, and with the shuffled ones (``lempel_ziv_z``).  Near 1, 2, 1: no
structure in the signs, the curve, the spectrum.
Cost: O(n^2) at worst for Lempel-Ziv and the approximate entropy, O(n k_max) and O(n log n)
for the others.
Source: Lempel and Ziv (1976), IEEE Transactions on Information Theory 22(1); Higuchi (1988),
Physica D 31(2); Inouye et al. (1991), Electroencephalography 79(3); Pincus (1991), PNAS 88.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seawall.analytics.econophysics.series import Vector, finite, shuffled
from seawall.analytics.jit import Array, Times, entry
from seawall.analytics.spec import Analytic, Need, Param

LEAST = 64


@dataclass(frozen=True, slots=True)
class Complexity:
    """Measures of one series.

    Parameters
    ----------
    lempel_ziv, lempel_ziv_z : float
        Normalised count, and its distance from shuffled series in their standard deviations.
    higuchi : float
        Fractal dimension, 1 (smooth) to 2 (noise).
    spectral_entropy, shannon, approximate_entropy : float
        Entropies.
    n : int
        Values.
    """

    lempel_ziv: float
    lempel_ziv_z: float
    higuchi: float
    spectral_entropy: float
    shannon: float
    approximate_entropy: float
    n: int


@entry
def phrases(signs: Times) -> int:
    """Lempel and Ziv's count: each phrase is the shortest that was not there before."""
    n, count, start = signs.size, 0, 0
    while start < n:
        longest = 0
        for i in range(start):
            k = 0
            while start + k < n and signs[i + k] == signs[start + k]:
                k += 1
            longest = max(longest, k)
            if start + longest >= n:
                break
        count += 1
        start += longest + 1
    return count


@entry
def run_logs(x: Array, order: Times, m: int, r: float, counts: Times) -> float:
    """Mean log share of the runs that resemble each run, itself among them."""
    n = x.size - m + 1
    counts[:] = 1
    for a in range(n):
        i = order[a]
        for b in range(a + 1, n):
            j = order[b]
            if x[j] - x[i] > r:
                break
            alike = True
            for k in range(1, m):
                if abs(x[i + k] - x[j + k]) > r:
                    alike = False
                    break
            if alike:
                counts[i] += 1
                counts[j] += 1
    total = 0.0
    for a in range(n):
        total += math.log(counts[a] / n)
    return total / n


def lempel_ziv(x: Vector) -> float:
    """Normalised Lempel-Ziv complexity of the signs around the mean."""
    signs = (x > x.mean()).astype(np.int64)
    return float(phrases(signs) * math.log2(x.size) / x.size)


def approximate_entropy(x: Vector, m: int, r: float) -> float:
    """Difference of the mean log shares of runs of m and of m + 1 values."""
    shares = []
    for length in (m, m + 1):
        order = np.argsort(x[: x.size - length + 1], kind="stable")
        shares.append(run_logs(x, order, length, r, np.empty(x.size, dtype=np.int64)))
    return float(shares[0] - shares[1])


def higuchi_dimension(x: Vector, k_max: int) -> float:
    """Slope of the log length of the curve of every k-th value over ln(1 / k)."""
    lengths = []
    for k in range(1, k_max + 1):
        mean = 0.0
        for start in range(k):
            part = x[start::k]
            steps = (x.size - start - 1) // k
            mean += float(np.abs(np.diff(part)).sum()) * (x.size - 1.0) / (steps * k * k) / k
        lengths.append(mean)
    steps_inverse = -np.log(np.arange(1.0, k_max + 1.0))
    return float(np.polyfit(steps_inverse, np.log(lengths), 1)[0])


def spectral_entropy(x: Vector) -> float:
    """Entropy of the shares of the periodogram, over that of an even one."""
    power = np.abs(np.fft.rfft(x - x.mean())) ** 2
    power[1 : power.size - (x.size % 2 == 0)] *= 2.0  # both halves of the spectrum
    share = power / power.sum()
    some = share[share > 0.0]
    return float(-np.sum(some * np.log(some)) / math.log(power.size))


def shannon_entropy(x: Vector, bins: int) -> float:
    """Entropy of a histogram of even bins between the least and the greatest value, nats."""
    counts = np.histogram(x, bins=bins)[0]
    share = counts[counts > 0] / x.size
    return float(-np.sum(share * np.log(share)))


def fit(
    value: npt.ArrayLike,
    *,
    k_max: float = 10,
    bins: float = 20,
    samples: float = 20,
    seed: float = 0,
) -> Complexity:
    """Measure the complexity of a series of increments.

    Raises
    ------
    ResearchError
        With fewer than 64 finite values, or when all are equal.
    """
    x = finite(value, LEAST, "complexity")
    lz = lempel_ziv(x)
    rng = np.random.default_rng(int(seed))
    null = np.array([lempel_ziv(shuffled(x, rng)) for _ in range(int(samples))])
    deviation = float(null.std(ddof=1)) if null.size > 1 else math.nan
    z = (lz - float(null.mean())) / deviation if deviation > 0.0 else math.nan
    return Complexity(
        lz, z, higuchi_dimension(x, int(k_max)), spectral_entropy(x),
        shannon_entropy(x, int(bins)), approximate_entropy(x, 2, 0.2 * float(x.std())), x.size,
    )  # fmt: skip


ANALYTIC = Analytic(
    name="complexity", group="econophysics", inputs=("value",), doc=__doc__, fit=fit,
    params=(
        Param("k_max", 10, "longest step of Higuchi's curves", 2, 1e4, whole=True),
        Param("bins", 20, "of the histogram", 2, 1e6, whole=True),
        Param("samples", 20, "shuffled series", 0, 1e4, whole=True),
        Param("seed", 0, "of the shuffling", 0, 2**31, whole=True),
    ),
    need=Need(seconds=900.0),
)  # fmt: skip
